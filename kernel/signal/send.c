/*
 * Sending: the signal is put where it is pending, and one thread that does not block it is told.
 *
 * Lock: the process's signals.lock; the tree's lock comes before it. Source: signal(7), kill(2).
 */
#include <facet/errno.h>
#include <facet/sched.h>

#include "signal_private.h"

/* PID 1 gets only what it asked for: nobody could do its work. */
bool signal_is_ignored(const struct process *process, int signal)
{
	const struct signals *signals = &process->signals;
	sigset_t bit = sigset_bit(signal);

	if (signals->caught & bit)
		return false;
	return signals->ignored & bit || UNHEEDED_SIGNALS & bit || process == init_process;
}

bool signal_pending(const struct thread *thread)
{
	if (!(thread->work & THREAD_SIGNALS))
		return thread->killed;
	/* A stop is each thread's, though the signal for it was one thread's to take. */
	return thread->killed || signals_deliverable(thread) || READ_ONCE(thread->process->stopped);
}

void signal_notify(struct thread *thread)
{
	thread_work_or(thread, THREAD_SIGNALS);
	if (thread->sleep_state == SLEEP_INTERRUPTIBLE ||
	    (thread->killed && thread->sleep_state == SLEEP_KILLABLE))
		sched_wake(thread);
}

void signal_kill_thread(struct thread *thread)
{
	thread->killed = true;
	signal_notify(thread);
}

/* A stop and a continue undo each other, also when they would be ignored. */
static void cancel_opposite(struct process *process, int signal)
{
	sigset_t opposite = STOP_SIGNALS & sigset_bit(signal) ? sigset_bit(SIGCONT) : 0;
	struct thread *thread;

	if (signal == SIGCONT)
		opposite = STOP_SIGNALS;
	if (opposite) {
		pending_forget(process, &process->signals.pending, opposite);
		list_for_each_entry(thread, &process->threads, process_link)
			pending_forget(process, &thread->pending, opposite);
	}
	if (signal == SIGCONT || signal == SIGKILL)
		signal_continue(process);
}

/* Who is to act on it: `thread`, if it is meant alone; else the first that does not block it. */
static struct thread *choose(struct process *process, struct thread *thread, sigset_t bit)
{
	if (thread)
		return thread->blocked & bit ? NULL : thread;
	list_for_each_entry(thread, &process->threads, process_link)
		if (!(thread->blocked & bit) && !thread->killed)
			return thread;
	return NULL;
}

void signals_hand_over(struct thread *thread, sigset_t set)
{
	struct process *process = thread->process;
	struct thread *other;

	set &= process->signals.pending.set;
	if (!set)
		return;
	list_for_each_entry(other, &process->threads, process_link)
		if (other != thread && set & ~other->blocked)
			signal_notify(other);
}

/* Blocked, it stays pending even if it is ignored now: the action may change before. */
static bool is_blocked(const struct process *process, const struct thread *thread, sigset_t bit)
{
	if (!thread)
		thread = list_first_entry(&process->threads, struct thread, process_link);
	return (thread->blocked | thread->waited_for) & bit;
}

/*
 * `thread`: to this one alone; NULL: to the process. `entry`: that of a timer, which has not to be
 * made; or NULL.
 */
static int post(struct process *process, struct thread *thread, const struct siginfo *info,
		struct queued_signal *entry)
{
	struct pending_signals *pending = thread ? &thread->pending : &process->signals.pending;
	sigset_t bit = sigset_bit(info->signal);
	struct thread *chosen;
	int error = 0;

	if (list_empty(&process->threads) || process->exiting)
		return 0;
	cancel_opposite(process, info->signal);
	if (signal_is_ignored(process, info->signal) && !is_blocked(process, thread, bit))
		return 0;
	if (entry)
		pending_add_entry(pending, entry);
	else
		error = pending_add(process, pending, info,
				    info->signal >= SIGRTMIN && info->code != SI_USER);
	if (error)
		return error;
	chosen = choose(process, thread, bit);
	if (info->signal == SIGKILL) {
		list_for_each_entry(thread, &process->threads, process_link)
			signal_kill_thread(thread);
	} else if (chosen) {
		signal_notify(chosen);
	}
	if (!list_empty(&process->signal_waiters.waiters))
		wait_wake_all(&process->signal_waiters);
	return 0;
}

void signal_post_entry(struct process *process, struct thread *thread, struct queued_signal *entry)
{
	if (!list_linked(&entry->link))
		post(process, thread, &entry->info, entry);
}

int signal_send_info(struct process *process, const struct siginfo *info)
{
	int error;

	spin_lock(&process->signals.lock);
	error = post(process, NULL, info, NULL);
	spin_unlock(&process->signals.lock);
	return error;
}

int signal_send_thread(struct thread *thread, const struct siginfo *info)
{
	struct process *process = thread->process;
	int error;

	spin_lock(&process->signals.lock);
	error = post(process, thread, info, NULL);
	spin_unlock(&process->signals.lock);
	return error;
}

void signal_send(struct process *process, int signal)
{
	signal_send_info(process, &(struct siginfo){ .signal = signal, .code = SI_KERNEL });
}

void signal_send_current(int signal)
{
	const struct process *self = current_process();

	signal_send_thread(current_thread(), &(struct siginfo){ .signal = signal,
								.code = SI_USER,
								.pid = self->pid,
								.uid = self->credentials.uid });
}

void signal_force(int signal, int code, vaddr_t address)
{
	struct thread *thread = current_thread();
	struct process *process = thread->process;
	struct siginfo info = { .signal = signal, .code = code, .address = address };
	sigset_t bit = sigset_bit(signal);

	spin_lock(&process->signals.lock);
	if (!(process->signals.caught & bit) || thread->blocked & bit)
		thread->fatal_signal = (uint8_t)signal;
	else
		pending_add(process, &thread->pending, &info, false);
	signal_notify(thread);
	spin_unlock(&process->signals.lock);
}

int signal_send_group(pid_t id, int signal)
{
	struct group *group;
	struct process *member;

	spin_lock(&process_tree_lock);
	group = group_find(id);
	if (group)
		list_for_each_entry(member, &group->members, group_link)
			signal_send(member, signal);
	spin_unlock(&process_tree_lock);
	return group ? 0 : -ESRCH;
}
