/*
 * Calls of every kind that the trace of system calls decodes, between two of umask, for
 * tests/test_strace.py: strings, flags, structures, results, errors, wild pointers, a child that is
 * killed in the middle of a call. They are made by number, so that no library adds any.
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define call(...) syscall(__VA_ARGS__)
#define WILD 8L

static char bytes[64];
static struct timespec moment = { 0, 1000 };
static sigset_t set;

static void files(void)
{
	struct iovec vector[] = { { "one", 3 }, { "\ttwo\n\001", 6 } };
	struct stat status;

	call(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC);
	call(SYS_open, "/tmp/made", O_CREAT | O_WRONLY, 0640);
	call(SYS_write, 4, "a string of more than 32 bytes, the rest is not shown", 53L);
	call(SYS_writev, 4, vector, 2);
	call(SYS_lseek, 4, 7L, SEEK_SET);
	call(SYS_fstat, 4, &status);
	call(SYS_stat, "/none", &status);
	call(SYS_open, "/tmp/made", O_RDONLY);
	call(SYS_read, 5, bytes, 5L);
	call(SYS_read, 99, bytes, 5L);
	call(SYS_open, WILD, O_RDONLY);
	call(SYS_access, "/tmp/made", R_OK | X_OK);
	call(SYS_fcntl, 5, F_GETFD, 0L);
	call(SYS_unlinkat, AT_FDCWD, "/tmp/made", 0L);
	call(SYS_chdir, "/tmp");
	call(SYS_getcwd, bytes, 64L);
	call(SYS_ioctl, 3, 0x5401 /* TCGETS */, bytes);
}

static void memory(void)
{
	call(SYS_mmap, 0L, 4096L, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
	call(SYS_mmap, 0L, 0L, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0L);
	call(SYS_madvise, WILD, 4096L, MADV_DONTNEED);
}

static void signals(void)
{
	struct {
		long handler, flags, restorer, mask;
	} action = { 1, SA_RESTART, 0, 1L << (SIGHUP - 1) | 1L << (SIGUSR1 - 1) }, ask = { 0 };

	call(SYS_rt_sigaction, SIGUSR2, &action, 0L, 8L);
	call(SYS_rt_sigaction, SIGUSR2, 0L, &ask, 8L);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, 35);
	call(SYS_rt_sigprocmask, SIG_BLOCK, &set, 0L, 8L);
	call(SYS_rt_sigprocmask, SIG_SETMASK, 0L, &set, 8L);
	*(uint64_t *)&set = ~0ul;
	call(SYS_rt_sigprocmask, SIG_SETMASK, &set, 0L, 8L);
	*(uint64_t *)&set = 0;
	call(SYS_rt_sigprocmask, SIG_SETMASK, &set, 0L, 8L);
	call(SYS_kill, 0x7ffffff, SIGKILL);
}

static void others(void)
{
	struct pollfd polled = { .fd = 3, .events = POLLIN | POLLOUT };
	struct rlimit limit;
	int status, priority = 5;

	call(SYS_nanosleep, &moment, 0L);
	call(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, 0L);
	call(SYS_poll, &polled, 1, 0);
	call(SYS_getrlimit, RLIMIT_STACK, &limit);
	call(SYS_sched_setscheduler, 0, SCHED_FIFO, &priority);
	priority = 0;
	call(SYS_sched_setscheduler, 0, SCHED_OTHER, &priority);
	call(SYS_wait4, -1, &status, WNOHANG, 0L);
	call(500, 1L, 2L);
}

/* One ends by itself, one is killed while it reads. */
static void children(void)
{
	int status, fds[2];
	long pid;

	call(SYS_pipe, fds);
	pid = call(SYS_fork);
	if (!pid)
		call(SYS_exit_group, 7);
	call(SYS_wait4, pid, &status, 0, 0L);
	pid = call(SYS_fork);
	if (!pid)
		call(SYS_read, fds[0], bytes, 5L);
	call(SYS_nanosleep, &(struct timespec){ 0, 50000000 }, 0L);
	call(SYS_kill, pid, SIGKILL);
	call(SYS_wait4, pid, &status, 0, 0L);
}

int main(void)
{
	static char *arguments[] = { "none", "with \"quotes\"", NULL };
	static char *variables[] = { "A=1", "B=2", NULL };

	call(SYS_mkdir, "/tmp", 01777);
	call(SYS_umask, 0123);
	files();
	memory();
	signals();
	others();
	children();
	call(SYS_execve, "/none", arguments, variables);
	call(SYS_umask, 0);
	return 0;
}
