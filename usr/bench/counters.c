/*
 * What the kernel counts: interrupts in a window, and its own events across a measure.
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

enum { MOST_TEXT = 4096 };

static char before[MOST_TEXT];

/* The first line of /proc/stat that begins so; it is kept open, for it is read at every window. */
uint64_t interrupt_count(void)
{
	static int fd = -2;
	char text[1024], *line;
	ssize_t size;

	if (fd == -2)
		fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	size = pread(fd, text, sizeof(text) - 1, 0);
	if (size <= 0)
		return 0;
	text[size] = '\0';
	line = strstr(text, "\nintr ");
	return line ? strtoul(line + strlen("\nintr "), NULL, 10) : 0;
}

void counters_take(void)
{
	if (read_text("/proc/facet/counters", before, sizeof(before)) < 0)
		before[0] = '\0';
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

void counters_print(const char *measure)
{
	char after[MOST_TEXT], text[MOST_TEXT], *out = text, *line = after;

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
