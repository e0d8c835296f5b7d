/*
 * kill and its relatives: who is meant, who may, and what the receiver is told of the sender.
 *
 * Locks: the tree's to find who is meant, then each one's signals. Source: kill(2), tkill(2),
 * rt_sigqueueinfo(2).
 */
#include <arch/uaccess.h>
#include <facet/errno.h>
#include <facet/file.h>
#include <facet/pidfd.h>
#include <facet/syscalls.h>

#include "signal_private.h"

/*
 * SIGCONT may go to anyone of the same session. Whether there is such a signal is asked only where
 * there is a receiver, as on Linux: ESRCH comes before EINVAL, and that before EPERM.
 */
static int may_signal(const struct process *target, int signal)
{
	if (signal < 0 || signal > SIGNALS)
		return -EINVAL;
	if (signal == SIGCONT && target->group->session == current_process()->group->session)
		return 0;
	return process_may_control(target) ? 0 : -EPERM;
}

static struct siginfo sent_by_current(int signal, int code)
{
	const struct process *self = current_process();

	return (struct siginfo){
		.signal = signal, .code = code, .pid = self->pid, .uid = self->credentials.uid
	};
}

/* Signal 0 asks only whether it may be sent. */
static int signal_one(struct process *target, const struct siginfo *info)
{
	int error = may_signal(target, info->signal);

	if (error || !info->signal)
		return error;
	return signal_send_info(target, info);
}

/* Tree lock held. 0 when at least one could be signalled. */
static int signal_group(struct group *group, const struct siginfo *info)
{
	struct process *member;
	int result = -ESRCH;

	list_for_each_entry(member, &group->members, group_link) {
		int error = signal_one(member, info);

		if (result)
			result = error;
	}
	return result;
}

/* kill(-1): all but init and the caller. Tree lock held. */
static int signal_all(const struct siginfo *info)
{
	int result = -ESRCH;

	for (struct process *process = process_next(2); process;
	     process = process_next(process->pid + 1)) {
		int error;

		if (process == current_process())
			continue;
		error = signal_one(process, info);
		if (result)
			result = error;
	}
	return result;
}

static long signal_process(pid_t pid, const struct siginfo *info)
{
	struct process *target;
	long result = -ESRCH;

	spin_lock(&process_tree_lock);
	target = process_find(pid);
	if (target)
		result = signal_one(target, info);
	spin_unlock(&process_tree_lock);
	return result;
}

long sys_kill(pid_t pid, int signal)
{
	struct siginfo info = sent_by_current(signal, SI_USER);
	struct group *group;
	long result = -ESRCH;

	if (pid == INT32_MIN)
		return -ESRCH;
	if (pid > 0)
		return signal_process(pid, &info);
	spin_lock(&process_tree_lock);
	if (pid == -1) {
		result = signal_all(&info);
	} else {
		group = pid ? group_find(-pid) : current_process()->group;
		if (group)
			result = signal_group(group, &info);
	}
	spin_unlock(&process_tree_lock);
	return result;
}

/* `pid` 0: whichever process the thread is of. */
static long signal_thread(pid_t pid, pid_t tid, const struct siginfo *info)
{
	struct thread *thread;
	long result = -ESRCH;

	spin_lock(&process_tree_lock);
	thread = thread_find(tid);
	if (thread && (!pid || thread->process->pid == pid)) {
		result = may_signal(thread->process, info->signal);
		if (!result && info->signal)
			result = signal_send_thread(thread, info);
	} else if (process_find(tid) && (!pid || pid == tid)) {
		result = 0; /* a process that has ended, but has not been waited for */
	}
	spin_unlock(&process_tree_lock);
	return result;
}

long sys_tgkill(pid_t pid, pid_t tid, int signal)
{
	struct siginfo info = sent_by_current(signal, SI_TKILL);

	if (pid <= 0 || tid <= 0)
		return -EINVAL;
	return signal_thread(pid, tid, &info);
}

long sys_tkill(pid_t tid, int signal)
{
	struct siginfo info = sent_by_current(signal, SI_TKILL);

	if (tid <= 0)
		return -EINVAL;
	return signal_thread(0, tid, &info);
}

/* Others than the process itself may not say what the kernel would. */
static bool may_say(const struct siginfo *info, pid_t pid)
{
	return (info->code < 0 && info->code != SI_TKILL) || pid == current_process()->pid;
}

/* What a sender says of itself. */
static int info_from_user(struct siginfo *info, int signal, pid_t pid, const void __user *from)
{
	if (copy_from_user(info, from, sizeof(*info)))
		return -EFAULT;
	info->signal = signal;
	return may_say(info, pid) ? 0 : -EPERM;
}

long sys_rt_sigqueueinfo(pid_t pid, int signal, const void __user *from)
{
	struct siginfo info;
	int error = info_from_user(&info, signal, pid, from);

	return error ? error : signal_process(pid, &info);
}

long sys_rt_tgsigqueueinfo(pid_t pid, pid_t tid, int signal, const void __user *from)
{
	struct siginfo info;
	int error;

	if (pid <= 0 || tid <= 0)
		return -EINVAL;
	error = info_from_user(&info, signal, pid, from);
	return error ? error : signal_thread(pid, tid, &info);
}

static long signal_pidfd(const struct file *pidfd, const struct siginfo *info, bool from_user)
{
	struct process *target;
	long result = -ESRCH;

	spin_lock(&process_tree_lock);
	target = pidfd_process(pidfd);
	if (target)
		result = from_user && !may_say(info, target->pid) ? -EPERM
								  : signal_one(target, info);
	spin_unlock(&process_tree_lock);
	return result;
}

long sys_pidfd_send_signal(int fd, int signal, const void __user *from, unsigned flags)
{
	struct siginfo info = sent_by_current(signal, SI_USER);
	struct file *pidfd;
	long result;

	if (flags)
		return -EINVAL;
	pidfd = pidfd_get(fd);
	if (!pidfd)
		return -EBADF;
	if (from && copy_from_user(&info, from, sizeof(info)))
		result = -EFAULT;
	else if (info.signal != signal)
		result = -EINVAL;
	else
		result = signal_pidfd(pidfd, &info, from);
	file_put(pidfd);
	return result;
}
