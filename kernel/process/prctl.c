/*
 * prctl: what a thread, or its process, has set for itself.
 *
 * One function an operation, in a table; what is not in it is EINVAL, as on a Linux that was built
 * without it. Lock: the tree's where others look. Source: prctl(2).
 */
#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/errno.h>
#include <facet/string.h>
#include <facet/syscalls.h>

#include "process_private.h"

enum {
	PR_SET_PDEATHSIG = 1,
	PR_GET_PDEATHSIG = 2,
	PR_GET_DUMPABLE = 3,
	PR_SET_DUMPABLE = 4,
	PR_GET_KEEPCAPS = 7,
	PR_SET_KEEPCAPS = 8,
	PR_GET_TIMING = 13,
	PR_SET_TIMING = 14,
	PR_SET_NAME = 15,
	PR_GET_NAME = 16,
	PR_CAPBSET_READ = 23,
	PR_CAPBSET_DROP = 24,
	PR_GET_TSC = 25,
	PR_SET_TSC = 26,
	PR_GET_SECUREBITS = 27,
	PR_SET_SECUREBITS = 28,
	PR_SET_TIMERSLACK = 29,
	PR_GET_TIMERSLACK = 30,
	PR_SET_CHILD_SUBREAPER = 36,
	PR_GET_CHILD_SUBREAPER = 37,
	PR_SET_NO_NEW_PRIVS = 38,
	PR_GET_NO_NEW_PRIVS = 39,
	PR_CAP_AMBIENT = 47,
};

enum { AMBIENT_IS_SET = 1, AMBIENT_RAISE, AMBIENT_LOWER, AMBIENT_CLEAR_ALL };

#define TIMING_STATISTICAL 0
#define TSC_ENABLE 1

/* The arguments behind the operation. */
struct prctl_arguments {
	unsigned long second, third, fourth, fifth;
};

static long set_death_signal(const struct prctl_arguments *arguments)
{
	if (arguments->second > SIGNALS)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	current_thread()->parent_death_signal = (uint8_t)arguments->second;
	spin_unlock(&process_tree_lock);
	return 0;
}

static long get_death_signal(const struct prctl_arguments *arguments)
{
	return put_user_u32(current_thread()->parent_death_signal,
			    (uint32_t __user *)arguments->second);
}

static long get_dumpable(const struct prctl_arguments *arguments)
{
	(void)arguments;
	return current_process()->dumpable;
}

static long set_dumpable(const struct prctl_arguments *arguments)
{
	if (arguments->second > 1)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	current_process()->dumpable = arguments->second;
	spin_unlock(&process_tree_lock);
	return 0;
}

static long get_keep_capabilities(const struct prctl_arguments *arguments)
{
	(void)arguments;
	return capabilities_are_kept();
}

static long set_keep_capabilities(const struct prctl_arguments *arguments)
{
	if (arguments->second > 1)
		return -EINVAL;
	return capabilities_keep(arguments->second);
}

static long get_timing(const struct prctl_arguments *arguments)
{
	(void)arguments;
	return TIMING_STATISTICAL;
}

static long set_timing(const struct prctl_arguments *arguments)
{
	return arguments->second == TIMING_STATISTICAL ? 0 : -EINVAL;
}

static long set_name(const struct prctl_arguments *arguments)
{
	const char __user *from = (const char __user *)arguments->second;
	char name[COMM_SIZE] = "";
	ssize_t length = strncpy_from_user(name, from, sizeof(name) - 1);

	/* A longer name is cut: then all of the buffer was read. */
	if (length == -EFAULT)
		return -EFAULT;
	spin_lock(&process_tree_lock);
	memcpy(thread_comm(current_thread()), name, sizeof(name));
	spin_unlock(&process_tree_lock);
	return 0;
}

static long get_name(const struct prctl_arguments *arguments)
{
	char name[COMM_SIZE] = "";

	spin_lock(&process_tree_lock);
	strlcpy(name, thread_comm(current_thread()), sizeof(name));
	spin_unlock(&process_tree_lock);
	return copy_to_user((void __user *)arguments->second, name, sizeof(name));
}

static long bounding_has(const struct prctl_arguments *arguments)
{
	const struct capabilities *own = &current_process()->credentials.capabilities;

	if (arguments->second > CAPABILITY_LAST)
		return -EINVAL;
	return capability_in(own->bounding, (unsigned)arguments->second);
}

static long bounding_drop(const struct prctl_arguments *arguments)
{
	return capability_drop_bounding(arguments->second);
}

static long get_tsc(const struct prctl_arguments *arguments)
{
	return put_user_u32(TSC_ENABLE, (uint32_t __user *)arguments->second);
}

static long set_tsc(const struct prctl_arguments *arguments)
{
	return arguments->second == TSC_ENABLE ? 0 : -EINVAL;
}

static long get_secure_bits(const struct prctl_arguments *arguments)
{
	(void)arguments;
	return current_process()->credentials.capabilities.secure_bits;
}

static long set_secure_bits(const struct prctl_arguments *arguments)
{
	return capabilities_set_secure_bits(arguments->second);
}

/* How much later than asked a timer may come. None here comes later than it must. */
static long set_timer_slack(const struct prctl_arguments *arguments)
{
	struct thread *thread = current_thread();
	bool reset = (long)arguments->second <= 0;

	thread->attributes.timer_slack_ns = reset ? thread->timer_slack_default_ns
						  : arguments->second;
	return 0;
}

static long get_timer_slack(const struct prctl_arguments *arguments)
{
	(void)arguments;
	return (long)current_thread()->attributes.timer_slack_ns;
}

static long set_subreaper(const struct prctl_arguments *arguments)
{
	spin_lock(&process_tree_lock);
	subreaper_set(current_process(), arguments->second);
	spin_unlock(&process_tree_lock);
	return 0;
}

static long get_subreaper(const struct prctl_arguments *arguments)
{
	return put_user_u32(current_process()->subreaper, (uint32_t __user *)arguments->second);
}

static long set_no_new_privileges(const struct prctl_arguments *arguments)
{
	if (arguments->second != 1 || arguments->third || arguments->fourth || arguments->fifth)
		return -EINVAL;
	current_thread()->attributes.no_new_privileges = true;
	return 0;
}

static long get_no_new_privileges(const struct prctl_arguments *arguments)
{
	if (arguments->second || arguments->third || arguments->fourth || arguments->fifth)
		return -EINVAL;
	return current_thread()->attributes.no_new_privileges;
}

/* What is kept over an exec by somebody who is not root. */
static long ambient(const struct prctl_arguments *arguments)
{
	const struct capabilities *own = &current_process()->credentials.capabilities;
	unsigned long operation = arguments->second, capability = arguments->third;

	if (arguments->fourth || arguments->fifth)
		return -EINVAL;
	if (operation == AMBIENT_CLEAR_ALL)
		return capability ? -EINVAL : capabilities_set_ambient(CAPABILITIES_ALL, false);
	if (capability > CAPABILITY_LAST)
		return -EINVAL;
	if (operation == AMBIENT_IS_SET)
		return capability_in(own->ambient, (unsigned)capability);
	if (operation == AMBIENT_RAISE || operation == AMBIENT_LOWER)
		return capabilities_set_ambient(1ull << capability, operation == AMBIENT_RAISE);
	return -EINVAL;
}

static long (*const operations[])(const struct prctl_arguments *arguments) = {
	[PR_SET_PDEATHSIG] = set_death_signal,
	[PR_GET_PDEATHSIG] = get_death_signal,
	[PR_GET_DUMPABLE] = get_dumpable,
	[PR_SET_DUMPABLE] = set_dumpable,
	[PR_GET_KEEPCAPS] = get_keep_capabilities,
	[PR_SET_KEEPCAPS] = set_keep_capabilities,
	[PR_GET_TIMING] = get_timing,
	[PR_SET_TIMING] = set_timing,
	[PR_SET_NAME] = set_name,
	[PR_GET_NAME] = get_name,
	[PR_CAPBSET_READ] = bounding_has,
	[PR_CAPBSET_DROP] = bounding_drop,
	[PR_GET_TSC] = get_tsc,
	[PR_SET_TSC] = set_tsc,
	[PR_GET_SECUREBITS] = get_secure_bits,
	[PR_SET_SECUREBITS] = set_secure_bits,
	[PR_SET_TIMERSLACK] = set_timer_slack,
	[PR_GET_TIMERSLACK] = get_timer_slack,
	[PR_SET_CHILD_SUBREAPER] = set_subreaper,
	[PR_GET_CHILD_SUBREAPER] = get_subreaper,
	[PR_SET_NO_NEW_PRIVS] = set_no_new_privileges,
	[PR_GET_NO_NEW_PRIVS] = get_no_new_privileges,
	[PR_CAP_AMBIENT] = ambient,
};

long sys_prctl(unsigned operation, unsigned long second, unsigned long third, unsigned long fourth,
	       unsigned long fifth)
{
	const struct prctl_arguments arguments = { second, third, fourth, fifth };

	if (operation >= ARRAY_SIZE(operations) || !operations[operation])
		return -EINVAL;
	return operations[operation](&arguments);
}
