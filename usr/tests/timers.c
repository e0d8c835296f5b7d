/*
 * POSIX timers: their signals and what these carry, overruns, what is left of them, and that they
 * belong to one process and one program (timer_create(2), timer_settime(2)).
 */
#include "posix_timers.h"

static const char *self;

static void by_default(void)
{
	siginfo_t info;
	int id = -1;

	ok_equal(sys(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id), 0, "a timer without an event");
	ok_equal(left_ns(id), 0, "is not set");
	ok_equal(sys(SYS_timer_getoverrun, id), 0, "has no overruns");
	ok_equal(set(id, MS, 0, 0), 0, "once it is set");
	ok_equal(await_signal(SIGALRM, &info, 10 * SECOND), SIGALRM, "it sends SIGALRM");
	ok_equal(info.si_code, SI_TIMER, "with SI_TIMER");
	ok_equal(info.si_timerid, id, "its id");
	ok_equal(info.si_value.sival_int, id, "and the id as its value");
	ok_equal(sys(SYS_timer_delete, id), 0, "it is deleted");
	ok_equal(sys(SYS_timer_delete, id), -EINVAL, "once");
	ok_equal(sys(SYS_timer_gettime, id, &(struct setting){ 0 }), -EINVAL, "and cannot be read");
	ok_equal(set(id, MS, 0, 0), -EINVAL, "set");
	ok_equal(sys(SYS_timer_getoverrun, id), -EINVAL, "or asked for overruns");
}

static void on_clocks(void)
{
	static const int clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, 11 };
	siginfo_t info;

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		int id = create(clocks[i], NOTIFY_SIGNAL, RT, 0x123456789abcdef0), late;
		uint64_t start = now_ns();

		set(id, 20 * MS, 0, 0);
		ok_equal(await_signal(RT, &info, 10 * SECOND), RT, "clock %d: a signal", clocks[i]);
		ok(now_ns() - start >= 20 * MS, "not before its time");
		ok((uint64_t)info.si_value.sival_ptr == 0x123456789abcdef0, "with its value");
		ok_equal(info.si_overrun, 0, "no overrun");
		ok_equal(left_ns(id), 0, "it is over");
		start = clock_ns(clocks[i]);
		set(id, start + 20 * MS, 0, TIMER_ABSTIME);
		ok_equal(await_signal(RT, &info, 10 * SECOND), RT, "the same at a point in time");
		ok(clock_ns(clocks[i]) - start >= 20 * MS, "not before it");
		set(id, 1, 0, TIMER_ABSTIME);
		late = await_signal(RT, &info, 10 * SECOND);
		ok_equal(late, RT, "one that has passed comes at once");
		sys(SYS_timer_delete, id);
	}
}

static void again(void)
{
	int id = create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, RT, 0);
	struct setting old, new = { to_timespec(7 * SECOND), to_timespec(100 * SECOND) };
	uint64_t start = now_ns();
	siginfo_t info;

	set(id, 10 * MS, 30 * MS, 0);
	for (int i = 0; i < 3; i++)
		await_signal(RT, &info, 10 * SECOND);
	ok(now_ns() - start >= 70 * MS, "with an interval it comes again and again");
	ok(left_ns(id) <= 30 * MS, "what is left is never more than the interval");
	ok_equal(sys(SYS_timer_settime, id, 0, &new, &old), 0, "it is set anew");
	ok_equal(old.interval.tv_nsec, 30 * MS, "and tells its old interval");
	ok(old.value.tv_sec == 0 && old.value.tv_nsec <= 30 * MS, "and what was left");
	ok(left_ns(id) > 90 * SECOND, "the new value counts");
	ok_equal(sys(SYS_timer_gettime, id, &old), 0, "it is read");
	ok_equal(old.interval.tv_sec, 7, "with its interval");
	set(id, 0, SECOND, 0);
	ok_equal(left_ns(id), 0, "0 ends it");
	sys(SYS_timer_gettime, id, &old);
	ok_equal(old.interval.tv_sec, 0, "and its interval");
	ok_equal(await_signal(RT, &info, 50 * MS), 0, "nothing comes any more");
	sys(SYS_timer_delete, id);
}

/* One entry is pending, however often the time comes; each further time is an overrun. */
static void overruns(void)
{
	int id = create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, RT, 0);
	bool all = true, no_more = true, told = true;
	siginfo_t info = { 0 };
	int count = 0;

	for (int i = 0; i < 6; i++) {
		uint64_t before = now_ns(), start, least;

		set(id, MS, MS, 0);
		start = now_ns();
		while (now_ns() < start + (uint64_t)((20 + i) * MS + MS / 2))
			;
		least = (now_ns() - start) / MS;
		await_signal(RT, &info, SECOND);
		all = all && (uint64_t)info.si_overrun + 1 >= least;
		no_more = no_more && (uint64_t)info.si_overrun < (now_ns() - before) / MS;
		told = told && sys(SYS_timer_getoverrun, id) == info.si_overrun;
		set(id, 0, 0, 0);
		await_signal(RT, &info, 1); /* one that came since */
	}
	ok(all, "each time that nobody looked is an overrun, up to the last one");
	ok(no_more, "and not one more");
	ok(told, "the timer tells the same");
	set(id, 1, 1, 0);
	sleep_ns(30 * MS);
	set(id, 0, 0, 0);
	ok_equal(sys(SYS_timer_getoverrun, id), 0, "until it is set again");
	while (await_signal(RT, &info, 1))
		count++;
	ok(count <= 1, "one signal is pending at most");

	set(id, 1, 1, 0);
	sleep_ns(30 * MS);
	ok_equal(await_signal(RT, &info, SECOND), RT, "a thousand million times a second");
	ok(info.si_overrun > 20 * MS, "is not walked through one by one");
	sys(SYS_timer_delete, id);
	await_signal(RT, &info, 1); /* what was pending by then */
}

/* A signal that is ignored does not end the timer. */
static void ignored(void)
{
	int id = create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, SIGUSR1, 0);
	siginfo_t info;

	signal(SIGUSR1, SIG_IGN);
	set(id, 5 * MS, 5 * MS, 0);
	sleep_ns(30 * MS);
	ok(left_ns(id) > 0, "a timer whose signal is ignored goes on");
	block_signal(SIGUSR1);
	signal(SIGUSR1, SIG_DFL);
	ok_equal(await_signal(SIGUSR1, &info, 10 * SECOND), SIGUSR1, "and is heard afterwards");
	sys(SYS_timer_delete, id);
	await_signal(SIGUSR1, &info, 1);
}

static void silent(void)
{
	int id = create(CLOCK_MONOTONIC, NOTIFY_NONE, 0, 0);
	siginfo_t info;

	ok(id >= 0, "a timer may be silent");
	set(id, 40 * MS, 0, 0);
	ok(left_ns(id) > 0 && left_ns(id) <= 40 * MS, "it is read");
	ok_equal(await_signal(SIGALRM, &info, 60 * MS), 0, "it sends nothing");
	ok_equal(left_ns(id), 0, "and is over in time");
	set(id, 10 * MS, 10 * MS, 0);
	sleep_ns(35 * MS);
	ok(left_ns(id) > 0 && left_ns(id) <= 10 * MS, "with an interval it goes on");
	sys(SYS_timer_delete, id);
}

static int handled;

static void count_handler(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	handled += info->si_code == SI_TIMER && info->si_value.sival_int == 77;
}

static void to_thread(void)
{
	struct sigaction action = { .sa_sigaction = count_handler, .sa_flags = SA_SIGINFO };
	int id = create(CLOCK_MONOTONIC, NOTIFY_THREAD_ID, SIGUSR2, 77);

	ok(id >= 0, "a timer for one thread");
	must(sigaction(SIGUSR2, &action, NULL));
	set(id, 5 * MS, 0, 0);
	pause();
	ok_equal(handled, 1, "calls a handler in it, with its value");
	sys(SYS_timer_delete, id);
	signal(SIGUSR2, SIG_DFL);
}

static void processor_time(int clock, const char *name)
{
	int id = create(clock, NOTIFY_SIGNAL, RT, 0);
	uint64_t start, used;
	siginfo_t info;

	set(id, 20 * MS, 20 * MS, 0);
	sleep_ns(60 * MS);
	ok(!is_pending(RT), "%s stands still while it sleeps", name);
	ok(left_ns(id) > 0 && left_ns(id) <= 20 * MS, "with something left");
	start = clock_ns(clock);
	for (uint64_t end = now_ns() + 20 * SECOND; !is_pending(RT) && now_ns() < end;)
		;
	used = clock_ns(clock) - start;
	ok_equal(await_signal(RT, &info, 1), RT, "work makes it come");
	ok(used >= 15 * MS, "as much as it was set to");
	ok_equal(info.si_code, SI_TIMER, "as every timer");
	while (!is_pending(RT))
		;
	ok_equal(await_signal(RT, &info, 1), RT, "and again");
	ok_equal(sys(SYS_timer_delete, id), 0, "it is deleted");
}

static void no_timer(void *id)
{
	EXPECT(sys(SYS_timer_gettime, *(int *)id, &(struct setting){ 0 }) == -EINVAL);
	EXPECT(create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, RT, 0) >= 0);
}

static void exec_with_timer(void *unused)
{
	char *arguments[] = { (char *)"timers", (char *)"after-exec", NULL };

	(void)unused;
	block_signal(RT + 1);
	block_signal(RT + 2);
	EXPECT(create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, SIGKILL, 0) == 0);
	EXPECT(set(0, 60 * MS, 0, 0) == 0);
	EXPECT(set(create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, RT, 0), 1, 0, 0) == 0);
	EXPECT(set(create(CLOCK_MONOTONIC, NOTIFY_THREAD_ID, RT + 1, 0), 1, 0, 0) == 0);
	EXPECT(set(create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, RT + 2, 0), 1, 0, 0) == 0);
	EXPECT(kill(getpid(), RT + 2) == 0);
	while (!is_pending(RT) || !is_pending(RT + 1))
		;
	sleep_ns(20 * MS); /* the third one's too */
	execv(self, arguments);
	_exit(2);
}

static int after_exec(void)
{
	siginfo_t info;

	if (sys(SYS_timer_gettime, 0, &(struct setting){ 0 }) != -EINVAL)
		return 1;
	if (await_signal(RT, &info, 1) || await_signal(RT + 1, &info, 1) ||
	    !await_signal(RT + 2, &info, 1) || info.si_code != SI_USER)
		return 2;
	sleep_ns(80 * MS);
	return 0;
}

/* It is gone with its last timer armed. */
static void end_with_timers(void *unused)
{
	(void)unused;
	for (int i = 0; i < 20; i++)
		set(create(i % 2 ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, NOTIFY_SIGNAL, RT,
			   0),
		    1, 1, 0);
}

static void owners(void)
{
	int id = create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, RT, 0);

	set(id, 100 * SECOND, 0, 0);
	ok_child(no_timer, &id, "a child of fork has none of its parent's timers");
	ok(left_ns(id) > 0, "which keeps them");
	ok_child(exec_with_timer, NULL, "exec deletes them, and what they have sent");
	ok_child(end_with_timers, NULL, "a process may end with timers that are set");
	sys(SYS_timer_delete, id);
}

static void limited(void *unused)
{
	struct rlimit none = { 0, 0 };

	(void)unused;
	EXPECT(setrlimit(RLIMIT_SIGPENDING, &none) == 0);
	EXPECT(create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, RT, 0) == -EAGAIN);
}

static void many(void)
{
	enum { COUNT = 100 };
	int ids[COUNT], came = 0;
	bool different = true;
	siginfo_t info;

	for (int i = 0; i < COUNT; i++) {
		ids[i] = create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, RT, (uint64_t)i);
		different = different && ids[i] >= 0 && (!i || ids[i] != ids[i - 1]);
	}
	ok(different, "a hundred timers");
	for (int i = 0; i < COUNT; i++)
		set(ids[i], MS, 0, 0);
	while (await_signal(RT, &info, 2 * SECOND) && ++came < COUNT)
		;
	ok_equal(came, COUNT, "send a hundred signals");
	for (int i = 0; i < COUNT; i++)
		sys(SYS_timer_delete, ids[i]);
	ok_child(limited, NULL, "RLIMIT_SIGPENDING limits them");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "after-exec"))
		return after_exec();
	self = self_path();
	block_signal(SIGALRM);
	block_signal(RT);
	by_default();
	on_clocks();
	again();
	overruns();
	ignored();
	silent();
	to_thread();
	processor_time(CLOCK_PROCESS_CPUTIME_ID, "the process's clock");
	processor_time(CLOCK_THREAD_CPUTIME_ID, "the thread's");
	owners();
	many();
	return done();
}
