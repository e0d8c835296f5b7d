/*
 * What is set for a thread, for all threads of a process group, or for all of a user's: nice values
 * and priorities of input and output.
 *
 * The latter are kept and told and change nothing, for there is no block device. Lock: the tree's.
 * Source: setpriority(2), ioprio_set(2).
 */
#include <facet/capability.h>
#include <facet/errno.h>
#include <facet/sched.h>
#include <facet/syscalls.h>

#include "sched_private.h"

enum { PRIO_PROCESS, PRIO_PGRP, PRIO_USER };
enum { IOPRIO_WHO_PROCESS = 1, IOPRIO_WHO_PGRP, IOPRIO_WHO_USER };
enum { IO_NONE, IO_REAL_TIME, IO_BEST_EFFORT, IO_IDLE };

#define IO_CLASS_SHIFT 13
#define IO_LEVELS 8

static bool is_named(const struct process *process, int which, int who)
{
	const struct process *self = current_process();

	if (which == PRIO_PGRP)
		return process->group && process->group->id == (who ? who : self->group->id);
	return process->credentials.uid == (who ? (uid_t)who : self->credentials.uid);
}

/*
 * Applies `visit` to each thread that (which, who) names; tree lock held. Returns how many there
 * were.
 */
static unsigned for_each_named(int which, int who, void (*visit)(struct thread *, void *),
			       void *context)
{
	struct process *process;
	struct thread *thread;
	unsigned count = 0;

	if (which == PRIO_PROCESS) {
		thread = sched_thread_of(who);
		if (thread)
			visit(thread, context);
		return !!thread;
	}
	for (process = process_next(1); process; process = process_next(process->pid + 1)) {
		if (!is_named(process, which, who))
			continue;
		list_for_each_entry(thread, &process->threads, process_link) {
			visit(thread, context);
			count++;
		}
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
	bool root = capable(CAP_SYS_NICE);

	if (!root && !sched_same_owner(thread->process)) {
		change->error = -EPERM;
		return;
	}
	if (!root && change->nice < params.nice &&
	    !sched_nice_allowed(thread->process, change->nice)) {
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

/* Of a thread that has none set, its nice value says it: ioprio_set(2). */
static unsigned io_priority_of(const struct thread *thread)
{
	const struct sched_params *params = &thread->sched.params;
	unsigned level = (unsigned)(params->nice - NICE_MIN) / 5, class = IO_BEST_EFFORT;

	if (thread->attributes.io_priority >> IO_CLASS_SHIFT)
		return thread->attributes.io_priority;
	if (params->rt_priority)
		class = IO_REAL_TIME;
	else if (params->class == SCHED_IDLE)
		class = IO_IDLE;
	return class << IO_CLASS_SHIFT | level;
}

static void note_best(struct thread *thread, void *context)
{
	unsigned *best = context;

	*best = MIN(*best, io_priority_of(thread));
}

static void note_own(struct thread *thread, void *context)
{
	*(unsigned *)context = thread->attributes.io_priority;
}

long sys_ioprio_get(int which, int who)
{
	unsigned priority = UINT32_MAX, found;

	if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	found = for_each_named(which - IOPRIO_WHO_PROCESS, who,
			       which == IOPRIO_WHO_PROCESS ? note_own : note_best, &priority);
	spin_unlock(&process_tree_lock);
	return found ? (long)priority : -ESRCH;
}

struct io_change {
	uint16_t priority;
	int error;
};

/* The first one that may not be changed ends it. */
static void change_io_priority(struct thread *thread, void *context)
{
	struct io_change *change = context;
	const struct credentials *own = &current_process()->credentials;
	uid_t owner = thread->process->credentials.uid;

	if (!change->error && owner != own->euid && owner != own->uid && !capable(CAP_SYS_NICE))
		change->error = -EPERM;
	if (!change->error)
		thread->attributes.io_priority = change->priority;
}

static int io_priority_check(int priority)
{
	int class = priority >> IO_CLASS_SHIFT, level = priority & ((1 << IO_CLASS_SHIFT) - 1);

	switch (class) {
	case IO_REAL_TIME:
		if (!capable(CAP_SYS_ADMIN) && !capable(CAP_SYS_NICE))
			return -EPERM;
		return level < IO_LEVELS ? 0 : -EINVAL;
	case IO_BEST_EFFORT:
		return level < IO_LEVELS ? 0 : -EINVAL;
	case IO_NONE:
		return level ? -EINVAL : 0;
	case IO_IDLE:
		return 0;
	default:
		return -EINVAL;
	}
}

long sys_ioprio_set(int which, int who, int priority)
{
	struct io_change change = { .priority = (uint16_t)priority };
	int error = io_priority_check(priority);
	unsigned found;

	if (error)
		return error;
	if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	found = for_each_named(which - IOPRIO_WHO_PROCESS, who, change_io_priority, &change);
	spin_unlock(&process_tree_lock);
	return found ? change.error : -ESRCH;
}
