/*
 * sched.h -- the scheduler's mechanism; the policy is behind sched_policy.h.
 *
 * schedule() is called by the return path, and by a thread that blocks or exits: nobody else. Picking and
 * switching are one step.
 */
#ifndef FACET_SCHED_H
#define FACET_SCHED_H

#include <facet/thread.h>

/* At boot: the running code becomes the idle thread of this CPU. */
void sched_init(void);

/*
 * Gives the processor to the best ready thread. A current thread that is THREAD_RUNNING is queued again;
 * one that is BLOCKED or ZOMBIE is not. Context: preemption count 0 (or 1 of the caller's own sleep),
 * no spinlock held.
 */
void schedule(void);

/* Runs in the thread switched to, first thing. Called by switch code only. */
void finish_switch(struct thread *previous);

/* A thread that was never ready becomes it: fork's publication. */
void sched_start(struct thread *thread);

/*
 * Makes a blocked thread ready; does nothing if it is not blocked. Returns whether it woke it.
 * Context: any but interrupt handlers; may hold spinlocks above RANK_RUN_QUEUE.
 */
bool sched_wake(struct thread *thread);

/* Marks the current thread blocked; preemption is off until schedule(). wait.c's alone. */
void sched_block(bool interruptible);
/* Undoes it when the wait turns out to be over before schedule(). */
void sched_unblock(void);

/* Ends the current thread for ever; its stack and struct are freed by finish_switch of the next. */
noreturn void sched_exit(void);

/* sched_yield(2): sets need_resched; the return path switches. */
void sched_yield(void);

/* The return path's work: bottoms, signals (to user mode only), schedule. Called by entry/, interrupts off. */
void return_work(struct trap_frame *frame);

/* sched_setscheduler and relatives. Returns 0 or -EINVAL. */
int sched_set_params(struct thread *thread, const struct sched_params *params);

/* Nanoseconds that a thread ran, now included. */
uint64_t sched_ran_ns(struct thread *thread);

/* Threads that are ready or running; since boot: switches. For /proc/stat and loadavg. */
unsigned sched_running_count(void);
uint64_t sched_switch_count(void);

#endif
