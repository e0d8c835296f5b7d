/*
 * mkdir [-p] DIRECTORY...: make directories; with -p also those on the way, and none is an error
 * for being there already.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <usr.h>

/* Make every directory on the way to the last part of `path`, which is left as it was. */
static void make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0777); /* one that cannot be made shows at the last part */
		*slash = '/';
	}
}

int main(int argc, char **argv)
{
	bool parents = argc > 1 && strcmp(argv[1], "-p") == 0;
	int first = parents ? 2 : 1;
	int status = 0;

	if (first >= argc)
		return complain(0, "usage: mkdir [-p] DIRECTORY...");
	for (int i = first; i < argc; i++) {
		struct stat there;

		if (parents)
			make_parents(argv[i]);
		if (mkdir(argv[i], 0777) == 0)
			continue;
		if (parents && errno == EEXIST && !stat(argv[i], &there) && S_ISDIR(there.st_mode))
			continue;
		status = complain(errno, "%s", argv[i]);
	}
	return status;
}
