/*
 * Clocks and sleeping: clocks do not go back and agree with each other, a sleep is never short
 * and, where nothing else runs, late by less than two ticks; sleepers wake in order.
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/time.h>

#define MS 1000000L

static uint64_t tick_ns(void)
{
	if (config_has("CONFIG_HZ=100\n"))
		return 10 * MS;
	return config_has("CONFIG_HZ=250\n")    ? 4 * MS
	       : config_has("CONFIG_HZ=1000\n") ? MS
						: 25 * MS;
}

static uint64_t read_clock(int clock)
{
	struct timespec now = { -1, -1 };

	if (sys(SYS_clock_gettime, clock, &now) || now.tv_nsec < 0 || now.tv_nsec >= 1000000000)
		return 0;
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void clocks(void)
{
	struct timeval day;
	uint64_t last = 0, now, different = 0;
	bool forward = true;

	for (int i = 0; i < 20000; i++) {
		now = read_clock(CLOCK_MONOTONIC);
		forward = forward && now >= last && now;
		different += now != last;
		last = now;
	}
	ok(forward, "CLOCK_MONOTONIC never goes back in 20,000 readings");
	ok(different > 1000, "and is finer than a tick");
	ok(read_clock(CLOCK_REALTIME) > 0, "CLOCK_REALTIME is there");
	must(sys(SYS_gettimeofday, &day, NULL) ? -1 : 0);
	now = read_clock(CLOCK_REALTIME) / 1000 -
	      ((uint64_t)day.tv_sec * 1000000 + (uint64_t)day.tv_usec);
	ok(now < 1000000, "gettimeofday agrees with it");
	ok(day.tv_usec >= 0 && day.tv_usec < 1000000, "in microseconds");
	ok(day.tv_sec > 1600000000, "the year is after 2020");
	ok_equal(sys(SYS_clock_gettime, 99, &day), -EINVAL, "an unknown clock is EINVAL");
	ok_equal(sys(SYS_gettimeofday, NULL, NULL), 0, "gettimeofday into nothing is allowed");
	uint64_t real = read_clock(CLOCK_REALTIME), mono = read_clock(CLOCK_MONOTONIC);

	for (uint64_t start = now_ns(); now_ns() - start < 20 * MS;)
		;
	real = read_clock(CLOCK_REALTIME) - real;
	mono = read_clock(CLOCK_MONOTONIC) - mono;
	ok(real > mono - 2 * MS && real < mono + 2 * MS, "both clocks go at the same rate");
}

/* The smallest lateness of a few tries, or -1 when one was early. */
static long lateness(long ns, bool absolute)
{
	long best = 1000000000;

	for (int i = 0; i < 4; i++) {
		struct timespec time = { ns / 1000000000, ns % 1000000000 };
		uint64_t start = read_clock(CLOCK_MONOTONIC), end = start + (uint64_t)ns;
		long late;

		if (absolute) {
			time.tv_sec = (time_t)(end / 1000000000);
			time.tv_nsec = (long)(end % 1000000000);
		}
		if (absolute ? sys(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL)
			     : sys(SYS_nanosleep, &time, NULL))
			return -2;
		late = (long)(read_clock(CLOCK_MONOTONIC) - end);
		if (late < 0)
			return -1;
		if (late < best)
			best = late;
	}
	return best;
}

static void accuracy(void)
{
	static const long lengths[] = {
		1, 1000, 500000, 1 * MS, 3 * MS, 10 * MS, 25 * MS, 60 * MS
	};
	long bound = (long)(2 * tick_ns()) + MS;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		long relative = lateness(lengths[i], false), absolute = lateness(lengths[i], true);

		if (!ok(relative >= 0 && relative < bound,
			"a sleep of %ld us is never short, and late by "
			"less than two ticks",
			lengths[i] / 1000))
			diag("late by %ld ns", relative);
		if (!ok(absolute >= 0 && absolute < bound, "the same to a point in time"))
			diag("late by %ld ns", absolute);
	}
}

static void errors(void)
{
	struct timespec bad[] = {
		{ 0, 1000000000 }, { 0, -1 }, { -1, 0 }, { 0, 2000000000 }, { -1, -1 }
	};
	struct timespec past = { 0, 1 }, zero = { 0, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		ok(sys(SYS_nanosleep, &bad[i], NULL) == -EINVAL &&
			   sys(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &bad[i], NULL) == -EINVAL &&
			   sys(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &bad[i], NULL) ==
				   -EINVAL,
		   "%ld s and %ld ns is EINVAL", (long)bad[i].tv_sec, bad[i].tv_nsec);
	}
	ok_equal(sys(SYS_nanosleep, NULL, NULL), -EFAULT, "no time at all is EFAULT");
	ok_equal(sys(SYS_nanosleep, &zero, NULL), 0, "zero returns at once");
	ok_equal(sys(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL), 0,
		 "a time that has passed too");
	ok_equal(sys(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &past, NULL), 0,
		 "on both clocks");
	ok_equal(sys(SYS_clock_nanosleep, 99, 0, &zero, NULL), -EINVAL,
		 "an unknown clock is EINVAL");
	for (int alarm = 8; alarm <= 9; alarm++)
		ok(sys(SYS_clock_nanosleep, alarm, 0, &zero, NULL) != -EINVAL,
		   "but one that may wake the machine, %d, is known", alarm);
}

struct shared {
	volatile int length;
	volatile int order[8];
};

static void in_order(void)
{
	static const int delays[] = { 50, 20, 40, 10, 30 };
	struct shared *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				     -1, 0);
	uint64_t start = read_clock(CLOCK_MONOTONIC) + 10 * MS;
	pid_t pids[5];
	bool right = true;

	for (int i = 0; i < 5; i++) {
		pids[i] = (pid_t)must(fork());
		if (pids[i] == 0) {
			uint64_t end = start + (uint64_t)delays[i] * MS;
			struct timespec time = { (time_t)(end / 1000000000),
						 (long)(end % 1000000000) };

			sys(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
			shared->order[__atomic_fetch_add(&shared->length, 1, __ATOMIC_SEQ_CST)] =
				delays[i];
			_exit(0);
		}
	}
	for (int i = 0; i < 5; i++)
		wait_child(pids[i]);
	for (int i = 0; i < 5; i++)
		right = right && shared->order[i] == (i + 1) * 10;
	ok(right, "five sleepers wake in the order of their times");
	munmap(shared, PAGE);
}

static void sleep_for_ever(void *unused)
{
	struct timespec long_time = { 100000000, 0 };

	(void)unused;
	sys(SYS_nanosleep, &long_time, NULL);
}

/* A stop and a continue do not shorten a sleep. */
static void sleep_50_ms(void *unused)
{
	struct timespec time = { 0, 50 * MS };
	uint64_t start = read_clock(CLOCK_MONOTONIC);

	(void)unused;
	EXPECT(sys(SYS_nanosleep, &time, NULL) == 0);
	EXPECT(read_clock(CLOCK_MONOTONIC) - start >= 50 * MS);
}

static void interrupted(void)
{
	pid_t child = start_child(sleep_for_ever, NULL);
	int status;

	ok(await_state(child, 'S'), "a sleeper is in state S");
	must(kill(child, SIGTERM));
	ok_equal(wait_child(child), SIGTERM, "and dies of a signal at once");
	child = start_child(sleep_50_ms, NULL);
	ok(await_state(child, 'S'), "another sleeps");
	must(kill(child, SIGSTOP));
	must(waitpid(child, &status, WUNTRACED));
	must(kill(child, SIGCONT));
	ok_equal(wait_child(child), 0, "stopped and continued it sleeps its full time");
}

int main(void)
{
	clocks();
	accuracy();
	errors();
	in_order();
	interrupted();
	return done();
}
