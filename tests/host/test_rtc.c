// sources: arch/x86_64/timer/rtc.c
// flags: -Iarch/x86_64/include -Iarch/x86_64/timer -D_DEFAULT_SOURCE
// The clock's registers in all their codings, against the C library's calendar.
#include "tap.h"

#include <string.h>
#include <time.h>

#include <arch/acpi.h>

#include "rtc.h"

struct acpi_info acpi_info;

static uint8_t bcd(unsigned value)
{
	return (uint8_t)(value / 10 << 4 | value % 10);
}

TEST(every_day_in_every_coding)
{
	for (int64_t day = 0; day < 365 * 129; day++) {
		time_t want = day * 86400 + (day * 7919) % 86400;
		struct tm tm;
		struct rtc_registers r;
		unsigned hour;

		gmtime_r(&want, &tm);
		r = (struct rtc_registers){ tm.tm_sec,
					    tm.tm_min,
					    tm.tm_hour,
					    tm.tm_mday,
					    tm.tm_mon + 1,
					    tm.tm_year % 100,
					    19 + tm.tm_year / 100,
					    RTC_BINARY | RTC_24_HOURS };
		CHECK(rtc_to_seconds(r, true) == (uint64_t)want);
		if (tm.tm_year < 170)
			CHECK(rtc_to_seconds(r, false) == (uint64_t)want);

		hour = tm.tm_hour % 12 ? tm.tm_hour % 12 : 12;
		r = (struct rtc_registers){ bcd(r.second),
					    bcd(r.minute),
					    bcd(hour) | (tm.tm_hour >= 12 ? 0x80 : 0),
					    bcd(r.day),
					    bcd(r.month),
					    bcd(r.year),
					    bcd(r.century),
					    0 };
		CHECK(rtc_to_seconds(r, true) == (uint64_t)want);
	}
}

TEST(what_is_no_date_is_zero)
{
	struct rtc_registers r = { 0, 0, 0, 1, 1, 26, 20, RTC_BINARY | RTC_24_HOURS };

	CHECK(rtc_to_seconds(r, true) == 1767225600);
	r.month = 13;
	CHECK(rtc_to_seconds(r, true) == 0);
	r.month = 0;
	CHECK(rtc_to_seconds(r, true) == 0);
	r.month = 1;
	r.hour = 24;
	CHECK(rtc_to_seconds(r, true) == 0);
	memset(&r, 0xff, sizeof(r));
	CHECK(rtc_to_seconds(r, true) == 0);
}

TEST(century_that_is_none_is_guessed)
{
	struct rtc_registers r = { 0, 0, 0, 1, 1, 26, 0, RTC_BINARY | RTC_24_HOURS };

	CHECK(rtc_to_seconds(r, true) == 1767225600);
	r.century = 255;
	CHECK(rtc_to_seconds(r, true) == 1767225600);
}
