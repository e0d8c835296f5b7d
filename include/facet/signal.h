/*
 * signal.h -- signals: their actions, and what is pending.
 *
 * A process's actions and shared pending set, and each thread's own, are guarded by
 * process->signals.lock. They are acted on in the return path only. Source: signal(7), kill(2),
 * sigaction(2).
 */
#ifndef FACET_SIGNAL_H
#define FACET_SIGNAL_H

#include <facet/spinlock.h>
#include <facet/types.h>

struct process;
struct thread;

/* clang-format off */
enum {
	SIGHUP = 1, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1,
	SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP,
	SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR,
	SIGSYS,
	SIGNALS = 64,
};
/* clang-format on */

typedef uint64_t sigset_t; /* bit n - 1 is signal n */

static inline sigset_t sigset_bit(int signal)
{
	return 1ull << (signal - 1);
}

#define SIG_DFL 0ul
#define SIG_IGN 1ul

#define SA_NOCLDSTOP 0x00000001u
#define SA_NOCLDWAIT 0x00000002u

/* The kernel's struct sigaction, as rt_sigaction passes it. */
struct sigaction {
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	sigset_t mask;
};

struct signals {
	struct spinlock lock; /* RANK_SIGNALS */
	sigset_t pending;     /* sent to the process */
	struct sigaction actions[SIGNALS];
};

/*
 * Posts `signal` to a process; an ignored one is dropped. Context: thread or bottom; takes
 * RANK_SIGNALS down.
 */
void signal_send(struct process *process, int signal);

/* To one thread, for faults: even when blocked or ignored it kills (as Linux forces it). */
void signal_force(struct thread *thread, int signal);

/*
 * To every process of a group, by the kernel (the terminal). Takes RANK_PROCESS_TREE. Returns 0 or
 * -ESRCH.
 */
int signal_send_group(pid_t group, int signal);

/* exec: what was caught is default again; what was ignored stays ignored. */
void signals_reset(struct signals *signals);

/* Whether the current thread has one to act on: what makes a sleep end with -EINTR. */
bool signal_pending(const struct thread *thread);

/*
 * Acts on what is pending: default actions end, stop or continue the process. Called by the return
 * path towards user mode with preemption on; may not return.
 */
void signal_act(void);

#endif
