/*
 * The timer: how often it interrupts, what an interrupt takes, how late sleeps end, and whether the
 * clock keeps the rate of the time stamp counter.
 *
 * A tick is seen from user mode, as a unit of work that took longer than units do. Under -icount
 * that is exact: what is over is the instructions from the entry into the kernel to the return.
 */
#include "scheduling.h"
#include <errno.h>
#include <string.h>

/*
 * As many ticks as a most frequent value wants; and no more units of work than such ticks of the
 * slowest timer take, where there are none.
 */
enum { TICKS = 101, MOST_UNITS = 1500000 };

static void busy_perform(const struct experiment *experiment);

static struct experiment busy = { .seed = "busy", .perform = busy_perform };
static struct figure tick_cost = { .of = &busy }, tick_period = { .of = &busy },
		     interrupts_busy = { .of = &busy };

struct tick {
	uint64_t at, unit; /* the unit of work that it fell into, and how long that took */
};

/*
 * Returns how many were seen, and the time of a unit without one in `undisturbed`. What a tick adds
 * is not known yet, but it is a part of a unit that the loop's own jitter is not.
 */
static unsigned watch_ticks(struct tick *seen, unsigned wanted, uint64_t *undisturbed)
{
	uint64_t least = UINT64_MAX, last = ticks();
	unsigned count = 0;

	for (unsigned i = 0; i < MOST_UNITS && count < wanted; i++) {
		uint64_t now, unit;

		work_unit();
		now = ticks();
		unit = now - last;
		last = now;
		if (unit < least)
			least = unit;
		else if (unit > least + least / 16)
			seen[count++] = (struct tick){ now, unit };
	}
	*undisturbed = least;
	return count;
}

static void busy_perform(const struct experiment *experiment)
{
	static struct tick seen[TICKS];
	uint64_t undisturbed, interrupts, start;
	unsigned count;

	(void)experiment;
	memset(seen, 0, sizeof(seen)); /* not a page may be missing when it counts */
	watch_ticks(seen, 1, &undisturbed);
	interrupts = interrupt_count();
	start = now_ns();
	count = watch_ticks(seen, TICKS, &undisturbed);
	interrupts = interrupt_count() - interrupts;
	figure_set(&interrupts_busy, each_of(interrupts * SECOND, now_ns() - start));
	if (count < TICKS) {
		errno = ETIME;
		give_up("the timer's ticks");
	}
	figure_set(&tick_period, each_of(seen[TICKS - 1].at - seen[0].at, TICKS - 1));
	figure_clear(&tick_cost);
	for (unsigned i = 0; i < TICKS; i++)
		figure_add(&tick_cost, seen[i].unit - undisturbed);
}

/*
 * Nobody works for IDLE. The clock is compared with the time stamp counter, whose rate a program
 * cannot know, but for -icount, where it is exact: a tick of it is a nanosecond.
 */
enum { IDLE_SECONDS = 2 };

static void idle_perform(const struct experiment *experiment);

static struct experiment idle = { .seed = "idle", .perform = idle_perform };
static struct figure interrupts_idle = { .of = &idle }, clock_drift = { .of = &idle };

static void idle_perform(const struct experiment *experiment)
{
	uint64_t interrupts, start, start_ns, spent, drift;

	(void)experiment;
	sleep_until(now_ns() + MS); /* to the end of a tick, if sleeps end there */
	interrupts = interrupt_count();
	start = ticks();
	start_ns = now_ns();
	sleep_until(start_ns + IDLE_SECONDS * (uint64_t)SECOND);
	spent = ticks() - start;
	start_ns = now_ns() - start_ns;
	figure_set(&interrupts_idle, each_of((interrupt_count() - interrupts) * SECOND, start_ns));
	drift = spent > start_ns ? spent - start_ns : start_ns - spent;
	figure_set(&clock_drift, drift * 1000000 / start_ns);
}

/* How late a sleep of so many ms ends that begins anywhere between two ticks. */
static uint64_t sleep_error(unsigned long ms)
{
	uint64_t deadline, wait = ticks_of(random_next() % LONGEST_TICK);

	for (uint64_t start = ticks(); ticks() - start < wait;)
		work_unit();
	deadline = now_ns() + ms * MS;
	sleep_until(deadline);
	return now_ns() - deadline;
}

/* Of each length so many that a run shows their spread; many runs make the distribution. */
enum { SLEEPS = 16 };

#define SLEEP(number)                                                                  \
	.what = "how late a sleep of so many ms ends", .rounds = SLEEPS, .unit = "ns", \
	.parameter = number, .round = sleep_error, .cold = true

static const struct measure table[] = {
	{ .name = "tick_cost",
	  .what = "a tick of the timer from user mode and back",
	  .rounds = TICKS,
	  FIGURE(tick_cost) },
	{ .name = "tick_period", .what = "from tick to tick", .rounds = 1, FIGURE(tick_period) },
	{ .name = "interrupts_busy",
	  .what = "interrupts a second while one process works",
	  .rounds = 1,
	  .unit = "count",
	  FIGURE(interrupts_busy) },
	{ .name = "interrupts_idle",
	  .what = "interrupts a second while nobody works",
	  .rounds = 1,
	  .unit = "count",
	  FIGURE(interrupts_idle) },
	{ .name = "clock_drift",
	  .what = "the clock against a counter of 1 GHz, in 2 idle seconds",
	  .rounds = 1,
	  .unit = "ratio_ppm",
	  FIGURE(clock_drift) },
	{ .name = "sleep_error_1", SLEEP(1) },
	{ .name = "sleep_error_2", SLEEP(2) },
	{ .name = "sleep_error_5", SLEEP(5) },
	{ .name = "sleep_error_10", SLEEP(10) },
	{ .name = "sleep_error_20", SLEEP(20) },
	{ .name = "sleep_error_50", SLEEP(50) },
	{ .name = "sleep_error_100", SLEEP(100) },
};

const struct measures timer_measures = MEASURES("timer", table);
