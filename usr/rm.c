/*
 * rm [-rf] FILE...: remove files; with -r also directories and what is in them. -f makes a missing
 * file no error.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <usr.h>

static bool recursive, force;

static int remove_file(const char *path);

/* A removed name may hide the next from an open stream: the directory is read anew after each. */
static int empty_directory(const char *path)
{
	struct dirent *entry;
	DIR *directory = opendir(path);
	int status = 0;

	if (!directory)
		return complain(errno, "%s", path);
	while (!status && (entry = readdir(directory))) {
		char inner[PATH_MAX];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name) >= PATH_MAX)
			status = complain(ENAMETOOLONG, "%s", path);
		else
			status = remove_file(inner);
		rewinddir(directory);
	}
	closedir(directory);
	return status;
}

static int remove_file(const char *path)
{
	struct stat file;

	if (lstat(path, &file))
		return force && errno == ENOENT ? 0 : complain(errno, "%s", path);
	if (!S_ISDIR(file.st_mode))
		return unlink(path) ? complain(errno, "%s", path) : 0;
	if (!recursive)
		return complain(EISDIR, "%s", path);
	if (empty_directory(path))
		return 1;
	return rmdir(path) ? complain(errno, "%s", path) : 0;
}

int main(int argc, char **argv)
{
	unsigned flags;
	int first = take_flags(argv, "rf", &flags);
	int status = 0;

	if (first < 0)
		return 2;
	recursive = flags & 1;
	force = flags & 2;
	if (first == argc && !force)
		return complain(0, "usage: rm [-rf] FILE...");
	for (int i = first; i < argc; i++)
		status |= remove_file(argv[i]);
	return status;
}
