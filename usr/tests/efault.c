/*
 * A wild pointer is EFAULT, in every call that takes one, whatever is wrong with it. The calls
 * about names of files have a table of their own, in efault_files.c.
 */
#include "efault.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/uio.h>

static const struct row rows[] = {
	{ "read", SYS_read, { ZERO, P, 64 }, OUT, true, false },
	{ "read of a pipe", SYS_read, { PIPE_IN, P, 8 }, OUT, true, false },
	{ "write to a pipe", SYS_write, { PIPE_OUT, P, 64 }, IN, true, false },
	{ "readv", SYS_readv, { ZERO, P, 2 }, IN, true, true },
	{ "writev", SYS_writev, { PIPE_OUT, P, 2 }, IN, true, true },
	{ "open", SYS_open, { P, O_RDONLY }, TEXT, true, true },
	{ "openat", SYS_openat, { AT_FDCWD, P, O_RDONLY }, TEXT, true, true },
	{ "stat of a path", SYS_stat, { P, SPACE }, TEXT, true, true },
	{ "stat", SYS_stat, { PATH, P }, OUT, true, true },
	{ "lstat of a path", SYS_lstat, { P, SPACE }, TEXT, true, true },
	{ "lstat", SYS_lstat, { PATH, P }, OUT, true, true },
	{ "fstat", SYS_fstat, { ZERO, P }, OUT, true, true },
	{ "newfstatat of a path", SYS_newfstatat, { AT_FDCWD, P, SPACE, 0 }, TEXT, true, true },
	{ "newfstatat", SYS_newfstatat, { AT_FDCWD, PATH, P, 0 }, OUT, true, true },
	{ "access", SYS_access, { P, F_OK }, TEXT, true, true },
	{ "chdir", SYS_chdir, { P }, TEXT, true, true },
	{ "mkdir", SYS_mkdir, { P, 0755 }, TEXT, true, true },
	{ "rmdir", SYS_rmdir, { P }, TEXT, true, true },
	{ "unlink", SYS_unlink, { P }, TEXT, true, true },
	{ "getcwd", SYS_getcwd, { P, 100 }, OUT, true, true },
	{ "getdents64", SYS_getdents64, { FOLDER, P, 400 }, OUT, true, true },
	{ "execve of a path", SYS_execve, { P, VECTOR, VECTOR }, TEXT, true, true },
	{ "execve, arguments", SYS_execve, { PATH, P, VECTOR }, IN, false, true },
	{ "execve, environment", SYS_execve, { PATH, VECTOR, P }, IN, false, true },
	{ "pipe", SYS_pipe, { P }, OUT, true, true },
	{ "pipe2", SYS_pipe2, { P, O_CLOEXEC }, OUT, true, true },
	{ "uname", SYS_uname, { P }, OUT, true, true },
	{ "getrlimit", SYS_getrlimit, { RLIMIT_NOFILE, P }, OUT, true, true },
	{ "setrlimit", SYS_setrlimit, { RLIMIT_CORE, P }, IN, true, true },
	{ "prlimit64, new", SYS_prlimit64, { 0, RLIMIT_CORE, P, 0 }, IN, false, true },
	{ "prlimit64, old", SYS_prlimit64, { 0, RLIMIT_CORE, 0, P }, OUT, false, true },
	{ "getrusage", SYS_getrusage, { RUSAGE_SELF, P }, OUT, true, true },
	{ "times", SYS_times, { P }, OUT, false, true },
	{ "sysinfo", SYS_sysinfo, { P }, OUT, true, true },
	{ "nanosleep", SYS_nanosleep, { P, 0 }, IN, true, true },
	{ "clock_nanosleep", SYS_clock_nanosleep, { CLOCK_MONOTONIC, 0, P, 0 }, IN, true, true },
	{ "clock_gettime", SYS_clock_gettime, { CLOCK_MONOTONIC, P }, OUT, true, true },
	{ "gettimeofday", SYS_gettimeofday, { P, 0 }, OUT, false, true },
	{ "gettimeofday, zone", SYS_gettimeofday, { 0, P }, OUT, false, true },
	{ "clock_settime", SYS_clock_settime, { CLOCK_REALTIME, P }, IN, true, true },
	{ "settimeofday", SYS_settimeofday, { P, 0 }, IN, false, true },
	{ "settimeofday, zone", SYS_settimeofday, { 0, P }, IN, false, true },
	{ "adjtimex", SYS_adjtimex, { P }, IN, true, true },
	{ "clock_adjtime", SYS_clock_adjtime, { CLOCK_REALTIME, P }, IN, true, true },
	{ "getitimer", SYS_getitimer, { ITIMER_REAL, P }, OUT, true, true },
	{ "setitimer", SYS_setitimer, { ITIMER_REAL, P, 0 }, IN, false, true },
	{ "setitimer, old", SYS_setitimer, { ITIMER_VIRTUAL, SPACE, P }, OUT, false, true },
	{ "timer_create, event", SYS_timer_create, { CLOCK_MONOTONIC, P, SPACE }, IN, false, true },
	{ "timer_create, id", SYS_timer_create, { CLOCK_MONOTONIC, 0, P }, OUT, true, true },
	{ "timer_settime", SYS_timer_settime, { 0, 0, P, 0 }, IN, false, true },
	{ "rt_sigaction, new", SYS_rt_sigaction, { SIGUSR1, P, 0, 8 }, IN, false, true },
	{ "rt_sigaction, old", SYS_rt_sigaction, { SIGUSR1, 0, P, 8 }, OUT, false, true },
	{ "rt_sigprocmask, new", SYS_rt_sigprocmask, { SIG_BLOCK, P, 0, 8 }, IN, false, true },
	{ "rt_sigprocmask, old", SYS_rt_sigprocmask, { SIG_BLOCK, 0, P, 8 }, OUT, false, true },
	{ "rt_sigpending", SYS_rt_sigpending, { P, 8 }, OUT, true, true },
	{ "sched_setscheduler", SYS_sched_setscheduler, { 0, SCHED_OTHER, P }, IN, false, true },
	{ "sched_setparam", SYS_sched_setparam, { 0, P }, IN, false, true },
	{ "sched_getparam", SYS_sched_getparam, { 0, P }, OUT, false, true },
	{ "sched_rr_get_interval", SYS_sched_rr_get_interval, { 0, P }, OUT, true, true },
	{ "sched_setattr", SYS_sched_setattr, { 0, P, 0 }, IN, false, true },
	{ "sched_getattr", SYS_sched_getattr, { 0, P, 56, 0 }, OUT, false, true },
	{ "sched_setaffinity", SYS_sched_setaffinity, { 0, 128, P }, IN, true, true },
	{ "sched_getaffinity", SYS_sched_getaffinity, { 0, 128, P }, OUT, true, true },
	{ "getcpu", SYS_getcpu, { P, 0, 0 }, OUT, false, true },
	{ "getcpu, node", SYS_getcpu, { 0, P, 0 }, OUT, false, true },
	{ "sethostname", SYS_sethostname, { P, 5 }, IN, true, true },
	{ "setdomainname", SYS_setdomainname, { P, 5 }, IN, true, true },
	{ "capget", SYS_capget, { P, SPACE }, IN, true, true },
	{ "capset", SYS_capset, { P, SPACE }, IN, true, true },
	{ "prctl, PR_SET_NAME", SYS_prctl, { 15, P }, IN, true, true },
	{ "prctl, PR_GET_NAME", SYS_prctl, { 16, P }, OUT, true, true },
	{ "prctl, PR_GET_PDEATHSIG", SYS_prctl, { 2, P }, OUT, true, true },
	{ "prctl, PR_GET_TSC", SYS_prctl, { 25, P }, OUT, true, true },
	{ "prctl, PR_GET_CHILD_SUBREAPER", SYS_prctl, { 37, P }, OUT, true, true },
	{ "arch_prctl", SYS_arch_prctl, { 0x1003, P }, OUT, true, true },
};

/* Bytes up to the edge may be moved; then the count is short, and right. */
static void short_counts(void)
{
	char *half = edge - 32;
	long n;

	memset(half, 'x', 32);
	n = sys(SYS_read, zero, half, 64);
	ok((n == 32 && half[0] == 0 && half[31] == 0) || n == -EFAULT || (n > 0 && n < 32),
	   "read into the end of a mapping moves what fits, or nothing");
	memset(half, 'x', 32);
	n = sys(SYS_write, fds[1], half, 64);
	ok(n == 32 || n == -EFAULT || (n > 0 && n < 32), "write from it too");
}

static void vectors(void)
{
	struct iovec good_then_bad[] = { { space, 16 }, { (void *)8, 16 } };
	struct iovec bad[] = { { (void *)0xffffffff80000000, 16 } };
	long n;

	ok_equal(sys(SYS_readv, zero, bad, 1), -EFAULT, "readv into the kernel");
	ok_equal(sys(SYS_writev, fds[1], bad, 1), -EFAULT, "writev from it");
	n = sys(SYS_readv, zero, good_then_bad, 2);
	ok(n == 16 || n == -EFAULT, "readv into good memory, then bad");
}

static void execve_strings(void)
{
	char *good[] = { "name", NULL };
	char *bad[] = { "name", (char *)0xffff800000000000, NULL };
	char *unended[] = { edge - 50, NULL };
	char **cut = (char **)(edge - sizeof(char *)); /* a vector without end */

	memset(edge - 64, 'x', 64);
	ok_equal(sys(SYS_execve, self_path(), bad, no_vector), -EFAULT,
		 "execve of a wild argument");
	ok_equal(sys(SYS_execve, self_path(), good, bad), -EFAULT, "of a wild environment string");
	ok_equal(sys(SYS_execve, self_path(), unended, no_vector), -EFAULT,
		 "of an argument without end");
	*cut = "last";
	ok_equal(sys(SYS_execve, self_path(), cut, no_vector), -EFAULT, "of a vector without end");
}

/* Strings and structures that end exactly at the edge are fine. */
static void just_inside(void)
{
	strcpy(edge - 2, "/");
	ok_equal(sys(SYS_access, edge - 2, F_OK), 0, "a string that ends with its page is read");
	ok_equal(sys(SYS_clock_gettime, CLOCK_MONOTONIC, edge - 16), 0,
		 "a structure there is written");
	ok_equal(sys(SYS_clock_gettime, CLOCK_MONOTONIC, edge - 15), -EFAULT,
		 "but not a byte further");
	ok_equal(sys(SYS_fstat, zero, edge - sizeof(struct stat)), 0, "a larger one too");
	ok_equal(sys(SYS_fstat, zero, edge - sizeof(struct stat) + 1), -EFAULT,
		 "but not a byte further");
}

int main(void)
{
	prepare();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	short_counts();
	vectors();
	execve_strings();
	just_inside();
	return done();
}
