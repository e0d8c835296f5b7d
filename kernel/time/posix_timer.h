/*
 * posix_timer.h -- between what POSIX timers do (posix_timer.c) and what they are asked for
 * (timer_syscalls.c).
 */
#ifndef POSIX_TIMER_H
#define POSIX_TIMER_H

#include <facet/process.h>

#include "time_private.h"

enum { SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID = 4 };

struct posix_timer {
	struct tree_node node; /* process_timers->posix */
	int id;
	int clock;
	int notify;
	bool value_is_id; /* no sigevent said what its signal carries */
	pid_t tid;        /* SIGEV_THREAD_ID */
	struct process *process;
	struct queued_signal *signal;
	struct period period; /* `next_ns` is a deadline */
	uint64_t overruns;    /* since its signal became pending */
	int last_overruns;    /* of the one that was taken last */
	struct timeout timeout;
	struct cpu_timer cpu;
};

/* Both locks, for all below but posix_timer_publish() and posix_timer_free(). */
static inline void posix_timers_lock(struct process *process)
{
	spin_lock(&process_tree_lock);
	spin_lock(&process->signals.lock);
}

static inline void posix_timers_unlock(struct process *process)
{
	spin_unlock(&process->signals.lock);
	spin_unlock(&process_tree_lock);
}

/* Of the calling process. NULL: there is none. */
struct posix_timer *posix_timer_find(int id);

/* The time of its clock, with the tag of its deadline; 0 of a clock that has ended. */
uint64_t posix_timer_now(const struct posix_timer *timer);

/* Waits for the next time, if there is one. */
void posix_timer_start(struct posix_timer *timer);
void posix_timer_stop(struct posix_timer *timer);

/*
 * It gets an id, and is found by it from now on; `info` is what its signal says. Returns 0 or
 * -EAGAIN. Takes both locks.
 */
int posix_timer_publish(struct posix_timer *timer, const struct siginfo *info);
/* Nobody finds it any more. */
void posix_timer_take_out(struct posix_timer *timer);
/* Then, with no lock held. */
void posix_timer_free(struct posix_timer *timer);

/* What a timeout and a clock of processor time call. */
void posix_timer_init(struct posix_timer *timer);

#endif
