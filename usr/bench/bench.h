/*
 * bench.h -- what a measure is, and what the workloads share.
 *
 * A measure is a function that does one round and returns what one operation cost in it. run.c
 * calls it many times and shows the median. To add one: write the function, a line in the table of
 * its file, and an entry in scripts/compare/registry.toml; a new file's table goes into the list of
 * main.c.
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
	unsigned rounds;         /* fewer if -r says so */
	unsigned long parameter; /* for all three functions */
	/* Before and after all rounds; may be NULL. False: impossible here, errno says why. */
	bool (*set_up)(unsigned long parameter);
	void (*tear_down)(unsigned long parameter);
	/* The cost of one operation in this round. */
	uint64_t (*round)(unsigned long parameter);
	const char *unit; /* NULL: ticks of the time stamp counter */
	bool cold;        /* the first round counts too: there is nothing to warm up */
};

struct measures {
	const char *group; /* `bench @GROUP` runs all of the group, from whatever file */
	const struct measure *first;
	size_t count;
};

/* clang-format off */
#define MEASURES(group, table) { (group), (table), sizeof(table) / sizeof((table)[0]) }
/* clang-format on */

extern const struct measures call_measures, file_measures, memory_measures, switch_measures,
	pipe_measures, poll_measures, fork_measures, fork_parent_measures, fork_structure_measures,
	fork_memory_measures, fork_exec_measures, program_measures, latency_measures,
	response_measures, fairness_measures, timer_measures, futex_measures;

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

/* What one of `count` operations took in `spent` ticks, rounded. */
static inline uint64_t each_of(uint64_t spent, uint64_t count)
{
	return (spent + count / 2) / count;
}

/*
 * A timed window: from the value that window_start() returned to window_end(), which returns the
 * ticks between them. The interrupts in it are counted, where the kernel tells of them, by reading
 * /proc/stat outside of the window. A round may have several windows, not one within another; what
 * is counted in all of them stands beside the round's value.
 */
void window_opens(void);
void window_closed(void);

static inline uint64_t window_start(void)
{
	window_opens();
	return ticks();
}

static inline uint64_t window_end(uint64_t start)
{
	uint64_t spent = ticks() - start;

	window_closed();
	return spent;
}

/* The same for a window with `count` operations: what one of them took, rounded. */
static inline uint64_t window_each(uint64_t start, uint64_t count)
{
	return each_of(window_end(start), count);
}

/* What is worth a picture: printed under --raw, so not in a window. Labels are single words. */
struct point {
	uint64_t x, y;
};

void series(const char *label, const struct point *points, size_t count);

uint64_t now_ns(void); /* CLOCK_MONOTONIC */

/* Numbers that look random, the same for each run of a measure with the same -s SEED. */
uint64_t random_next(void);

enum { ROUNDS = 101, MOST_ROUNDS = 2001, MOST_PASSES = 100, MOST_CHILDREN = 10000 };

/* Zeroed memory that this process shares with children that it forks from now on; or NULL. What is
 * not freed makes the forks of other measures dearer. */
void *shared_memory(size_t size);
void shared_free(void *memory, size_t size);

/* Children that a measure has running, ended and waited for all at once by end_children(). */
pid_t start_child(void); /* fork, and remember the child; as fork returns */
void end_children(void);

/* Wait for a child of fork's, whose failure is the measure's: see give_up(). */
void wait_for(pid_t child);

/*
 * What a workload forks: map_memory() maps so many KiB for it, none for 0, and is a set_up; it
 * refuses with ENOMEM what a parent and a child that writes to all of it would not both have room
 * for, so that what fits does not depend on the kernel's policy. touch_memory() writes to each of
 * its first `kib` KiB's pages.
 */
enum { PAGE = 4096, KIB = 1024 };

extern char *memory;

bool map_memory(unsigned long kib);
void unmap_memory(unsigned long kib);
void touch_memory(unsigned long kib);

/* Leave a measure that cannot go on: it is reported as skipped, with errno; the next one runs. */
_Noreturn void give_up(const char *what);

/* Whether the measure has taken longer than -l allows; errno is ETIMEDOUT then. For loops that wait
 * for other processes, of which a fair scheduler may have too many. */
bool is_overdue(void);

/* --- between main.c and run.c --- */

struct options {
	unsigned longest_s;    /* a measure that takes longer is given up; 0: none is */
	unsigned rounds;       /* at most, of each measure */
	unsigned passes, pass; /* how many, and which one it is, from 0 */
	bool raw;              /* every round's value, series and counters */
	bool seeded;           /* rounds begin at another place between two timer ticks */
	uint64_t seed;
};

extern struct options options;

/* Do a measure and print what came of it. */
void run_measure(const struct measure *measure);

/* What stands at the end of each line, and names the kernel: config=HASH or release=VERSION. */
extern const char *kernel_key, *kernel_value;

/* The kernel's own counters, as they are now; and how they differ from that, on a line. */
void counters_take(void);
void counters_print(const char *measure);

/* For people: what the time stamp counter is worth here, and what came in between. */
void clock_begin(void);
void clock_print(void);

/* How many interrupts the machine has had, or 0 where it does not say. */
uint64_t interrupt_count(void);

/* random_next() begins anew, by -s SEED and the name. */
void random_begin(const char *name);

#endif
