/*
 * POSIX timers as programs ask for them.
 *
 * Locks: posix_timer.h. Source: timer_create(2), timer_settime(2), timer_getoverrun(2),
 * timer_delete(2), sigevent(7).
 */
#include <arch/uaccess.h>
#include <facet/clock.h>
#include <facet/errno.h>
#include <facet/slab.h>
#include <facet/syscalls.h>

#include "posix_timer.h"

/* Linux's struct sigevent. */
struct sigevent {
	uint64_t value;
	int signal, notify;
	int tid;
	int pad[11];
};

static bool tid_is_own(int tid)
{
	struct thread *thread;
	bool own;

	spin_lock(&process_tree_lock);
	thread = thread_find(tid);
	own = thread && thread->process == current_process();
	spin_unlock(&process_tree_lock);
	return own;
}

/* glibc's SIGEV_THREAD is a thread of its own, to which SIGEV_THREAD_ID sends. */
static bool event_is_valid(const struct sigevent *event)
{
	switch (event->notify) {
	case SIGEV_NONE:
		return true;
	case SIGEV_THREAD_ID:
		if (!tid_is_own(event->tid))
			return false;
		return event->signal > 0 && event->signal <= SIGNALS;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
		return event->signal > 0 && event->signal <= SIGNALS;
	default:
		return false;
	}
}

/* What the clock's number means later on, whichever thread looks at it then. */
static int clock_of_timer(int clock, int *kept)
{
	struct cpu_clock found;
	int error = 0;

	*kept = clock;
	if (!clock_is_cpu(clock))
		return clock_waitable(clock);
	spin_lock(&process_tree_lock);
	error = cpu_clock_find(clock, current_process(), &found);
	if (!error)
		*kept = cpu_clock_id(&found);
	spin_unlock(&process_tree_lock);
	return error;
}

/* `event` NULL: SIGALRM, which carries the id. */
static int timer_make(int clock, const struct sigevent *event, int *id)
{
	struct posix_timer *timer = own_timers() ? kzalloc(sizeof(*timer)) : NULL;
	struct siginfo info = { .signal = SIGALRM, .code = SI_TIMER };
	int error;

	if (!timer)
		return -EAGAIN;
	timer->clock = clock;
	timer->process = current_process();
	timer->value_is_id = !event;
	if (event) {
		timer->notify = event->notify;
		timer->tid = event->tid;
		info.signal = event->signal;
		info.value = event->value;
	}
	posix_timer_init(timer);
	error = posix_timer_publish(timer, &info);
	if (error)
		kfree(timer);
	else
		*id = timer->id;
	return error;
}

long sys_timer_create(int clock, const void __user *from, int __user *to)
{
	struct sigevent event;
	int id, error;

	if (from && copy_from_user(&event, from, sizeof(event)))
		return -EFAULT;
	error = clock_of_timer(clock, &clock);
	if (!error && from && !event_is_valid(&event))
		error = -EINVAL;
	if (!error)
		error = timer_make(clock, from ? &event : NULL, &id);
	if (error)
		return error;
	if (put_user_u32((uint32_t)id, (uint32_t __user *)to)) {
		sys_timer_delete(id);
		return -EFAULT;
	}
	return 0;
}

/* struct itimerspec: two timespecs, the interval first. */
#define TIMESPEC_SIZE 16

static int period_from_user(struct period *period, const void __user *from)
{
	int error = timespec_from_user(&period->interval_ns, from);

	return error ? error
		     : timespec_from_user(&period->next_ns,
					  (const char __user *)from + TIMESPEC_SIZE);
}

static int period_to_user(void __user *to, const struct period *period)
{
	if (timespec_to_user(to, period->interval_ns) ||
	    timespec_to_user((char __user *)to + TIMESPEC_SIZE, period->next_ns))
		return -EFAULT;
	return 0;
}

/* What is left of it. One whose time has come, and is about to be noticed, is never told as 0. */
static struct period period_seen(const struct posix_timer *timer)
{
	struct period seen = { .interval_ns = timer->period.interval_ns };

	if (timer->period.next_ns) {
		seen.next_ns = period_left(&timer->period, posix_timer_now(timer));
		if (timer->notify != SIGEV_NONE)
			seen.next_ns = MAX(seen.next_ns, 1ul);
	}
	return seen;
}

/* Both locks held. */
static void timer_set(struct posix_timer *timer, const struct period *wanted, bool absolute)
{
	uint64_t first = wanted->next_ns;

	posix_timer_stop(timer);
	timer->overruns = 0;
	timer->last_overruns = 0;
	if (first && absolute && !clock_is_cpu(timer->clock))
		first = clock_deadline(timer->clock, first);
	else if (first && !absolute)
		first = MIN(posix_timer_now(timer) + first, DEADLINE_REALTIME - 1);
	period_set(&timer->period, first, wanted->interval_ns);
	posix_timer_start(timer);
}

long sys_timer_settime(int id, int flags, const void __user *new, void __user *old)
{
	struct process *process = current_process();
	struct period wanted, previous;
	struct posix_timer *timer;
	int error = new ? period_from_user(&wanted, new) : -EINVAL;

	if (error)
		return error;
	posix_timers_lock(process);
	timer = posix_timer_find(id);
	if (timer) {
		previous = period_seen(timer);
		timer_set(timer, &wanted, flags & TIMER_ABSTIME);
	}
	posix_timers_unlock(process);
	if (!timer)
		return -EINVAL;
	return old ? period_to_user(old, &previous) : 0;
}

long sys_timer_gettime(int id, void __user *to)
{
	struct process *process = current_process();
	struct posix_timer *timer;
	struct period seen;

	posix_timers_lock(process);
	timer = posix_timer_find(id);
	if (timer)
		seen = period_seen(timer);
	posix_timers_unlock(process);
	return timer ? period_to_user(to, &seen) : -EINVAL;
}

long sys_timer_getoverrun(int id)
{
	struct process *process = current_process();
	struct posix_timer *timer;
	int overruns = -EINVAL;

	posix_timers_lock(process);
	timer = posix_timer_find(id);
	if (timer)
		overruns = timer->last_overruns;
	posix_timers_unlock(process);
	return overruns;
}

long sys_timer_delete(int id)
{
	struct process *process = current_process();
	struct posix_timer *timer;

	posix_timers_lock(process);
	timer = posix_timer_find(id);
	if (timer)
		posix_timer_take_out(timer);
	posix_timers_unlock(process);
	if (!timer)
		return -EINVAL;
	posix_timer_free(timer);
	return 0;
}
