/*
 * Setting the clock, and what is said of how it is disciplined: not at all.
 *
 * No lock of its own. Source: clock_settime(2), settimeofday(2), adjtimex(2).
 */
#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/clock.h>
#include <facet/errno.h>
#include <facet/process.h>
#include <facet/syscalls.h>

#include "time_private.h"

/* So that the clock cannot overflow while the machine is up. */
#define UPTIME_MAX (30ull * 365 * 24 * 3600 * NS_PER_SEC)
#define ZONE_MAX (15 * 60) /* minutes */

static struct {
	int32_t minutes_west, dst;
} zone; /* nobody here looks at it: programs may */

int timezone_to_user(void __user *to)
{
	return copy_to_user(to, &zone, sizeof(zone));
}

/* Not before the time that has passed since boot: nothing happened before 1970. */
static int set_realtime(uint64_t ns)
{
	if (ns >= DEADLINE_REALTIME - 1 - UPTIME_MAX)
		return -EINVAL;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (ns < clock_ns())
		return -EINVAL;
	clock_set_realtime(ns);
	return 0;
}

long sys_clock_settime(int clock, const void __user *from)
{
	struct cpu_clock found;
	uint64_t ns;
	int error;

	if (clock < 0) {
		spin_lock(&process_tree_lock);
		error = cpu_clock_find(clock, current_process(), &found);
		spin_unlock(&process_tree_lock);
		return error ? error : -EPERM;
	}
	if (clock != CLOCK_REALTIME)
		return -EINVAL;
	error = timespec_from_user(&ns, from);
	return error ? error : set_realtime(ns);
}

long sys_settimeofday(const void __user *time, const void __user *new_zone)
{
	__typeof__(zone) wanted;
	uint64_t ns = 0;
	int error = time ? timeval_from_user(&ns, time) : 0;

	if (error)
		return error;
	if (new_zone && copy_from_user(&wanted, new_zone, sizeof(wanted)))
		return -EFAULT;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (new_zone) {
		if (wanted.minutes_west > ZONE_MAX || wanted.minutes_west < -ZONE_MAX)
			return -EINVAL;
		zone = wanted;
	}
	return time ? set_realtime(ns) : 0;
}

/* struct timex; frequencies are in 2^-16 parts per million, errors in microseconds. */
struct timex {
	uint32_t modes, pad;
	int64_t offset, frequency, max_error, estimated_error;
	int32_t status, pad2;
	int64_t constant, precision, tolerance;
	int64_t seconds, microseconds;
	int64_t tick;
	int64_t pps_frequency, jitter;
	int32_t shift, pad3;
	int64_t stability, counts[4];
	int32_t tai, pad4[11];
};

#define ADJ_OFFSET_SS_READ 0xa001u /* adjtime(3) that only asks */
#define STA_UNSYNC 0x40
#define TIME_ERROR 5 /* nobody has said what time it is */

#define PHASE_LIMIT 16000000 /* what an error is taken for that nobody has measured */
#define FREQUENCY_LIMIT (500 << 16)

long sys_adjtimex(void __user *buffer)
{
	uint64_t now = clock_realtime_ns();
	struct timex timex;

	if (copy_from_user(&timex, buffer, sizeof(timex)))
		return -EFAULT;
	if (timex.modes && timex.modes != ADJ_OFFSET_SS_READ)
		return -EPERM;
	timex = (struct timex){
		.modes = timex.modes,
		.max_error = PHASE_LIMIT,
		.estimated_error = PHASE_LIMIT,
		.status = STA_UNSYNC,
		.constant = 2,
		.precision = 1,
		.tolerance = FREQUENCY_LIMIT,
		.seconds = (int64_t)(now / NS_PER_SEC),
		.microseconds = (int64_t)(now % NS_PER_SEC / 1000),
		.tick = 10000,
	};
	return copy_to_user(buffer, &timex, sizeof(timex)) ? -EFAULT : TIME_ERROR;
}

long sys_clock_adjtime(int clock, void __user *buffer)
{
	if (clock == CLOCK_REALTIME)
		return sys_adjtimex(buffer);
	return clock_is_cpu(clock) || !clock_waitable(clock) ? -EOPNOTSUPP : -EINVAL;
}
