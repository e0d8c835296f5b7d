/*
 * A wild pointer is EFAULT: transfers, waiting, identity, signals, clocks, futexes, ioctl, fcntl.
 */
#include "efault.h"
#include "futex.h"

#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <termios.h>

static const struct row rows[] = {
	{ "pread64", SYS_pread64, { ZERO, P, 64, 0 }, OUT, true, false },
	{ "pwrite64", SYS_pwrite64, { FILE, P, 64, 0 }, IN, true, false },
	{ "preadv", SYS_preadv, { FILE, P, 2, 0, 0 }, IN, true, true },
	{ "pwritev", SYS_pwritev, { FILE, P, 2, 0, 0 }, IN, true, true },
	{ "preadv2", SYS_preadv2, { FILE, P, 2, 0, 0, 0 }, IN, true, true },
	{ "pwritev2", SYS_pwritev2, { FILE, P, 2, 0, 0, 0 }, IN, true, true },
	{ "sendfile", SYS_sendfile, { PIPE_OUT, FILE, P, 8 }, BOTH, false, true },
	{ "copy_file_range, from",
	  SYS_copy_file_range,
	  { FILE, P, OTHER, 0, 8, 0 },
	  IN,
	  false,
	  true },
	{ "copy_file_range, to",
	  SYS_copy_file_range,
	  { FILE, 0, OTHER, P, 8, 0 },
	  IN,
	  false,
	  true },
	{ "splice, from", SYS_splice, { FILE, P, PIPE_OUT, 0, 8, 0 }, IN, false, true },
	{ "splice, to", SYS_splice, { PIPE_IN, 0, FILE, P, 8, 0 }, IN, false, true },
	{ "vmsplice", SYS_vmsplice, { PIPE_OUT, P, 1, 0 }, IN, true, true },
	{ "process_vm_readv, here", SYS_process_vm_readv, { SELF, P, 1, 0, 0, 0 }, IN, true, true },
	{ "getrandom", SYS_getrandom, { P, 64, 0 }, OUT, true, false },
	{ "memfd_create", SYS_memfd_create, { P, 0 }, TEXT, true, true },
	{ "readlinkat, text", SYS_readlinkat, { AT_FDCWD, LINK, P, 64 }, OUT, true, true },
	{ "execveat of a path",
	  SYS_execveat,
	  { AT_FDCWD, P, VECTOR, VECTOR, 0 },
	  TEXT,
	  true,
	  true },
	{ "execveat, arguments", SYS_execveat, { AT_FDCWD, PATH, P, VECTOR, 0 }, IN, false, true },
	{ "execveat, environment",
	  SYS_execveat,
	  { AT_FDCWD, PATH, VECTOR, P, 0 },
	  IN,
	  false,
	  true },
	{ "mount, source", SYS_mount, { P, LINK, TMPFS, 0, 0 }, TEXT, false, true },
	{ "mount, target", SYS_mount, { 0, P, TMPFS, 0, 0 }, TEXT, true, true },
	{ "mount, type", SYS_mount, { 0, LINK, P, 0, 0 }, TEXT, false, true },
	{ "mount, data", SYS_mount, { 0, LINK, TMPFS, 0, P }, IN, false, false },
	{ "lsetxattr, name", SYS_lsetxattr, { PATH, P, SPACE, 8, 0 }, IN, true, true },
	{ "lsetxattr, value", SYS_lsetxattr, { PATH, NAME, P, 8, 0 }, IN, true, true },
	{ "fsetxattr, value", SYS_fsetxattr, { ZERO, NAME, P, 8, 0 }, IN, true, true },
	{ "lgetxattr, name", SYS_lgetxattr, { PATH, P, SPACE, 8 }, IN, true, true },
	{ "lremovexattr, name", SYS_lremovexattr, { PATH, P }, IN, true, true },

	{ "poll", SYS_poll, { P, 1, 0 }, OUT, true, true },
	{ "ppoll", SYS_ppoll, { P, 1, SPACE, 0, 8 }, OUT, true, true },
	{ "ppoll, time", SYS_ppoll, { 0, 0, P, 0, 8 }, IN, false, true },
	{ "ppoll, mask", SYS_ppoll, { 0, 0, SPACE, P, 8 }, IN, false, true },
	{ "select, to read", SYS_select, { 1, P, 0, 0, SPACE }, OUT, false, true },
	{ "select, to write", SYS_select, { 1, 0, P, 0, SPACE }, OUT, false, true },
	{ "select, exceptions", SYS_select, { 1, 0, 0, P, SPACE }, OUT, false, true },
	{ "select, time", SYS_select, { 0, 0, 0, 0, P }, IN, false, true },
	{ "pselect6, to read", SYS_pselect6, { 1, P, 0, 0, SPACE, 0 }, OUT, false, true },
	{ "pselect6, to write", SYS_pselect6, { 1, 0, P, 0, SPACE, 0 }, OUT, false, true },
	{ "pselect6, exceptions", SYS_pselect6, { 1, 0, 0, P, SPACE, 0 }, OUT, false, true },
	{ "pselect6, time", SYS_pselect6, { 0, 0, 0, 0, P, 0 }, IN, false, true },
	{ "pselect6, mask", SYS_pselect6, { 0, 0, 0, 0, SPACE, P }, IN, false, true },

	{ "getresuid, real", SYS_getresuid, { P, SPACE, SPACE }, OUT, true, true },
	{ "getresuid, effective", SYS_getresuid, { SPACE, P, SPACE }, OUT, true, true },
	{ "getresuid, saved", SYS_getresuid, { SPACE, SPACE, P }, OUT, true, true },
	{ "getresgid, real", SYS_getresgid, { P, SPACE, SPACE }, OUT, true, true },
	{ "getresgid, effective", SYS_getresgid, { SPACE, P, SPACE }, OUT, true, true },
	{ "getresgid, saved", SYS_getresgid, { SPACE, SPACE, P }, OUT, true, true },

	{ "capget, sets", SYS_capget, { CAPABILITIES, P }, OUT, false, true },
	{ "capset, sets", SYS_capset, { CAPABILITIES, P }, IN, true, true },

	{ "rt_sigtimedwait", SYS_rt_sigtimedwait, { P, 0, SPACE, 8 }, IN, true, true },
	{ "rt_sigtimedwait, time", SYS_rt_sigtimedwait, { SPACE, 0, P, 8 }, IN, false, true },
	{ "rt_sigqueueinfo", SYS_rt_sigqueueinfo, { SELF, 0, P }, IN, true, true },
	{ "rt_tgsigqueueinfo", SYS_rt_tgsigqueueinfo, { SELF, SELF, 0, P }, IN, true, true },
	{ "pidfd_send_signal", SYS_pidfd_send_signal, { PIDFD, 0, P, 0 }, IN, false, true },
	{ "rt_sigsuspend", SYS_rt_sigsuspend, { P, 8 }, IN, true, true },
	{ "sigaltstack, new", SYS_sigaltstack, { P, 0 }, IN, false, true },
	{ "sigaltstack, old", SYS_sigaltstack, { 0, P }, OUT, false, true },

	{ "clone3", SYS_clone3, { P, 88 }, IN, true, true },
	{ "clone, pidfd", SYS_clone, { CLONE_PIDFD | SIGCHLD, 0, P, 0, 0 }, OUT, true, true },
	{ "time", SYS_time, { P }, OUT, false, true },
	{ "clock_getres", SYS_clock_getres, { CLOCK_MONOTONIC, P }, OUT, false, true },
	{ "timer_gettime", SYS_timer_gettime, { TIMER, P }, OUT, true, true },
	{ "timer_settime, old", SYS_timer_settime, { TIMER, 0, SPACE, P }, OUT, false, true },
	{ "sched_setaffinity", SYS_sched_setaffinity, { 0, 8, P }, IN, true, true },
	{ "sched_getaffinity", SYS_sched_getaffinity, { 0, 128, P }, OUT, true, true },

	{ "mincore", SYS_mincore, { BLOCK, PAGE, P }, OUT, true, false },
	{ "get_robust_list, head", SYS_get_robust_list, { 0, P, SPACE }, OUT, true, true },
	{ "get_robust_list, size", SYS_get_robust_list, { 0, SPACE, P }, OUT, true, true },
	{ "futex", SYS_futex, { P, FUTEX_WAIT, 0, SPACE }, WORD, true, false },
	{ "futex, private",
	  SYS_futex,
	  { P, FUTEX_WAIT | FUTEX_PRIVATE, 0, SPACE },
	  WORD,
	  true,
	  false },
	{ "futex, time", SYS_futex, { SPACE, FUTEX_WAIT, 0, P }, IN, false, true },
	{ "futex, second", SYS_futex, { SPACE, FUTEX_CMP_REQUEUE, 1, 1, P, 0 }, WORD, true, false },
	{ "futex, word to change",
	  SYS_futex,
	  { SPACE, FUTEX_WAKE_OP, 1, 1, P, 0 },
	  WORD_OUT,
	  true,
	  false },

	{ "F_SETLK", SYS_fcntl, { FILE, F_SETLK, P }, IN, true, true },
	{ "F_SETLKW", SYS_fcntl, { FILE, F_SETLKW, P }, IN, true, true },
	{ "F_OFD_SETLK", SYS_fcntl, { FILE, F_OFD_SETLK, P }, IN, true, true },
	{ "F_GETLK", SYS_fcntl, { FILE, F_GETLK, P }, BOTH, true, true },
	{ "F_OFD_GETLK", SYS_fcntl, { FILE, F_OFD_GETLK, P }, BOTH, true, true },
	{ "F_SETOWN_EX", SYS_fcntl, { FILE, F_SETOWN_EX, P }, IN, true, true },
	{ "F_GETOWN_EX", SYS_fcntl, { FILE, F_GETOWN_EX, P }, OUT, true, true },
	{ "FIONBIO", SYS_ioctl, { PIPE_IN, FIONBIO, P }, IN, true, true },
	{ "FIONREAD of a pipe", SYS_ioctl, { PIPE_IN, FIONREAD, P }, OUT, true, true },
};

static const struct row terminal_rows[] = {
	{ "TCGETS", SYS_ioctl, { TERMINAL, TCGETS, P }, OUT, true, true },
	{ "TCSETS", SYS_ioctl, { TERMINAL, TCSETS, P }, IN, true, true },
	{ "TCSETSW", SYS_ioctl, { TERMINAL, TCSETSW, P }, IN, true, true },
	{ "TCSETSF", SYS_ioctl, { TERMINAL, TCSETSF, P }, IN, true, true },
	{ "TIOCGWINSZ", SYS_ioctl, { TERMINAL, TIOCGWINSZ, P }, OUT, true, true },
	{ "TIOCSWINSZ", SYS_ioctl, { TERMINAL, TIOCSWINSZ, P }, IN, true, true },
	{ "TIOCOUTQ", SYS_ioctl, { TERMINAL, TIOCOUTQ, P }, OUT, true, true },
	{ "FIONREAD of a terminal", SYS_ioctl, { TERMINAL, FIONREAD, P }, OUT, true, true },
	{ "TIOCGPGRP", SYS_ioctl, { TERMINAL, TIOCGPGRP, P }, OUT, true, true },
	{ "TIOCSPGRP", SYS_ioctl, { TERMINAL, TIOCSPGRP, P }, IN, true, true },
};

static const struct row group_rows[] = {
	{ "getgroups", SYS_getgroups, { 8, P }, OUT, true, true },
	{ "setgroups", SYS_setgroups, { 2, P }, IN, true, true },
};

static void interrupt_soon(void)
{
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } };

	must(setitimer(ITIMER_REAL, &often, NULL));
}

static void end_a_child(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	must(child);
}

static void signal_oneself(void)
{
	must(kill(getpid(), SIGUSR1));
}

/* What is left of a sleep is written if it is interrupted, the status of a child if it ended. */
static const struct row interrupted_rows[] = {
	{ "nanosleep, rest", SYS_nanosleep, { LONG, P }, OUT, false, true },
	{ "clock_nanosleep, rest",
	  SYS_clock_nanosleep,
	  { CLOCK_MONOTONIC, 0, LONG, P },
	  OUT,
	  false,
	  true },
};

static const struct row child_rows[] = {
	{ "wait4, status", SYS_wait4, { -1, P, 0, 0 }, OUT, false, true },
	{ "wait4, usage", SYS_wait4, { -1, SPACE, 0, P }, OUT, false, true },
	{ "waitid, info", SYS_waitid, { P_ALL, 0, P, WEXITED, 0 }, OUT, false, true },
	{ "waitid, usage", SYS_waitid, { P_ALL, 0, SPACE, WEXITED, P }, OUT, false, true },
};

static const struct row signal_rows[] = {
	{ "rt_sigtimedwait, info", SYS_rt_sigtimedwait, { USR1, P, SPACE, 8 }, OUT, false, true },
};

static void handler(int number)
{
	(void)number;
}

static void rest_of_sleeps(void)
{
	struct sigaction action = { .sa_handler = handler };

	must(sigaction(SIGALRM, &action, NULL));
	before = interrupt_soon;
	for (size_t i = 0; i < ARRAY_SIZE(interrupted_rows); i++)
		test_row(&interrupted_rows[i]);
	before = NULL;
	must(setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL));
}

static void ends_of_children(void)
{
	before = end_a_child;
	for (size_t i = 0; i < ARRAY_SIZE(child_rows); i++)
		test_row(&child_rows[i]);
	before = NULL;
	ok_equal(sys(SYS_wait4, -1, NULL, 0, NULL), -ECHILD, "no child is left to wait for");
}

static void signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	before = signal_oneself;
	for (size_t i = 0; i < ARRAY_SIZE(signal_rows); i++)
		test_row(&signal_rows[i]);
	before = NULL;
	must(sigpending(&set));
	ok(!sigismember(&set, SIGUSR1), "the signal is taken");
}

static void terminals(void)
{
	static const struct row session = { "TIOCGSID", SYS_ioctl, { TERMINAL, TIOCGSID, P },
					    OUT,        true,      true };

	terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	if (terminal < 0)
		terminal = open("/dev/tty", O_RDWR);
	if (terminal < 0) {
		skip("there is no terminal");
		return;
	}
	/* Outside the foreground a change of the terminal would stop the test. */
	must(signal(SIGTTOU, SIG_IGN) == SIG_ERR ? -1 : 0);
	for (size_t i = 0; i < ARRAY_SIZE(terminal_rows); i++)
		test_row(&terminal_rows[i]);
	if (sys(SYS_ioctl, terminal, TIOCGSID, space) == 0)
		test_row(&session);
	else
		skip("the terminal has no session");
}

static void groups(void)
{
	if (geteuid() != 0) {
		skip("groups are root's");
		return;
	}
	must(sys(SYS_setgroups, 2, space));
	for (size_t i = 0; i < ARRAY_SIZE(group_rows); i++)
		test_row(&group_rows[i]);
}

/* What is written for the sake of a thread's start and end is not worth an error, says Linux. */
static void wild_thread_words(void)
{
	enum { WORDS = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID };
	static const unsigned long wild[] = { 8, 0x800000000000, 0xffff800000000000, -8UL };

	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		long child = sys(SYS_clone, SIGCHLD | WORDS, 0, wild[i], wild[i], 0);
		int status = -1;

		if (child == 0) {
			sys(SYS_set_tid_address, wild[i]);
			sys(SYS_set_robust_list, wild[i], 24);
			sys(SYS_exit, 5);
		}
		ok(child > 0 && waitpid((pid_t)child, &status, 0) == child && status == 5 << 8,
		   "a child with words at 0x%lx begins and ends", wild[i]);
	}
}

int main(void)
{
	prepare();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	rest_of_sleeps();
	ends_of_children();
	signals();
	terminals();
	groups();
	wild_thread_words();
	return done();
}
