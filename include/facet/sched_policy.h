/*
 * sched_policy.h -- which thread runs next: kernel/sched/rr.c or prio.c, by choice.
 *
 * Every function is called by kernel/sched/core.c with the run queue's lock held and interrupts
 * off. Before each call the core has charged what the thread ran to its sched_entity. A policy's
 * queues are private to its file; of a thread it touches only `thread->sched`.
 */
#ifndef FACET_SCHED_POLICY_H
#define FACET_SCHED_POLICY_H

#include <facet/list.h>
#include <facet/types.h>

struct thread;

enum sched_why {
	SCHED_NEW,       /* going in: forked a moment ago */
	SCHED_WOKEN,     /* going in: what it waited for has come */
	SCHED_PREEMPTED, /* going in: it has slice left, something better came */
	SCHED_EXPIRED,   /* going in: its slice is used up */
	SCHED_YIELDED,   /* going in: it gave up the processor */
	SCHED_CHANGED,   /* going out and in: its parameters change while it is ready */
	SCHED_BLOCKED,   /* going out: it waits */
	SCHED_EXITED,    /* going out: for ever */
};

/* sched(7); the numbers are Linux's. */
enum sched_class {
	SCHED_NORMAL = 0,
	SCHED_FIFO = 1,
	SCHED_RR = 2,
	SCHED_BATCH = 3,
	SCHED_IDLE = 5,
};

struct sched_params {
	uint8_t class;       /* enum sched_class */
	uint8_t rt_priority; /* 1 (low) to 99 for SCHED_FIFO and SCHED_RR, else 0 */
	int8_t nice;         /* -20 (most) to 19 (least) */
	bool reset_on_fork;  /* a child gets nothing better than the default */
};

/* One thread as the scheduler sees it. Guarded by the run queue's lock. */
struct sched_entity {
	struct list link; /* the policy's queue */
	struct sched_params params;
	uint8_t inherited;   /* rt_priority of the best that waits for its locks, else 0 */
	uint8_t level;       /* the policy's own, from params and inherited */
	uint32_t slice_left; /* ticks; the core refills it from sched_policy_slice() at 0 */
	uint64_t ran_cycles; /* in all, of the time-stamp counter */
	uint64_t policy[2];  /* the policy's own */
};

/* A slice that lasts until the thread blocks, yields or is preempted. */
#define SLICE_NONE UINT32_MAX

extern const char sched_policy_name[];

void sched_policy_init(void);

/* `thread` is ready from now on. */
void sched_policy_enqueue(struct thread *thread, enum sched_why why);

/*
 * SCHED_CHANGED: a queued thread leaves the queue. SCHED_BLOCKED, SCHED_EXITED: the running thread,
 * which is in no queue, stops being one that wants to run.
 */
void sched_policy_dequeue(struct thread *thread, enum sched_why why);

/* Takes the thread that runs next off the queue. NULL: none is ready, the idle thread runs. */
struct thread *sched_policy_pick(void);

/* Ticks that `thread` gets, once its slice is used up or it never had one; SLICE_NONE. */
unsigned sched_policy_slice(const struct thread *thread);

/* Whether `woken`, now ready, should run in place of `running`, which is not the idle thread. */
bool sched_policy_preempts(const struct thread *running, const struct thread *woken);

/* Takes over validated parameters; the thread is in no queue at that moment. */
void sched_policy_set(struct thread *thread, const struct sched_params *params);

#endif
