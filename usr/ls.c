/*
 * ls [-al] [FILE...]: list directories, sorted by name. -a shows names that start with a dot, -l
 * adds type and permissions, links, owner, group, size and time of the last change (in UTC).
 *
 * On a terminal names stand in columns, otherwise one a line, for other programs to read.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <usr.h>

enum { TERMINAL_WIDTH = 80 };

static bool show_all, show_long;

static char type_letter(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return 'd';
	case S_IFCHR:
		return 'c';
	case S_IFBLK:
		return 'b';
	case S_IFIFO:
		return 'p';
	case S_IFLNK:
		return 'l';
	case S_IFSOCK:
		return 's';
	default:
		return '-';
	}
}

static int show_details(const char *path, const char *name)
{
	static const char letters[] = "rwxrwxrwx";
	char mode[] = "----------", target[PATH_MAX] = "";
	struct stat file;
	struct tm time;

	if (lstat(path, &file))
		return complain(errno, "%s", path);
	mode[0] = type_letter(file.st_mode);
	for (int i = 0; i < 9; i++) {
		if (file.st_mode & (0400 >> i))
			mode[i + 1] = letters[i];
	}
	if (S_ISLNK(file.st_mode) && readlink(path, target, sizeof(target) - 1) < 0)
		return complain(errno, "%s", path);
	gmtime_r(&file.st_mtime, &time);
	print("%s %3lu %4u %4u %9ld %d-%02d-%02d %02d:%02d %s%s%s\n", mode,
	      (unsigned long)file.st_nlink, file.st_uid, file.st_gid, (long)file.st_size,
	      time.tm_year + 1900, time.tm_mon + 1, time.tm_mday, time.tm_hour, time.tm_min, name,
	      *target ? " -> " : "", target);
	return 0;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void show_columns(char **names, size_t count)
{
	size_t width = 0, columns, rows;

	for (size_t i = 0; i < count; i++) {
		if (strlen(names[i]) + 2 > width)
			width = strlen(names[i]) + 2;
	}
	columns = !isatty(STDOUT_FILENO) || width > TERMINAL_WIDTH ? 1 : TERMINAL_WIDTH / width;
	rows = (count + columns - 1) / columns;
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = row; i < count; i += rows)
			print("%-*s", i + rows < count ? (int)width : 0, names[i]);
		print("\n");
	}
}

static int show_names(const char *directory, char **names, size_t count)
{
	int status = 0;

	qsort(names, count, sizeof(names[0]), by_name);
	if (!show_long && count > 0)
		show_columns(names, count);
	for (size_t i = 0; show_long && i < count; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		status |= show_details(path, names[i]);
	}
	return status;
}

static int list_directory(const char *path)
{
	struct dirent *entry;
	char **names = NULL;
	size_t count = 0;
	int status;
	DIR *directory = opendir(path);

	if (!directory)
		return complain(errno, "%s", path);
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.' && !show_all)
			continue;
		names = realloc(names, (count + 1) * sizeof(names[0]));
		if (!names || !(names[count] = strdup(entry->d_name)))
			return complain(errno, "%s", path);
		count++;
	}
	closedir(directory);
	status = show_names(path, names, count);
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return status;
}

static int list(const char *path, bool with_title)
{
	struct stat file;

	if (stat(path, &file) && lstat(path, &file))
		return complain(errno, "%s", path);
	if (!S_ISDIR(file.st_mode))
		return show_long ? show_details(path, path) : !print("%s\n", path);
	if (with_title)
		print("%s:\n", path);
	return list_directory(path);
}

int main(int argc, char **argv)
{
	unsigned flags;
	int first = take_flags(argv, "al", &flags);
	int status = 0;

	if (first < 0)
		return 2;
	show_all = flags & 1;
	show_long = flags & 2;
	if (first == argc)
		return list(".", false);
	for (int i = first; i < argc; i++)
		status |= list(argv[i], argc - first > 1);
	return status;
}
