/*
 * timing.h -- what the tests of timers share: clocks in nanoseconds, work, signals that are waited
 * for with what came along.
 */
#pragma once

#include "tap.h"

#include <sys/time.h>

#define MS 1000000L
#define SECOND 1000000000L

static inline struct timespec to_timespec(uint64_t ns)
{
	return (struct timespec){ (time_t)(ns / SECOND), (long)(ns % SECOND) };
}

/* The kernel's; 0 if there is no such clock. */
static inline uint64_t clock_ns(int clock)
{
	struct timespec now;

	if (sys(SYS_clock_gettime, clock, &now))
		return 0;
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

/* The id of a clock of processor time, as clock_getcpuclockid(3) makes it. */
enum { PROF, VIRTUAL, SCHED, NO_KIND, OF_THREAD };

static inline int cpu_clock(pid_t pid, int kind)
{
	return (int)(~(unsigned)pid << 3) | kind;
}

static inline void sleep_ns(long ns)
{
	struct timespec time = to_timespec((uint64_t)ns);

	while (nanosleep(&time, &time))
		;
}

/* Waits for a signal that is blocked. 0: it did not come within the time. */
static inline int await_signal(int signal, siginfo_t *info, long ns)
{
	struct timespec time = to_timespec((uint64_t)ns);
	uint64_t set = 1ull << (signal - 1);
	long got;

	do {
		got = sys(SYS_rt_sigtimedwait, &set, info, &time, 8);
	} while (got == -EINTR);
	return got == signal ? signal : 0;
}

static inline void block_signal(int signal)
{
	uint64_t set = 1ull << (signal - 1);

	sys(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8);
}

static inline bool is_pending(int signal)
{
	uint64_t set = 0;

	sys(SYS_rt_sigpending, &set, 8);
	return set >> (signal - 1) & 1;
}

/* A lower user, in a child: what only root may do is refused. */
static inline void become_nobody(void)
{
	EXPECT(sys(SYS_setresgid, 65534, 65534, 65534) == 0);
	EXPECT(sys(SYS_setresuid, 65534, 65534, 65534) == 0);
}
