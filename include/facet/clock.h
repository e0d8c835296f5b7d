/*
 * clock.h -- time and the tick.
 *
 * Time is the time-stamp counter, scaled: the tick only decides when someone looks at it. A sleeper
 * is woken by the first tick at or after its deadline, so never early and at most one tick late.
 */
#ifndef FACET_CLOCK_H
#define FACET_CLOCK_H

#include <facet/types.h>

/* The first thing at boot: from here on time is counted, though not known before clock_init(). */
void clock_mark_boot(void);

/* At boot, after the timer's calibration: the counter's frequency, and the date from the RTC. */
void clock_init(uint64_t tsc_hz, uint64_t realtime_seconds);

/* Nanoseconds since boot; never goes back. Context: any. */
uint64_t clock_ns(void);

/* Nanoseconds since 1970-01-01 UTC. */
uint64_t clock_realtime_ns(void);

/* Sets it. Deadlines that are given in it come sooner or later for that. Takes RANK_TIMEOUTS. */
void clock_set_realtime(uint64_t ns);

/*
 * A deadline is a time of clock_ns(), or with this bit a time of clock_realtime_ns(). No time needs
 * the bit itself: it is 292 years.
 */
#define DEADLINE_REALTIME (1ull << 63)

/* When it comes, as a time of clock_ns(), unless the clock is set before. */
uint64_t deadline_monotonic(uint64_t deadline_ns);
bool deadline_passed(uint64_t deadline_ns);

/* Cycles of the time-stamp counter, as nanoseconds (for differences). */
uint64_t clock_cycles_to_ns(uint64_t cycles);

/* The time-stamp counter's value when clock_ns() reaches `deadline_ns`; saturates. */
uint64_t clock_deadline_cycles(uint64_t deadline_ns);

/*
 * The timer's interrupt, all of it: counts the tick and the running thread's slice, and leaves bits
 * in `pending`. Context: interrupt. `from_user`: the tick is charged to user time.
 */
void clock_tick(bool from_user);

/* Sets it. Deadlines that are given in it come sooner or later for that. Takes RANK_TIMEOUTS. */
void clock_set_realtime(uint64_t ns);

/*
 * A deadline is a time of clock_ns(), or with this bit a time of clock_realtime_ns(). No time needs
 * the bit itself: it is 292 years.
 */
#define DEADLINE_REALTIME (1ull << 63)

/* When it comes, as a time of clock_ns(), unless the clock is set before. */
uint64_t deadline_monotonic(uint64_t deadline_ns);
bool deadline_passed(uint64_t deadline_ns);

/* Cycles of the time-stamp counter from one tick to the next. */
uint64_t clock_tick_cycles(void);

#endif
