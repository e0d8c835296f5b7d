/*
 * Signals: posting, and acting on them in the return path.
 *
 * An action is taken in the process's own context, on its way to user mode: nothing is done to a
 * thread from outside but setting a bit and waking it. Handlers are not offered yet (rt_sigaction
 * refuses them), so an action ends, stops or continues the process, or does nothing; a system call
 * that a signal has interrupted is then done again.
 *
 * Lock: a process's signals.lock; the tree's lock comes before it. Source: signal(7).
 */
#include <arch/trap_frame.h>
#include <facet/errno.h>
#include <facet/panic.h>
#include <facet/sched.h>
#include <facet/string.h>

#include "process_private.h"

#define SIGNAL_RESTART_SYSCALL 219 /* restart_syscall(2) */

#define STOP_SIGNALS \
	(sigset_bit(SIGSTOP) | sigset_bit(SIGTSTP) | sigset_bit(SIGTTIN) | sigset_bit(SIGTTOU))
#define IGNORED_SIGNALS \
	(sigset_bit(SIGCHLD) | sigset_bit(SIGCONT) | sigset_bit(SIGURG) | sigset_bit(SIGWINCH))

static struct thread *main_thread(struct process *process)
{
	return list_empty(&process->threads)
		       ? NULL
		       : list_first_entry(&process->threads, struct thread, process_link);
}

/* PID 1 gets only what it asked for: nobody could do its work. */
static bool is_ignored(const struct process *process, int signal)
{
	uint64_t handler = process->signals.actions[signal - 1].handler;

	if (handler == SIG_IGN)
		return true;
	if (handler != SIG_DFL)
		return false;
	return process == init_process || IGNORED_SIGNALS & sigset_bit(signal);
}

static sigset_t deliverable(const struct thread *thread)
{
	return (thread->pending | thread->process->signals.pending) & ~thread->blocked;
}

bool signal_pending(const struct thread *thread)
{
	return thread->killed || (thread->work & THREAD_SIGNALS && deliverable(thread));
}

static void thread_work_or(struct thread *thread, uint32_t bits)
{
	__atomic_fetch_or(&thread->work, bits, __ATOMIC_SEQ_CST);
}

/* Makes a thread look at its signals. signals.lock held. */
static void notify(struct thread *thread)
{
	thread_work_or(thread, THREAD_SIGNALS);
	if (thread->sleep_state == SLEEP_INTERRUPTIBLE ||
	    (thread->killed && thread->sleep_state == SLEEP_KILLABLE))
		sched_wake(thread);
}

/* A stop and a continue undo each other, also when they would be ignored. signals.lock held. */
static void cancel_opposite(struct process *process, int signal)
{
	struct thread *thread = main_thread(process);
	sigset_t opposite = 0;

	if (signal == SIGCONT)
		opposite = STOP_SIGNALS;
	else if (STOP_SIGNALS & sigset_bit(signal))
		opposite = sigset_bit(SIGCONT);
	process->signals.pending &= ~opposite;
	thread->pending &= ~opposite;
	if (signal == SIGCONT || signal == SIGKILL) {
		process->stopped = false;
		wait_wake_all(&process->stop_queue);
	}
}

static void post(struct process *process, int signal)
{
	struct thread *thread = main_thread(process);

	if (!thread || process->exiting)
		return;
	cancel_opposite(process, signal);
	if (is_ignored(process, signal) && !(thread->blocked & sigset_bit(signal)))
		return;
	process->signals.pending |= sigset_bit(signal);
	if (signal == SIGKILL)
		thread->killed = true;
	if (!(thread->blocked & sigset_bit(signal)))
		notify(thread);
}

void signal_send(struct process *process, int signal)
{
	spin_lock(&process->signals.lock);
	post(process, signal);
	spin_unlock(&process->signals.lock);
}

void signal_force(struct thread *thread, int signal)
{
	struct process *process = thread->process;
	struct sigaction *action = &process->signals.actions[signal - 1];

	if (process == init_process)
		panic("init got signal %d from a fault of its own", signal);
	spin_lock(&process->signals.lock);
	if (action->handler == SIG_IGN || thread->blocked & sigset_bit(signal))
		action->handler = SIG_DFL;
	thread->blocked &= ~sigset_bit(signal);
	thread->pending |= sigset_bit(signal);
	if (signal == SIGKILL)
		thread->killed = true;
	notify(thread);
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

void signals_reset(struct signals *signals)
{
	for (unsigned i = 0; i < SIGNALS; i++) {
		if (signals->actions[i].handler != SIG_IGN)
			signals->actions[i].handler = SIG_DFL;
		signals->actions[i].flags = 0;
		signals->actions[i].mask = 0;
	}
}

/*
 * signals.lock held. The lowest signal that is to be acted on, taken off; 0: none. SIGKILL comes
 * before all.
 */
static int take_signal(struct thread *thread)
{
	struct signals *signals = &thread->process->signals;
	sigset_t set = deliverable(thread);
	int signal = 0;

	if (thread->killed) {
		signal = SIGKILL;
	} else if (set) {
		signal = __builtin_ctzll(set) + 1;
		thread->pending &= ~sigset_bit(signal);
		signals->pending &= ~sigset_bit(signal);
		/* From here on a SIGCONT undoes it. */
		thread->process->stopped = STOP_SIGNALS & sigset_bit(signal) &&
					   !is_ignored(thread->process, signal);
	} else {
		__atomic_fetch_and(&thread->work, ~(uint32_t)THREAD_SIGNALS, __ATOMIC_SEQ_CST);
	}
	return signal;
}

static void report(struct process *process, bool *event, bool *opposite)
{
	const struct sigaction *action = &process->parent->signals.actions[SIGCHLD - 1];

	*event = true;
	*opposite = false;
	process_notify_parent(process, action->flags & SA_NOCLDSTOP ? 0 : SIGCHLD);
}

/* A stop from the terminal means nothing to a group that nobody could continue. */
static bool stop_is_void(struct process *process, int signal)
{
	return signal != SIGSTOP && group_is_orphaned(process->group, NULL);
}

static void stop(struct process *process, int signal)
{
	spin_lock(&process_tree_lock);
	if (stop_is_void(process, signal)) {
		process->stopped = false;
		spin_unlock(&process_tree_lock);
		return;
	}
	process->stop_signal = (uint8_t)signal;
	report(process, &process->stop_event, &process->continue_event);
	spin_unlock(&process_tree_lock);

	spin_lock(&process->signals.lock);
	while (process->stopped && !current_thread()->killed)
		wait_sleep(&process->stop_queue, &process->signals.lock, SLEEP_KILLABLE);
	process->stopped = false;
	spin_unlock(&process->signals.lock);

	if (current_thread()->killed)
		return;
	spin_lock(&process_tree_lock);
	report(process, &process->continue_event, &process->stop_event);
	spin_unlock(&process_tree_lock);
}

static void act_on(struct process *process, int signal)
{
	if (is_ignored(process, signal))
		return;
	if (STOP_SIGNALS & sigset_bit(signal))
		stop(process, signal);
	else
		process_exit(signal);
}

/*
 * No handler ran, so an interrupted system call is done again: a sleep with the time that is left.
 */
static void restart_syscall(struct thread *thread)
{
	struct trap_frame *frame = thread_frame(thread);

	if (frame->vector != VECTOR_SYSCALL || frame->rax != (uint64_t)-EINTR)
		return;
	frame->rax = thread->restart_deadline ? SIGNAL_RESTART_SYSCALL : frame->orig_rax;
	frame->rip -= 2; /* the SYSCALL instruction */
}

void signal_act(void)
{
	struct thread *thread = current_thread();
	struct process *process = thread->process;
	int signal;

	do {
		spin_lock(&process->signals.lock);
		signal = take_signal(thread);
		spin_unlock(&process->signals.lock);
		if (signal)
			act_on(process, signal);
	} while (signal);
	restart_syscall(thread);
}
