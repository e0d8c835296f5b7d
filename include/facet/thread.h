/*
 * thread.h -- what runs. struct process (process.h) is what owns.
 */
#ifndef FACET_THREAD_H
#define FACET_THREAD_H

#include <arch/switch.h>
#include <facet/sched_policy.h>
#include <facet/signal.h>
#include <facet/tree.h>
#include <facet/wait.h>

struct process;

enum thread_state {
	THREAD_RUNNING, /* on the processor */
	THREAD_READY,   /* in the policy's queue */
	THREAD_BLOCKED, /* waits; `sleep_state` says for what it may be woken early */
	THREAD_ZOMBIE,  /* will not run again */
	THREAD_IDLE,    /* the idle thread, always: it is in no queue */
};

/* Bits of thread->work: what the return path must do before this thread is in user mode again. */
enum thread_work {
	THREAD_SIGNALS = 1 << 0, /* a signal may be pending */
};

struct thread {
	struct thread_context context; /* first: offsets.c */
	uint32_t work;                 /* enum thread_work; atomic */
	uint8_t state;                 /* enum thread_state; run queue's lock */
	uint8_t sleep_state;           /* enum sleep_state, while blocked */
	bool killed;                   /* ends before it sees user mode again */
	bool to_user; /* while off the processor: it goes on in user mode (COUNTERS) */
	bool yielded; /* asked by sched_yield; the next schedule() clears it */
	pid_t tid;
	struct process *process;  /* NULL: the idle thread */
	struct list process_link; /* process->threads */
	struct sched_entity sched;
	struct tree_node sleep_node; /* sleep queue, by deadline */
	uint64_t deadline;           /* TSC; valid while in the sleep queue */
	bool sleeping;               /* in the sleep queue; its lock */
	bool timed_out;
	sigset_t blocked;          /* signals */
	sigset_t pending;          /* sent to this thread */
	uint64_t clear_tid;        /* user address, set_tid_address(2) */
	uint64_t restart_deadline; /* of an interrupted sleep, for restart_syscall(2); 0: none */
	uint64_t user_ticks, system_ticks; /* counted by the tick: samples */
	uint64_t voluntary_switches, involuntary_switches;
	struct locks_held locks; /* LOCK_ORDER */
};

#endif
