/*
 * The load averages: how many threads ran or were ready, over the last 1, 5 and 15 minutes.
 *
 * Every five seconds the number is taken into three averages, each with its own weight, so nothing
 * is done when a thread becomes ready or stops. A thread that sleeps without being interruptible
 * does so for moments, as there is no disk, and is not counted. A tick more than five seconds, lest
 * what wakes every second is always or never found awake. One writer, the bottom; readers take each
 * average as it is.
 * Source: getloadavg(3); the constants are Linux's: e to the power of -5 s by the minutes.
 */
#include <facet/clock.h>
#include <facet/sched.h>
#include <facet/tick.h>
#include <facet/timeout.h>

#define PERIOD_NS (5 * NS_PER_SEC + TICK_NS)
#define ONE (1ul << LOAD_SHIFT)

static const uint64_t kept[LOAD_AVERAGES] = { 1884, 2014, 2037 }; /* of ONE, after a period */

static uint64_t averages[LOAD_AVERAGES];
static struct timeout sample;

/* Rises are rounded up and falls down, so that a steady load is reached. */
static uint64_t next_average(uint64_t average, uint64_t weight, uint64_t load)
{
	uint64_t sum = average * weight + load * (ONE - weight);

	return (sum + (load >= average ? ONE - 1 : 0)) / ONE;
}

static void take_sample(struct timeout *timeout)
{
	uint64_t load = sched_running_count() * ONE;

	for (unsigned i = 0; i < LOAD_AVERAGES; i++)
		WRITE_ONCE(averages[i], next_average(averages[i], kept[i], load));
	timeout_set(timeout, clock_ns() + PERIOD_NS);
}

void load_averages(uint64_t loads[LOAD_AVERAGES])
{
	for (unsigned i = 0; i < LOAD_AVERAGES; i++)
		loads[i] = READ_ONCE(averages[i]);
}

void load_init(void)
{
	timeout_init(&sample, take_sample);
	timeout_set(&sample, clock_ns() + PERIOD_NS);
}
