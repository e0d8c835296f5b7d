/*
 * What fork takes of the machine's memory: for a child that sleeps, and, while a child writes to
 * what it was given, from one moment to the next.
 */
#include "bench.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <usr.h>

/*
 * Together no more children than have room in one page of start_child()'s table. FIRST use up what
 * a kernel keeps of those before, such as half-empty slabs.
 */
enum { FIRST = 50, SLEEPERS = 100, MOST_DIFFERENT = 10 /* a tenth */ };
enum { STEPS = 16, POINTS = STEPS + 3 };

static long free_kib(void)
{
	long kib = meminfo_kib("MemFree");

	if (kib < 0)
		give_up("/proc/meminfo");
	return kib;
}

/* So many more that read from a pipe which stays empty; what is free when all of them sleep. */
static long free_with_sleepers(unsigned count, const int gate[2])
{
	char byte;

	for (unsigned i = 0; i < count; i++) {
		pid_t child = start_child();

		if (child < 0)
			give_up("fork");
		if (child == 0) {
			close(gate[1]);
			read(gate[0], &byte, 1); /* for ever: the parent has the other end */
			_exit(0);
		}
	}
	usleep(10000); /* all are asleep by then */
	return free_kib();
}

/*
 * What MemFree loses by a child that sleeps, tables, kernel stack and all. Measured twice: a
 * kernel may hand out pages that it did not count as free, as Linux does from its lists for each
 * CPU, and then the two differ, or both are less than a page for each.
 */
static uint64_t child_memory(unsigned long parameter)
{
	int gate[2];
	long before, half, all;

	(void)parameter;
	if (pipe(gate))
		give_up("pipe");
	before = free_with_sleepers(FIRST, gate);
	half = free_with_sleepers(SLEEPERS, gate);
	all = free_with_sleepers(SLEEPERS, gate);
	end_children();
	close(gate[0]);
	close(gate[1]);
	if ((half - all) * KIB < SLEEPERS * PAGE ||
	    labs((before - half) - (half - all)) * MOST_DIFFERENT > half - all) {
		errno = EOPNOTSUPP;
		give_up("MemFree hides what a child takes");
	}
	return (uint64_t)(half - all) * KIB / SLEEPERS;
}

/* What the child has seen, for the parent to read: shared, and so never copied. */
static struct record {
	struct point points[POINTS]; /* ns since before the fork, and KiB that are used more */
	size_t count;
	long free_before;
	uint64_t began_ns;
} * record;

static void note_memory(void)
{
	long used = record->free_before - free_kib();

	record->points[record->count++] = (struct point){ now_ns() - record->began_ns,
							  used > 0 ? (uint64_t)used : 0 };
}

static bool map_record(unsigned long kib)
{
	record = shared_memory(PAGE);
	if (!record)
		return false;
	record->count = 0;
	if (map_memory(kib))
		return true;
	shared_free(record, PAGE);
	return false;
}

static void write_in_steps(unsigned long kib)
{
	note_memory();
	for (size_t step = 0; step < STEPS; step++) {
		size_t size = kib * KIB / STEPS;

		for (size_t i = step * size; i < (step + 1) * size; i += PAGE)
			memory[i]++;
		note_memory();
	}
}

/* The most that is used in a fork whose child writes to all of the parent's memory. */
static uint64_t fork_frames(unsigned long kib)
{
	uint64_t most = 0;
	pid_t child;

	touch_memory(kib);
	record->count = 0;
	record->free_before = free_kib();
	record->began_ns = now_ns();
	note_memory();
	child = fork();
	if (child == 0) {
		write_in_steps(kib);
		_exit(0);
	}
	wait_for(child);
	note_memory();
	for (size_t i = 0; i < record->count; i++)
		most = record->points[i].y > most ? record->points[i].y : most;
	return most * KIB;
}

static void show_record(unsigned long kib)
{
	series("used_kib_by_ns", record->points, record->count);
	shared_free(record, PAGE);
	unmap_memory(kib);
}

static const struct measure table[] = {
	{ .name = "child_memory",
	  .what = "memory for a sleeping child",
	  .rounds = 5,
	  .round = child_memory,
	  .unit = "bytes" },
	{ .name = "fork_frames_16m",
	  .what = "memory used by a fork of 16 MiB, all written to",
	  .rounds = 5,
	  .parameter = 16 * KIB,
	  .set_up = map_record,
	  .tear_down = show_record,
	  .round = fork_frames,
	  .unit = "bytes" },
};

const struct measures fork_memory_measures = MEASURES("fork", table);
