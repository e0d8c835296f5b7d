/*
 * A handler in the middle of a call that sleeps: the call is made again with SA_RESTART, ends with
 * EINTR without, and those that are never made again end so anyhow. signal(7).
 *
 * The signal is sent once /proc says that the process sleeps.
 */
#include "futex.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/select.h>

static volatile int calls;

static void count(int signal_number)
{
	(void)signal_number;
	calls++;
}

static void set_action(int flags)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = flags };

	must(sigaction(SIGUSR1, &action, NULL));
	calls = 0;
}

/* What sleeps, and what lets it end after the signal. */
struct call {
	const char *name;
	long (*run)(void);
	void (*finish)(void);
	long result; /* when it was made again and let end */
	bool again;  /* with SA_RESTART */
};

static int pipe_ends[2], full_pipe[2];
static pid_t brief_child;
static unsigned *word; /* shared */

static void fill(int fd)
{
	char bytes[4096] = "";

	must(fcntl(fd, F_SETFL, O_NONBLOCK));
	while (write(fd, bytes, sizeof(bytes)) > 0)
		;
	while (write(fd, bytes, 1) > 0)
		;
	must(fcntl(fd, F_SETFL, 0));
}

static long read_pipe(void)
{
	char byte;

	return sys(SYS_read, pipe_ends[0], &byte, 1);
}

static void feed_pipe(void)
{
	must(write(pipe_ends[1], "x", 1));
}

static long write_pipe(void)
{
	return sys(SYS_write, full_pipe[1], "y", 1);
}

static void empty_pipe(void)
{
	char bytes[4096];

	must(read(full_pipe[0], bytes, sizeof(bytes)));
}

static long wait_for_child(void)
{
	int status;
	long result = sys(SYS_wait4, brief_child, &status, 0, NULL);

	return result == brief_child ? 1 : result;
}

static void end_child(void)
{
	must(kill(brief_child, SIGKILL));
}

static long wait_on_word(void)
{
	return sys(SYS_futex, word, FUTEX_WAIT, 0, NULL);
}

static void wake_word(void)
{
	must(sys(SYS_futex, word, FUTEX_WAKE, 1));
}

static long wait_on_word_a_while(void)
{
	struct timespec time = { .tv_sec = 100 };

	return sys(SYS_futex, word, FUTEX_WAIT, 0, &time);
}

static long wait_on_word_until(void)
{
	struct timespec time = { .tv_sec = 1L << 40 };

	return sys(SYS_futex, word, FUTEX_WAIT_BITSET, 0, &time, NULL, FUTEX_ANY);
}

static long sleep_long(void)
{
	struct timespec time = { .tv_sec = 100 };

	return sys(SYS_nanosleep, &time, NULL);
}

static long sleep_until_far(void)
{
	struct timespec time = { .tv_sec = 1L << 40 };

	return sys(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static long poll_pipe(void)
{
	struct pollfd fd = { pipe_ends[0], POLLIN, 0 };

	return sys(SYS_poll, &fd, 1, -1);
}

static long select_pipe(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(pipe_ends[0], &set);
	return sys(SYS_select, pipe_ends[0] + 1, &set, NULL, NULL, NULL);
}

static long wait_for_signal(void)
{
	uint64_t set = 1UL << (SIGUSR2 - 1);

	return sys(SYS_rt_sigtimedwait, &set, NULL, NULL, 8);
}

static long pause_call(void)
{
	return sys(SYS_pause);
}

static long suspend(void)
{
	uint64_t set = 0;

	return sys(SYS_rt_sigsuspend, &set, 8);
}

static const struct call call_table[] = {
	{ "read of a pipe", read_pipe, feed_pipe, 1, true },
	{ "write to a pipe", write_pipe, empty_pipe, 1, true },
	{ "wait4", wait_for_child, end_child, 1, true },
	{ "futex", wait_on_word, wake_word, 0, true },
	{ "futex with a timeout", wait_on_word_a_while, NULL, 0, false },
	{ "futex until a time", wait_on_word_until, NULL, 0, false },
	{ "nanosleep", sleep_long, NULL, 0, false },
	{ "clock_nanosleep to a time", sleep_until_far, NULL, 0, false },
	{ "poll", poll_pipe, NULL, 0, false },
	{ "select", select_pipe, NULL, 0, false },
	{ "rt_sigtimedwait", wait_for_signal, NULL, 0, false },
	{ "pause", pause_call, NULL, 0, false },
	{ "rt_sigsuspend", suspend, NULL, 0, false },
};

/* A child that signals its parent once that sleeps, and again lets its call end if it sleeps on. */
static pid_t start_disturber(const struct call *call, int signal_number, bool finish)
{
	pid_t parent = getpid(), child = (pid_t)must(fork());

	if (child)
		return child;
	EXPECT(await_state(parent, 'S'));
	EXPECT(kill(parent, signal_number) == 0);
	if (finish) {
		EXPECT(await_state(parent, 'S'));
		call->finish();
	}
	_exit(0);
}

static void idle(void *unused)
{
	(void)unused;
	for (;;)
		pause();
}

static long disturbed(const struct call *call, int signal_number, bool finish)
{
	pid_t disturber;
	long result;

	brief_child = call->run == wait_for_child ? start_child(idle, NULL) : 0;
	disturber = start_disturber(call, signal_number, finish);
	result = call->run();
	if (wait_child(disturber) != 0)
		diag("%s: the disturber failed", call->name);
	if (brief_child && result != 1) {
		end_child();
		wait_child(brief_child);
	}
	return result;
}

static void handlers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(call_table); i++) {
		const struct call *call = &call_table[i];

		set_action(0);
		ok_equal(disturbed(call, SIGUSR1, false), -EINTR, "%s ends with EINTR", call->name);
		ok_equal(calls, 1, "the handler was called (%s)", call->name);
		set_action(SA_RESTART);
		if (call->again)
			ok_equal(disturbed(call, SIGUSR1, true), call->result,
				 "%s is made again with SA_RESTART", call->name);
		else
			ok_equal(disturbed(call, SIGUSR1, false), -EINTR,
				 "%s is not made again even with SA_RESTART", call->name);
		ok_equal(calls, 1, "and the handler was called (%s)", call->name);
	}
}

/* Stopped and continued, a process goes on with what it did, without a handler being called. */
static void stop_and_go_on(const struct call *call)
{
	pid_t child = (pid_t)must(fork());
	int status;

	if (child == 0)
		_exit(call->run() == call->result ? 0 : 1);
	if (!await_state(child, 'S'))
		diag("%s: it does not sleep", call->name);
	must(kill(child, SIGSTOP));
	must(waitpid(child, &status, WUNTRACED));
	must(kill(child, SIGCONT));
	if (!await_state(child, 'S'))
		diag("%s: it does not sleep again", call->name);
	call->finish();
	ok_equal(wait_child(child), 0, "%s goes on after a stop", call->name);
}

static long sleep_short(void)
{
	struct timespec time = { .tv_nsec = 300000000 };
	uint64_t before = now_ns();
	long result = sys(SYS_nanosleep, &time, NULL);

	return result ? result : now_ns() - before < 300000000;
}

static void nothing(void)
{
}

static long poll_briefly(void)
{
	uint64_t before = now_ns();
	long result = sys(SYS_poll, NULL, 0, 300);

	return result ? result : now_ns() - before < 300000000;
}

static void stops(void)
{
	const struct call naps[] = {
		{ "nanosleep", sleep_short, nothing, 0, true },
		{ "poll with a timeout", poll_briefly, nothing, 0, true },
	};
	const struct call wakes[] = {
		{ "poll", poll_pipe, feed_pipe, 1, true },
		{ "select", select_pipe, feed_pipe, 1, true },
		{ "futex with a timeout", wait_on_word_a_while, wake_word, 0, true },
		{ "futex until a time", wait_on_word_until, wake_word, 0, true },
	};

	stop_and_go_on(&call_table[0]);
	fill(full_pipe[1]);
	stop_and_go_on(&call_table[1]);
	stop_and_go_on(&call_table[3]);
	for (size_t i = 0; i < ARRAY_SIZE(wakes); i++) {
		char bytes[8];

		stop_and_go_on(&wakes[i]);
		if (wakes[i].finish == feed_pipe)
			must(read(pipe_ends[0], bytes, 1));
	}
	for (size_t i = 0; i < ARRAY_SIZE(naps); i++)
		stop_and_go_on(&naps[i]);
}

static void remaining_time(void)
{
	struct timespec time = { .tv_sec = 100 }, left = { .tv_sec = 1000 };
	pid_t disturber;

	set_action(SA_RESTART);
	disturber = start_disturber(&call_table[0], SIGUSR1, false);
	ok_equal(sys(SYS_nanosleep, &time, &left), -EINTR, "an interrupted nanosleep");
	ok(left.tv_sec >= 90 && left.tv_sec < 100, "tells what was left");
	wait_child(disturber);
	disturber = start_disturber(&call_table[0], SIGUSR1, false);
	ok_equal(sys(SYS_nanosleep, &time, 8), -EFAULT, "or that it could not");
	wait_child(disturber);
}

static long write_much(void)
{
	static char bytes[10000];

	return sys(SYS_write, full_pipe[1], bytes, sizeof(bytes));
}

static void empty_and_signal(void)
{
	char bytes[4096];

	must(read(full_pipe[0], bytes, sizeof(bytes)));
}

/* Part of it was written when the signal came: that is told, not EINTR. */
static void partial_write(void)
{
	pid_t parent = getpid(), child;

	set_action(0);
	fill(full_pipe[1]);
	child = (pid_t)must(fork());
	if (child == 0) {
		EXPECT(await_state(parent, 'S'));
		empty_and_signal();
		while (!await_state(parent, 'S'))
			;
		sys(SYS_nanosleep, &(struct timespec){ .tv_nsec = 50000000 }, NULL);
		EXPECT(kill(parent, SIGUSR1) == 0);
		_exit(0);
	}
	ok_equal(write_much(), 4096, "a write that is interrupted half-way tells how far it came");
	wait_child(child);
	ok_equal(calls, 1, "the handler was called");
}

int main(void)
{
	word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(word == MAP_FAILED ? -1 : 0);
	must(pipe(pipe_ends));
	must(pipe(full_pipe));
	fill(full_pipe[1]);
	handlers();
	stops();
	remaining_time();
	partial_write();
	return done();
}
