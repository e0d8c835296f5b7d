/*
 * cpu_timer.h -- timers on clocks of processor time, RLIMIT_CPU and RLIMIT_RTTIME.
 *
 * A tick of a thread whose process is watched sets a bit, and the bottom looks at the clocks: so
 * what expires is at most a tick late. process_tree_lock guards all of it, and is held by the
 * callers.
 */
#ifndef FACET_CPU_TIMER_H
#define FACET_CPU_TIMER_H

#include <facet/list.h>
#include <facet/types.h>

struct process;
struct thread;

enum cpu_clock_kind {                    /* Linux's numbers */
		      CPU_CLOCK_PROF,    /* user and system time */
		      CPU_CLOCK_VIRTUAL, /* user time, by the ticks' samples */
		      CPU_CLOCK_SCHED, /* both again, for here they are measured at the switches */
};

struct cpu_clock {
	struct process *process;
	struct thread *thread; /* of the process; NULL: all of it */
	enum cpu_clock_kind kind;
};

void cpu_timers_init(void);

uint64_t cpu_clock_ns(const struct cpu_clock *clock);

struct cpu_timer {
	struct list link; /* process->cpu_timers of the clock's process */
	struct cpu_clock clock;
	uint64_t deadline_ns;
	/* Called with the timer no longer set, once the clock stands at `now_ns`. */
	void (*expired)(struct cpu_timer *timer, uint64_t now_ns);
};

void cpu_timer_init(struct cpu_timer *timer,
		    void (*expired)(struct cpu_timer *timer, uint64_t now_ns));
/* A timer whose process or thread ends before is not set any more. */
void cpu_timer_set(struct cpu_timer *timer, const struct cpu_clock *clock, uint64_t deadline_ns);
void cpu_timer_cancel(struct cpu_timer *timer);

/* Whether there is one of the two limits. */
bool cpu_time_is_limited(const struct process *process);
/* Timers or the limits of a process have changed: whether the tick has to tell its threads. */
void cpu_timers_watch(struct process *process);
/* The thread ends, or with NULL the process: its clocks stand still. */
void cpu_timers_end(struct process *process, const struct thread *thread);

#endif
