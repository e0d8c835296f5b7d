/*
 * rtc.h -- the date in the battery-backed clock's registers. Pure: tested on the host.
 */
#ifndef TIMER_RTC_H
#define TIMER_RTC_H

#include <facet/types.h>

/* The registers as they were read; their coding stands in `status_b`. */
struct rtc_registers {
	uint8_t second, minute, hour, day, month, year, century;
	uint8_t status_b;
};

#define RTC_BINARY 0x04   /* of status_b; clear: two decimal digits a byte */
#define RTC_24_HOURS 0x02 /* clear: 12, with bit 7 of the hour for p.m. */

/* Seconds since 1970-01-01. `has_century`: the century's register means something. 0: no date. */
uint64_t rtc_to_seconds(struct rtc_registers registers, bool has_century);

#endif
