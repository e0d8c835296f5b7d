/*
 * Which process this is and what it may use: ids, limits, thread-local bases.
 *
 * What only the process itself changes is read without a lock. Source: getpid(2), getrlimit(2),
 * arch_prctl(2), set_tid_address(2).
 */
#include <arch/layout.h>
#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/cpu_timer.h>
#include <facet/errno.h>
#include <facet/space.h>
#include <facet/syscalls.h>

#include "process_private.h"

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004

long sys_getpid(void)
{
	return current_process()->pid;
}

long sys_gettid(void)
{
	return current_thread()->tid;
}

/*
 * The parent's pid cannot change under us to anything but init's, and a parent outlives its
 * children's link.
 */
long sys_getppid(void)
{
	const struct process *parent;
	pid_t pid;

	preempt_disable();
	parent = READ_ONCE(current_process()->parent);
	pid = parent ? parent->pid : 0;
	preempt_enable();
	return pid;
}

long sys_set_tid_address(int __user *address)
{
	current_thread()->clear_tid = (uint64_t)address;
	return current_thread()->tid;
}

long sys_arch_prctl(int code, unsigned long address)
{
	struct thread *thread = current_thread();

	switch (code) {
	case ARCH_SET_FS:
		if (address >= USER_END)
			return -EPERM;
		context_set_fs(address);
		return 0;
	case ARCH_SET_GS:
		if (address >= USER_END)
			return -EPERM;
		context_set_gs(address);
		return 0;
	case ARCH_GET_FS:
		return put_user_u64(thread->context.fs_base, (uint64_t __user *)address);
	case ARCH_GET_GS:
		return put_user_u64(thread->context.gs_base, (uint64_t __user *)address);
	default:
		return -EINVAL;
	}
}

/* Of another process, all of whose ids must be the caller's own real ones. Tree lock held. */
static bool may_limit(const struct process *process)
{
	const struct credentials *own = &current_process()->credentials;
	const struct credentials *its = &process->credentials;

	return process == current_process() || capable(CAP_SYS_RESOURCE) ||
	       (own->uid == its->uid && own->uid == its->euid && own->uid == its->suid &&
		own->gid == its->gid && own->gid == its->egid && own->gid == its->sgid);
}

static int limit_set(struct process *process, unsigned resource, const struct rlimit *wanted)
{
	struct rlimit *limit = &process->limits[resource];

	if (wanted->current > wanted->maximum)
		return -EINVAL;
	if (resource == RLIMIT_NOFILE && wanted->maximum > DESCRIPTORS_MAX)
		return -EPERM;
	if (wanted->maximum > limit->maximum && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	*limit = *wanted;
	if (resource == RLIMIT_CPU || resource == RLIMIT_RTTIME)
		cpu_timers_watch(process);
	return 0;
}

long sys_prlimit64(pid_t pid, unsigned resource, const struct rlimit __user *to,
		   struct rlimit __user *from)
{
	struct rlimit wanted, previous;
	struct process *process;
	const struct thread *thread;
	int error = 0;

	if (to && copy_from_user(&wanted, to, sizeof(wanted)))
		return -EFAULT;
	spin_lock(&process_tree_lock);
	thread = pid ? thread_find(pid) : current_thread();
	process = thread ? thread->process : process_find(pid);
	if (!process) {
		error = -ESRCH;
	} else if (!may_limit(process)) {
		error = -EPERM;
	} else if (resource >= RLIMITS) {
		error = -EINVAL;
	} else {
		previous = process->limits[resource];
		if (to)
			error = limit_set(process, resource, &wanted);
	}
	spin_unlock(&process_tree_lock);
	if (!error && from && copy_to_user(from, &previous, sizeof(previous)))
		error = -EFAULT;
	return error;
}

long sys_getrlimit(unsigned resource, struct rlimit __user *limit)
{
	if (resource >= RLIMITS)
		return -EINVAL;
	return copy_to_user(limit, &current_process()->limits[resource], sizeof(*limit));
}

long sys_setrlimit(unsigned resource, const struct rlimit __user *limit)
{
	if (!limit)
		return -EFAULT;
	return sys_prlimit64(0, resource, limit, NULL);
}
