/*
 * scheduling.h -- what the workloads of scheduling are made of: hogs, a common start, figures.
 *
 * Such a workload is an experiment: several processes run at once, and when all have ended, there
 * are several figures at once. It is performed when a figure is asked for that none of its runs has
 * left, so measures of one experiment share a run, and `bench -r` gives as many as are asked for.
 */
#ifndef SCHEDULING_H
#define SCHEDULING_H

#include "bench.h"

enum {
	US = 1000, /* nanoseconds */
	MS = 1000 * US,
	SECOND = 1000 * MS,
	/* The longest tick of any configuration: start offsets are spread over it. */
	LONGEST_TICK = 10 * MS,
	MOST_VALUES = 101,
};

/* --- figures --- */

struct experiment {
	const char *seed; /* its random numbers depend on this and on -s alone */
	void (*perform)(const struct experiment *experiment);
	unsigned long parameter;
	unsigned runs;
};

/* The values of one metric, filled by perform(). One that was not reported is not read. */
struct figure {
	struct experiment *of;
	unsigned run; /* of the experiment, that `next` is a place in */
	unsigned next, count;
	uint64_t *values; /* shared: a copy for each child would be promised memory */
};

/* Its next value; `figure` is the address of one. */
uint64_t figure_next(unsigned long figure);

#define FIGURE(figure) .parameter = (unsigned long)&(figure), .round = figure_next, .cold = true

/* For perform(): the one value; or all of them, after the last run's were thrown away. */
void figure_set(struct figure *figure, uint64_t value);
void figure_clear(struct figure *figure);
void figure_add(struct figure *figure, uint64_t value);
uint64_t figure_worst(const struct figure *figure);

/* --- time --- */

void sleep_until(uint64_t deadline_ns); /* of now_ns()'s clock */

/* Ticks of the time stamp counter. The first use measures their rate for a millisecond. */
uint64_t ticks_of(uint64_t ns);
uint64_t ns_of(uint64_t ticks);

/* --- processes --- */

/*
 * Children that begin together. gate_make() returns zeroed memory that all will share; what is in
 * it stays there until the next call. Each child first waits in gate_wait(), which returns the
 * moment, in ticks, that the gate opened at. gate_open() opens it when all are there, at a place
 * between two ticks of the timer that the seed picks, and returns when the last child has exited.
 */
void *gate_make(size_t size);
pid_t gate_child(void); /* start_child(), for which it gives up */
uint64_t gate_wait(void);
void gate_open(void);

/*
 * A thousand instructions; between two units the time stamp counter is looked at. Most are no-ops,
 * which take the same virtual time as others and the least of the host's.
 */
static inline void work_unit(void)
{
	unsigned long turns = 10;

	__asm__ volatile("1: .rept 98\n\tnop\n\t.endr\n\tdec %0\n\tjnz 1b" : "+r"(turns) : : "cc");
}

/*
 * When a process that only works had the processor: a stretch ends where the counter jumps. What is
 * shorter than GAP is an interrupt and no other process.
 */
enum { GAP = 50 * US, MOST_STRETCHES = 500 };

struct stretch {
	uint64_t from, to; /* ticks */
};

struct hog {
	uint64_t units;    /* of work that it did */
	uint64_t switches; /* that it was taken off the processor */
	unsigned count;
	bool too_many; /* stretches than there is room for */
	struct stretch stretches[MOST_STRETCHES];
};

/* Work until the counter reaches `until`. */
void hog_work(struct hog *hog, uint64_t until);

/* Work for so many ticks of having the processor. */
void work_for(uint64_t ticks_to_run);

/* Ticks between two moments in which the hog had the processor. */
uint64_t hog_ran(const struct hog *hog, uint64_t from, uint64_t to);

#endif
