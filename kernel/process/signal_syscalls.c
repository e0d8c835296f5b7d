/*
 * kill and relatives, and what a process says about its own signals.
 *
 * Locks: the tree's to find who is meant, then each one's signals. Source: kill(2), sigaction(2),
 * sigprocmask(2), sigsuspend(2), sigpending(2).
 */
#include <arch/uaccess.h>
#include <facet/errno.h>
#include <facet/sched.h>
#include <facet/syscalls.h>

#include "process_private.h"

#define UNBLOCKABLE (sigset_bit(SIGKILL) | sigset_bit(SIGSTOP))

enum { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK };

/* SIGCONT may go to anyone of the same session. */
static bool may_signal(const struct process *target, int signal)
{
	return process_may_control(target) ||
	       (signal == SIGCONT && target->group->session == current_process()->group->session);
}

static int signal_one(struct process *target, int signal)
{
	if (!may_signal(target, signal))
		return -EPERM;
	if (signal)
		signal_send(target, signal);
	return 0;
}

/* Tree lock held. 0 when at least one could be signalled. */
static int signal_group(struct group *group, int signal)
{
	struct process *member;
	int result = -ESRCH;

	list_for_each_entry(member, &group->members, group_link) {
		int error = signal_one(member, signal);

		if (result)
			result = error;
	}
	return result;
}

/* kill(-1): all but init and the caller. Tree lock held. */
static int signal_all(int signal)
{
	int result = -ESRCH;

	for (struct process *process = process_next(2); process;
	     process = process_next(process->pid + 1)) {
		int error;

		if (process == current_process())
			continue;
		error = signal_one(process, signal);
		if (result)
			result = error;
	}
	return result;
}

long sys_kill(pid_t pid, int signal)
{
	struct process *target;
	struct group *group;
	long result = -ESRCH;

	if (signal < 0 || signal > SIGNALS)
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	spin_lock(&process_tree_lock);
	if (pid > 0) {
		target = process_find(pid);
		if (target)
			result = signal_one(target, signal);
	} else if (pid == -1) {
		result = signal_all(signal);
	} else {
		group = pid ? group_find(-pid) : current_process()->group;
		if (group)
			result = signal_group(group, signal);
	}
	spin_unlock(&process_tree_lock);
	return result;
}

/* A process has one thread, whose tid is its pid. */
long sys_tgkill(pid_t pid, pid_t tid, int signal)
{
	if (pid <= 0 || tid <= 0)
		return -EINVAL;
	return pid == tid ? sys_kill(tid, signal) : -ESRCH;
}

long sys_tkill(pid_t tid, int signal)
{
	return tid > 0 ? sys_kill(tid, signal) : -EINVAL;
}

/* A handler would never be called: it is refused, so that the program knows. */
static int action_check(int signal, const struct sigaction *action)
{
	if (UNBLOCKABLE & sigset_bit(signal))
		return -EINVAL;
	return action->handler == SIG_DFL || action->handler == SIG_IGN ? 0 : -EINVAL;
}

static void action_set(struct process *process, int signal, const struct sigaction *action)
{
	struct signals *signals = &process->signals;

	spin_lock(&signals->lock);
	signals->actions[signal - 1] = *action;
	/* What became ignored while it was pending is forgotten. */
	if (action->handler == SIG_IGN)
		signals->pending &= ~sigset_bit(signal);
	spin_unlock(&signals->lock);
}

long sys_rt_sigaction(int signal, const void __user *new, void __user *old, size_t set_size)
{
	struct process *process = current_process();
	struct sigaction action, previous;
	int error;

	if (set_size != sizeof(sigset_t) || signal < 1 || signal > SIGNALS)
		return -EINVAL;
	previous = process->signals.actions[signal - 1];
	if (new) {
		if (copy_from_user(&action, new, sizeof(action)))
			return -EFAULT;
		error = action_check(signal, &action);
		if (error)
			return error;
		action_set(process, signal, &action);
	}
	if (old && copy_to_user(old, &previous, sizeof(previous)))
		return -EFAULT;
	return 0;
}

static void mask_set(sigset_t mask)
{
	struct thread *thread = current_thread();
	struct signals *signals = &thread->process->signals;

	spin_lock(&signals->lock);
	thread->blocked = mask & ~UNBLOCKABLE;
	/* Some may have come free. */
	__atomic_fetch_or(&thread->work, THREAD_SIGNALS, __ATOMIC_SEQ_CST);
	spin_unlock(&signals->lock);
}

long sys_rt_sigprocmask(int how, const uint64_t __user *set, uint64_t __user *old, size_t set_size)
{
	sigset_t previous = current_thread()->blocked, change;

	if (set_size != sizeof(sigset_t))
		return -EINVAL;
	if (set) {
		if (get_user_u64(&change, set))
			return -EFAULT;
		switch (how) {
		case SIG_BLOCK:
			mask_set(previous | change);
			break;
		case SIG_UNBLOCK:
			mask_set(previous & ~change);
			break;
		case SIG_SETMASK:
			mask_set(change);
			break;
		default:
			return -EINVAL;
		}
	}
	if (old && put_user_u64(previous, old))
		return -EFAULT;
	return 0;
}

long sys_rt_sigpending(uint64_t __user *set, size_t set_size)
{
	struct thread *thread = current_thread();

	if (set_size > sizeof(sigset_t))
		return -EINVAL;
	return put_user_u64((thread->pending | thread->process->signals.pending) & thread->blocked,
			    set);
}

/* Without handlers nothing ends a pause but the end of the process. */
long sys_pause(void)
{
	return sleep_until(NO_DEADLINE, SLEEP_INTERRUPTIBLE);
}
