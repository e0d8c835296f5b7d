/*
 * Signals and stops while a poll waits, and the masks of ppoll (poll(2)).
 */
#include "tap.h"

#include <poll.h>

static int ends[2];

static volatile sig_atomic_t signals;

static void count_signal(int signal)
{
	(void)signal;
	signals++;
}

static void be_interrupted(void *restarts)
{
	struct sigaction action = { .sa_handler = count_signal,
				    .sa_flags = restarts ? SA_RESTART : 0 };
	struct pollfd one = { ends[0], POLLIN, 0 };

	must(sigaction(SIGUSR1, &action, NULL));
	EXPECT(poll(&one, 1, -1) == -1 && errno == EINTR && signals == 1);
}

/* A signal that is ignored, or a stop, does not end a poll. */
static void not_interrupted(void *unused)
{
	struct pollfd one = { ends[0], POLLIN, 0 };

	(void)unused;
	signal(SIGUSR1, SIG_IGN);
	EXPECT(poll(&one, 1, -1) == 1);
}

/* SIGUSR1 is blocked but for the call. */
static void masked(void *unused)
{
	struct sigaction action = { .sa_handler = count_signal };
	struct pollfd one = { ends[0], POLLIN, 0 };
	uint64_t mask = 0, blocked = 1ul << (SIGUSR1 - 1), now = 0;

	(void)unused;
	must(sigaction(SIGUSR1, &action, NULL));
	must(sys(SYS_rt_sigprocmask, SIG_BLOCK, &blocked, NULL, 8));
	raise(SIGUSR1);
	EXPECT(signals == 0);
	EXPECT(sys(SYS_ppoll, &one, 1, NULL, &mask, 8) == -EINTR && signals == 1);
	must(sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &now, 8));
	EXPECT(now == blocked);
	raise(SIGUSR1);
	must(write(ends[1], "x", 1));
	/* what is ready comes first, and the signal stays pending */
	EXPECT(sys(SYS_ppoll, &one, 1, NULL, &mask, 8) == 1 && signals == 1);
}

static void with_signals(void)
{
	static int yes = 1;
	pid_t child;
	char byte;

	must(pipe(ends));
	child = start_child(be_interrupted, NULL);
	await_state(child, 'S');
	must(kill(child, SIGUSR1));
	ok_equal(wait_child(child), 0, "a handler ends a poll: EINTR");
	child = start_child(be_interrupted, &yes);
	await_state(child, 'S');
	must(kill(child, SIGUSR1));
	ok_equal(wait_child(child), 0, "with SA_RESTART too");
	child = start_child(not_interrupted, NULL);
	await_state(child, 'S');
	must(kill(child, SIGUSR1));
	must(kill(child, SIGSTOP));
	ok(await_state(child, 'T'), "a poll can be stopped");
	must(kill(child, SIGCONT));
	ok(await_state(child, 'S'), "and goes on");
	must(write(ends[1], "x", 1));
	ok_equal(wait_child(child), 0, "until there is something");
	must(read(ends[0], &byte, 1));
	ok_child(masked, NULL, "ppoll's mask holds for the call alone");
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	with_signals();
	return done();
}
