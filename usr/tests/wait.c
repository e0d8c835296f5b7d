/*
 * wait4 in all its forms: whom to wait for, the options, what a status says, and the errors of
 * wait4(2).
 */
#include "tap.h"

#include <limits.h>
#include <sys/resource.h>

static void wait_for_gate(void *gate)
{
	pass_gate(gate);
}

static void exit_with(void *status)
{
	sys(SYS_exit_group, *(int *)status);
}

static void die_by(void *signal)
{
	kill(getpid(), *(int *)signal);
	for (;;)
		sys(SYS_sched_yield);
}

static void statuses(void)
{
	static const int codes[][2] = { { 0, 0 },     { 1, 1 },   { 127, 127 }, { 128, 128 },
					{ 255, 255 }, { 256, 0 }, { -1, 255 },  { 0x12345, 0x45 } };
	static const int signals[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGABRT, SIGFPE,
				       SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM,
				       SIGTERM, SIGBUS,  SIGSYS,  34,      64 };

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		ok_equal(child_status(exit_with, (void *)&codes[i][0]), codes[i][1] << 8,
			 "exit(%d) is status %d", codes[i][0], codes[i][1]);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		ok_equal(child_status(die_by, (void *)&signals[i]) & ~0x80, signals[i],
			 "death by signal %d is told as that", signals[i]);
}

static void nobody(void)
{
	ok_errno(wait4(-1, NULL, 0, NULL), ECHILD, "no child: wait for any is ECHILD");
	ok_errno(wait4(-1, NULL, WNOHANG, NULL), ECHILD, "also with WNOHANG");
	ok_errno(wait4(1, NULL, 0, NULL), ECHILD, "process 1 is no child");
	ok_errno(wait4(getpid(), NULL, 0, NULL), ECHILD, "one is not one's own child");
	ok_errno(wait4(0, NULL, 0, NULL), ECHILD, "no child in the own group");
	ok_errno(wait4(-getpgrp(), NULL, 0, NULL), ECHILD, "nor by its number");
	ok_errno(wait4(4194304, NULL, 0, NULL), ECHILD, "a pid that never is");
	ok_equal(sys(SYS_wait4, INT_MIN, 0, 0, 0), -ESRCH, "the pid with no negative is ESRCH");
}

static void bad_options(void)
{
	static const unsigned options[] = { 4, 0x10, 0x01000000, 0x10000000, 0x100 };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		ok_equal(sys(SYS_wait4, -1, 0, options[i], 0), -EINVAL, "option 0x%x is EINVAL",
			 options[i]);
}

static void no_hang(void)
{
	struct gate gate = new_gate();
	pid_t child = start_child(wait_for_gate, &gate);
	int status = 0x5555;

	ok_equal(waitpid(child, &status, WNOHANG), 0, "WNOHANG for a living child returns 0");
	ok_equal(waitpid(-1, &status, WNOHANG), 0, "for any child too");
	ok_equal(status, 0x5555, "and leaves the status alone");
	open_gate(&gate);
	ok(await_state(child, 'Z'), "the child ends");
	ok_equal(waitpid(child, &status, WNOHANG), child, "WNOHANG then collects it");
	ok_equal(status, 0, "with its status");
	ok_errno(waitpid(child, &status, WNOHANG), ECHILD, "once only");
	free_gate(&gate);
}

/* Two children in a group of their own, one in ours. */
static void groups(void)
{
	struct gate gate = new_gate();
	pid_t first = start_child(wait_for_gate, &gate), second = start_child(wait_for_gate, &gate);
	pid_t ours = start_child(wait_for_gate, &gate), got[2];

	must(setpgid(first, first));
	must(setpgid(second, first));
	ok_equal(waitpid(-first, NULL, WNOHANG), 0, "the other group has living children");
	ok_errno(waitpid(-second, NULL, WNOHANG), ECHILD, "a group without children is ECHILD");
	for (int i = 0; i < 3; i++)
		open_gate(&gate);
	ok_equal(waitpid(0, NULL, 0), ours, "pid 0 waits for the own group");
	ok_errno(waitpid(0, NULL, 0), ECHILD, "of which there is no other");
	got[0] = waitpid(-first, NULL, 0);
	got[1] = waitpid(-first, NULL, 0);
	ok((got[0] == first && got[1] == second) || (got[0] == second && got[1] == first),
	   "-pgid collects the two of that group");
	ok_errno(waitpid(-first, NULL, 0), ECHILD, "then the group is gone");
	free_gate(&gate);
}

static void one_of_many(void)
{
	struct gate gates[4];
	pid_t pids[4];
	int status;

	for (int i = 0; i < 4; i++) {
		gates[i] = new_gate();
		pids[i] = start_child(wait_for_gate, &gates[i]);
	}
	open_gate(&gates[2]);
	ok_equal(waitpid(-1, &status, 0), pids[2], "wait for any returns the one that ended");
	open_gate(&gates[3]);
	ok(await_state(pids[3], 'Z'), "another ends");
	ok_equal(waitpid(pids[0], &status, WNOHANG), 0, "wait for a third does not take it");
	open_gate(&gates[0]);
	ok_equal(waitpid(pids[0], &status, 0), pids[0], "a given child is collected by its pid");
	ok_equal(waitpid(-1, &status, 0), pids[3], "the ended one is still there");
	open_gate(&gates[1]);
	ok_equal(waitpid(-1, &status, 0), pids[1], "and the last");
	for (int i = 0; i < 4; i++)
		free_gate(&gates[i]);
}

static void pointers(void)
{
	struct rusage usage;
	pid_t child;

	memset(&usage, 0xff, sizeof(usage));
	child = start_child(exit_with, &(int){ 3 });
	ok_equal(wait4(child, NULL, 0, &usage), child, "a NULL status is allowed");
	ok(usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec >= 0 &&
		   usage.ru_utime.tv_usec < 1000000,
	   "the rusage of a child is filled in");
	child = start_child(exit_with, &(int){ 3 });
	ok_equal(sys(SYS_wait4, child, (void *)8, 0, NULL), -EFAULT,
		 "a bad status pointer is EFAULT");
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void grandchild_is_no_child(void *gate)
{
	pid_t child = start_child(wait_for_gate, gate);
	int fd = ((struct gate *)gate)[1].fd[1];

	must(write(fd, &child, sizeof(child)));
	wait_child(child);
}

static void strangers(void)
{
	struct gate gates[2] = { new_gate(), new_gate() };
	pid_t child = start_child(grandchild_is_no_child, gates), grandchild;

	must(read(gates[1].fd[0], &grandchild, sizeof(grandchild)));
	ok_errno(waitpid(grandchild, NULL, WNOHANG), ECHILD, "a grandchild is no child");
	open_gate(&gates[0]);
	ok_equal(wait_child(child), 0, "its parent collects it");
	free_gate(&gates[0]);
	free_gate(&gates[1]);
}

static void ignored_children(void)
{
	struct gate gate = new_gate();
	pid_t child;

	signal(SIGCHLD, SIG_IGN);
	child = start_child(wait_for_gate, &gate);
	open_gate(&gate);
	ok_errno(waitpid(child, NULL, 0), ECHILD, "with SIGCHLD ignored wait ends with ECHILD");
	ok_errno(kill(child, 0), ESRCH, "and the child left no zombie");
	signal(SIGCHLD, SIG_DFL);
	child = start_child(wait_for_gate, &gate);
	open_gate(&gate);
	ok_equal(waitpid(child, NULL, 0), child, "with the default action it is collected again");
	free_gate(&gate);
}

int main(void)
{
	nobody();
	statuses();
	bad_options();
	no_hang();
	groups();
	one_of_many();
	pointers();
	strangers();
	ignored_children();
	return done();
}
