/*
 * Clocks and sleeping.
 *
 * Source: clock_gettime(2), clock_nanosleep(2), nanosleep(2), restart_syscall(2).
 */
#include <arch/uaccess.h>
#include <facet/clock.h>
#include <facet/errno.h>
#include <facet/process.h>
#include <facet/restart.h>
#include <facet/sched.h>
#include <facet/syscalls.h>
#include <facet/tick.h>
#include <facet/timespec.h>

enum {
	CLOCK_REALTIME,
	CLOCK_MONOTONIC,
	CLOCK_PROCESS_CPUTIME_ID,
	CLOCK_THREAD_CPUTIME_ID,
	CLOCK_MONOTONIC_RAW,
	CLOCK_REALTIME_COARSE,
	CLOCK_MONOTONIC_COARSE,
	CLOCK_BOOTTIME,
};

#define TIMER_ABSTIME 1

struct timespec {
	int64_t seconds, nanoseconds;
};

/* Nanoseconds of a clock. False: there is no such clock. */
static bool clock_read(int clock, uint64_t *ns)
{
	struct usage usage;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*ns = clock_realtime_ns();
		return true;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = clock_ns();
		return true;
	case CLOCK_PROCESS_CPUTIME_ID:
		spin_lock(&process_tree_lock);
		process_usage(current_process(), &usage);
		spin_unlock(&process_tree_lock);
		*ns = usage.user_ns + usage.system_ns;
		return true;
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = sched_ran_ns(current_thread());
		return true;
	default:
		return false;
	}
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

	if (!clock_read(clock, &ns))
		return -EINVAL;
	return timespec_to_user(time, ns);
}

long sys_clock_getres(int clock, void __user *resolution)
{
	bool coarse = clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
	uint64_t ns;

	if (!clock_read(clock, &ns))
		return -EINVAL;
	return resolution ? timespec_to_user(resolution, coarse ? TICK_NS : 1) : 0;
}

long sys_gettimeofday(void __user *time, void __user *zone)
{
	const int32_t utc[2] = { 0, 0 };

	if (time && timeval_to_user(time, clock_realtime_ns()))
		return -EFAULT;
	return zone ? copy_to_user(zone, utc, sizeof(utc)) : 0;
}

long sys_time(int64_t __user *time)
{
	uint64_t seconds = clock_realtime_ns() / NS_PER_SEC;

	if (time && put_user_u64(seconds, (uint64_t __user *)time))
		return -EFAULT;
	return (long)seconds;
}

/*
 * Sleeps until clock_ns() is `deadline`. Interrupted, a relative sleep is resumed by
 * restart_syscall.
 */
static long go_on_sleeping(struct restart *restart);

static long do_sleep(uint64_t deadline, bool absolute, void __user *remain)
{
	uint64_t now;
	int error = 0;

	while (!error && (now = clock_ns()) < deadline)
		error = sleep_until(deadline, SLEEP_INTERRUPTIBLE);
	if (!error)
		return 0;
	if (absolute)
		return -ERESTARTNOHAND;
	now = clock_ns();
	if (remain && timespec_to_user(remain, deadline > now ? deadline - now : 0))
		return -EFAULT;
	current_thread()->restart =
		(struct restart){ go_on_sleeping, deadline, { (uint64_t)remain } };
	return -ERESTART_RESTARTBLOCK;
}

static long go_on_sleeping(struct restart *restart)
{
	return do_sleep(restart->deadline_ns, false, (void __user *)restart->words[0]);
}

long sys_restart_syscall(void)
{
	struct restart *restart = &current_thread()->restart;

	return restart->call ? restart->call(restart) : -EINTR;
}

uint64_t deadline_after(uint64_t ns)
{
	uint64_t now = clock_ns();

	return ns < NO_DEADLINE - 1 - now ? now + ns : NO_DEADLINE - 1;
}

long sys_nanosleep(const void __user *request, void __user *remain)
{
	return sys_clock_nanosleep(CLOCK_MONOTONIC, 0, request, remain);
}

long sys_clock_nanosleep(int clock, int flags, const void __user *request, void __user *remain)
{
	uint64_t ns, boot_realtime = clock_realtime_ns() - clock_ns();
	int error;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		break;
	case CLOCK_PROCESS_CPUTIME_ID:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
	error = timespec_from_user(&ns, request);
	if (error)
		return error;
	if (!(flags & TIMER_ABSTIME))
		return do_sleep(deadline_after(ns), false, remain);
	if (clock == CLOCK_REALTIME)
		ns = ns > boot_realtime ? ns - boot_realtime : 0;
	return do_sleep(ns, true, NULL);
}
