/*
 * Clocks of processor time by their ids, sleeping on them, and setting the clock: what is refused
 * everywhere, and on Facet what it does (clock_getcpuclockid(3), clock_settime(2)).
 */
#include "timing.h"

#define FUTEX_WAIT_BITSET 9
#define FUTEX_CLOCK_REALTIME 256

static volatile unsigned long work;

static void spin_for_ever(void *unused)
{
	(void)unused;
	for (;;)
		work++;
}

static void end(pid_t child)
{
	must(kill(child, SIGKILL));
	wait_child(child);
}

static void ids(void)
{
	int own = cpu_clock(getpid(), SCHED), tid = (int)sys(SYS_gettid);
	uint64_t before = clock_ns(CLOCK_PROCESS_CPUTIME_ID), named = clock_ns(own),
		 after = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	struct timespec time;
	pid_t child;

	ok(before > 0 && before <= named && named <= after, "a process's clock by its id");
	ok(clock_ns(cpu_clock(0, SCHED)) >= after, "0 is the caller");
	before = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	ok(clock_ns(cpu_clock(tid, SCHED | OF_THREAD)) >= before, "a thread's by its id");
	ok(clock_ns(cpu_clock(0, SCHED | OF_THREAD)) >= before, "0 is the calling one");
	ok_equal(sys(SYS_clock_gettime, cpu_clock(getpid(), PROF), &time), 0,
		 "user and system time");
	ok_equal(sys(SYS_clock_gettime, cpu_clock(getpid(), VIRTUAL), &time), 0, "user time");
	ok_equal(sys(SYS_clock_gettime, cpu_clock(getpid(), NO_KIND), &time), -EINVAL,
		 "there is no fourth kind");
	ok_equal(sys(SYS_clock_gettime, cpu_clock(0x3ffffff, SCHED), &time), -EINVAL,
		 "a process that is not there");
	ok_equal(sys(SYS_clock_gettime, cpu_clock(0x3ffffff, SCHED | OF_THREAD), &time), -EINVAL,
		 "a thread");
	ok_equal(sys(SYS_clock_gettime, cpu_clock(getppid(), SCHED | OF_THREAD), &time), -EINVAL,
		 "a thread of another process");
	ok_equal(sys(SYS_clock_getres, own, &time), 0, "it has a resolution");
	ok(time.tv_sec == 0 && time.tv_nsec == 1, "of a nanosecond");
	ok_equal(sys(SYS_clock_getres, cpu_clock(0x3ffffff, SCHED), &time), -EINVAL,
		 "unless it is not there");
	child = start_child(spin_for_ever, NULL);
	before = clock_ns(cpu_clock(child, SCHED));
	sleep_ns(60 * MS);
	after = clock_ns(cpu_clock(child, SCHED));
	ok(after > before, "another process's clock goes on while it works");
	end(child);
	ok_equal(sys(SYS_clock_gettime, cpu_clock(child, SCHED), &time), -EINVAL,
		 "and is gone with it");
}

static long sleep_on(int clock, int flags, uint64_t ns, struct timespec *remain)
{
	struct timespec time = to_timespec(ns);

	return sys(SYS_clock_nanosleep, clock, flags, &time, remain);
}

static void sleeping(void)
{
	pid_t child = start_child(spin_for_ever, NULL);
	int clock = cpu_clock(child, SCHED);
	struct timespec bad = { 0, SECOND };
	uint64_t start = clock_ns(clock);

	ok_equal(sleep_on(clock, 0, 30 * MS, NULL), 0, "one may sleep while another process works");
	ok(clock_ns(clock) - start >= 30 * MS, "as long as it takes");
	start = clock_ns(clock);
	ok_equal(sleep_on(clock, TIMER_ABSTIME, start + 30 * MS, NULL), 0,
		 "to a point in its time");
	ok(clock_ns(clock) >= start + 30 * MS, "not less");
	ok_equal(sleep_on(clock, TIMER_ABSTIME, 1, NULL), 0, "one that has passed is no sleep");
	ok_equal(sleep_on(clock, 0, 0, NULL), 0, "nor are 0 ns");
	end(child);
	ok_equal(sleep_on(CLOCK_THREAD_CPUTIME_ID, 0, MS, NULL), -EOPNOTSUPP,
		 "nobody sleeps on the own thread's clock");
	ok_equal(sleep_on(cpu_clock(0, SCHED | OF_THREAD), 0, MS, NULL), -EINVAL,
		 "however it is named");
	ok_equal(sleep_on(cpu_clock((int)sys(SYS_gettid), SCHED | OF_THREAD), 0, MS, NULL), -EINVAL,
		 "by its own id too");
	ok_equal(sleep_on(cpu_clock(0x3ffffff, SCHED), 0, MS, NULL), -EINVAL,
		 "or on one that is not there");
	ok_equal(sleep_on(CLOCK_MONOTONIC_RAW, 0, MS, NULL), -EOPNOTSUPP, "or on a raw clock");
	ok_equal(sleep_on(CLOCK_REALTIME_COARSE, 0, MS, NULL), -EOPNOTSUPP, "or a coarse one");
	ok_equal(sleep_on(CLOCK_MONOTONIC_COARSE, 0, MS, NULL), -EOPNOTSUPP, "of both");
	ok_equal(sleep_on(99, 0, MS, NULL), -EINVAL, "an unknown one is EINVAL");
	ok_equal(sys(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0, NULL, NULL), -EFAULT,
		 "no time is EFAULT");
	ok_equal(sys(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0, &bad, NULL), -EINVAL,
		 "a bad one is EINVAL");
}

static void nothing(int signal)
{
	(void)signal;
}

/* A process that sleeps has no processor time: only a signal ends this. */
static void interrupted(void)
{
	struct itimerval soon = { .it_value = { 0, 20000 } };
	struct sigaction action = { .sa_handler = nothing };
	struct timespec remain = { 0, 0 };

	must(sigaction(SIGALRM, &action, NULL));
	must(setitimer(ITIMER_REAL, &soon, NULL));
	ok_equal(sleep_on(CLOCK_PROCESS_CPUTIME_ID, 0, 5 * SECOND, &remain), -EINTR,
		 "on its own clock a process sleeps until a signal comes");
	ok(remain.tv_sec == 4 || remain.tv_sec == 5, "and is told what is left");
	must(setitimer(ITIMER_REAL, &soon, NULL));
	remain.tv_sec = 77;
	ok_equal(sleep_on(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, 3600UL * SECOND, &remain),
		 -EINTR, "the same to a point in time");
	ok_equal(remain.tv_sec, 77, "of which nothing is left to tell");
}

static void usage_of_a_thread(void)
{
	struct rusage self, thread;

	must(getrusage(RUSAGE_SELF, &self));
	ok_equal(sys(SYS_getrusage, RUSAGE_THREAD, &thread), 0, "a thread's own usage");
	ok(thread.ru_utime.tv_sec + thread.ru_stime.tv_sec <=
		   self.ru_utime.tv_sec + self.ru_stime.tv_sec + 1,
	   "is no more than its process's");
}

static void as_nobody(void *unused)
{
	struct timespec time = to_timespec(clock_ns(CLOCK_REALTIME));
	struct timeval day = { time.tv_sec, 0 };
	int zone[2] = { 0, 0 };
	union {
		unsigned modes;
		uint64_t whole[26];
	} timex = { .whole = { 0 } };

	(void)unused;
	become_nobody();
	EXPECT(sys(SYS_clock_settime, CLOCK_REALTIME, &time) == -EPERM);
	EXPECT(sys(SYS_settimeofday, &day, NULL) == -EPERM);
	EXPECT(sys(SYS_settimeofday, NULL, zone) == -EPERM);
	EXPECT(sys(SYS_adjtimex, &timex) >= 0);
	timex.modes = 2; /* the frequency */
	EXPECT(sys(SYS_adjtimex, &timex) == -EPERM);
	EXPECT(sys(SYS_clock_adjtime, CLOCK_REALTIME, &timex) == -EPERM);
}

static void refused(void)
{
	struct timespec bad[] = { { 0, SECOND }, { 0, -1 }, { -1, 0 } }, good = { 1, 0 };
	struct timeval bad_day = { 0, -1 };
	uint64_t timex[26] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		ok_equal(sys(SYS_clock_settime, CLOCK_REALTIME, &bad[i]), -EINVAL,
			 "a clock is not set to what is no time, %lu", (unsigned long)i);
	ok_equal(sys(SYS_clock_settime, CLOCK_MONOTONIC, &good), -EINVAL,
		 "the monotonic clock is not set");
	ok_equal(sys(SYS_clock_settime, CLOCK_BOOTTIME, &good), -EINVAL, "nor that since boot");
	ok_equal(sys(SYS_clock_settime, CLOCK_PROCESS_CPUTIME_ID, &good), -EINVAL,
		 "nor processor time");
	ok_equal(sys(SYS_clock_settime, cpu_clock(0, SCHED), &good), -EPERM, "by its id");
	ok_equal(sys(SYS_clock_settime, cpu_clock(0x3ffffff, SCHED), &good), -EINVAL, "of nobody");
	ok_equal(sys(SYS_clock_settime, 99, &good), -EINVAL, "nor an unknown clock");
	ok_equal(sys(SYS_settimeofday, &bad_day, NULL), -EINVAL, "no time of the day");
	ok_equal(sys(SYS_settimeofday, NULL, NULL), 0, "nothing may be set");
	ok(sys(SYS_adjtimex, timex) >= 0, "how the clock is adjusted is told");
	ok(((time_t *)timex)[9] > 1600000000, "with the time");
	ok_equal(((time_t *)timex)[11], 10000, "a tick of it is 10 ms");
	ok_equal(sys(SYS_clock_adjtime, CLOCK_MONOTONIC, timex), -EOPNOTSUPP,
		 "that of another clock is not");
	ok_equal(sys(SYS_clock_adjtime, 99, timex), -EINVAL, "an unknown one is EINVAL");
	ok_child(as_nobody, NULL, "only root sets the clock");
}

static void set_realtime(uint64_t ns)
{
	struct timespec time = to_timespec(ns);

	must(sys(SYS_clock_settime, CLOCK_REALTIME, &time) ? -1 : 0);
}

static void sleep_for_1000_s(void *unused)
{
	uint64_t until = clock_ns(CLOCK_REALTIME) + 1000UL * SECOND;

	(void)unused;
	EXPECT(sleep_on(CLOCK_REALTIME, TIMER_ABSTIME, until, NULL) == 0);
	EXPECT(clock_ns(CLOCK_REALTIME) >= until);
}

static void futex_for_1000_s(void *unused)
{
	struct timespec until = to_timespec(clock_ns(CLOCK_REALTIME) + 1000UL * SECOND);
	static int word;

	(void)unused;
	EXPECT(sys(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &until, NULL,
		   -1) == -ETIMEDOUT);
}

/* In 1000 s of real time, but of no other clock's. */
static int timer_in_1000_s(bool absolute)
{
	struct timespec setting[2] = { { 0, 0 }, { 0, 0 } };
	int id = -1;

	setting[1] = to_timespec((absolute ? clock_ns(CLOCK_REALTIME) : 0) + 1000UL * SECOND);
	must(sys(SYS_timer_create, CLOCK_REALTIME, NULL, &id) ? -1 : 0);
	must(sys(SYS_timer_settime, id, absolute ? TIMER_ABSTIME : 0, setting, NULL) ? -1 : 0);
	return id;
}

/* The host's clock is nobody's to set: only where this is Facet. */
static void setting_it(void)
{
	pid_t sleeper, waiter;
	uint64_t before, monotonic;
	struct timespec first = { 0, 1 };
	int id, relative;
	siginfo_t info;

	if (!on_facet())
		return;
	block_signal(SIGALRM);
	sleeper = start_child(sleep_for_1000_s, NULL);
	waiter = start_child(futex_for_1000_s, NULL);
	id = timer_in_1000_s(true);
	relative = timer_in_1000_s(false);
	ok(await_state(sleeper, 'S') && await_state(waiter, 'S'), "two sleep until a date");
	before = clock_ns(CLOCK_REALTIME);
	monotonic = now_ns();
	set_realtime(before + 2000UL * SECOND);
	ok(clock_ns(CLOCK_REALTIME) >= before + 2000UL * SECOND, "the clock is set");
	ok(now_ns() - monotonic < 1000UL * SECOND, "the monotonic one goes on as before");
	ok_equal(wait_child(sleeper), 0, "who slept until a date that has come wakes up");
	ok_equal(wait_child(waiter), 0, "who waited for a futex until then too");
	ok(now_ns() - monotonic < 500UL * SECOND, "both at once");
	ok_equal(await_signal(SIGALRM, &info, SECOND), SIGALRM, "a timer for such a date comes");
	ok_equal(info.si_timerid, id, "it is that one");
	ok_equal(await_signal(SIGALRM, &info, 50 * MS), 0, "one for a span of time does not");
	sys(SYS_timer_delete, id);
	sys(SYS_timer_delete, relative);
	ok_equal(sys(SYS_clock_settime, CLOCK_REALTIME, &first), -EINVAL,
		 "the clock is not set to before 1970 plus what has passed since boot");
	set_realtime(before);
	ok(clock_ns(CLOCK_REALTIME) < before + 1000UL * SECOND, "it is set back");
}

int main(void)
{
	ids();
	sleeping();
	interrupted();
	usage_of_a_thread();
	refused();
	setting_it();
	return done();
}
