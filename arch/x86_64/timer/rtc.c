/*
 * rtc.c -- the date, from the battery-backed clock (MC146818 and its heirs).
 *
 * The clock is read when it is not just changing, and twice, until both readings agree. It is
 * taken to run on UTC. Boot only.
 *
 * Source: Motorola MC146818 data sheet; ACPI specification 6.5, 5.2.9 (the century's register).
 */
#include <arch/acpi.h>
#include <arch/calibrate.h>
#include <arch/io.h>
#include <facet/string.h>

#include "rtc.h"

#define INDEX 0x70 /* bit 7 keeps NMIs off while set */
#define DATA 0x71

enum {
	SECOND = 0,
	MINUTE = 2,
	HOUR = 4,
	DAY = 7,
	MONTH = 8,
	YEAR = 9,
	STATUS_A = 10,
	STATUS_B = 11,
};

#define STATUS_A_UPDATING 0x80
#define HOUR_PM 0x80

#define DAYS_TO_1970 719468 /* from March 1st of the year 0 */

#define POLLS_MAX 100000 /* an update takes 2 ms */
#define READINGS_MAX 10

static uint8_t rtc_register(uint8_t index)
{
	outb(INDEX, index);
	return inb(DATA);
}

static void read_registers(struct rtc_registers *r)
{
	for (unsigned i = 0; i < POLLS_MAX && rtc_register(STATUS_A) & STATUS_A_UPDATING; i++)
		;
	r->second = rtc_register(SECOND);
	r->minute = rtc_register(MINUTE);
	r->hour = rtc_register(HOUR);
	r->day = rtc_register(DAY);
	r->month = rtc_register(MONTH);
	r->year = rtc_register(YEAR);
	r->century = acpi_info.rtc_century ? rtc_register(acpi_info.rtc_century & 0x7f) : 0;
	r->status_b = rtc_register(STATUS_B);
}

static unsigned decode(uint8_t value, uint8_t status_b)
{
	return status_b & RTC_BINARY ? value : (value >> 4) * 10u + (value & 15);
}

static unsigned decode_hour(uint8_t value, uint8_t status_b)
{
	unsigned hour;

	if (status_b & RTC_24_HOURS)
		return decode(value, status_b);
	hour = decode(value & (uint8_t)~HOUR_PM, status_b) % 12;
	return value & HOUR_PM ? hour + 12 : hour;
}

/* Days since 1970-01-01. A year is taken to begin in March, so that a leap day is its last. */
static uint64_t days(unsigned year, unsigned month, unsigned day)
{
	unsigned from_march = (month + 9) % 12, day_of_year = (from_march * 153 + 2) / 5 + day - 1;

	year -= month <= 2;
	return year * 365ul + year / 4 - year / 100 + year / 400 + day_of_year - DAYS_TO_1970;
}

uint64_t rtc_to_seconds(struct rtc_registers r, bool has_century)
{
	unsigned year = decode(r.year, r.status_b), month = decode(r.month, r.status_b);
	unsigned day = decode(r.day, r.status_b), hour = decode_hour(r.hour, r.status_b);
	unsigned minute = decode(r.minute, r.status_b), second = decode(r.second, r.status_b);
	unsigned century = has_century ? decode(r.century, r.status_b) : 0;

	if (century < 19 || century > 99)
		century = year < 70 ? 20 : 19;
	year += century * 100;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31)
		return 0;
	if (hour > 23 || minute > 59 || second > 59)
		return 0;
	return ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
}

uint64_t rtc_read_seconds(void)
{
	struct rtc_registers now, before;

	if (acpi_info.no_rtc)
		return 0;
	read_registers(&now);
	for (unsigned i = 0; i < READINGS_MAX; i++) {
		before = now;
		read_registers(&now);
		if (memcmp(&now, &before, sizeof(now)) == 0)
			break;
	}
	return rtc_to_seconds(now, acpi_info.rtc_century);
}
