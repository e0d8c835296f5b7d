/*
 * time_private.h -- between the files of this room: clocks by their numbers, and the timers that a
 * process owns.
 */
#ifndef TIME_PRIVATE_H
#define TIME_PRIVATE_H

#include <facet/cpu_timer.h>
#include <facet/process.h>
#include <facet/timespec.h>
#include <facet/timeout.h>
#include <facet/tree.h>

/* The numbers are Linux's; a negative one is a clock of processor time. */
enum {
	CLOCK_REALTIME,
	CLOCK_MONOTONIC,
	CLOCK_PROCESS_CPUTIME_ID,
	CLOCK_THREAD_CPUTIME_ID,
	CLOCK_MONOTONIC_RAW,
	CLOCK_REALTIME_COARSE,
	CLOCK_MONOTONIC_COARSE,
	CLOCK_BOOTTIME,
	CLOCK_REALTIME_ALARM,
	CLOCK_BOOTTIME_ALARM,
	CLOCK_TAI = 11, /* no leap seconds are known: REALTIME */
};

#define TIMER_ABSTIME 1

/* --- syscalls.c --- */

static inline bool clock_is_cpu(int clock)
{
	return clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
}

/*
 * Whether one can wait for a time of the clock, which is not one of processor time. 0, -EINVAL
 * (there is no such clock) or -EOPNOTSUPP.
 */
int clock_waitable(int clock);
/* A time of such a clock as a deadline. */
uint64_t clock_deadline(int clock, uint64_t ns);

/* --- set_clock.c --- */

int timezone_to_user(void __user *to);

/* --- cpu_timer.c: tree lock held --- */

/*
 * The clock of processor time that an id means to a thread of `owner`; 0 in an id is whoever runs.
 * Returns 0 or -EINVAL: there is none, or it is a thread's of another process.
 */
int cpu_clock_find(int clock, const struct process *owner, struct cpu_clock *found);
/* The id that means this clock to everybody. */
int cpu_clock_id(const struct cpu_clock *clock);

/* --- cpu_sleep.c --- */

/* clock_nanosleep(2) on a clock of processor time. */
long cpu_sleep(int clock, bool absolute, uint64_t ns, void __user *remain);

/* --- period.c --- */

/* A time that comes once, or again and again. */
struct period {
	uint64_t next_ns;     /* 0: never */
	uint64_t interval_ns; /* 0: once */
};

void period_set(struct period *period, uint64_t first_ns, uint64_t interval_ns);
/* How often the time has come until `now_ns`; what is next lies after it. */
uint64_t period_advance(struct period *period, uint64_t now_ns);
/* Until the next time; 0: there is none. */
uint64_t period_left(const struct period *period, uint64_t now_ns);

/* --- itimer.c --- */

struct itimer {
	struct process *process;
	int signal;
	struct period period; /* tree lock, as for all of it */
	union {
		struct timeout timeout; /* ITIMER_REAL */
		struct cpu_timer cpu;   /* the others */
	};
};

/* Made when the first timer is asked for. */
struct process_timers {
	struct itimer intervals[3]; /* by ITIMER_* */
	struct tree posix;          /* by their ids */
	int next_id;
};

void itimers_init(struct process_timers *timers, struct process *process);
void itimers_end(struct process_timers *timers);

/* --- process_timers.c --- */

/* The calling process's. NULL: no memory. */
struct process_timers *own_timers(void);

#endif
