/*
 * Interval timers, three for each process: of the time that passes, of its user time, of all its
 * processor time.
 *
 * exec keeps them, fork does not. Lock: process_tree_lock. Source: setitimer(2), alarm(2).
 */
#include <arch/uaccess.h>
#include <facet/clock.h>
#include <facet/errno.h>
#include <facet/process.h>
#include <facet/slab.h>
#include <facet/syscalls.h>
#include <facet/tick.h>

#include "time_private.h"

enum { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF, ITIMERS };

static const enum cpu_clock_kind kinds[ITIMERS] = {
	[ITIMER_VIRTUAL] = CPU_CLOCK_VIRTUAL, [ITIMER_PROF] = CPU_CLOCK_PROF
};

static bool is_real(const struct itimer *timer)
{
	return timer->signal == SIGALRM;
}

/* Which clock a timer is on; not of ITIMER_REAL. */
static struct cpu_clock clock_of(const struct itimer *timer)
{
	bool virtual = timer->signal == SIGVTALRM;

	return (struct cpu_clock){ timer->process, NULL,
				   kinds[virtual ? ITIMER_VIRTUAL : ITIMER_PROF] };
}

static uint64_t now_of(const struct itimer *timer)
{
	struct cpu_clock clock;

	if (is_real(timer))
		return clock_ns();
	clock = clock_of(timer);
	return cpu_clock_ns(&clock);
}

/* Waits for the next time, if there is one. */
static void start(struct itimer *timer)
{
	struct cpu_clock clock;

	if (is_real(timer)) {
		if (timer->period.next_ns)
			timeout_set(&timer->timeout, timer->period.next_ns);
		else
			timeout_cancel(&timer->timeout);
	} else {
		clock = clock_of(timer);
		cpu_timer_cancel(&timer->cpu);
		if (timer->period.next_ns)
			cpu_timer_set(&timer->cpu, &clock, timer->period.next_ns);
	}
}

static void expire(struct itimer *timer, uint64_t now_ns)
{
	if (period_advance(&timer->period, now_ns))
		signal_send(timer->process, timer->signal);
	start(timer); /* also if it was set a moment ago */
}

static void real_expired(struct timeout *timeout)
{
	struct itimer *timer = container_of(timeout, struct itimer, timeout);

	spin_lock(&process_tree_lock);
	expire(timer, clock_ns());
	spin_unlock(&process_tree_lock);
}

static void cpu_expired(struct cpu_timer *cpu, uint64_t now_ns)
{
	expire(container_of(cpu, struct itimer, cpu), now_ns);
}

void itimers_init(struct process_timers *timers, struct process *process)
{
	static const int signals[ITIMERS] = { SIGALRM, SIGVTALRM, SIGPROF };

	for (int which = 0; which < ITIMERS; which++) {
		struct itimer *timer = &timers->intervals[which];

		timer->process = process;
		timer->signal = signals[which];
		period_set(&timer->period, 0, 0);
		if (which == ITIMER_REAL)
			timeout_init(&timer->timeout, real_expired);
		else
			cpu_timer_init(&timer->cpu, cpu_expired);
	}
}

void itimers_end(struct process_timers *timers)
{
	struct itimer *real = &timers->intervals[ITIMER_REAL];

	spin_lock(&process_tree_lock);
	period_set(&real->period, 0, 0);
	for (int which = ITIMER_VIRTUAL; which < ITIMERS; which++)
		cpu_timer_cancel(&timers->intervals[which].cpu);
	spin_unlock(&process_tree_lock);
	timeout_cancel_wait(&real->timeout);
}

/* What getitimer tells. Tree lock held. */
static struct period period_seen(const struct itimer *timer)
{
	return (struct period){ period_left(&timer->period, now_of(timer)),
				timer->period.interval_ns };
}

/* `wanted`: from now. Gives what was set before. */
static int itimer_set(int which, const struct period *wanted, struct period *previous)
{
	struct process_timers *timers = own_timers();
	struct itimer *timer;
	uint64_t first = 0;

	if (!timers)
		return -ENOMEM;
	timer = &timers->intervals[which];
	spin_lock(&process_tree_lock);
	*previous = period_seen(timer);
	if (wanted->next_ns) {
		first = MIN(now_of(timer) + wanted->next_ns, DEADLINE_REALTIME - 1);
		/* The first tick counts as a whole one, however late in it this is. */
		if (which == ITIMER_VIRTUAL)
			first += TICK_NS;
	}
	period_set(&timer->period, first, wanted->interval_ns);
	start(timer);
	spin_unlock(&process_tree_lock);
	return 0;
}

/* struct itimerval: two timevals, the interval first. */
#define TIMEVAL_SIZE 16

static int period_to_user(void __user *to, const struct period *period)
{
	if (timeval_to_user(to, period->interval_ns) ||
	    timeval_to_user((char __user *)to + TIMEVAL_SIZE, period->next_ns))
		return -EFAULT;
	return 0;
}

static int period_from_user(struct period *period, const void __user *from)
{
	int error = timeval_from_user(&period->interval_ns, from);

	return error ? error
		     : timeval_from_user(&period->next_ns,
					 (const char __user *)from + TIMEVAL_SIZE);
}

/* One that is set is never told as 0. */
static void round_up(struct period *period)
{
	if (period->next_ns && period->next_ns < 1000)
		period->next_ns = 1000;
}

long sys_getitimer(int which, void __user *to)
{
	struct process_timers *timers = current_process()->timers;
	struct period period = { .next_ns = 0 };

	if (which < 0 || which >= ITIMERS)
		return -EINVAL;
	if (timers) {
		spin_lock(&process_tree_lock);
		period = period_seen(&timers->intervals[which]);
		spin_unlock(&process_tree_lock);
		round_up(&period);
	}
	return period_to_user(to, &period);
}

long sys_setitimer(int which, const void __user *new, void __user *old)
{
	struct period wanted = { .next_ns = 0 }, previous;
	int error = 0;

	if (new)
		error = period_from_user(&wanted, new);
	if (!error && (which < 0 || which >= ITIMERS))
		error = -EINVAL;
	if (!error)
		error = itimer_set(which, &wanted, &previous);
	if (error || !old)
		return error;
	round_up(&previous);
	return period_to_user(old, &previous);
}

long sys_alarm(unsigned seconds)
{
	struct period wanted = { .next_ns = seconds * NS_PER_SEC }, previous;
	int error = itimer_set(ITIMER_REAL, &wanted, &previous);
	uint64_t left;

	if (error)
		return error;
	/* To the nearest second, but one that is set is never told as 0. */
	left = (previous.next_ns + NS_PER_SEC / 2) / NS_PER_SEC;
	return (long)(previous.next_ns ? MAX(left, 1ul) : 0);
}
