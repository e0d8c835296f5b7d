/*
 * Reading clocks, and times as user programs pass them.
 *
 * Source: clock_gettime(2), gettimeofday(2), time(2), timespec(3).
 */
#include <arch/uaccess.h>
#include <facet/clock.h>
#include <facet/errno.h>
#include <facet/process.h>
#include <facet/syscalls.h>
#include <facet/tick.h>

#include "time_private.h"

struct timespec {
	int64_t seconds, nanoseconds;
};

static int cpu_clock_read(int id, uint64_t *ns)
{
	struct cpu_clock clock;
	int error;

	spin_lock(&process_tree_lock);
	error = cpu_clock_find(id, current_process(), &clock);
	if (!error)
		*ns = cpu_clock_ns(&clock);
	spin_unlock(&process_tree_lock);
	return error;
}

/* Nanoseconds of a clock. Returns 0 or -EINVAL: there is no such clock. */
static int clock_read(int clock, uint64_t *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*ns = clock_realtime_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = clock_ns();
		return 0;
	default:
		return clock_is_cpu(clock) ? cpu_clock_read(clock, ns) : -EINVAL;
	}
}

int clock_waitable(int clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_TAI:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		return 0;
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_REALTIME_ALARM: /* no clock here wakes the machine */
	case CLOCK_BOOTTIME_ALARM:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

uint64_t clock_deadline(int clock, uint64_t ns)
{
	bool realtime = clock == CLOCK_REALTIME || clock == CLOCK_TAI;

	return realtime ? ns | DEADLINE_REALTIME : ns;
}

int timespec_to_user(void __user *to, uint64_t ns)
{
	struct timespec time = { (int64_t)(ns / NS_PER_SEC), (int64_t)(ns % NS_PER_SEC) };

	return copy_to_user(to, &time, sizeof(time));
}

/* Saturates: what is further away than the clock can count is for ever. */
static int timespec_to_ns(const struct timespec *time, uint64_t *ns)
{
	if (time->seconds < 0 || time->nanoseconds < 0 || time->nanoseconds >= (int64_t)NS_PER_SEC)
		return -EINVAL;
	if ((uint64_t)time->seconds >= INT64_MAX / NS_PER_SEC)
		*ns = INT64_MAX;
	else
		*ns = (uint64_t)time->seconds * NS_PER_SEC + (uint64_t)time->nanoseconds;
	return 0;
}

int timespec_from_user(uint64_t *ns, const void __user *from)
{
	struct timespec time;

	if (copy_from_user(&time, from, sizeof(time)))
		return -EFAULT;
	return timespec_to_ns(&time, ns);
}

int timeval_to_user(void __user *to, uint64_t ns)
{
	struct timespec time = { (int64_t)(ns / NS_PER_SEC), (int64_t)(ns % NS_PER_SEC / 1000) };

	return copy_to_user(to, &time, sizeof(time));
}

int timeval_from_user(uint64_t *ns, const void __user *from)
{
	struct timespec time;

	if (copy_from_user(&time, from, sizeof(time)))
		return -EFAULT;
	if (time.seconds < 0 || time.nanoseconds < 0 || time.nanoseconds >= 1000000)
		return -EINVAL;
	time.nanoseconds *= 1000;
	return timespec_to_ns(&time, ns);
}

long sys_clock_gettime(int clock, void __user *time)
{
	uint64_t ns;
	int error = clock_read(clock, &ns);

	return error ? error : timespec_to_user(time, ns);
}

/* Those of processor time are sampled, unless they are measured at the switches. */
static bool is_coarse(int clock)
{
	return clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE ||
	       (clock < 0 && (clock & 3) != CPU_CLOCK_SCHED);
}

long sys_clock_getres(int clock, void __user *resolution)
{
	uint64_t ns;
	int error = clock_read(clock, &ns);

	if (error || !resolution)
		return error;
	return timespec_to_user(resolution, is_coarse(clock) ? TICK_NS : 1);
}

long sys_gettimeofday(void __user *time, void __user *zone)
{
	if (time && timeval_to_user(time, clock_realtime_ns()))
		return -EFAULT;
	return zone ? timezone_to_user(zone) : 0;
}

long sys_time(int64_t __user *time)
{
	uint64_t seconds = clock_realtime_ns() / NS_PER_SEC;

	if (time && put_user_u64(seconds, (uint64_t __user *)time))
		return -EFAULT;
	return (long)seconds;
}

uint64_t deadline_after(uint64_t ns)
{
	uint64_t now = clock_ns();

	return ns < DEADLINE_REALTIME - 1 - now ? now + ns : DEADLINE_REALTIME - 1;
}
