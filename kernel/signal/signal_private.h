/*
 * signal_private.h -- between the files of this room. signals.lock is held for all of it.
 */
#ifndef SIGNAL_PRIVATE_H
#define SIGNAL_PRIVATE_H

#include <facet/process.h>
#include <facet/restart.h>
#include <facet/signal.h>

#define STOP_SIGNALS \
	(sigset_bit(SIGSTOP) | sigset_bit(SIGTSTP) | sigset_bit(SIGTTIN) | sigset_bit(SIGTTOU))
/* What these do by default is nothing. */
#define UNHEEDED_SIGNALS \
	(sigset_bit(SIGCHLD) | sigset_bit(SIGCONT) | sigset_bit(SIGURG) | sigset_bit(SIGWINCH))

/* Whether nothing would be done: it is ignored, by its action or by default. */
bool signal_is_ignored(const struct process *process, int signal);

/* --- pending.c --- */

void pending_init(void);
/*
 * Adds one. `must_queue`: -EAGAIN when there is no room for what came with it, instead of going
 * without.
 */
int pending_add(struct process *process, struct pending_signals *pending,
		const struct siginfo *info, bool must_queue);
/* Adds a timer's, which is in no queue. */
void pending_add_entry(struct pending_signals *pending, struct queued_signal *entry);
/* Takes off the one that comes first of those in `wanted`. Returns its number; 0: none. */
int pending_take(struct process *process, struct pending_signals *pending, sigset_t wanted,
		 struct siginfo *info);
/* Forgets all in `set`. */
void pending_forget(struct process *process, struct pending_signals *pending, sigset_t set);

/* --- actions.c --- */

void actions_init(void);
const struct sigaction *action_of(const struct process *process, int signal);
/* SA_RESETHAND. Returns 0 or -ENOMEM: the table is shared since a fork. */
int action_reset(struct process *process, int signal);

/* --- send.c --- */

/* Makes a thread look at its signals. */
void signal_notify(struct thread *thread);
/*
 * Those in `set` that were sent to the process are no longer `thread`'s to take: others are told.
 */
void signals_hand_over(struct thread *thread, sigset_t set);
static inline void thread_work_or(struct thread *thread, uint32_t bits)
{
	__atomic_fetch_or(&thread->work, bits, __ATOMIC_SEQ_CST);
}

/* --- stop.c --- */

/* A stop begins: a signal for it was taken. It holds once signal_stop_all() has found it valid. */
void signal_stop_begin(struct process *process);
/* SIGCONT or SIGKILL came. */
void signal_continue(struct process *process);

/* The rest takes the lock itself, and the tree's before it. */

/* The stop that signal_stop_begin() announced: all threads are told, unless it is void. */
void signal_stop_all(struct process *process, int signal);
/* Stays here while the process is stopped, and tells the parent of both ends. */
void signal_stop_here(struct thread *thread);

/* --- mask.c --- */

/* Pending for the thread and not blocked. */
static inline sigset_t signals_deliverable(const struct thread *thread)
{
	return (thread->pending.set | thread->process->signals.pending.set) & ~thread->blocked;
}

#endif
