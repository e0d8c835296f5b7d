/*
 * Sleeping on a clock of processor time: until others have run so long.
 *
 * Lock: process_tree_lock, under which a clock is looked at and its sleepers are woken. Source:
 * clock_nanosleep(2).
 */
#include <facet/errno.h>
#include <facet/process.h>
#include <facet/restart.h>

#include "time_private.h"

struct cpu_sleeper {
	struct cpu_timer timer;
	struct wait_queue queue;
	bool woken;
};

static void wake_sleeper(struct cpu_timer *timer, uint64_t now_ns)
{
	struct cpu_sleeper *sleeper = container_of(timer, struct cpu_sleeper, timer);

	(void)now_ns;
	sleeper->woken = true;
	wait_wake_all(&sleeper->queue);
}

/* Tree lock held. 0 once the clock stands at `deadline_ns`, or -ERESTARTSYS. */
static int sleep_on(const struct cpu_clock *clock, uint64_t deadline_ns)
{
	struct cpu_sleeper sleeper = { .woken = false };
	int error = 0;

	wait_queue_init(&sleeper.queue);
	cpu_timer_init(&sleeper.timer, wake_sleeper);
	cpu_timer_set(&sleeper.timer, clock, deadline_ns);
	while (!sleeper.woken && !error)
		error = wait_sleep(&sleeper.queue, &process_tree_lock, SLEEP_INTERRUPTIBLE);
	cpu_timer_cancel(&sleeper.timer);
	return sleeper.woken ? 0 : error;
}

/* A thread's own clock would stand still while it sleeps. */
static int clock_to_sleep_on(int id, struct cpu_clock *clock)
{
	int error = cpu_clock_find(id, current_process(), clock);

	if (!error && clock->thread == current_thread())
		return -EINVAL;
	if (!error && clock->process->zombie)
		return -ESRCH;
	return error;
}

/* Gives what is left in *left_ns. */
static int sleep_until_clock(int id, uint64_t deadline_ns, uint64_t *left_ns)
{
	struct cpu_clock clock;
	uint64_t now;
	int error;

	spin_lock(&process_tree_lock);
	error = clock_to_sleep_on(id, &clock);
	if (!error && cpu_clock_ns(&clock) < deadline_ns)
		error = sleep_on(&clock, deadline_ns);
	/* It may have ended meanwhile. */
	if (error == -ERESTARTSYS && !cpu_clock_find(id, current_process(), &clock)) {
		now = cpu_clock_ns(&clock);
		*left_ns = deadline_ns > now ? deadline_ns - now : 0;
	}
	spin_unlock(&process_tree_lock);
	return error;
}

static long go_on_sleeping(struct restart *restart)
{
	void __user *remain = (void __user *)restart->words[1];
	uint64_t left = 0;
	int error = sleep_until_clock((int)restart->words[0], restart->deadline_ns, &left);

	if (error != -ERESTARTSYS)
		return error;
	if (remain && timespec_to_user(remain, left))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

long cpu_sleep(int clock, bool absolute, uint64_t ns, void __user *remain)
{
	struct restart *restart = &current_thread()->restart;
	struct cpu_clock found;
	uint64_t left, deadline = ns;
	int error;

	if (!absolute) {
		spin_lock(&process_tree_lock);
		error = clock_to_sleep_on(clock, &found);
		if (!error)
			deadline = cpu_clock_ns(&found) + ns;
		spin_unlock(&process_tree_lock);
		if (error)
			return error;
		*restart = (struct restart){ go_on_sleeping,
					     deadline,
					     { (uint64_t)clock, (uint64_t)remain } };
		return go_on_sleeping(restart);
	}
	error = sleep_until_clock(clock, deadline, &left);
	return error == -ERESTARTSYS ? -ERESTARTNOHAND : error;
}
