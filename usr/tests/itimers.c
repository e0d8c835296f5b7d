/*
 * alarm and interval timers: never early, told as what is left, kept by exec and not by fork; those
 * of processor time stand still while the process sleeps; RLIMIT_CPU and RLIMIT_RTTIME
 * (setitimer(2), getrlimit(2)).
 */
#include "timing.h"

#include <sched.h>
#include <sys/mman.h>

static const char *self;

static struct itimerval value(long first_us, long interval_us)
{
	return (struct itimerval){
		.it_value = { first_us / 1000000, first_us % 1000000 },
		.it_interval = { interval_us / 1000000, interval_us % 1000000 },
	};
}

static long in_us(struct timeval time)
{
	return time.tv_sec * 1000000 + time.tv_usec;
}

static void set(int which, long first_us, long interval_us)
{
	struct itimerval new = value(first_us, interval_us);

	must(setitimer(which, &new, NULL));
}

static long left_us(int which)
{
	struct itimerval now;

	must(getitimer(which, &now));
	return in_us(now.it_value);
}

static void alarms(void)
{
	ok_equal(sys(SYS_alarm, 0), 0, "there is no alarm at first");
	ok_equal(sys(SYS_alarm, 100), 0, "nor when the first one is set");
	ok(left_us(ITIMER_REAL) > 98000000 && left_us(ITIMER_REAL) <= 100000000,
	   "it is the interval timer of real time");
	ok_equal(sys(SYS_alarm, 50), 100, "a second one tells what was left");
	ok_equal(sys(SYS_alarm, 0), 50, "and 0 takes it back");
	ok_equal(left_us(ITIMER_REAL), 0, "there is none again");
	ok_equal(sys(SYS_alarm, 4000000000), 0, "one in 126 years may be set");
	ok_equal(sys(SYS_alarm, 0), 4000000000, "and is told");
	set(ITIMER_REAL, 300000, 0);
	ok_equal(sys(SYS_alarm, 0), 1, "less than a second is not told as 0");
	set(ITIMER_REAL, 7400000, 0);
	ok_equal(sys(SYS_alarm, 0), 7, "the rest is rounded");
	set(ITIMER_REAL, 7900000, 0);
	ok_equal(sys(SYS_alarm, 0), 8, "to the nearest second");
}

static void real_time(void)
{
	uint64_t start = now_ns();
	struct itimerval old, other = value(5000000, 2000000);
	siginfo_t info;

	set(ITIMER_REAL, 20000, 0);
	ok_equal(await_signal(SIGALRM, &info, 10 * SECOND), SIGALRM, "a timer sends SIGALRM");
	ok(now_ns() - start >= (uint64_t)(20 * MS), "not before its time");
	ok_equal(info.si_code, SI_KERNEL, "from the kernel");
	ok_equal(left_us(ITIMER_REAL), 0, "and is over then");
	ok_equal(await_signal(SIGALRM, &info, 50 * MS), 0, "for good");
	start = now_ns();
	set(ITIMER_REAL, 10000, 30000);
	for (int i = 0; i < 3; i++)
		await_signal(SIGALRM, &info, 10 * SECOND);
	ok(now_ns() - start >= (uint64_t)(70 * MS), "with an interval it comes again and again");
	must(setitimer(ITIMER_REAL, &other, &old));
	ok_equal(in_us(old.it_interval), 30000, "a new value tells the old interval");
	ok(in_us(old.it_value) > 0 && in_us(old.it_value) <= 30000, "and what was left");
	must(setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, &old));
	ok_equal(in_us(old.it_interval), 2000000, "another interval");
	ok(in_us(old.it_value) > 4000000 && in_us(old.it_value) <= 5000000, "another rest");
	await_signal(SIGALRM, &info, 1);
}

/* A million times a second and nobody looks: one signal, and it goes on. */
static void missed(void)
{
	siginfo_t info;

	set(ITIMER_REAL, 1, 1);
	sleep_ns(50 * MS);
	ok(is_pending(SIGALRM), "one signal of many is pending");
	set(ITIMER_REAL, 0, 0);
	ok_equal(await_signal(SIGALRM, &info, 1), SIGALRM, "it is taken");
	ok(!is_pending(SIGALRM), "and was the only one");
}

static void child_has_none(void *unused)
{
	(void)unused;
	EXPECT(left_us(ITIMER_REAL) == 0);
	EXPECT(left_us(ITIMER_VIRTUAL) == 0);
	EXPECT(left_us(ITIMER_PROF) == 0);
}

static void exec_with_timers(void *unused)
{
	char *arguments[] = { (char *)"itimers", (char *)"after-exec", NULL };

	(void)unused;
	set(ITIMER_REAL, 100000000, 5000000);
	set(ITIMER_PROF, 100000000, 0);
	execv(self, arguments);
	_exit(2);
}

static int after_exec(void)
{
	struct itimerval real;

	must(getitimer(ITIMER_REAL, &real));
	return in_us(real.it_value) > 50000000 && in_us(real.it_interval) == 5000000 &&
			       left_us(ITIMER_PROF) > 50000000
		       ? 0
		       : 1;
}

static void kept(void)
{
	set(ITIMER_REAL, 100000000, 0);
	set(ITIMER_VIRTUAL, 100000000, 0);
	set(ITIMER_PROF, 100000000, 0);
	ok_child(child_has_none, NULL, "a child of fork has no timers");
	ok(left_us(ITIMER_REAL) > 0, "the parent keeps its own");
	set(ITIMER_REAL, 0, 0);
	set(ITIMER_VIRTUAL, 0, 0);
	set(ITIMER_PROF, 0, 0);
	ok_child(exec_with_timers, NULL, "exec keeps them");
}

static volatile unsigned long work;

static uint64_t spin_until(int signal)
{
	uint64_t start = clock_ns(CLOCK_PROCESS_CPUTIME_ID), end = now_ns() + 20 * SECOND;

	while (!is_pending(signal) && now_ns() < end)
		for (int i = 0; i < 10000; i++)
			work++;
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID) - start;
}

static void processor_time(void)
{
	siginfo_t info;
	uint64_t used;

	set(ITIMER_PROF, 30000, 0);
	sleep_ns(100 * MS);
	ok(!is_pending(SIGPROF), "a process that sleeps uses no processor time");
	ok(left_us(ITIMER_PROF) > 0, "its timer stands still");
	used = spin_until(SIGPROF);
	ok_equal(await_signal(SIGPROF, &info, 1), SIGPROF, "one that works does");
	/* Where time is sampled, a tick counts whole however short the process ran in it. */
	ok(used >= (on_facet() ? 29UL * MS : 1), "as much as it was set to");
	ok_equal(info.si_code, SI_KERNEL, "the kernel says so");
	ok_equal(left_us(ITIMER_PROF), 0, "it is over then");

	set(ITIMER_VIRTUAL, 30000, 0);
	sleep_ns(100 * MS);
	ok(!is_pending(SIGVTALRM), "no user time either");
	spin_until(SIGVTALRM);
	ok_equal(await_signal(SIGVTALRM, &info, 1), SIGVTALRM, "SIGVTALRM comes after user time");
	set(ITIMER_PROF, 10000, 10000);
	for (int i = 0; i < 3; i++) {
		spin_until(SIGPROF);
		ok_equal(await_signal(SIGPROF, &info, 1), SIGPROF, "an interval, time %d", i + 1);
	}
	set(ITIMER_PROF, 0, 0);
	used = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) - used < 40 * MS)
		;
	ok(!is_pending(SIGPROF), "0 ends it");
}

/* Almost all of it in the kernel. */
static void system_time(void)
{
	static char buffer[64 * 1024];
	int zero = (int)must(open("/dev/zero", O_RDONLY));

	set(ITIMER_VIRTUAL, 10000000, 0);
	set(ITIMER_PROF, 10000000, 0);
	while (left_us(ITIMER_PROF) > 9850000)
		must(read(zero, buffer, sizeof(buffer)));
	ok(left_us(ITIMER_VIRTUAL) > 9925000, "what the kernel uses is no user time");
	set(ITIMER_VIRTUAL, 0, 0);
	set(ITIMER_PROF, 0, 0);
	close(zero);
}

static void errors(void)
{
	static const struct itimerval bad[] = {
		{ .it_value = { 0, 1000000 } }, { .it_value = { 0, -1 } },
		{ .it_value = { -1, 0 } },      { { 0, 1000000 }, { 1, 0 } },
		{ { 0, -1 }, { 1, 0 } },        { { -1, 0 }, { 1, 0 } },
	};
	struct itimerval good = value(100000000, 0);
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	struct itimerval *split = (void *)(pages + PAGE - 8);

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		ok_equal(sys(SYS_setitimer, ITIMER_REAL, &bad[i], NULL), -EINVAL,
			 "a value that is no time is EINVAL, %lu", (unsigned long)i);
	ok_equal(sys(SYS_setitimer, 3, &good, NULL), -EINVAL, "there is no fourth timer");
	ok_equal(sys(SYS_setitimer, -1, &good, NULL), -EINVAL, "nor one below");
	ok_equal(sys(SYS_getitimer, 3, &good), -EINVAL, "to ask for");
	ok_equal(left_us(ITIMER_REAL), 0, "none of that set one");
	*split = good;
	ok_equal(sys(SYS_setitimer, ITIMER_REAL, split, split), 0, "a value may cross a page");
	ok_equal(sys(SYS_setitimer, ITIMER_REAL, NULL, split), 0, "no value ends the timer");
	ok(in_us(split->it_value) > 90000000, "and the old one may cross a page too");
	ok_equal(left_us(ITIMER_REAL), 0, "it is over");
	must(munmap(pages + PAGE, PAGE));
	ok_equal(sys(SYS_getitimer, ITIMER_REAL, split), -EFAULT, "half a structure is EFAULT");
	ok_equal(sys(SYS_setitimer, ITIMER_REAL, &good, split), -EFAULT, "for the old one too");
	ok(left_us(ITIMER_REAL) > 0, "the timer is set, as on Linux");
	set(ITIMER_REAL, 0, 0);
	munmap(pages, PAGE);
}

static void spin_with_limit(void *limit)
{
	EXPECT(setrlimit(RLIMIT_CPU, limit) == 0);
	for (uint64_t end = now_ns() + 20 * SECOND; now_ns() < end;)
		;
}

/* The soft limit is caught, and moves on by a second. */
static void catch_soft(void *unused)
{
	struct rlimit limit = { 0, RLIM_INFINITY };

	(void)unused;
	EXPECT(setrlimit(RLIMIT_CPU, &limit) == 0);
	spin_until(SIGXCPU);
	EXPECT(is_pending(SIGXCPU));
	EXPECT(getrlimit(RLIMIT_CPU, &limit) == 0);
	EXPECT(limit.rlim_cur == 1);
}

static void is_limited(void *unused)
{
	(void)unused;
	spin_until(SIGXCPU);
	EXPECT(is_pending(SIGXCPU));
}

static void child_inherits(void *unused)
{
	struct rlimit limit = { 0, RLIM_INFINITY };

	(void)unused;
	EXPECT(setrlimit(RLIMIT_CPU, &limit) == 0);
	EXPECT(child_status(is_limited, NULL) == 0);
}

static void be_real_time(void)
{
	const struct sched_param first = { .sched_priority = 1 };

	must(sys(SYS_sched_setscheduler, 0, SCHED_FIFO, &first) ? -1 : 0);
}

static void spin_real_time(void *limit)
{
	be_real_time();
	EXPECT(setrlimit(RLIMIT_RTTIME, limit) == 0);
	for (uint64_t end = now_ns() + 20 * SECOND; now_ns() < end;)
		sys(SYS_sched_yield);
}

/* Neither who waits now and then is limited, nor who is not real-time. */
static void wait_in_between(void *limit)
{
	const struct timespec moment = { 0, 1000000 };
	struct rlimit now;

	EXPECT(setrlimit(RLIMIT_RTTIME, limit) == 0);
	for (uint64_t end = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + SECOND / 5;
	     clock_ns(CLOCK_PROCESS_CPUTIME_ID) < end;)
		;
	be_real_time();
	for (int round = 0; round < 8; round++) {
		for (uint64_t end = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + SECOND / 40;
		     clock_ns(CLOCK_PROCESS_CPUTIME_ID) < end;)
			;
		nanosleep(&moment, NULL);
	}
	EXPECT(getrlimit(RLIMIT_RTTIME, &now) == 0 && now.rlim_cur == 100000);
}

static void catch_real_time(void *unused)
{
	struct rlimit limit = { 50000, RLIM_INFINITY };

	(void)unused;
	be_real_time();
	EXPECT(setrlimit(RLIMIT_RTTIME, &limit) == 0);
	spin_until(SIGXCPU);
	EXPECT(is_pending(SIGXCPU));
	EXPECT(getrlimit(RLIMIT_RTTIME, &limit) == 0 && limit.rlim_cur == 1050000);
}

static void real_time_limits(void)
{
	struct rlimit soft = { 100000, RLIM_INFINITY }, hard = { 100000, 100000 };

	ok_equal(death_signal(child_status(spin_real_time, &hard)), SIGKILL,
		 "the hard limit of real time kills who only yields");
	ok_equal(death_signal(child_status(spin_real_time, &soft)), SIGXCPU,
		 "the soft one sends SIGXCPU");
	ok_child(wait_in_between, &hard, "not to who waits in between, or is not real-time");
	block_signal(SIGXCPU);
	ok_child(catch_real_time, NULL, "and a second later again");
}

static void limits(void)
{
	struct rlimit soft = { 0, RLIM_INFINITY }, hard = { 0, 0 };

	ok_equal(death_signal(child_status(spin_with_limit, &hard)), SIGKILL,
		 "the hard limit of processor time kills");
	block_signal(SIGXCPU);
	ok_child(catch_soft, NULL, "the soft one sends SIGXCPU, a second later again");
	ok_child(child_inherits, NULL, "a child begins with its parent's limit");
	signal(SIGXCPU, SIG_DFL);
	sys(SYS_rt_sigprocmask, SIG_UNBLOCK, &(uint64_t){ 1ull << (SIGXCPU - 1) }, NULL, 8);
	ok_equal(death_signal(child_status(spin_with_limit, &soft)), SIGXCPU,
		 "which kills who does not catch it");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "after-exec"))
		return after_exec();
	self = self_path();
	block_signal(SIGALRM);
	block_signal(SIGVTALRM);
	block_signal(SIGPROF);
	alarms();
	real_time();
	missed();
	kept();
	processor_time();
	system_time();
	errors();
	real_time_limits();
	limits();
	return done();
}
