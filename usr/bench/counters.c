/*
 * What the kernel counts: interrupts in a window; across a measure what /proc/stat tells, on Linux
 * too, and its own events.
 *
 * A kernel that does not tell is none the worse for it: then no interrupt is counted, and there is
 * no line of counters.
 */
#include "bench.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

enum { MOST_TEXT = 4096, MS_A_USER_TICK = 10 };

static char before[MOST_TEXT];

/* From /proc/stat; idle_ms is in steps of 10. */
struct activity {
	uint64_t interrupts, switches, forks, idle_ms;
};

static struct activity active_before;

/* The start of /proc/stat, which is kept open: it is read at every window. */
static void read_stat(char *text, size_t room)
{
	static int fd = -2;
	ssize_t size;

	if (fd == -2)
		fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	size = pread(fd, text, room - 1, 0);
	text[size > 0 ? size : 0] = '\0';
}

/* The number of this place, from 0, behind the first `key`; or 0. */
static uint64_t number_behind(const char *text, const char *key, unsigned place)
{
	char *at = strstr(text, key);
	uint64_t number;

	if (!at)
		return 0;
	at += strlen(key);
	do
		number = strtoul(at, &at, 10);
	while (place-- > 0);
	return number;
}

uint64_t interrupt_count(void)
{
	char text[1024];

	read_stat(text, sizeof(text));
	return number_behind(text, "\nintr ", 0);
}

static struct activity activity(void)
{
	char text[MOST_TEXT]; /* Linux has a number for each interrupt line */

	read_stat(text, sizeof(text));
	return (struct activity){
		.interrupts = number_behind(text, "\nintr ", 0),
		.switches = number_behind(text, "\nctxt ", 0),
		.forks = number_behind(text, "\nprocesses ", 0),
		/* User, nice, system, idle. */
		.idle_ms = number_behind(text, "cpu ", 3) * MS_A_USER_TICK,
	};
}

void counters_take(void)
{
	if (read_text("/proc/facet/counters", before, sizeof(before)) < 0)
		before[0] = '\0';
	active_before = activity();
}

/* The number behind "name " at the start of a line, or 0. */
static uint64_t value_before(const char *name, size_t length)
{
	const char *line = before;

	while (line) {
		if (strncmp(line, name, length) == 0 && line[length] == ' ')
			return strtoul(line + length, NULL, 10);
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return 0;
}

/* A maximum has no difference: it is printed as it is, if it rose. */
static uint64_t change(const char *name, size_t length, uint64_t now)
{
	uint64_t then = value_before(name, length);
	const char *longest = strstr(name, "_longest");

	return longest && longest < name + length && now > then ? now : now - then;
}

static void print_activity(const char *measure)
{
	struct activity now = activity(), then = active_before;

	print("activity: %s interrupts=%lu switches=%lu forks=%lu idle_ms=%lu\n", measure,
	      now.interrupts - then.interrupts, now.switches - then.switches,
	      now.forks - then.forks, now.idle_ms - then.idle_ms);
}

void counters_print(const char *measure)
{
	char after[MOST_TEXT], text[MOST_TEXT], *out = text, *line = after;

	print_activity(measure);
	if (!before[0] || read_text("/proc/facet/counters", after, sizeof(after)) <= 0)
		return;
	*out = '\0';
	while (line && *line) {
		size_t length = strcspn(line, " ");
		uint64_t changed = change(line, length, strtoul(line + length, NULL, 10));
		char *end = strchr(line, '\n');

		if (changed)
			out += snprintf(out, (size_t)(text + sizeof(text) - out), " %.*s=%lu",
					(int)length, line, changed);
		line = end ? end + 1 : NULL;
	}
	if (out > text)
		print("counters: %s%s\n", measure, text);
}
