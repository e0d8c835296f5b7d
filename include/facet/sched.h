/*
 * sched.h -- the scheduler's mechanism; the policy is behind sched_policy.h.
 *
 * schedule() is called by the return path, and by a thread that blocks or exits: nobody else.
 * Picking and switching are one step.
 */
#ifndef FACET_SCHED_H
#define FACET_SCHED_H

#include <facet/thread.h>

/* At boot: the running code becomes the idle thread of this CPU. */
void sched_init(void);

/*
 * Gives the processor to the best ready thread. A current thread that is THREAD_RUNNING is queued
 * again; one that is BLOCKED or ZOMBIE is not. Context: the preemption count is 1, the caller's
 * own, and no spinlock is held. On return the count is 0 and interrupts are on.
 */
void schedule(void);

/*
 * Runs in the thread switched to, first thing: releases the run queue, frees what the last thread
 * left.
 */
void finish_switch(struct thread *previous);

/* A thread that was never ready becomes it: fork's publication. */
void sched_start(struct thread *thread);
/* What a new thread gets from its creator. */
struct sched_params sched_params_of_child(const struct sched_params *params);

/*
 * Makes a blocked thread ready; does nothing if it is not blocked. Returns whether it woke it.
 * Context: any but interrupt handlers; may hold spinlocks above RANK_RUN_QUEUE.
 */
bool sched_wake(struct thread *thread);

/*
 * Marks the current thread blocked and raises the preemption count for schedule(). kernel/sync's
 * alone.
 */
void sched_block(enum sleep_state state);
/* Undoes both when the wait turns out to be over before schedule(). */
void sched_unblock(void);

/* --- sleep deadlines (kernel/sched/sleep.c) --- */

void sleep_init(struct thread *thread);
/* The current thread, marked blocked, is to be woken when `deadline_ns` has passed. */
void sleep_begin(uint64_t deadline_ns);
/* It is awake. Returns whether the deadline had come. */
bool sleep_end(void);

/*
 * Ends the current thread, preemption count 1; its stack and struct are freed by finish_switch of
 * the next.
 */
noreturn void sched_exit(void);

/* The idle thread's life, from the end of the boot on. */
noreturn void sched_idle(void);

/*
 * A struct thread with a kernel stack, blocked, with parent's or default parameters. NULL: no
 * memory.
 */
struct thread *thread_create(const struct thread *parent);
/*
 * A thread of the kernel's own, without a process: it runs `run`, which does not return, in the
 * kernel's half of whatever space is loaded. False: no memory. Context: boot or thread.
 */
bool kernel_thread_start(void (*run)(void));
/* Context: preemption may be off; not the thread that runs. */
void thread_free(struct thread *thread);

/*
 * The return path's work, a bounded piece of it: a switch; or else bottoms and, towards user mode,
 * signals. Called by entry/ with interrupts off; any interrupt state on return, for entry/ looks
 * again.
 */
void return_work(struct trap_frame *frame);

/* Takes over validated parameters: sched_setscheduler and relatives. */
void sched_set_params(struct thread *thread, const struct sched_params *params);

/*
 * A thread's real-time priority, the better of its own and the one it has inherited; 0: none. The
 * second changes what it has inherited.
 */
unsigned sched_rt_priority(const struct thread *thread);
void sched_inherit(struct thread *thread, unsigned rt_priority);

/* Nanoseconds that a thread ran, now included. */
uint64_t sched_ran_ns(struct thread *thread);

/* Threads that are ready or running; since boot: switches. For /proc/stat and loadavg. */
unsigned sched_running_count(void);
uint64_t sched_switch_count(void);

#define LOAD_AVERAGES 3 /* over 1, 5 and 15 minutes */
#define LOAD_SHIFT 11   /* in fractions of so many bits */

void load_averages(uint64_t loads[LOAD_AVERAGES]);
/* At boot, once there is time. */
void load_init(void);

#endif
