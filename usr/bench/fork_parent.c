/*
 * What the parent pays after fork: its own first write to each page that it shares with the child.
 *
 * The child lives, asleep, until the parent has written to all of it.
 */
#include "bench.h"
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_PAGES = 256 };

static struct point faults[MOST_PAGES]; /* of the last round: page, and ticks */

/* Fork a child that sleeps until end_sleeper(). Returns the pipe's end that it waits for. */
static int start_sleeper(pid_t *child)
{
	int gate[2];
	char byte;

	if (pipe(gate))
		give_up("pipe");
	*child = fork();
	if (*child == 0) {
		close(gate[1]);
		_exit(read(gate[0], &byte, 1) != 0); /* until the parent closes the other end */
	}
	close(gate[0]);
	sched_yield(); /* it is asleep after that */
	return gate[1];
}

static void end_sleeper(int gate, pid_t child)
{
	close(gate);
	wait_for(child);
}

/* A write to a page, on the average of all. */
static uint64_t write_each(unsigned long kib)
{
	uint64_t start, each;
	pid_t child;
	int gate;

	touch_memory(kib);
	gate = start_sleeper(&child);
	start = window_start();
	touch_memory(kib);
	each = window_each(start, kib * KIB / PAGE);
	end_sleeper(gate, child);
	return each;
}

/* Each write by itself, into `faults`; the clock is read for each, and that is in its figure. */
static void time_writes(unsigned long kib)
{
	uint64_t start;
	pid_t child;
	int gate;

	touch_memory(kib);
	gate = start_sleeper(&child);
	start = window_start();
	for (size_t page = 0; page < kib * KIB / PAGE; page++) {
		uint64_t before = ticks();

		memory[page * PAGE]++;
		faults[page] = (struct point){ page, ticks() - before };
	}
	window_end(start);
	end_sleeper(gate, child);
}

static int by_ticks(const void *left, const void *right)
{
	uint64_t a = ((const struct point *)left)->y, b = ((const struct point *)right)->y;

	return (a > b) - (a < b);
}

/* The write in the middle: unlike the average, nothing of the frames' allocator's rare work. */
static uint64_t write_median(unsigned long kib)
{
	size_t count = kib * KIB / PAGE;

	time_writes(kib);
	qsort(faults, count, sizeof(faults[0]), by_ticks);
	return faults[count / 2].y;
}

/* The write that took longest. */
static uint64_t write_worst(unsigned long kib)
{
	uint64_t worst = 0;

	time_writes(kib);
	for (size_t page = 0; page < kib * KIB / PAGE; page++)
		worst = faults[page].y > worst ? faults[page].y : worst;
	return worst;
}

static void show_faults(unsigned long kib)
{
	series("page", faults, kib * KIB / PAGE);
	unmap_memory(kib);
}

static const struct measure table[] = {
	{ .name = "fork_parent_write",
	  .what = "parent's first write to a page after fork, average",
	  .rounds = ROUNDS,
	  .parameter = KIB,
	  .set_up = map_memory,
	  .tear_down = unmap_memory,
	  .round = write_each },
	{ .name = "fork_parent_median",
	  .what = "the median of 256 such writes",
	  .rounds = ROUNDS,
	  .parameter = KIB,
	  .set_up = map_memory,
	  .tear_down = unmap_memory,
	  .round = write_median },
	{ .name = "fork_parent_worst",
	  .what = "the longest of 256 such writes",
	  .rounds = ROUNDS,
	  .parameter = KIB,
	  .set_up = map_memory,
	  .tear_down = show_faults,
	  .round = write_worst },
};

const struct measures fork_parent_measures = MEASURES("fork", table);
