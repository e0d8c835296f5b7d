/*
 * On which processor a thread runs, and what one thread sees of another's writes: with one
 * processor both have one answer.
 *
 * Lock: the tree's to find who is meant. Source: sched_setaffinity(2), getcpu(2), membarrier(2).
 */
#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/errno.h>
#include <facet/sched.h>
#include <facet/syscalls.h>

#include "sched_private.h"

#define CPUS 1ull /* a bit each */

enum {
	MEMBARRIER_QUERY = 0,
	MEMBARRIER_GLOBAL = 1 << 0,
	MEMBARRIER_GLOBAL_EXPEDITED = 1 << 1,
	MEMBARRIER_REGISTER_GLOBAL_EXPEDITED = 1 << 2,
	MEMBARRIER_PRIVATE_EXPEDITED = 1 << 3,
	MEMBARRIER_REGISTER_PRIVATE_EXPEDITED = 1 << 4,
	MEMBARRIER_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 5,
	MEMBARRIER_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 6,
	MEMBARRIERS = (1 << 7) - 1,
};

long sys_sched_getaffinity(pid_t pid, unsigned size, uint64_t __user *mask)
{
	bool exists;

	if (size < sizeof(*mask) || size % sizeof(*mask))
		return -EINVAL;
	spin_lock(&process_tree_lock);
	exists = sched_thread_of(pid);
	spin_unlock(&process_tree_lock);
	if (!exists)
		return -ESRCH;
	return put_user_u64(CPUS, mask) ? -EFAULT : (long)sizeof(*mask);
}

long sys_sched_setaffinity(pid_t pid, unsigned size, const uint64_t __user *mask)
{
	const struct thread *thread;
	uint64_t bits = 0;
	long error = 0;

	if (copy_from_user(&bits, mask, MIN(size, sizeof(bits))))
		return -EFAULT;
	spin_lock(&process_tree_lock);
	thread = sched_thread_of(pid);
	if (!thread)
		error = -ESRCH;
	else if (!capable(CAP_SYS_NICE) && !sched_same_owner(thread->process))
		error = -EPERM;
	else if (!(bits & CPUS))
		error = -EINVAL;
	spin_unlock(&process_tree_lock);
	return error;
}

long sys_getcpu(uint32_t __user *cpu, uint32_t __user *node)
{
	if (cpu && put_user_u32(0, cpu))
		return -EFAULT;
	if (node && put_user_u32(0, node))
		return -EFAULT;
	return 0;
}

/*
 * The threads of a process run one after the other on one processor, which sees its own writes in
 * order, to code too: nothing is left to be done but to keep the rules.
 */
long sys_membarrier(int command, unsigned flags, int cpu)
{
	struct process *process = current_process();
	unsigned registered;

	(void)cpu; /* means something under the flag of a command that is not offered */
	if (flags)
		return -EINVAL;
	switch (command) {
	case MEMBARRIER_QUERY:
		return MEMBARRIERS;
	case MEMBARRIER_GLOBAL:
	case MEMBARRIER_GLOBAL_EXPEDITED:
		return 0;
	case MEMBARRIER_REGISTER_GLOBAL_EXPEDITED:
	case MEMBARRIER_REGISTER_PRIVATE_EXPEDITED:
	case MEMBARRIER_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
		__atomic_fetch_or(&process->membarriers, (uint8_t)command, __ATOMIC_RELAXED);
		return 0;
	case MEMBARRIER_PRIVATE_EXPEDITED:
	case MEMBARRIER_PRIVATE_EXPEDITED_SYNC_CORE:
		registered = READ_ONCE(process->membarriers);
		return registered & (unsigned)command << 1 ? 0 : -EPERM;
	default:
		return -EINVAL;
	}
}
