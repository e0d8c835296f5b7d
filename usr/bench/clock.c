/*
 * What figures in ticks of the time-stamp counter rest on, in a line for people:
 *
 *	# clock: TSC 2596102 kHz by the HPET, not invariant; 0 SMIs meanwhile
 *
 * Only Facet tells it (/proc/facet/clock). An invariant TSC counts at one rate whatever the
 * processor's clock does, so that its ticks are time and no cycles; another follows that clock, and
 * figures compare only while it stays the same. An SMI is the firmware's interrupt, which stops the
 * machine for as long as it likes.
 */
#include "bench.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

enum { TEXT = 256 };

static long smis_before;

/* The whole file, read without the heap, which the children of all measures would get a copy of. */
static bool read_clock(char text[TEXT])
{
	int fd = open("/proc/facet/clock", O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, text, TEXT - 1);

	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	return length > 0;
}

/* What stands behind a name, up to the end of the line; its length, or 0. */
static int value_of(const char *text, const char *name, const char **value)
{
	const char *line = strstr(text, name);

	*value = line ? line + strlen(name) : "";
	return (int)strcspn(*value, "\n");
}

static long smi_count(const char *text)
{
	const char *value;

	return value_of(text, "smis ", &value) ? atol(value) : -1;
}

void clock_begin(void)
{
	char text[TEXT];

	read_clock(text);
	smis_before = smi_count(text);
}

void clock_print(void)
{
	char text[TEXT];
	const char *khz, *reference, *invariant;
	int khz_length, reference_length;
	long smis;

	if (!read_clock(text))
		return;
	khz_length = value_of(text, "tsc_khz ", &khz);
	reference_length = value_of(text, "reference ", &reference);
	value_of(text, "invariant ", &invariant);
	smis = smi_count(text);
	print("# clock: TSC %.*s kHz by the %.*s, %sinvariant; ", khz_length, khz, reference_length,
	      reference, *invariant == '1' ? "" : "not ");
	if (smis < 0)
		print("SMIs are not counted\n");
	else
		print("%ld SMIs meanwhile\n", smis - smis_before);
}
