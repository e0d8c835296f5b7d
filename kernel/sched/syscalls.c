/*
 * Classes and priorities, as sched(7) has them; nice values of many threads at once: nice.c.
 *
 * The rules are checked here, whatever the policy: round-robin accepts the same calls, keeps the
 * values and ignores them. Lock: the tree's to find who is meant. Source: sched_setscheduler(2),
 * sched_setattr(2).
 */
#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/errno.h>
#include <facet/pending.h>
#include <facet/process.h>
#include <facet/sched.h>
#include <facet/syscalls.h>
#include <facet/tick.h>

#include "sched_private.h"

#define RT_PRIORITY_MAX 99

#define POLICY_RESET_ON_FORK 0x40000000 /* with a policy, in the older calls */

struct sched_attributes { /* Linux's struct sched_attr */
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t utilization_least, utilization_most;
};

#define ATTRIBUTES_SIZE_FIRST 48 /* without the last line */

enum {
	RESET_ON_FORK = 1 << 0,
	RECLAIM = 1 << 1, /* these two speak of SCHED_DEADLINE alone */
	DEADLINE_OVERRUN = 1 << 2,
	KEEP_POLICY = 1 << 3,
	KEEP_PARAMS = 1 << 4,
	KEEP_NICE = 1 << 30, /* not Linux's: never the user's */
	ATTRIBUTE_FLAGS = RESET_ON_FORK | RECLAIM | DEADLINE_OVERRUN | KEEP_POLICY | KEEP_PARAMS |
			  KEEP_NICE,
};

long sys_sched_yield(void)
{
	current_thread()->yielded = true;
	pending_set(PENDING_RESCHED); /* the return path switches */
	return 0;
}

static bool is_real_time(int class)
{
	return class == SCHED_FIFO || class == SCHED_RR;
}

static bool is_class(int class)
{
	return is_real_time(class) || class == SCHED_NORMAL || class == SCHED_BATCH ||
	       class == SCHED_IDLE;
}

struct thread *sched_thread_of(pid_t tid)
{
	return tid ? thread_find(tid) : current_thread();
}

bool sched_same_owner(const struct process *target)
{
	const struct credentials *other = &target->credentials;
	uid_t own = current_process()->credentials.euid;

	return own == other->euid || own == other->uid;
}

bool sched_nice_allowed(const struct process *target, int nice)
{
	return (uint64_t)(NICE_MAX + 1 - nice) <= target->limits[RLIMIT_NICE].current;
}

struct sched_params sched_params_of_child(const struct sched_params *params)
{
	struct sched_params child = *params;

	if (!params->reset_on_fork)
		return child;
	child.reset_on_fork = false;
	if (is_real_time(child.class))
		return (struct sched_params){ .class = SCHED_NORMAL };
	child.nice = MAX(child.nice, 0);
	return child;
}

/* What takes root, sched(7). */
static bool needs_privilege(const struct thread *target, const struct sched_params *wanted)
{
	const struct sched_params *old = &target->sched.params;
	uint64_t limit = target->process->limits[RLIMIT_RTPRIO].current;

	if (is_real_time(wanted->class)) {
		if (wanted->class != old->class && !limit)
			return true;
		if (wanted->rt_priority > old->rt_priority && wanted->rt_priority > limit)
			return true;
	}
	if (wanted->nice < old->nice && !sched_nice_allowed(target->process, wanted->nice))
		return true;
	/* Idle is like nice 20, so to leave it is to become less nice. */
	if (old->class == SCHED_IDLE && wanted->class != SCHED_IDLE &&
	    !sched_nice_allowed(target->process, old->nice))
		return true;
	if (old->reset_on_fork && !wanted->reset_on_fork)
		return true;
	return !sched_same_owner(target->process);
}

/* The parameters that the attributes ask for, which the thread's are until then. */
static int merge(struct sched_params *params, const struct sched_attributes *wanted)
{
	bool keep = wanted->flags & KEEP_PARAMS; /* as on Linux the policy too, if it is valid */
	uint32_t priority = keep ? params->rt_priority : wanted->priority;
	int class = params->class;

	if (wanted->flags & ~(uint64_t)ATTRIBUTE_FLAGS)
		return -EINVAL;
	if (!(wanted->flags & KEEP_POLICY)) {
		if (wanted->policy > SCHED_IDLE || !is_class((int)wanted->policy))
			return -EINVAL;
		class = (int)wanted->policy;
		params->reset_on_fork = wanted->flags & RESET_ON_FORK;
	}
	if (is_real_time(class) ? priority < 1 || priority > RT_PRIORITY_MAX : priority)
		return -EINVAL;
	if (keep)
		return 0;
	params->class = (uint8_t) class;
	params->rt_priority = (uint8_t)priority;
	if (!(wanted->flags & KEEP_NICE) && (class == SCHED_NORMAL || class == SCHED_BATCH))
		params->nice = (int8_t)MAX(NICE_MIN, MIN(NICE_MAX, wanted->nice));
	return 0;
}

static long change(pid_t pid, const struct sched_attributes *wanted)
{
	struct sched_params params;
	struct thread *thread;
	long error = -ESRCH;

	spin_lock(&process_tree_lock);
	thread = sched_thread_of(pid);
	if (!thread)
		goto out;
	params = thread->sched.params;
	error = merge(&params, wanted);
	if (!error && !capable(CAP_SYS_NICE) && needs_privilege(thread, &params))
		error = -EPERM;
	if (!error)
		sched_set_params(thread, &params);
out:
	spin_unlock(&process_tree_lock);
	return error;
}

/* The older calls say nothing of nice values. */
static long change_priority(pid_t pid, struct sched_attributes *wanted, const int __user *param)
{
	if (pid < 0 || !param)
		return -EINVAL;
	if (get_user_u32(&wanted->priority, (const uint32_t __user *)param))
		return -EFAULT;
	return change(pid, wanted);
}

long sys_sched_setscheduler(pid_t pid, int policy, const int __user *param)
{
	struct sched_attributes wanted = { .flags = KEEP_NICE };

	if (policy < 0)
		return -EINVAL;
	if (policy & POLICY_RESET_ON_FORK)
		wanted.flags |= RESET_ON_FORK;
	wanted.policy = (uint32_t)policy & ~(uint32_t)POLICY_RESET_ON_FORK;
	return change_priority(pid, &wanted, param);
}

long sys_sched_setparam(pid_t pid, const int __user *param)
{
	struct sched_attributes wanted = { .flags = KEEP_NICE | KEEP_POLICY };

	return change_priority(pid, &wanted, param);
}

static int attributes_from_user(struct sched_attributes *wanted, void __user *from)
{
	uint32_t size;
	int error;

	if (get_user_u32(&size, from))
		return -EFAULT;
	size = size ? size : ATTRIBUTES_SIZE_FIRST;
	error = size < ATTRIBUTES_SIZE_FIRST || size > PAGE_SIZE
			? -E2BIG
			: copy_struct_from_user(wanted, sizeof(*wanted), from, size);
	if (error == -E2BIG && put_user_u32(sizeof(*wanted), from))
		return -EFAULT;
	return error;
}

long sys_sched_setattr(pid_t pid, void __user *from, unsigned flags)
{
	struct sched_attributes wanted = { 0 };
	int error;

	if (!from || pid < 0 || flags)
		return -EINVAL;
	error = attributes_from_user(&wanted, from);
	if (error)
		return error;
	if ((int32_t)wanted.policy < 0 || wanted.flags & KEEP_NICE)
		return -EINVAL;
	return change(pid, &wanted);
}

/* A copy of a process's parameters. Returns 0, -EINVAL or -ESRCH. */
static int get_params(pid_t pid, struct sched_params *params)
{
	struct thread *thread;

	if (pid < 0)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	thread = sched_thread_of(pid);
	if (thread)
		*params = thread->sched.params;
	spin_unlock(&process_tree_lock);
	return thread ? 0 : -ESRCH;
}

long sys_sched_getscheduler(pid_t pid)
{
	struct sched_params params;
	int error = get_params(pid, &params);

	if (error)
		return error;
	return params.class | (params.reset_on_fork ? POLICY_RESET_ON_FORK : 0);
}

long sys_sched_getparam(pid_t pid, int __user *param)
{
	struct sched_params params;
	int error = param ? get_params(pid, &params) : -EINVAL;

	return error ? error : put_user_u32(params.rt_priority, (uint32_t __user *)param);
}

long sys_sched_getattr(pid_t pid, void __user *to, unsigned size, unsigned flags)
{
	struct sched_attributes attributes = { .size = MIN(size, sizeof(attributes)) };
	struct sched_params params;
	int error;

	if (!to || size < ATTRIBUTES_SIZE_FIRST || size > PAGE_SIZE || flags)
		return -EINVAL;
	error = get_params(pid, &params);
	if (error)
		return error;
	attributes.policy = params.class;
	attributes.flags = params.reset_on_fork ? RESET_ON_FORK : 0;
	attributes.priority = params.rt_priority;
	if (!is_real_time(params.class))
		attributes.nice = params.nice;
	return copy_to_user(to, &attributes, attributes.size);
}

long sys_sched_get_priority_max(int class)
{
	if (!is_class(class))
		return -EINVAL;
	return is_real_time(class) ? RT_PRIORITY_MAX : 0;
}

long sys_sched_get_priority_min(int class)
{
	if (!is_class(class))
		return -EINVAL;
	return is_real_time(class) ? 1 : 0;
}

long sys_sched_rr_get_interval(pid_t pid, void __user *interval)
{
	uint64_t time[2] = { 0, 0 };
	struct thread *thread;
	unsigned ticks = 0;

	if (pid < 0)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	thread = sched_thread_of(pid);
	if (thread)
		ticks = sched_policy_slice(thread);
	spin_unlock(&process_tree_lock);
	if (!thread)
		return -ESRCH;
	if (ticks != SLICE_NONE) {
		time[0] = ticks / CONFIG_HZ;
		time[1] = ticks % CONFIG_HZ * TICK_NS;
	}
	return copy_to_user(interval, time, sizeof(time));
}
