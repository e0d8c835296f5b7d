/*
 * ps: the processes, from /proc/<pid>/stat, whose fields proc(5) describes.
 *
 * STAT is R (running or ready), S (blocked), Z (ended, not yet waited for). PRI is the nice value,
 * or "rt" and the level of a real-time process. TIME is processor time in seconds.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <usr.h>

/* Positions after the command name, which ends at the last ')': the state is field 3 in proc(5). */
enum { STATE = 3, PARENT = 4, USER_TIME = 14, SYSTEM_TIME = 15, NICE = 19, RT_LEVEL = 40, FIELDS };

/* Clock ticks of /proc in a second; a constant of the interface, whatever CONFIG_HZ is. */
enum { USER_HZ = 100 };

static long number_of(char *const field[], int which)
{
	long value;

	return field[which] && parse_number(field[which], -1000000, LONG_MAX, &value) ? value : 0;
}

static void show(const char *pid)
{
	char path[64], text[1024], priority[32];
	char *field[FIELDS] = { NULL };
	char *name, *end;
	long ticks;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	if (read_text(path, text, sizeof(text)) < 0)
		return; /* it has ended since the directory was read */
	name = strchr(text, '(');
	end = strrchr(text, ')');
	if (!name || !end)
		return;
	*end++ = '\0';
	for (int i = STATE; i < FIELDS; i++)
		field[i] = strtok(i == STATE ? end : NULL, " \n");
	ticks = number_of(field, USER_TIME) + number_of(field, SYSTEM_TIME);
	if (number_of(field, RT_LEVEL) > 0)
		snprintf(priority, sizeof(priority), "rt%ld", number_of(field, RT_LEVEL));
	else
		snprintf(priority, sizeof(priority), "%ld", number_of(field, NICE));
	print("%5s %5ld %-4s %4s %5ld.%02ld %s\n", pid, number_of(field, PARENT),
	      field[STATE] ? field[STATE] : "?", priority, ticks / USER_HZ, ticks % USER_HZ,
	      name + 1);
}

int main(void)
{
	struct dirent *entry;
	DIR *directory = opendir("/proc");

	if (!directory)
		return complain(errno, "/proc");
	print("%5s %5s %-4s %4s %8s %s\n", "PID", "PPID", "STAT", "PRI", "TIME", "COMMAND");
	while ((entry = readdir(directory))) {
		if (strspn(entry->d_name, "0123456789") == strlen(entry->d_name))
			show(entry->d_name);
	}
	closedir(directory);
	return 0;
}
