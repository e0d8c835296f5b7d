/*
 * signal.h -- signals: their actions, and what is pending.
 *
 * A process's actions, its threads' masks and all that is pending are guarded by its signals.lock
 * (RANK_SIGNALS). Nothing is done to a thread from outside but setting a bit and waking it: it acts
 * in the return path, on its way to user mode. Source: signal(7), sigaction(2), kill(2).
 */
#ifndef FACET_SIGNAL_H
#define FACET_SIGNAL_H

#include <facet/list.h>
#include <facet/spinlock.h>
#include <facet/types.h>

struct process;
struct thread;
struct trap_frame;

/* clang-format off */
enum {
	SIGHUP = 1, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1,
	SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP,
	SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR,
	SIGSYS,
	SIGRTMIN, /* from here on each one sent is delivered, in order */
	SIGNALS = 64,
};
/* clang-format on */

typedef uint64_t sigset_t; /* bit n - 1 is signal n */

static inline sigset_t sigset_bit(int signal)
{
	return 1ull << (signal - 1);
}

#define SIGNALS_UNBLOCKABLE (sigset_bit(SIGKILL) | sigset_bit(SIGSTOP))

#define SIG_DFL 0ul
#define SIG_IGN 1ul

#define SA_NOCLDSTOP 0x00000001u
#define SA_NOCLDWAIT 0x00000002u
#define SA_SIGINFO 0x00000004u
#define SA_RESTORER 0x04000000u
#define SA_ONSTACK 0x08000000u
#define SA_RESTART 0x10000000u
#define SA_NODEFER 0x40000000u
#define SA_RESETHAND 0x80000000u

/* The kernel's struct sigaction, as rt_sigaction passes it. */
struct sigaction {
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	sigset_t mask;
};

/* Who or what sent it: siginfo's si_code. Those of one signal alone have its name. */
enum {
	SI_USER = 0,      /* kill(2) */
	SI_KERNEL = 0x80, /* the kernel, for no reason that has a code */
	SI_QUEUE = -1,    /* sigqueue(3) */
	SI_TIMER = -2,    /* a POSIX timer */
	SI_TKILL = -6,    /* tkill(2), tgkill(2) */
	ILL_ILLOPN = 2,
	FPE_INTDIV = 1,
	FPE_FLTDIV = 3,
	FPE_FLTOVF,
	FPE_FLTUND,
	FPE_FLTRES,
	FPE_FLTINV,
	SEGV_MAPERR = 1, /* nothing is mapped there */
	SEGV_ACCERR = 2, /* what is mapped there forbids it */
	BUS_ADRALN = 1,
	BUS_ADRERR = 2, /* beyond the mapped file's end */
	TRAP_BRKPT = 1,
	TRAP_TRACE = 2,
	CLD_EXITED = 1,
	CLD_KILLED,
	CLD_DUMPED,
	CLD_TRAPPED,
	CLD_STOPPED,
	CLD_CONTINUED,
};

/* The part of Linux's siginfo_t that is ever filled; SIGINFO_SIZE is the whole. */
#define SIGINFO_SIZE 128

struct siginfo {
	int32_t signal, error, code, pad;
	union {
		struct {
			int32_t pid;  /* of a POSIX timer: its id */
			uint32_t uid; /* of a POSIX timer: its overruns */
			union {
				uint64_t value; /* sigqueue(3)'s and timers' */
				int32_t status; /* SIGCHLD */
			};
			int64_t user_ticks, system_ticks; /* SIGCHLD */
		};
		uint64_t address; /* of a fault */
	};
};

/* A signal with what came with it, until it is taken. */
struct queued_signal {
	struct list link;
	struct siginfo info;
	struct posix_timer *timer; /* whose entry it is for good; NULL: freed when it is taken */
};

/* `set` says which are pending; one without an entry in the queue came when memory was out. */
struct pending_signals {
	sigset_t set;
	struct list queue;
};

struct signal_actions; /* kernel/signal/actions.c */

struct signals {
	struct spinlock lock;           /* RANK_SIGNALS */
	struct signal_actions *actions; /* NULL: all are defaults, but for `ignored` */
	sigset_t ignored;               /* those whose action is SIG_IGN */
	sigset_t caught;                /* those that have a handler */
	uint32_t child_flags;           /* SA_NOCLDSTOP and SA_NOCLDWAIT of SIGCHLD; read without */
	uint32_t queued;                /* entries of all its queues; RLIMIT_SIGPENDING */
	struct pending_signals pending; /* sent to the process, for whichever thread takes it */
};

/* sigaltstack(2) */
#define SS_ONSTACK 1u
#define SS_DISABLE 2u
#define SS_AUTODISARM (1u << 31)

struct signal_stack { /* of one thread */
	vaddr_t base;
	uint32_t flags; /* SS_AUTODISARM */
	uint64_t size;  /* 0: there is none */
};

struct user_stack { /* stack_t */
	uint64_t base;
	uint32_t flags, pad;
	uint64_t size;
};

/* SS_ONSTACK, SS_DISABLE or SS_AUTODISARM: what it is to a thread with this stack pointer. */
unsigned signal_stack_state(const struct signal_stack *stack, vaddr_t rsp);
/* Returns 0; -EPERM: the thread is on it; -EINVAL; -ENOMEM: it is too small. */
int signal_stack_set(struct signal_stack *stack, const struct user_stack *wanted, vaddr_t rsp);

void signal_init(void);

/* --- sending. Context: thread or bottom; each takes RANK_SIGNALS and below --- */

/* To a process, by the kernel. An ignored one is dropped. */
void signal_send(struct process *process, int signal);

/*
 * The same with what is known of the cause. Returns 0; -EAGAIN when a signal that must be queued
 * (SI_QUEUE from SIGRTMIN on) finds no room.
 */
int signal_send_info(struct process *process, const struct siginfo *info);
/*
 * An entry that a POSIX timer sends again and again; it counts for RLIMIT_SIGPENDING. NULL: no
 * memory, or the limit. One that is freed while it is pending is still delivered. For one that is
 * taken posix_timer_taken() is called, and returns its overruns. signals.lock held for all four.
 */
struct queued_signal *signal_entry_alloc(struct process *process, const struct siginfo *info);
void signal_entry_free(struct process *process, struct queued_signal *entry);
/* Sends it, if it is not pending; `thread` NULL: to the process. */
void signal_post_entry(struct process *process, struct thread *thread, struct queued_signal *entry);
int posix_timer_taken(struct posix_timer *timer);
/* What is pending of timers will not be delivered. signals.lock held. */
void signals_forget_timers(struct process *process);

/* To the current thread, for what its own system call did: SIGPIPE, SIGXFSZ. */
void signal_send_current(int signal);
/* To one thread. */
int signal_send_thread(struct thread *thread, const struct siginfo *info);

/*
 * A fault of the current thread's own. Where no handler can be called for it (it is blocked,
 * ignored or not caught) it ends the process.
 */
void signal_force(int signal, int code, vaddr_t address);

/*
 * To every process of a group, by the kernel (the terminal). Takes RANK_PROCESS_TREE. Returns 0 or
 * -ESRCH.
 */
int signal_send_group(pid_t group, int signal);

/* Marks a thread as one that ends before it sees user mode again. signals.lock held. */
void signal_kill_thread(struct thread *thread);

/* --- a process's life --- */

/* `parent` NULL: the first process's. */
void signals_create(struct signals *signals, struct signals *parent);
void signals_destroy(struct process *process);
void pending_signals_init(struct pending_signals *pending);
/* A thread that ends leaves nothing behind. signals.lock held. */
void signals_thread_end(struct thread *thread);
/* exec: what was caught is default again; what was ignored stays ignored. */
void signals_reset(struct process *process);
/*
 * One thread less runs, because it stops or because it ends. Tree lock and signals.lock held.
 * Returns whether the stop is complete with it: then signal_stop_complete() tells the parent, whose
 * signals.lock it takes. Tree lock held alone.
 */
bool signal_stop_count(struct thread *thread);
void signal_stop_complete(struct process *process);

/* --- acting --- */

/* Whether the thread has one to act on: what makes a sleep end with -ERESTARTSYS. */
bool signal_pending(const struct thread *thread);

/*
 * A call that sleeps with another mask (sigsuspend, ppoll, pselect): it holds from now until a
 * handler has been called for it, or until the call is left for user mode without.
 */
void signal_mask_for_call(sigset_t mask);
/* The call has ended otherwise: the thread has its own mask again. */
void signal_mask_restore(void);

/* Changes the calling thread's mask. Takes RANK_SIGNALS. */
void signal_mask_set(sigset_t mask);

/*
 * Acts on what is pending: stops, ends or continues the process, or sets the frame up for a
 * handler. Called by the return path towards user mode with preemption on; may not return.
 */
void signal_act(struct trap_frame *frame);

#endif
