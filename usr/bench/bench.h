/*
 * bench.h -- what a measure is, and what the workloads share.
 *
 * A measure is a function that does one round and returns what one operation cost in it. main.c
 * calls it many times and shows the median. To add one: write the function, and a line in the table
 * of its file; a new file's table goes into the list of main.c.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct measure {
	const char *name;
	const char *what;        /* what one operation is, for --list */
	unsigned rounds;         /* unless -r says otherwise */
	unsigned long parameter; /* for all three functions */
	/* Before and after all rounds; may be NULL. False: impossible here, errno says why. */
	bool (*set_up)(unsigned long parameter);
	void (*tear_down)(unsigned long parameter);
	/* The cost of one operation in this round. */
	uint64_t (*round)(unsigned long parameter);
	const char *unit; /* NULL: ticks of the time stamp counter */
};

struct measures {
	const struct measure *first;
	size_t count;
};

/* clang-format off */
#define MEASURES(table) { (table), sizeof(table) / sizeof((table)[0]) }
/* clang-format on */

extern const struct measures call_measures, process_measures, memory_measures, switch_measures,
	pipe_measures;

/*
 * The time stamp counter, read when everything before it is done. Under QEMU's -icount shift=0 it
 * counts instructions, and exactly so if nothing waited in between; elsewhere it counts cycles.
 */
static inline uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* What one of `count` operations took that began at `start`, rounded. */
static inline uint64_t ticks_each(uint64_t start, uint64_t count)
{
	return (ticks() - start + count / 2) / count;
}

enum { ROUNDS = 101, MOST_CHILDREN = 1024 };

/* Children that a measure has running, ended and waited for all at once by end_children(). */
pid_t start_child(void); /* fork, and remember the child; as fork returns */
void end_children(void);

/* Leave a measure that cannot go on: it is reported as skipped, with errno; the next one runs. */
_Noreturn void give_up(const char *what);

/* This program's own path, for measures of exec. */
extern char *own_path;

#endif
