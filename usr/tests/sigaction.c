/*
 * Handlers: what each flag of sigaction(2) does, what is blocked while a handler runs, and what a
 * handler is told of the sender.
 */
#include "tap.h"

#include <setjmp.h>
#include <ucontext.h>

static volatile int calls, depth, deepest;
static volatile sig_atomic_t last;
static siginfo_t info;
static ucontext_t context;
static sigset_t inside;

static void set_action(int signal_number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	must(sigaction(signal_number, &action, NULL));
	calls = depth = deepest = 0;
	last = 0;
}

static void count(int signal_number)
{
	calls++;
	last = signal_number;
}

static void keep_info(int signal_number, siginfo_t *from, void *state)
{
	calls++;
	last = signal_number;
	info = *from;
	context = *(ucontext_t *)state;
	sigprocmask(SIG_BLOCK, NULL, &inside);
}

static void called_with(void)
{
	struct sigaction action = { .sa_sigaction = keep_info, .sa_flags = SA_SIGINFO }, old;
	sigset_t blocked;

	set_action(SIGUSR1, count, 0);
	must(kill(getpid(), SIGUSR1));
	ok(calls == 1 && last == SIGUSR1, "a handler is called with the signal's number");
	must(raise(SIGUSR1));
	ok_equal(calls, 2, "and again: it stays");
	sigaddset(&action.sa_mask, SIGTERM);
	must(sigaction(SIGUSR2, &action, &old));
	ok(old.sa_handler == SIG_DFL, "the old action is told");
	must(sigaction(SIGUSR2, NULL, &old));
	ok(old.sa_sigaction == keep_info && old.sa_flags & SA_SIGINFO &&
		   sigismember(&old.sa_mask, SIGTERM) == 1,
	   "the new one as it was set");
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGHUP);
	must(sigprocmask(SIG_SETMASK, &blocked, NULL));
	must(kill(getpid(), SIGUSR2));
	ok(info.si_signo == SIGUSR2 && info.si_code == SI_USER && info.si_pid == getpid() &&
		   info.si_uid == getuid(),
	   "SA_SIGINFO tells of kill's caller");
	ok(sigismember(&inside, SIGUSR2) == 1 && sigismember(&inside, SIGTERM) == 1 &&
		   sigismember(&inside, SIGHUP) == 1 && sigismember(&inside, SIGUSR1) == 0,
	   "in the handler its signal, its mask and what was blocked are blocked");
	ok(sigismember(&context.uc_sigmask, SIGHUP) == 1 &&
		   sigismember(&context.uc_sigmask, SIGUSR2) == 0,
	   "its context has the mask of before");
	must(sigprocmask(SIG_BLOCK, NULL, &blocked));
	ok(sigismember(&blocked, SIGHUP) == 1 && sigismember(&blocked, SIGTERM) == 0 &&
		   sigismember(&blocked, SIGUSR2) == 0,
	   "and that mask is back behind it");
	sigemptyset(&blocked);
	must(sigprocmask(SIG_SETMASK, &blocked, NULL));
	must((long)sys(SYS_tgkill, getpid(), getpid(), SIGUSR2));
	ok(info.si_code == SI_TKILL && info.si_pid == getpid(), "tgkill is told from kill");
}

static void nest(int signal_number)
{
	calls++;
	if (++depth > deepest)
		deepest = depth;
	if (calls < 4)
		raise(signal_number);
	depth--;
}

static void nest_other(int signal_number)
{
	calls++;
	if (++depth > deepest)
		deepest = depth;
	if (signal_number == SIGUSR1)
		raise(SIGUSR2);
	depth--;
}

static void nesting(void)
{
	set_action(SIGUSR1, nest, 0);
	raise(SIGUSR1);
	ok(calls == 4 && deepest == 1, "a signal sent in its own handler waits for its end");
	set_action(SIGUSR1, nest, SA_NODEFER);
	raise(SIGUSR1);
	ok(calls == 4 && deepest == 4, "with SA_NODEFER it does not");
	set_action(SIGUSR2, nest_other, 0);
	set_action(SIGUSR1, nest_other, 0);
	raise(SIGUSR1);
	ok(calls == 2 && deepest == 2, "another signal's handler runs within");
}

static void twice(void *unused)
{
	(void)unused;
	set_action(SIGUSR1, count, SA_RESETHAND);
	raise(SIGUSR1);
	if (calls != 1)
		_exit(1);
	raise(SIGUSR1);
}

static struct sigaction seen;

static void look_at_action(int signal_number)
{
	calls++;
	sigaction(signal_number, NULL, &seen);
}

static void resetting(void)
{
	ok_equal(death_signal(child_status(twice, NULL)), SIGUSR1,
		 "SA_RESETHAND: the second one finds the default");
	set_action(SIGUSR1, look_at_action, SA_RESETHAND);
	raise(SIGUSR1);
	ok(calls == 1 && seen.sa_handler == SIG_DFL, "so it is in the handler already");
	set_action(SIGUSR1, nest, SA_RESETHAND | SA_NODEFER);
	set_action(SIGUSR1, SIG_IGN, 0);
	raise(SIGUSR1);
	ok_equal(calls, 0, "SIG_IGN replaces a handler");
}

/* --- what a child does to its parent --- */

static void nothing(void *unused)
{
	(void)unused;
}

static void stop_self(void *unused)
{
	(void)unused;
	raise(SIGSTOP);
	raise(SIGSTOP);
}

static void stops(void)
{
	struct sigaction action = { .sa_sigaction = keep_info,
				    .sa_flags = SA_SIGINFO | SA_RESTART };
	int status;
	pid_t child;

	calls = 0;
	must(sigaction(SIGCHLD, &action, NULL));
	child = start_child(stop_self, NULL);
	while (!calls)
		sys(SYS_sched_yield);
	ok(info.si_code == CLD_STOPPED && info.si_status == SIGSTOP && info.si_pid == child,
	   "SIGCHLD tells of a stop");
	must(kill(child, SIGCONT));
	must(waitpid(child, &status, WUNTRACED) == child ? 0 : -1);
	while (calls < 2)
		sys(SYS_sched_yield);
	ok(info.si_code == CLD_CONTINUED || info.si_code == CLD_STOPPED, "and of what follows");
	must(kill(child, SIGKILL));
	while (waitpid(child, &status, 0) != child)
		;
	ok(info.si_code == CLD_KILLED && info.si_status == SIGKILL, "and of the end");

	set_action(SIGCHLD, count, SA_NOCLDSTOP | SA_RESTART);
	child = start_child(stop_self, NULL);
	must(waitpid(child, &status, WUNTRACED));
	ok(WIFSTOPPED(status) && !calls, "SA_NOCLDSTOP: no signal for a stop");
	must(kill(child, SIGCONT));
	must(waitpid(child, &status, WUNTRACED));
	ok_equal(calls, 0, "nor for going on");
	must(kill(child, SIGKILL));
	must(waitpid(child, &status, 0));
	ok_equal(calls, 1, "but for the end");
}

static void not_waited_for(void)
{
	int status;
	pid_t child;

	set_action(SIGCHLD, count, SA_NOCLDWAIT | SA_RESTART);
	child = start_child(nothing, NULL);
	ok_errno(waitpid(child, &status, 0), ECHILD, "SA_NOCLDWAIT: nothing to wait for");
	ok_equal(calls, 1, "but the signal comes");
	set_action(SIGCHLD, SIG_IGN, 0);
	start_child(nothing, NULL);
	start_child(nothing, NULL);
	ok_errno(wait(&status), ECHILD, "SIGCHLD ignored: the same, when all have ended");
	set_action(SIGCHLD, SIG_DFL, 0);
	child = start_child(nothing, NULL);
	ok_equal(wait_child(child), 0, "and as usual with the default");
}

/* --- leaving a handler otherwise --- */

static sigjmp_buf start;

static void jump(int signal_number)
{
	calls++;
	siglongjmp(start, signal_number);
}

static void jumping(void)
{
	sigset_t mask;
	volatile int from;

	set_action(SIGUSR1, jump, 0);
	from = sigsetjmp(start, 1);
	if (calls < 3)
		raise(SIGUSR1);
	must(sigprocmask(SIG_BLOCK, NULL, &mask));
	ok(from == SIGUSR1 && calls == 3, "siglongjmp leaves a handler, again and again");
	ok(!sigismember(&mask, SIGUSR1), "with the mask of sigsetjmp");
	set_action(SIGUSR1, jump, 0);
	from = sigsetjmp(start, 0);
	if (!from)
		raise(SIGUSR1);
	must(sigprocmask(SIG_BLOCK, NULL, &mask));
	ok(from == SIGUSR1 && sigismember(&mask, SIGUSR1) == 1,
	   "without that the handler's mask stays");
	sigemptyset(&mask);
	must(sigprocmask(SIG_SETMASK, &mask, NULL));
}

/* --- over fork and exec --- */

static void raise_in_child(void *unused)
{
	(void)unused;
	raise(SIGUSR1);
	EXPECT(calls == 1);
	set_action(SIGUSR1, SIG_DFL, 0);
}

static void exec_self(void *unused)
{
	char *argv[] = { "sigaction", "actions", NULL };

	(void)unused;
	set_action(SIGUSR1, count, 0);
	set_action(SIGUSR2, SIG_IGN, 0);
	execv(self_path(), argv);
}

static int after_exec(void)
{
	struct sigaction caught, ignored;

	must(sigaction(SIGUSR1, NULL, &caught));
	must(sigaction(SIGUSR2, NULL, &ignored));
	return caught.sa_handler == SIG_DFL && ignored.sa_handler == SIG_IGN ? 0 : 1;
}

static void inheriting(void)
{
	set_action(SIGUSR1, count, 0);
	ok_child(raise_in_child, NULL, "a child has its parent's handlers");
	raise(SIGUSR1);
	ok_equal(calls, 1, "and changes its own only");
	ok_child(exec_self, NULL, "exec drops handlers and keeps what is ignored");
}

static void bad_pointers(void)
{
	ok_equal(sys(SYS_rt_sigaction, SIGUSR1, 8, NULL, 8), -EFAULT, "a wild action is EFAULT");
	ok_equal(sys(SYS_rt_sigaction, SIGUSR1, NULL, 8, 8), -EFAULT, "a wild old one too");
	ok_equal(sys(SYS_rt_sigaction, SIGUSR1, 1UL << 63, NULL, 8), -EFAULT,
		 "and a kernel address");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "actions"))
		return after_exec();
	called_with();
	nesting();
	resetting();
	stops();
	not_waited_for();
	jumping();
	inheriting();
	bad_pointers();
	return done();
}
