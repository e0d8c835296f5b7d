/*
 * uname [-a]: the name of the system, or all that it says of itself.
 */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <usr.h>

int main(int argc, char **argv)
{
	struct utsname name;

	if (uname(&name))
		return complain(errno, "uname");
	if (argc == 2 && strcmp(argv[1], "-a") == 0)
		print("%s %s %s %s %s\n", name.sysname, name.nodename, name.release, name.version,
		      name.machine);
	else
		print("%s\n", name.sysname);
	return 0;
}
