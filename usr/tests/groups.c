/*
 * Process groups and sessions: who may set what, whom a signal to a group reaches, and what fork
 * and exec keep (setpgid(2), setsid(2), kill(2)).
 */
#include "tap.h"

#include <sys/mman.h>

static void wait_for_gate(void *gate)
{
	pass_gate(gate);
}

static void spin(void *unused)
{
	(void)unused;
	for (;;)
		sys(SYS_sched_yield);
}

static void setting(void)
{
	struct gate gate = new_gate();
	pid_t a = start_child(wait_for_gate, &gate), b = start_child(wait_for_gate, &gate);

	ok_equal(getpgid(0), getpgrp(), "getpgid of 0 is one's own");
	ok_equal(getpgid(a), getpgrp(), "a child has its parent's group");
	ok_equal(getsid(a), getsid(0), "and session");
	ok_equal(setpgid(a, 0), 0, "it gets a group of its own");
	ok_equal(getpgid(a), a, "of its own number");
	ok_equal(setpgid(b, a), 0, "another joins it");
	ok_equal(getpgid(b), a, "and is in it");
	ok_equal(setpgid(a, a), 0, "setting what is set is fine");
	ok_equal(setpgid(b, getpgrp()), 0, "it comes back");
	ok_equal(getpgid(b), getpgrp(), "and is back");
	ok_errno(setpgid(b, -1), EINVAL, "a negative group is EINVAL");
	ok_errno(setpgid(-1, 0), EINVAL, "and that of a negative pid");
	ok_errno(setpgid(b, 0x7ffffff0), EPERM, "one that is not there EPERM");
	ok_errno(setpgid(1, 0), ESRCH, "process 1 is no child: ESRCH");
	ok_errno(setpgid(0x7ffffff0, 0), ESRCH, "nobody is ESRCH");
	ok_errno(getpgid(0x7ffffff0), ESRCH, "for getpgid too");
	ok_errno(getsid(0x7ffffff0), ESRCH, "and getsid");
	open_gate(&gate);
	open_gate(&gate);
	wait_child(a);
	wait_child(b);
	free_gate(&gate);
}

static char *self;

static void become_another(void *gates)
{
	struct gate *gate = gates;
	char in[12], out[12], *argv[] = { "groups", "wait", in, out, NULL };

	format_text(in, sizeof(in), "%d", gate[0].fd[0]);
	format_text(out, sizeof(out), "%d", gate[1].fd[1]);
	execv(self, argv);
	_exit(1);
}

static void after_exec(void)
{
	struct gate gates[2] = { new_gate(), new_gate() };
	pid_t child = start_child(become_another, gates);

	pass_gate(&gates[1]);
	ok_errno(setpgid(child, child), EACCES, "a child that has called exec is EACCES");
	open_gate(&gates[0]);
	ok_equal(wait_child(child), 0, "it goes on");
	free_gate(&gates[0]);
	free_gate(&gates[1]);
}

static void new_session(void *gates)
{
	struct gate *gate = gates;

	EXPECT(setsid() == getpid());
	EXPECT(getsid(0) == getpid() && getpgrp() == getpid());
	EXPECT(setsid() == -1 && errno == EPERM);
	EXPECT(setpgid(0, 0) == -1 && errno == EPERM);
	EXPECT(setpgid(0, getppid()) == -1 && errno == EPERM);
	open_gate(&gate[1]);
	pass_gate(&gate[0]);
}

static void leader_of_group(void *unused)
{
	(void)unused;
	EXPECT(setpgid(0, 0) == 0);
	EXPECT(setsid() == -1 && errno == EPERM);
}

static void sessions(void)
{
	struct gate gates[2] = { new_gate(), new_gate() };
	pid_t child = start_child(new_session, gates), ours = start_child(wait_for_gate, &gates[0]);

	pass_gate(&gates[1]);
	ok_equal(getsid(child), child, "setsid makes a session");
	ok_errno(setpgid(child, getpgrp()), EPERM, "whose leader cannot be moved");
	ok_errno(setpgid(ours, child), EPERM, "nor anyone of another session into it");
	open_gate(&gates[0]);
	open_gate(&gates[0]);
	ok_equal(wait_child(child), 0, "the leader finds the same");
	wait_child(ours);
	ok_child(leader_of_group, NULL, "a group's leader cannot make a session");
	free_gate(&gates[0]);
	free_gate(&gates[1]);
}

static void kill_groups(void)
{
	pid_t pids[3], other = start_child(spin, NULL);
	bool all = true;

	for (int i = 0; i < 3; i++) {
		pids[i] = start_child(spin, NULL);
		must(setpgid(pids[i], pids[0]));
	}
	ok_equal(kill(-pids[0], 0), 0, "a group can be asked for");
	ok_equal(kill(-pids[0], SIGTERM), 0, "and be killed");
	for (int i = 0; i < 3; i++)
		all = all && wait_child(pids[i]) == SIGTERM;
	ok(all, "all of it dies");
	ok_errno(kill(-pids[0], 0), ESRCH, "then there is no such group");
	ok_equal(waitpid(other, NULL, WNOHANG), 0, "others live");
	must(kill(other, SIGKILL));
	wait_child(other);
}

static void kill_own_group(void *unused)
{
	pid_t a, b;

	(void)unused;
	EXPECT(setpgid(0, 0) == 0);
	signal(SIGUSR1, SIG_IGN);
	a = start_child(spin, NULL);
	b = (pid_t)must(fork());
	if (b == 0) {
		signal(SIGUSR1, SIG_DFL);
		kill(0, SIGUSR1);
		_exit(1);
	}
	EXPECT(wait_child(b) == SIGUSR1);       /* the sender is of the group */
	EXPECT(waitpid(a, NULL, WNOHANG) == 0); /* ignoring is inherited */
	EXPECT(kill(a, SIGKILL) == 0);
	EXPECT(wait_child(a) == SIGKILL);
	kill(0, SIGTERM);
	_exit(1);
}

/* Pid -1 is everybody. SIGCONT harms nobody: a shell may have started this. */
static void continue_all(void)
{
	pid_t child;
	int status;

	if (!on_facet()) {
		skip("a signal to all is not for this host");
		return;
	}
	child = start_child(spin, NULL);
	must(kill(child, SIGSTOP));
	must(waitpid(child, &status, WUNTRACED));
	ok_equal(kill(-1, SIGCONT), 0, "a signal is sent to all");
	ok_equal(waitpid(child, &status, WCONTINUED), child, "a child gets it");
	ok(WIFCONTINUED(status), "and goes on");
	must(kill(child, SIGKILL));
	wait_child(child);
}

int main(int argc, char **argv)
{
	self = (char *)self_path();
	if (argc == 4 && !strcmp(argv[1], "wait")) {
		struct gate in = { { (int)decimal(argv[2]), -1 } },
			    out = { { -1, (int)decimal(argv[3]) } };

		open_gate(&out);
		pass_gate(&in);
		return 0;
	}
	setting();
	after_exec();
	sessions();
	kill_groups();
	ok_equal(child_status(kill_own_group, NULL), SIGTERM,
		 "pid 0 is one's own group, oneself included");
	continue_all();
	return done();
}
