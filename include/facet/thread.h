/*
 * thread.h -- what runs. struct process (process.h) is what owns.
 */
#ifndef FACET_THREAD_H
#define FACET_THREAD_H

#include <arch/switch.h>
#include <facet/restart.h>
#include <facet/sched_policy.h>
#include <facet/signal.h>
#include <facet/strace.h>
#include <facet/timeout.h>
#include <facet/wait.h>

#define COMM_SIZE 16

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

/* What a thread gives those that it creates, and keeps over exec. */
struct thread_attributes {
	uint64_t timer_slack_ns; /* prctl(2) */
	uint32_t personality;    /* personality(2) */
	uint16_t io_priority;    /* ioprio_set(2) */
	bool no_new_privileges;  /* prctl(2) */
};

#define TIMER_SLACK_DEFAULT_NS 50000

struct thread {
	struct thread_context context; /* first: offsets.c */
	uint32_t work;                 /* enum thread_work; atomic */
	uint8_t state;                 /* enum thread_state; run queue's lock */
	uint8_t sleep_state;           /* enum sleep_state, while blocked */
	bool killed;                   /* ends before it sees user mode again; signals.lock */
	bool to_user;     /* while off the processor: it goes on in user mode (COUNTERS) */
	bool cpu_watched; /* each of its ticks sets PENDING_CPU_TIMERS; process_tree_lock */
	bool yielded;     /* asked by sched_yield; the next schedule() clears it */
	bool timed_out;   /* sleep_timeout woke it */
	bool left_locks;  /* it ends: see futex_leave() */
	uint8_t parent_death_signal; /* prctl(2); 0: none. process_tree_lock */
	pid_t tid;
	unsigned children;        /* with it as parent_thread; process_tree_lock */
	struct process *process;  /* NULL: the idle thread */
	struct list process_link; /* process->threads */
	struct list hash_link;    /* thread table; not if `tid` is the process's pid */
	struct sched_entity sched;
	struct timeout sleep_timeout;
	struct pending_signals pending; /* sent to this thread; all of these: signals.lock */
	sigset_t blocked;
	sigset_t waited_for;      /* by rt_sigtimedwait(2), now */
	sigset_t mask_after_call; /* valid while restores_mask; see signal_mask_for_call() */
	bool restores_mask;
	bool stop_counted;    /* it has stopped, or ended, since the process was told to stop */
	uint8_t fatal_signal; /* of a fault for which no handler can be called; 0: none */
	bool vfork_waiting;   /* until vfork_child's exec or end; process_tree_lock */
	struct process *vfork_child;
	struct signal_stack signal_stack; /* the rest: the thread's own */
	struct restart restart;           /* of the last call that a signal ended */
	struct thread_attributes attributes;
	uint64_t timer_slack_default_ns;   /* its creator's at that time */
	char comm[COMM_SIZE];              /* not the first thread's: see thread_comm() */
	uint64_t clear_tid;                /* user address, set_tid_address(2) */
	uint64_t robust_list;              /* user address, set_robust_list(2) */
	uint64_t user_ticks, system_ticks; /* counted by the tick: samples */
	uint64_t voluntary_switches, involuntary_switches;
	uint64_t rt_since_ns, rt_switches; /* RLIMIT_RTTIME, see cpu_timer.c; process_tree_lock */
	struct strace_state strace;
	struct locks_held locks; /* LOCK_ORDER */
};

#endif
