/*
 * posix_timers.h -- the kernel's calls for POSIX timers, and its structures.
 */
#pragma once

#include "timing.h"

#define NOTIFY_SIGNAL 0
#define NOTIFY_NONE 1
#define NOTIFY_THREAD_ID 4

#define RT 40 /* musl keeps the first ones for itself */

/* The kernel's structures. */
struct event {
	uint64_t value;
	int signal, notify, tid, pad[11];
};

struct setting {
	struct timespec interval, value;
};

static inline int create(int clock, int notify, int signal, uint64_t value)
{
	struct event event = { .value = value, .signal = signal, .notify = notify };
	int id = -1;
	long error;

	event.tid = (int)sys(SYS_gettid);
	error = sys(SYS_timer_create, clock, &event, &id);
	return error ? (int)error : id;
}

static inline long set(int id, uint64_t value, uint64_t interval, int flags)
{
	struct setting new = { to_timespec(interval), to_timespec(value) };

	return sys(SYS_timer_settime, id, flags, &new, NULL);
}

static inline uint64_t left_ns(int id)
{
	struct setting now;

	if (sys(SYS_timer_gettime, id, &now))
		return UINT64_MAX;
	return (uint64_t)now.value.tv_sec * SECOND + (uint64_t)now.value.tv_nsec;
}
