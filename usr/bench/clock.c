/*
 * What figures in ticks of the time-stamp counter rest on, in a line for people:
 *
 *	# clock: TSC 2596102 kHz by the HPET, not invariant; 0 SMIs meanwhile, 1.31 cycles a tick
 *
 * Only Facet tells it (/proc/facet/clock). An invariant TSC counts at one rate whatever the
 * processor's clock does, so that its ticks are time and no cycles; another follows that clock, and
 * figures compare only while it stays the same. An SMI is the firmware's interrupt, which stops the
 * machine for as long as it likes. Cycles a tick is how fast the processor's clock ran, by its own
 * count; that, and whether it was too hot, is told where the processor tells it.
 */
#include "bench.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

enum { TEXT = 256 };

struct counts {
	long smis, cycles, ticks, too_hot; /* -1: not told */
};

static struct counts before;

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

static long count_of(const char *text, const char *name)
{
	const char *value;

	return value_of(text, name, &value) ? atol(value) : -1;
}

static struct counts counts_of(const char *text)
{
	return (struct counts){
		.smis = count_of(text, "\nsmis "),
		.cycles = count_of(text, "\ncycles "),
		.ticks = count_of(text, "\nticks "),
		.too_hot = count_of(text, "\ntoo_hot "),
	};
}

void clock_begin(void)
{
	char text[TEXT];

	read_clock(text);
	before = counts_of(text);
}

static void print_counts(const struct counts *now)
{
	long cycles = now->cycles - before.cycles, ticks = now->ticks - before.ticks;
	long hundredths = ticks > 0 ? (100 * cycles + ticks / 2) / ticks : 0;

	if (now->smis < 0)
		print("SMIs are not counted");
	else
		print("%ld SMIs meanwhile", now->smis - before.smis);
	if (hundredths)
		print(", %ld.%02ld cycles a tick", hundredths / 100, hundredths % 100);
	if (now->too_hot > before.too_hot)
		print(", too hot and slowed down");
	print("\n");
}

void clock_print(void)
{
	char text[TEXT];
	const char *khz, *reference, *invariant;
	int khz_length, reference_length;
	struct counts now;

	if (!read_clock(text))
		return;
	now = counts_of(text);
	khz_length = value_of(text, "tsc_khz ", &khz);
	reference_length = value_of(text, "reference ", &reference);
	value_of(text, "invariant ", &invariant);
	print("# clock: TSC %.*s kHz by the %.*s, %sinvariant; ", khz_length, khz, reference_length,
	      reference, *invariant == '1' ? "" : "not ");
	print_counts(&now);
}
