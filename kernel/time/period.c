/*
 * Times that come again and again, without a step for each one that was missed.
 *
 * No lock: a period is its timer's.
 */
#include "time_private.h"

#include <facet/clock.h>

void period_set(struct period *period, uint64_t first_ns, uint64_t interval_ns)
{
	period->next_ns = first_ns;
	period->interval_ns = first_ns ? interval_ns : 0;
}

uint64_t period_advance(struct period *period, uint64_t now_ns)
{
	uint64_t times, room;

	if (!period->next_ns || now_ns < period->next_ns)
		return 0;
	if (!period->interval_ns) {
		period->next_ns = 0;
		return 1;
	}
	times = (now_ns - period->next_ns) / period->interval_ns + 1;
	/* The last time that a clock can tell is for ever. */
	room = DEADLINE_REALTIME - 1 - (period->next_ns & ~DEADLINE_REALTIME);
	period->next_ns += MIN(times * period->interval_ns, room);
	return times;
}

uint64_t period_left(const struct period *period, uint64_t now_ns)
{
	struct period ahead = *period;

	period_advance(&ahead, now_ns);
	return ahead.next_ns ? ahead.next_ns - now_ns : 0;
}
