/*
 * The end of a process, when its last thread ends: everything it owns is given back in its own
 * context, then it becomes a zombie, which is a pid, a status and its usage, until the parent waits
 * for it.
 *
 * Children go to the nearest subreaper or to init. Lock: process_tree_lock from the handing over of
 * the children to the last sign of life; the stack that this runs on is freed by the next thread
 * (finish_switch).
 */
#include <facet/clock.h>
#include <facet/cpu_timer.h>
#include <facet/file.h>
#include <facet/panic.h>
#include <facet/pidfd.h>
#include <facet/process_timers.h>
#include <facet/sched.h>
#include <facet/space.h>
#include <facet/strace.h>
#include <facet/syscalls.h>
#include <facet/trace.h>
#include <facet/tty.h>

#include "process_private.h"

#define CLOCK_TICK_NS (NS_PER_SEC / 100) /* USER_HZ */

void process_reap(struct process *process)
{
	list_remove(&process->sibling);
	process->parent_thread->children--;
	pidfds_forget(process);
	table_remove(process);
	group_leave(process);
	user_put(process->user);
	pid_release(process->pid);
}

void process_notify_parent(struct process *process, int signal, int code, int status)
{
	struct usage usage;
	struct siginfo info = { .signal = signal,
				.code = code,
				.pid = process->pid,
				.uid = process->credentials.uid,
				.status = status };

	if (signal) {
		process_usage(process, &usage);
		info.user_ticks = (int64_t)(usage.user_ns / CLOCK_TICK_NS);
		info.system_ticks = (int64_t)(usage.system_ns / CLOCK_TICK_NS);
		signal_send_info(process->parent, &info);
	}
	wait_wake_all(&process->parent->child_events);
}

/* Whether the parent has said that it will never ask. */
static bool nobody_waits(const struct process *process)
{
	const struct signals *signals = &process->parent->signals;

	return process->exit_signal == SIGCHLD &&
	       (signals->ignored & sigset_bit(SIGCHLD) || signals->child_flags & SA_NOCLDWAIT);
}

/* Tells the parent. Returns whether it will never ask, and the zombie is to be reaped at once. */
static bool notify_of_end(struct process *process)
{
	int status = process->exit_status;

	if (status & 0x7f)
		process_notify_parent(process, process->exit_signal, CLD_KILLED, status & 0x7f);
	else
		process_notify_parent(process, process->exit_signal, CLD_EXITED, status >> 8);
	return nobody_waits(process);
}

/* A group that nobody could continue any more, and that is stopped, is hung up. POSIX, _exit(). */
static void hang_up_orphans(struct process *leaving, struct group *group)
{
	struct process *member;
	bool stopped = false;

	list_for_each_entry(member, &group->members, group_link)
		stopped |= member != leaving && READ_ONCE(member->stopped);
	if (!stopped || !group_is_orphaned(group, leaving))
		return;
	list_for_each_entry(member, &group->members, group_link) {
		signal_send(member, SIGHUP);
		signal_send(member, SIGCONT);
	}
}

/* What the threads of a child asked for, should its parent end: prctl(2). */
static void announce_parents_death(struct process *child)
{
	struct thread *thread;

	list_for_each_entry(thread, &child->threads, process_link)
		if (thread->parent_death_signal)
			signal_send(child, thread->parent_death_signal);
}

static struct thread *oldest_thread(const struct process *process)
{
	return list_first_entry(&process->threads, struct thread, process_link);
}

static void give_to_thread(struct process *child, struct thread *thread)
{
	child->parent_thread = thread;
	thread->children++;
}

void children_of_thread_stay(struct process *process, struct thread *thread)
{
	struct process *child;

	if (!thread->children)
		return;
	list_for_each_entry(child, &process->children, sibling) {
		if (child->parent_thread == thread) {
			give_to_thread(child, oldest_thread(process));
			announce_parents_death(child);
		}
	}
	list_for_each_entry(child, &process->zombies, sibling)
		if (child->parent_thread == thread)
			give_to_thread(child, oldest_thread(process));
}

static unsigned subreapers; /* that have not ended; process_tree_lock */

void subreaper_set(struct process *process, bool on)
{
	subreapers = subreapers - process->subreaper + on;
	process->subreaper = on;
}

/* The nearest ancestor that asked for it, or init. */
static struct process *reaper_of(const struct process *process)
{
	struct process *ancestor = subreapers ? process->parent : init_process;

	while (ancestor != init_process && !ancestor->subreaper)
		ancestor = ancestor->parent;
	return ancestor;
}

static void give_to(struct process *child, struct process *reaper)
{
	child->parent = reaper;
	give_to_thread(child, oldest_thread(reaper));
	child->exit_signal = SIGCHLD;
}

static void give_children_away(struct process *process)
{
	struct process *child, *reaper;

	if (list_empty(&process->children) && list_empty(&process->zombies))
		return;
	reaper = reaper_of(process);
	list_for_each_entry(child, &process->children, sibling) {
		give_to(child, reaper);
		announce_parents_death(child);
		if (child->group != process->group &&
		    child->group->session == process->group->session)
			hang_up_orphans(process, child->group);
	}
	list_splice_back(&reaper->children, &process->children);
	while ((child = list_pop_front_entry(&process->zombies, struct process, sibling))) {
		give_to(child, reaper);
		list_push_back(&reaper->zombies, &child->sibling);
		if (notify_of_end(child)) {
			process_reap(child);
			process_free(child);
		}
	}
}

void process_vfork_done(struct process *process)
{
	struct thread *waiter = process->vfork_waiter;

	if (!waiter)
		return;
	process->vfork_waiter = NULL;
	waiter->vfork_waiting = false;
	wait_wake_all(&waiter->process->vfork_done);
}

/* The process has no thread but this one, and from here on no memory and no files. */
static void release_resources(struct process *process)
{
	struct space *space = process->space;
	struct descriptors *descriptors = process->descriptors;
	struct fs_context *fs = process->fs;
	struct file *executable = process->executable;

	process->usage.max_resident_pages = MAX(process->usage.max_resident_pages,
						space_peak(space));
	spin_lock(&process_tree_lock); /* /proc looks at them and takes counts under it */
	process->space = NULL;
	process->descriptors = NULL;
	process->fs = NULL;
	process->executable = NULL;
	spin_unlock(&process_tree_lock);
	space_put(space);
	descriptors_put(descriptors);
	fs_context_put(fs);
	if (executable)
		file_put(executable);
}

/* Tree lock held. */
static void become_zombie(struct process *process)
{
	struct session *session = process->group->session;

	if (session->id == process->pid)
		session_hang_up(session);
	if (process->subreaper)
		subreaper_set(process, false);
	give_children_away(process);
	if (process->parent->group != process->group && process->parent->group->session == session)
		hang_up_orphans(process, process->group);
	process_vfork_done(process);
	process->zombie = true;
	pidfds_wake(process);
	list_remove(&process->sibling);
	list_push_back(&process->parent->zombies, &process->sibling);
}

noreturn void process_end(void)
{
	struct process *process = current_process();
	struct thread *thread = current_thread();
	bool reaped;

	if (process == init_process)
		panic("init ended with status %#x: there is nobody to reap its children",
		      process->exit_status);
	strace_process_end(process, process->exit_status);
	trace_event(TRACE_exit, (uint32_t)process->exit_status);
	process->exiting = true; /* no signal is queued from here on */
	release_resources(process);
	process_timers_end(process);
	signals_destroy(process);
	usage_charge_thread(process, thread);
	preempt_disable(); /* the process may be gone once the lock is dropped */
	spin_lock(&process_tree_lock);
	thread_become_first(process, thread);
	thread_leave(process, thread);
	cpu_timers_end(process, NULL);
	become_zombie(process);
	reaped = notify_of_end(process);
	if (reaped)
		process_reap(process);
	spin_unlock(&process_tree_lock);
	if (reaped)
		process_free(process);
	sched_exit();
}
