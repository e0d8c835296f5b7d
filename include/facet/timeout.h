/*
 * timeout.h -- functions to be called when a time has come.
 *
 * One tree for each clock that deadlines are given in holds them all, sleeping threads' too: the
 * tick compares the nearest with the clock, and the return path calls what is due. So a function is
 * called by the first tick at or after its deadline: never early, and at most one tick late.
 */
#ifndef FACET_TIMEOUT_H
#define FACET_TIMEOUT_H

#include <facet/tree.h>
#include <facet/types.h>

struct timeout {
	struct tree_node node;
	uint64_t deadline_ns; /* with DEADLINE_REALTIME (clock.h), of the clock that may be set */
	void (*expired)(struct timeout *timeout);
};

void timeouts_init(void);

/*
 * `expired` is called once a deadline, with the timeout no longer set, so that it may set it again.
 * Context of that call: a bottom; no lock is held.
 */
void timeout_init(struct timeout *timeout, void (*expired)(struct timeout *timeout));

/* Takes the place of a deadline that was set before. Takes RANK_TIMEOUTS, as the others do. */
void timeout_set(struct timeout *timeout, uint64_t deadline_ns);

/* Does nothing if it is not set. `expired` may be running on another processor still. */
void timeout_cancel(struct timeout *timeout);

/*
 * The same, and waits for that: then the memory may be freed. Context: no lock held that `expired`
 * takes.
 */
void timeout_cancel_wait(struct timeout *timeout);

/* The real-time clock was set: what is nearest may be another one. */
void timeouts_clock_set(void);

#endif
