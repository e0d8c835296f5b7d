/*
 * Classes, priorities and nice values, as sched(7) has them.
 *
 * The rules are checked here, whatever the policy: round-robin accepts the same calls, keeps the
 * values and ignores them. Lock: the tree's to find who is meant. Source: sched_setscheduler(2),
 * setpriority(2).
 */
#include <arch/uaccess.h>
#include <facet/errno.h>
#include <facet/pending.h>
#include <facet/process.h>
#include <facet/sched.h>
#include <facet/syscalls.h>
#include <facet/tick.h>

#define RT_PRIORITY_MAX 99
#define NICE_MIN (-20)
#define NICE_MAX 19

enum { PRIO_PROCESS, PRIO_PGRP, PRIO_USER };

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

/* Tree lock held; 0 is the caller. NULL: no such thread, or it has ended. */
static struct thread *thread_of(pid_t tid)
{
	return tid ? thread_find(tid) : current_thread();
}

/*
 * What a process without privilege may not do, sched(7): raise real-time priorities beyond its
 * limit.
 */
static int permission(const struct thread *target, const struct sched_params *wanted)
{
	const struct sched_params *old = &target->sched.params;

	if (credentials_is_root())
		return 0;
	if (!process_may_control(target->process))
		return -EPERM;
	if (wanted->rt_priority > old->rt_priority &&
	    wanted->rt_priority > target->process->limits[RLIMIT_RTPRIO].current)
		return -EPERM;
	return 0;
}

/* `class` -1: as it is. */
static long set_params(pid_t pid, int class, const int __user *param)
{
	struct sched_params params;
	struct thread *thread;
	uint32_t priority;
	long error = -ESRCH;

	if (pid < 0 || !param)
		return -EINVAL;
	if (get_user_u32(&priority, (const uint32_t __user *)param))
		return -EFAULT;
	spin_lock(&process_tree_lock);
	thread = thread_of(pid);
	if (!thread)
		goto out;
	params = thread->sched.params;
	if (class >= 0)
		params.class = (uint8_t) class;
	error = -EINVAL;
	if (is_real_time(params.class) ? priority < 1 || priority > RT_PRIORITY_MAX : priority != 0)
		goto out;
	params.rt_priority = (uint8_t)priority;
	error = permission(thread, &params);
	if (!error)
		sched_set_params(thread, &params);
out:
	spin_unlock(&process_tree_lock);
	return error;
}

long sys_sched_setscheduler(pid_t pid, int class, const int __user *param)
{
	if (class < 0 || !is_class(class))
		return -EINVAL;
	return set_params(pid, class, param);
}

long sys_sched_setparam(pid_t pid, const int __user *param)
{
	return set_params(pid, -1, param);
}

/* A copy of a process's parameters. Returns 0, -EINVAL or -ESRCH. */
static int get_params(pid_t pid, struct sched_params *params)
{
	struct thread *thread;

	if (pid < 0)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	thread = thread_of(pid);
	if (thread)
		*params = thread->sched.params;
	spin_unlock(&process_tree_lock);
	return thread ? 0 : -ESRCH;
}

long sys_sched_getscheduler(pid_t pid)
{
	struct sched_params params;
	int error = get_params(pid, &params);

	return error ? error : params.class;
}

long sys_sched_getparam(pid_t pid, int __user *param)
{
	struct sched_params params;
	int error = get_params(pid, &params);

	if (!param)
		return -EINVAL;
	return error ? error : put_user_u32(params.rt_priority, (uint32_t __user *)param);
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
	thread = thread_of(pid);
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

/* One CPU runs: the mask is 1, and only a mask with that bit can be set. */
long sys_sched_getaffinity(pid_t pid, unsigned size, uint64_t __user *mask)
{
	struct sched_params params;
	int error = get_params(pid, &params);

	if (error)
		return error;
	if (size < sizeof(*mask) || size % sizeof(*mask))
		return -EINVAL;
	return put_user_u64(1, mask) ? -EFAULT : (long)sizeof(*mask);
}

long sys_sched_setaffinity(pid_t pid, unsigned size, const uint64_t __user *mask)
{
	struct sched_params params;
	uint64_t bits = 0;

	if (copy_from_user(&bits, mask, MIN(size, sizeof(bits))))
		return -EFAULT;
	if (!(bits & 1))
		return -EINVAL;
	return get_params(pid, &params);
}

/*
 * Applies `visit` to each process that (which, who) names; tree lock held. Returns how many there
 * were.
 */
static unsigned for_each_named(int which, int who, void (*visit)(struct thread *, void *),
			       void *context)
{
	struct process *process;
	unsigned count = 0;

	if (which == PRIO_PROCESS) {
		struct thread *thread = thread_of(who);

		if (thread)
			visit(thread, context);
		return !!thread;
	}
	for (process = process_next(1); process; process = process_next(process->pid + 1)) {
		bool named =
			which == PRIO_PGRP
				? process->group->id == (who ? who : current_process()->group->id)
				: process->credentials.uid ==
					  (who ? (uid_t)who : current_process()->credentials.uid);
		struct thread *thread = named ? thread_of(process->pid) : NULL;

		if (!thread)
			continue;
		visit(thread, context);
		count++;
	}
	return count;
}

static void note_least_nice(struct thread *thread, void *context)
{
	int *least = context;

	*least = MIN(*least, thread->sched.params.nice);
}

/* The raw call returns 20 - nice, so that it is never negative. */
long sys_getpriority(int which, int who)
{
	int least = NICE_MAX;
	unsigned found;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	found = for_each_named(which, who, note_least_nice, &least);
	spin_unlock(&process_tree_lock);
	return found ? 20 - least : -ESRCH;
}

struct nice_change {
	int nice;
	int error;
};

static void change_nice(struct thread *thread, void *context)
{
	struct nice_change *change = context;
	struct sched_params params = thread->sched.params;
	bool root = credentials_is_root();

	if (!root && !process_may_control(thread->process)) {
		change->error = -EPERM;
		return;
	}
	if (!root && change->nice < params.nice &&
	    (uint64_t)(20 - change->nice) > thread->process->limits[RLIMIT_NICE].current) {
		change->error = -EACCES;
		return;
	}
	params.nice = (int8_t)change->nice;
	sched_set_params(thread, &params);
}

long sys_setpriority(int which, int who, int nice)
{
	struct nice_change change = { .nice = MAX(NICE_MIN, MIN(NICE_MAX, nice)) };
	unsigned found;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	found = for_each_named(which, who, change_nice, &change);
	spin_unlock(&process_tree_lock);
	return found ? change.error : -ESRCH;
}
