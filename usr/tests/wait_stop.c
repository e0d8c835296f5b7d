/*
 * Stopped and continued children: SIGSTOP and SIGCONT, WUNTRACED and WCONTINUED, and waitid with
 * what it alone can: WNOWAIT, the kind of change, its siginfo (wait(2), waitid(2)).
 */
#include "tap.h"

static void spin(void *unused)
{
	(void)unused;
	for (;;)
		sys(SYS_sched_yield);
}

static void stop_and_continue(void)
{
	pid_t child = start_child(spin, NULL);
	int status;

	must(kill(child, SIGSTOP));
	ok_equal(waitpid(child, &status, WUNTRACED), child, "WUNTRACED tells of a stop");
	ok_equal(status, 0x137f, "the status is stopped by SIGSTOP");
	ok_equal(process_state(child), 'T', "its state is T");
	ok_equal(waitpid(child, &status, WUNTRACED | WNOHANG), 0, "a stop is told once");
	ok_equal(waitpid(child, &status, WNOHANG), 0, "without WUNTRACED it is not told");
	must(kill(child, SIGCONT));
	ok_equal(waitpid(child, &status, WCONTINUED), child, "WCONTINUED tells of its going on");
	ok_equal(status, 0xffff, "the status is continued");
	ok_equal(waitpid(child, &status, WCONTINUED | WNOHANG), 0, "once");
	ok(process_state(child) == 'R', "its state is R again");
	/* in a group of its own: this one may be orphaned, where SIGTSTP does nothing */
	must(setpgid(child, child));
	must(kill(child, SIGTSTP));
	ok_equal(waitpid(child, &status, WUNTRACED), child, "SIGTSTP stops too");
	ok_equal(WSTOPSIG(status), SIGTSTP, "and is told by its number");
	must(kill(child, SIGTERM));
	ok_equal(waitpid(child, &status, WNOHANG), 0, "a stopped process does not die of SIGTERM");
	must(kill(child, SIGCONT));
	ok_equal(wait_child(child), SIGTERM, "but does when it goes on");
}

static void kill_the_stopped(void)
{
	pid_t child = start_child(spin, NULL);
	int status;

	must(kill(child, SIGSTOP));
	waitpid(child, &status, WUNTRACED);
	must(kill(child, SIGKILL));
	ok_equal(wait_child(child), SIGKILL, "SIGKILL ends a stopped process");

	child = start_child(spin, NULL);
	must(kill(child, SIGCONT));
	must(kill(child, SIGKILL));
	ok_equal(wait_child(child), SIGKILL, "SIGCONT to a running process changes nothing");
}

/* A process that stops itself does not get past the kill before it is continued. */
static void stop_itself(void *gate)
{
	kill(getpid(), SIGSTOP);
	open_gate(gate);
}

static void stops_at_once(void)
{
	struct gate gate = new_gate();
	pid_t child = start_child(stop_itself, &gate);
	char byte;
	int status;

	waitpid(child, &status, WUNTRACED);
	must(fcntl(gate.fd[0], F_SETFL, O_NONBLOCK));
	ok_errno(read(gate.fd[0], &byte, 1), EAGAIN, "a process that stops itself stops at once");
	must(kill(child, SIGCONT));
	ok_equal(wait_child(child), 0, "and ends as usual when continued");
	ok_equal(read(gate.fd[0], &byte, 1), 1, "after the next line");
	free_gate(&gate);
}

static int id_wait(idtype_t type, id_t id, siginfo_t *info, int options)
{
	memset(info, 0, sizeof(*info));
	return (int)sys(SYS_waitid, type, id, info, options, NULL);
}

static void ids(void)
{
	siginfo_t info;
	pid_t child = start_child(spin, NULL);

	ok_equal(id_wait(P_PID, (id_t)child, &info, WEXITED | WNOHANG), 0,
		 "waitid WNOHANG of a living one");
	ok_equal(info.si_pid, 0, "leaves si_pid 0");
	must(kill(child, SIGSTOP));
	ok_equal(id_wait(P_PID, (id_t)child, &info, WSTOPPED), 0, "waitid WSTOPPED");
	ok(info.si_code == CLD_STOPPED && info.si_status == SIGSTOP && info.si_pid == child,
	   "tells of the stop and who it was");
	must(kill(child, SIGCONT));
	ok_equal(id_wait(P_ALL, 0, &info, WCONTINUED), 0, "waitid WCONTINUED");
	ok(info.si_code == CLD_CONTINUED && info.si_status == SIGCONT, "tells of the continuing");
	must(kill(child, SIGKILL));
	ok_equal(id_wait(P_PGID, (id_t)getpgrp(), &info, WEXITED | WNOWAIT), 0,
		 "waitid WNOWAIT by group");
	ok(info.si_code == CLD_KILLED && info.si_status == SIGKILL && info.si_signo == SIGCHLD,
	   "tells of the death");
	ok_equal(process_state(child), 'Z', "and leaves the zombie");
	ok_equal(id_wait(P_PID, (id_t)child, &info, WEXITED), 0, "waitid WEXITED collects it");
	ok_equal(id_wait(P_PID, (id_t)child, &info, WEXITED), -ECHILD, "once");
	ok_equal(id_wait(P_ALL, 0, &info, 0), -EINVAL, "no kind of change is EINVAL");
	ok_equal(id_wait(P_ALL, 0, &info, WEXITED | 0x100), -EINVAL, "an unknown option is EINVAL");
	ok_equal(id_wait((idtype_t)9, 0, &info, WEXITED), -EINVAL,
		 "an unknown kind of id is EINVAL");
	ok_equal(id_wait(P_PID, 0, &info, WEXITED), -EINVAL, "pid 0 is EINVAL");
}

int main(void)
{
	stop_and_continue();
	kill_the_stopped();
	stops_at_once();
	if (sys(SYS_waitid, P_ALL, 0, NULL, WEXITED | WNOHANG, NULL) == -ENOSYS)
		skip("waitid is not there");
	else
		ids();
	return done();
}
