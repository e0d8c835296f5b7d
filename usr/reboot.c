/*
 * reboot, poweroff, halt: end the machine's run, by the name that the program is started under.
 *
 * As "reboot" it also takes -p (power off) and -h (halt). There are no disks to write back and no
 * services to stop, so it is one call.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/reboot.h>
#include <usr.h>

int main(int argc, char **argv)
{
	const char *name = program_invocation_short_name;
	int how = RB_AUTOBOOT;

	if (strcmp(name, "poweroff") == 0 || (argc == 2 && strcmp(argv[1], "-p") == 0))
		how = RB_POWER_OFF;
	else if (strcmp(name, "halt") == 0 || (argc == 2 && strcmp(argv[1], "-h") == 0))
		how = RB_HALT_SYSTEM;
	else if (argc != 1)
		return complain(0, "usage: reboot [-p|-h], poweroff, halt");
	reboot(how);
	return complain(errno, "%s", name);
}
