/*
 * Stopping and continuing a process: every thread stops by itself on its way to user mode, and the
 * last one tells the parent.
 *
 * Locks: what is stopped, under signals.lock; what the parent is told, under the tree's, which
 * comes first. Source: signal(7), wait(2), POSIX.1-2017, 2.4.3.
 */
#include <facet/process.h>
#include <facet/sched.h>
#include <facet/thread.h>

#include "signal_private.h"

void signal_stop_begin(struct process *process)
{
	process->stop_wanted = true;
}

void signal_continue(struct process *process)
{
	process->stop_wanted = false;
	if (!process->stopped)
		return;
	process->stopped = false;
	process->continued = true;
	wait_wake_all(&process->stop_queue);
}

/* Tree lock held. */
static void tell_parent(struct process *process, bool *event, bool *opposite, int code, int status)
{
	bool silent = process->parent->signals.child_flags & SA_NOCLDSTOP;

	*event = true;
	*opposite = false;
	process_notify_parent(process, silent ? 0 : SIGCHLD, code, status);
}

/* A stop from the terminal means nothing to a group that nobody could continue. */
static bool is_void(const struct process *process, int signal)
{
	return signal != SIGSTOP && group_is_orphaned(process->group, NULL);
}

void signal_stop_all(struct process *process, int signal)
{
	struct thread *thread;

	spin_lock(&process_tree_lock);
	spin_lock(&process->signals.lock);
	if (process->stop_wanted && !process->stopped && !is_void(process, signal)) {
		process->stopped = true;
		process->stop_signal = (uint8_t)signal;
		process->stops_awaited = process->thread_count;
		list_for_each_entry(thread, &process->threads, process_link) {
			thread->stop_counted = false;
			signal_notify(thread);
		}
	}
	process->stop_wanted = false;
	spin_unlock(&process->signals.lock);
	spin_unlock(&process_tree_lock);
}

bool signal_stop_count(struct thread *thread)
{
	struct process *process = thread->process;

	if (!process->stopped || thread->stop_counted)
		return false;
	thread->stop_counted = true;
	return --process->stops_awaited == 0;
}

void signal_stop_complete(struct process *process)
{
	tell_parent(process, &process->stop_event, &process->continue_event, CLD_STOPPED,
		    process->stop_signal);
}

void signal_stop_here(struct thread *thread)
{
	struct process *process = thread->process;
	bool complete;

	spin_lock(&process_tree_lock);
	spin_lock(&process->signals.lock);
	complete = signal_stop_count(thread);
	spin_unlock(&process->signals.lock);
	if (complete)
		signal_stop_complete(process);
	spin_unlock(&process_tree_lock);

	spin_lock(&process->signals.lock);
	while (process->stopped && !thread->killed)
		wait_sleep(&process->stop_queue, &process->signals.lock, SLEEP_KILLABLE);
	spin_unlock(&process->signals.lock);
	if (thread->killed)
		return;

	spin_lock(&process_tree_lock);
	if (process->continued)
		tell_parent(process, &process->continue_event, &process->stop_event, CLD_CONTINUED,
			    SIGCONT);
	process->continued = false;
	spin_unlock(&process_tree_lock);
}
