/*
 * Signals without handlers: default actions, SIG_IGN, blocking, what stays over exec, and the
 * errors of kill and rt_sigaction (signal(7)).
 */
#include "tap.h"

static void raise_default(void *signal_number)
{
	kill(getpid(), *(int *)signal_number);
}

struct kernel_action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

/* The raw call: musl keeps signals 32 to 34 for itself. */
static void raise_ignored(void *signal_number)
{
	struct kernel_action ignore = { SIG_IGN, 0, NULL, 0 };

	sys(SYS_rt_sigaction, *(int *)signal_number, &ignore, NULL, 8);
	kill(getpid(), *(int *)signal_number);
}

static void defaults(void)
{
	static const int deadly[] = { SIGHUP,    SIGINT,  SIGQUIT, SIGILL,    SIGTRAP, SIGABRT,
				      SIGBUS,    SIGFPE,  SIGKILL, SIGUSR1,   SIGSEGV, SIGUSR2,
				      SIGPIPE,   SIGALRM, SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ,
				      SIGVTALRM, SIGPROF, SIGIO,   SIGPWR,    SIGSYS,  34,
				      50,        64 };
	static const int harmless[] = { SIGCHLD, SIGURG, SIGWINCH, SIGCONT };
	bool good = true;

	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++) {
		int died = death_signal(child_status(raise_default, (void *)&deadly[i]));

		if (died != deadly[i]) {
			good = false;
			diag("signal %d: %d", deadly[i], died);
		}
	}
	ok(good, "each of %lu signals kills by default", (unsigned long)ARRAY_SIZE(deadly));
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		ok_equal(child_status(raise_default, (void *)&harmless[i]), 0, "signal %d does not",
			 harmless[i]);
	good = true;
	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++)
		if (deadly[i] != SIGKILL && child_status(raise_ignored, (void *)&deadly[i]) != 0) {
			good = false;
			diag("signal %d kills though ignored", deadly[i]);
		}
	ok(good, "ignored none does");
	ok_equal(death_signal(child_status(raise_ignored, &(int){ SIGKILL })), SIGKILL,
		 "but SIGKILL, which cannot be ignored");
}

static long mask_call(int how, uint64_t set, uint64_t *old)
{
	return sys(SYS_rt_sigprocmask, how, &set, old, 8);
}

static unsigned long bit(int signal)
{
	return 1UL << (signal - 1);
}

static void blocked_until_unblocked(void *marker)
{
	EXPECT(mask_call(SIG_BLOCK, bit(SIGTERM), NULL) == 0);
	kill(getpid(), SIGTERM);
	kill(getpid(), SIGTERM);
	EXPECT(write(*(int *)marker, "alive", 5) == 5);
	EXPECT(mask_call(SIG_UNBLOCK, bit(SIGTERM), NULL) == 0);
	EXPECT(write(*(int *)marker, "wrong", 5) == 5);
}

static void blocked_then_ignored(void *unused)
{
	(void)unused;
	mask_call(SIG_BLOCK, bit(SIGUSR1), NULL);
	kill(getpid(), SIGUSR1);
	signal(SIGUSR1, SIG_IGN); /* drops what is pending */
	signal(SIGUSR1, SIG_DFL);
	mask_call(SIG_UNBLOCK, bit(SIGUSR1), NULL);
}

static void blocked_over_exec(void *unused)
{
	char *argv[] = { "signals", "pending", NULL };

	(void)unused;
	mask_call(SIG_BLOCK, bit(SIGUSR2), NULL);
	kill(getpid(), SIGUSR2);
	execv(self_path(), argv);
}

static void child_has_none_pending(void *unused)
{
	pid_t child;

	(void)unused;
	mask_call(SIG_BLOCK, bit(SIGUSR1), NULL);
	kill(getpid(), SIGUSR1);
	child = (pid_t)must(fork());
	if (child == 0) {
		uint64_t mask = 0;

		mask_call(SIG_BLOCK, 0, &mask);
		EXPECT(mask == bit(SIGUSR1));
		mask_call(SIG_SETMASK, 0, NULL);
		_exit(0);
	}
	EXPECT(wait_child(child) == 0);
}

static void block_all_and_die(void *unused)
{
	uint64_t mask = 0;

	(void)unused;
	EXPECT(mask_call(SIG_BLOCK, ~0UL, NULL) == 0);
	EXPECT(mask_call(SIG_BLOCK, 0, &mask) == 0);
	EXPECT(mask == (~0UL & ~bit(SIGKILL) & ~bit(SIGSTOP)));
	kill(getpid(), SIGKILL);
}

static void blocking(void)
{
	char text[16] = "";
	uint64_t mask = 1;
	int fd[2];

	must(pipe(fd));
	ok_equal(death_signal(child_status(blocked_until_unblocked, &fd[1])), SIGTERM,
		 "a blocked signal waits until it is unblocked");
	ok(read(fd[0], text, sizeof(text)) == 5 && !strcmp(text, "alive"),
	   "and comes at once then");
	close(fd[0]);
	close(fd[1]);
	ok_child(blocked_then_ignored, NULL, "ignoring a signal drops it where it is pending");
	ok_equal(death_signal(child_status(blocked_over_exec, NULL)), SIGUSR2,
		 "a blocked signal is pending over exec");
	ok_child(child_has_none_pending, NULL,
		 "a child has its parent's mask, not its pending signals");
	ok_equal(death_signal(child_status(block_all_and_die, NULL)), SIGKILL,
		 "SIGKILL and SIGSTOP cannot be blocked");
	ok(mask_call(SIG_BLOCK, 0, &mask) == 0 && mask == 0, "nothing is blocked here");
	mask_call(SIG_SETMASK, bit(SIGUSR1) | bit(SIGHUP), &mask);
	mask_call(SIG_UNBLOCK, bit(SIGHUP), &mask);
	ok_equal((long)mask, bit(SIGUSR1) | bit(SIGHUP), "the old mask is told");
	mask_call(SIG_BLOCK, bit(64), NULL);
	mask_call(SIG_SETMASK, 0, &mask);
	ok_equal((long)mask, (long)(bit(SIGUSR1) | bit(64)),
		 "SIG_BLOCK adds, SIG_UNBLOCK takes away");
	ok_equal(mask_call(99, 0, NULL), -EINVAL, "an unknown way is EINVAL");
	ok_equal(sys(SYS_rt_sigprocmask, 99, NULL, &mask, 8), 0, "but not without a set");
	ok_equal(sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 4), -EINVAL,
		 "a set of another size is EINVAL");
}

static void actions(void)
{
	struct kernel_action ignore = { SIG_IGN, 0, NULL, 0 }, old = { 0 };
	static const int wrong[] = { 0, 65, -1, 1000, SIGKILL, SIGSTOP };

	ok_equal(sys(SYS_rt_sigaction, SIGUSR1, &ignore, NULL, 8), 0, "a signal is ignored");
	ok_equal(sys(SYS_rt_sigaction, SIGUSR1, NULL, &old, 8), 0, "its action can be read");
	ok(old.handler == SIG_IGN, "and is that");
	ignore.handler = SIG_DFL;
	ok_equal(sys(SYS_rt_sigaction, SIGUSR1, &ignore, &old, 8), 0, "it gets its default back");
	ok(old.handler == SIG_IGN, "the old action is told");
	ignore.handler = SIG_IGN;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		ok_equal(sys(SYS_rt_sigaction, wrong[i], &ignore, NULL, 8), -EINVAL,
			 "an action for signal %d is EINVAL", wrong[i]);
	ok_equal(sys(SYS_rt_sigaction, SIGKILL, NULL, &old, 8), 0, "SIGKILL's can be read");
	ok_equal(sys(SYS_rt_sigaction, SIGUSR1, &ignore, NULL, 4), -EINVAL,
		 "a set of another size is EINVAL");
}

static void spin(void *unused)
{
	(void)unused;
	for (;;)
		;
}

static void kill_errors(void)
{
	pid_t gone = start_child(raise_default, &(int){ SIGKILL });
	pid_t child;

	wait_child(gone);
	child = start_child(spin, NULL);
	ok_equal(sys(SYS_kill, child, 0), 0, "signal 0 asks only");
	ok_equal(sys(SYS_kill, child, 65), -EINVAL, "signal 65 is EINVAL");
	ok_equal(sys(SYS_kill, child, -1), -EINVAL, "signal -1 too");
	ok_equal(sys(SYS_kill, gone, SIGTERM), -ESRCH, "a pid of nobody is ESRCH");
	ok_equal(sys(SYS_kill, -gone, SIGTERM), -ESRCH, "a group of nobody too");
	ok_equal(sys(SYS_kill, 0x7fffffff, 0), -ESRCH, "a pid that never was");
	ok_equal(sys(SYS_kill, gone, 65), -ESRCH, "whatever the signal");
	ok_equal(sys(SYS_kill, -gone, 65), -ESRCH, "a group of nobody too");
	ok_equal(sys(SYS_tkill, gone, 65), -ESRCH, "and a thread");
	ok_equal(sys(SYS_kill, 0, 65), -EINVAL, "signal 65 to the own group is EINVAL");
	ok_equal(sys(SYS_kill, (int)0x80000000, SIGTERM), -ESRCH, "the pid with no negative");
	ok_equal(waitpid(child, NULL, WNOHANG), 0, "the child lives through all that");
	must(kill(child, SIGTERM));
	ok_equal(wait_child(child), SIGTERM, "and dies of the right one, though it never calls");
}

/* Process 1 has no default actions: not even SIGKILL ends it. */
static void process_one(void)
{
	if (!on_facet()) {
		skip("process 1 of a Linux is not to be killed");
		return;
	}
	ok(sys(SYS_kill, 1, SIGHUP) == 0 && sys(SYS_kill, 1, SIGKILL) == 0,
	   "kill of process 1 is no error");
	for (int i = 0; i < 10; i++)
		sys(SYS_sched_yield);
	ok_equal(sys(SYS_kill, 1, 0), 0, "and it lives");
}

/* A handler that would never be called is refused, not swallowed. */
static void handlers(void)
{
	struct kernel_action action = { (void (*)(int))0x401000, 0x04000000,
					(void (*)(void))0x401000, 0 };
	struct kernel_action old;

	if (!on_facet()) {
		skip("Linux has handlers");
		return;
	}
	long result = sys(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8);

	sys(SYS_rt_sigaction, SIGUSR1, NULL, &old, 8);
	ok(result == 0 ? old.handler == action.handler : old.handler == SIG_DFL,
	   "a handler is set or refused, and what is told agrees");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "pending")) {
		mask_call(SIG_SETMASK, 0, NULL);
		return 1;
	}
	signal(SIGUSR1, SIG_DFL);
	mask_call(SIG_SETMASK, 0, NULL);
	defaults();
	blocking();
	actions();
	kill_errors();
	process_one();
	handlers();
	return done();
}
