/*
 * env [NAME=VALUE...] [COMMAND [ARGUMENT...]]: run a command in a changed environment, or show it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

extern char **environ;

int main(int argc, char **argv)
{
	int i = 1;

	for (; i < argc && strchr(argv[i], '='); i++) {
		if (putenv(argv[i]))
			return complain(errno, "%s", argv[i]);
	}
	if (i < argc) {
		execvp(argv[i], argv + i);
		complain(errno, "%s", argv[i]);
		return errno == ENOENT ? 127 : 126;
	}
	for (char **word = environ; *word; word++)
		print("%s\n", *word);
	return 0;
}
