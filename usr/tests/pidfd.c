/*
 * Descriptors that stand for processes: pidfd_open and CLONE_PIDFD, poll, signals, waitid and other
 * processes' descriptors by them, and what they mean when their process has gone.
 */
#include "tap.h"

#include <poll.h>
#include <sched.h>

#define P_PIDFD 3
#define WILD 8L
#define NOBODY 0x7fffff0

static int open_pid(pid_t pid, unsigned flags)
{
	return (int)sys(SYS_pidfd_open, pid, flags);
}

static long send_signal(int pidfd, int signal, const void *info)
{
	return sys(SYS_pidfd_send_signal, pidfd, signal, info, 0);
}

static long wait_by(int pidfd, siginfo_t *info, int options)
{
	return sys(SYS_waitid, P_PIDFD, pidfd, info, options, NULL);
}

/* Whether it has ended, at most so many milliseconds later. */
static bool has_ended(int pidfd, int timeout)
{
	struct pollfd look = { pidfd, POLLIN, 0 };

	return must(poll(&look, 1, timeout)) == 1 && look.revents & POLLIN;
}

static void wait_for_gate(void *gate)
{
	pass_gate(gate);
}

static void opening(void)
{
	char path[40], text[400], *line;
	int own = open_pid(getpid(), 0);

	ok(own >= 0, "a process has a pidfd of itself");
	ok_equal(fcntl(own, F_GETFD), FD_CLOEXEC, "which an exec closes");
	ok_equal(fcntl(own, F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDWR, "and which waits");
	format_text(path, sizeof(path), "/proc/self/fdinfo/%d", own);
	must(read_text(path, text, sizeof(text)));
	line = strstr(text, "Pid:");
	ok(line && decimal(line + 4) == (unsigned long)getpid(), "/proc says of which process");
	ok(!has_ended(own, 0), "it has not ended");
	ok_errno(read(own, text, 8), EINVAL, "it cannot be read");
	ok_errno(write(own, text, 8), EINVAL, "nor written");
	close(own);
	own = open_pid(getpid(), O_NONBLOCK);
	ok(fcntl(own, F_GETFL) & O_NONBLOCK, "PIDFD_NONBLOCK is O_NONBLOCK");
	close(own);
	ok_equal(open_pid(0, 0), -EINVAL, "process 0 is EINVAL");
	ok_equal(open_pid(-1, 0), -EINVAL, "process -1 too");
	ok_equal(open_pid(getpid(), 1), -EINVAL, "unknown flags too");
	ok_equal(open_pid(NOBODY, 0), -ESRCH, "one that is not is ESRCH");
}

static void polling(void)
{
	struct gate gate = new_gate();
	pid_t child = start_child(wait_for_gate, &gate);
	int pidfd = open_pid(child, 0);

	ok(!has_ended(pidfd, 20), "a poll waits for a child that waits");
	open_gate(&gate);
	ok(has_ended(pidfd, 5000), "and ends with it");
	ok_equal(send_signal(pidfd, 0, NULL), 0, "one that ended can be signalled");
	ok(open_pid(child, 0) >= 0, "and opened once more");
	wait_child(child);
	ok(has_ended(pidfd, 0), "it has ended when it has been waited for");
	ok_equal(send_signal(pidfd, 0, NULL), -ESRCH, "but is no longer there to be signalled");
	ok_equal(sys(SYS_pidfd_getfd, pidfd, 0, 0), -ESRCH, "nor has it descriptors");
	ok_equal(wait_by(pidfd, NULL, WEXITED), -ECHILD, "nor is it a child");
	close(pidfd + 1);
	close(pidfd);
	free_gate(&gate);
}

/* Nobody waits for it: it is gone as soon as it has ended. */
static void without_zombies(void *unused)
{
	struct gate gate = new_gate();
	pid_t child;
	int pidfd;

	(void)unused;
	signal(SIGCHLD, SIG_IGN);
	child = start_child(wait_for_gate, &gate);
	pidfd = open_pid(child, 0);
	open_gate(&gate);
	EXPECT(has_ended(pidfd, 5000));
	while (kill(child, 0) == 0)
		sys(SYS_sched_yield);
	EXPECT(has_ended(pidfd, 0));
	EXPECT(send_signal(pidfd, 0, NULL) == -ESRCH);
}

static void waiting(void)
{
	struct gate gate = new_gate();
	pid_t child = start_child(wait_for_gate, &gate), other;
	int pidfd = open_pid(child, 0);
	siginfo_t info;

	other = start_child(wait_for_gate, &gate);
	info.si_pid = 1;
	ok(wait_by(pidfd, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0,
	   "WNOHANG: nothing has happened");
	must(fcntl(pidfd, F_SETFL, O_NONBLOCK));
	ok_equal(wait_by(pidfd, &info, WEXITED), -EAGAIN, "O_NONBLOCK: EAGAIN");
	ok_equal(wait_by(pidfd, &info, WEXITED | WNOHANG), 0, "but not if WNOHANG asks for it");
	must(fcntl(pidfd, F_SETFL, 0));
	must(kill(other, SIGKILL));
	ok(await_state(other, 'Z'), "another child ends");
	must(kill(child, SIGSTOP));
	ok(wait_by(pidfd, &info, WSTOPPED) == 0 && info.si_pid == child &&
		   info.si_code == CLD_STOPPED,
	   "a stop is told");
	must(kill(child, SIGCONT));
	ok(wait_by(pidfd, &info, WCONTINUED) == 0 && info.si_code == CLD_CONTINUED,
	   "and that it went on");
	open_gate(&gate);
	ok(wait_by(pidfd, &info, WEXITED | WNOWAIT) == 0 && info.si_pid == child,
	   "and its end, of that child alone");
	ok(wait_by(pidfd, &info, WEXITED) == 0 && info.si_code == CLD_EXITED, "once more");
	ok_equal(wait_by(pidfd, &info, WEXITED), -ECHILD, "and then never again");
	ok_equal(wait_by(0x7ffffff, &info, WEXITED), -EBADF, "no descriptor: EBADF");
	ok_equal(wait_by(gate.fd[0], &info, WEXITED), -EBADF, "one of a pipe: EBADF");
	ok_equal(wait_by(-1, &info, WEXITED), -EINVAL, "-1: EINVAL");
	close(pidfd);
	pidfd = open_pid(getpid(), 0);
	ok_equal(wait_by(pidfd, &info, WEXITED), -ECHILD, "one is not one's own child");
	close(pidfd);
	ok_equal(death_signal(wait_child(other)), SIGKILL,
		 "the other one is still to be waited for");
	free_gate(&gate);
}

static volatile sig_atomic_t got_signal, got_code, got_value;

static void handler(int number, siginfo_t *info, void *unused)
{
	(void)unused;
	got_signal = number;
	got_code = info->si_code;
	got_value = info->si_value.sival_int;
}

static void signalling(void)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };
	int own = open_pid(getpid(), 0), parent = open_pid(getppid(), 0);

	must(sigaction(SIGUSR1, &action, NULL));
	ok(send_signal(own, SIGUSR1, NULL) == 0 && got_signal == SIGUSR1 && got_code == SI_USER,
	   "a signal arrives, as kill's does");
	info.si_value.sival_int = 77;
	ok(send_signal(own, SIGUSR1, &info) == 0 && got_code == SI_QUEUE && got_value == 77,
	   "with what the sender says of it");
	info.si_code = SI_USER;
	ok_equal(send_signal(own, SIGUSR1, &info), 0, "to oneself, also what the kernel would");
	ok_equal(send_signal(parent, SIGUSR1, &info), -EPERM, "to others not: EPERM");
	info.si_code = SI_TKILL;
	ok_equal(send_signal(parent, SIGUSR1, &info), -EPERM, "nor as a thread's: EPERM");
	ok_equal(send_signal(own, SIGUSR2, &info), -EINVAL, "of another signal: EINVAL");
	ok_equal(send_signal(own, 65, NULL), -EINVAL, "signal 65: EINVAL");
	ok_equal(send_signal(own, 0, NULL), 0, "signal 0 only asks");
	ok_equal(sys(SYS_pidfd_send_signal, own, 0, NULL, 0x8000), -EINVAL, "flags: EINVAL");
	ok_equal(send_signal(own, SIGUSR1, (void *)WILD), -EFAULT, "wild information: EFAULT");
	ok_equal(send_signal(0x7ffffff, SIGUSR1, NULL), -EBADF, "no descriptor: EBADF");
	close(own);
	close(parent);
}

static void as_user(void *init)
{
	must(setresuid(54321, 54321, 54321));
	EXPECT(send_signal(*(int *)init, 0, NULL) == -EPERM);
	EXPECT(sys(SYS_pidfd_getfd, *(int *)init, 0, 0) == -EPERM);
}

static void descriptors(void)
{
	struct gate ready = new_gate(), gate = new_gate();
	int shared[2], pidfd, taken;
	char byte = 0;
	pid_t child;

	must(pipe(shared));
	child = (pid_t)must(fork());
	if (!child) {
		must(dup2(shared[1], 500));
		open_gate(&ready);
		pass_gate(&gate);
		_exit(0);
	}
	pass_gate(&ready);
	close(shared[1]);
	pidfd = open_pid(child, 0);
	taken = (int)sys(SYS_pidfd_getfd, pidfd, 500, 0);
	ok(taken >= 0, "a child's descriptor 500 can be had");
	ok_equal(fcntl(taken, F_GETFD), FD_CLOEXEC, "an exec closes it");
	ok(write(taken, "x", 1) == 1 && read(shared[0], &byte, 1) == 1 && byte == 'x',
	   "it is the same pipe");
	ok_equal(sys(SYS_pidfd_getfd, pidfd, 501, 0), -EBADF, "501 is none: EBADF");
	ok_equal(sys(SYS_pidfd_getfd, pidfd, -1, 0), -EBADF, "-1 too");
	ok_equal(sys(SYS_pidfd_getfd, pidfd, 500, 1), -EINVAL, "flags: EINVAL");
	ok_equal(sys(SYS_pidfd_getfd, 0x7ffffff, 500, 0), -EBADF, "no pidfd: EBADF");
	ok_equal(sys(SYS_pidfd_getfd, shared[0], 500, 0), -EBADF, "a pipe for one: EBADF");
	open_gate(&gate);
	wait_child(child);
	close(taken);
	close(pidfd);
	pidfd = open_pid(1, 0);
	ok_child(as_user, &pidfd, "a user may neither signal init nor have its descriptors");
	close(pidfd);
	close(shared[0]);
	free_gate(&ready);
	free_gate(&gate);
}

static long clone_with(unsigned long flags, int *pidfd)
{
	long child = sys(SYS_clone, flags | SIGCHLD, 0, pidfd, 0, 0);

	if (child == 0)
		_exit(fcntl(3, F_GETFD) == -1 ? 7 : 8); /* the child's table has it not */
	return child;
}

static void cloned(void)
{
	int pidfd = -1, lowest = dup(0);
	siginfo_t info;
	long child;

	close(lowest);
	child = clone_with(CLONE_PIDFD, &pidfd);
	ok(child > 0 && pidfd == lowest, "CLONE_PIDFD makes the lowest free descriptor");
	ok_equal(fcntl(pidfd, F_GETFD), FD_CLOEXEC, "an exec closes it");
	ok(has_ended(pidfd, 5000) && wait_by(pidfd, &info, WEXITED) == 0 && info.si_pid == child,
	   "it stands for the child");
	ok(lowest != 3 || info.si_status == 7, "who has it not");
	close(pidfd);
	ok_equal(clone_with(CLONE_PIDFD, (int *)WILD), -EFAULT, "at a wild address: EFAULT");
	ok_errno(waitpid(-1, NULL, WNOHANG), ECHILD, "and no child");
	ok_equal(dup(0), lowest, "nor a descriptor");
	close(lowest);
	ok_equal(clone_with(CLONE_PIDFD | CLONE_PARENT_SETTID, &pidfd), -EINVAL,
		 "not where the pid is to be: EINVAL");
	ok_equal(clone_with(CLONE_PIDFD | CLONE_DETACHED, &pidfd), -EINVAL,
		 "nor with CLONE_DETACHED: EINVAL");
}

/* With no descriptor free there is no child. */
static void too_many(void *unused)
{
	int pidfd = -1, highest = dup(0);
	struct rlimit limit = { (rlim_t)highest, (rlim_t)highest };

	(void)unused;
	close(highest);
	must(setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT(open_pid(getpid(), 0) == -EMFILE);
	EXPECT(clone_with(CLONE_PIDFD, &pidfd) == -EMFILE);
	EXPECT(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

int main(void)
{
	opening();
	polling();
	ok_child(without_zombies, NULL, "one that nobody waits for ends too");
	waiting();
	signalling();
	descriptors();
	cloned();
	ok_child(too_many, NULL, "without a free descriptor there is neither pidfd nor child");
	return done();
}
