/*
 * Sleeping on clocks that always go on.
 *
 * Source: clock_nanosleep(2), nanosleep(2), restart_syscall(2).
 */
#include <facet/clock.h>
#include <facet/errno.h>
#include <facet/process.h>
#include <facet/restart.h>
#include <facet/sched.h>
#include <facet/syscalls.h>

#include "time_private.h"

/* Interrupted, a relative sleep is resumed by restart_syscall. */
static long go_on_sleeping(struct restart *restart);

static long do_sleep(uint64_t deadline, bool absolute, void __user *remain)
{
	uint64_t now;
	int error = 0;

	while (!error && !deadline_passed(deadline))
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

long sys_nanosleep(const void __user *request, void __user *remain)
{
	return sys_clock_nanosleep(CLOCK_MONOTONIC, 0, request, remain);
}

long sys_clock_nanosleep(int clock, int flags, const void __user *request, void __user *remain)
{
	bool absolute = flags & TIMER_ABSTIME;
	uint64_t ns;
	int error = clock == CLOCK_THREAD_CPUTIME_ID ? -EOPNOTSUPP
		    : clock_is_cpu(clock)            ? 0
						     : clock_waitable(clock);

	if (!error)
		error = timespec_from_user(&ns, request);
	if (error)
		return error;
	if (clock_is_cpu(clock))
		return cpu_sleep(clock, absolute, ns, remain);
	if (!absolute)
		return do_sleep(deadline_after(ns), false, remain);
	return do_sleep(clock_deadline(clock, ns), true, NULL);
}
