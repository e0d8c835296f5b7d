/*
 * Whose child a process is when its parent ends: subreapers, the signal at a parent's death, and
 * the waits that ask for some children only. prctl(2), wait4(2).
 */
#include "tap.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#ifndef __WNOTHREAD
#define __WNOTHREAD 0x20000000
#endif
#ifndef __WALL
#define __WALL 0x40000000
#endif
#ifndef __WCLONE
#define __WCLONE 0x80000000
#endif

#define WILD 8L

/* What processes tell each other. */
static struct shared {
	volatile pid_t orphan, parent;
	volatile int signal;
} * shared;

static void reset(void)
{
	memset((void *)shared, 0, sizeof(*shared));
}

/* A child whose child is left alone, and says who its parent is then. */
static void leaves_child(void *unused)
{
	pid_t self = getpid();

	(void)unused;
	if (must(fork()) == 0) {
		shared->orphan = getpid();
		while (getppid() == self)
			sys(SYS_sched_yield);
		shared->parent = getppid();
		_exit(7);
	}
	_exit(0);
}

static void not_inherited(void *unused)
{
	int value = -1;

	(void)unused;
	EXPECT(sys(SYS_prctl, PR_GET_CHILD_SUBREAPER, &value) == 0 && value == 0);
}

static void ends_as_subreaper(void *unused)
{
	(void)unused;
	for (int i = 0; i < 2; i++)
		must(prctl(PR_SET_CHILD_SUBREAPER, 1));
}

static void subreaper(void)
{
	int value = -1, status = 0;
	pid_t pid;

	ok(sys(SYS_prctl, PR_GET_CHILD_SUBREAPER, &value) == 0 && value == 0, "one is none");
	ok_equal(sys(SYS_prctl, PR_SET_CHILD_SUBREAPER, 5), 0, "until one asks for it");
	ok(sys(SYS_prctl, PR_GET_CHILD_SUBREAPER, &value) == 0 && value == 1, "and is told so");
	ok_equal(sys(SYS_prctl, PR_GET_CHILD_SUBREAPER, WILD), -EFAULT, "to nowhere: EFAULT");
	ok_child(not_inherited, NULL, "a child is none");
	ok_child(ends_as_subreaper, NULL, "or another one, that ends");
	reset();
	ok_equal(child_status(leaves_child, NULL), 0, "a child ends before its own");
	pid = waitpid(-1, &status, 0);
	ok(pid > 0 && pid == shared->orphan, "which is waited for here");
	ok_equal(exit_code(status), 7, "with its status");
	ok_equal(shared->parent, getpid(), "as a child");
	ok_equal(sys(SYS_prctl, PR_SET_CHILD_SUBREAPER, 0), 0, "no longer");
	reset();
	ok_equal(child_status(leaves_child, NULL), 0, "then a grandchild");
	ok_errno(waitpid(-1, &status, 0), ECHILD, "is not the own");
	while (!shared->parent)
		sys(SYS_sched_yield);
	ok(shared->parent != getpid(), "but another's");
}

/* The orphan has ended already when it is handed on. */
static void leaves_zombie(void *unused)
{
	pid_t orphan;

	(void)unused;
	signal(SIGCHLD, SIG_DFL);
	orphan = (pid_t)must(fork());
	if (orphan == 0)
		_exit(9);
	shared->orphan = orphan;
	if (!await_state(orphan, 'Z'))
		_exit(1);
	_exit(0);
}

static volatile sig_atomic_t children_ended;

static void count_child(int signal)
{
	(void)signal;
	children_ended++;
}

static void zombies(void)
{
	struct sigaction action = { .sa_handler = count_child }, ignore = { .sa_handler = SIG_IGN };
	int status;
	pid_t pid;

	must(prctl(PR_SET_CHILD_SUBREAPER, 1));
	must(sigaction(SIGCHLD, &action, NULL));
	reset();
	must(waitpid(start_child(leaves_zombie, NULL), &status, 0));
	ok_equal(status, 0, "a child leaves a zombie");
	pid = waitpid(-1, &status, 0);
	ok(pid == shared->orphan && exit_code(status) == 9, "which the subreaper gets");
	ok(children_ended >= 1, "and a SIGCHLD");
	must(sigaction(SIGCHLD, &ignore, NULL));
	reset();
	start_child(leaves_zombie, NULL);
	ok_errno(waitpid(-1, &status, 0), ECHILD, "one that ignores SIGCHLD gets neither");
	ok(shared->orphan && kill(shared->orphan, 0) == -1 && errno == ESRCH,
	   "and the zombie is gone");
	must(prctl(PR_SET_CHILD_SUBREAPER, 0));
	signal(SIGCHLD, SIG_DFL);
}

static void note_signal(int signal)
{
	shared->signal = signal;
}

/* Sees the end of its parent. */
static void orphan_with_signal(struct gate *ready, int number)
{
	struct sigaction action = { .sa_handler = note_signal };
	pid_t parent = getppid();

	must(sigaction(SIGUSR1, &action, NULL));
	must(prctl(PR_SET_PDEATHSIG, number));
	open_gate(ready);
	while (getppid() == parent)
		sys(SYS_sched_yield);
	shared->parent = getppid();
	_exit(0);
}

static void dies(void *number)
{
	struct gate ready = new_gate();

	if (must(fork()) == 0)
		orphan_with_signal(&ready, *(int *)number);
	pass_gate(&ready);
	_exit(0);
}

static void other_user(void *unused)
{
	int value = -1;

	(void)unused;
	EXPECT(sys(SYS_prctl, PR_GET_PDEATHSIG, &value) == 0 && value == 0);
	must(prctl(PR_SET_PDEATHSIG, SIGUSR1));
	must(setresuid(-1, 1000, -1));
	EXPECT(sys(SYS_prctl, PR_GET_PDEATHSIG, &value) == 0 && value == 0);
}

static void death_signal_over_exec(void *unused)
{
	char *argv[] = { "reaper", "signal", NULL };

	(void)unused;
	must(prctl(PR_SET_PDEATHSIG, SIGUSR2));
	execv(self_path(), argv);
}

static void parents_death(void)
{
	int value = -1;

	ok(sys(SYS_prctl, PR_GET_PDEATHSIG, &value) == 0 && value == 0, "no signal is asked for");
	ok_equal(sys(SYS_prctl, PR_SET_PDEATHSIG, 65), -EINVAL, "65 is none: EINVAL");
	ok_equal(sys(SYS_prctl, PR_SET_PDEATHSIG, -1), -EINVAL, "nor is -1");
	ok_equal(sys(SYS_prctl, PR_SET_PDEATHSIG, 64), 0, "64 is one");
	ok(sys(SYS_prctl, PR_GET_PDEATHSIG, &value) == 0 && value == 64, "and is told");
	ok_equal(sys(SYS_prctl, PR_GET_PDEATHSIG, WILD), -EFAULT, "to nowhere: EFAULT");
	ok_child(other_user, NULL, "a child has none, and a change of user forgets it");
	must(prctl(PR_SET_PDEATHSIG, 0));
	ok_equal(exit_code(child_status(death_signal_over_exec, NULL)), SIGUSR2,
		 "it is kept over exec");
	must(prctl(PR_SET_CHILD_SUBREAPER, 1));
	for (int number = SIGUSR1; number >= 0; number -= SIGUSR1) {
		reset();
		wait_child(start_child(dies, &number));
		must(wait(NULL));
		ok(shared->parent == getpid() && shared->signal == number,
		   number ? "a parent's death is told" : "unless nothing was asked for");
	}
	must(prctl(PR_SET_CHILD_SUBREAPER, 0));
}

/* Children of one's own threads. */
struct of_thread {
	struct gate ready, end;
	pid_t child;
};

static void *has_child(void *context)
{
	struct of_thread *thread = context;

	thread->child = (pid_t)must(fork());
	if (!thread->child) {
		pass_gate(&thread->ready);
		_exit(3);
	}
	pass_gate(&thread->end);
	return NULL;
}

static void *waits_for_none(void *result)
{
	*(long *)result = sys(SYS_wait4, -1, 0, WNOHANG | __WNOTHREAD, 0);
	return NULL;
}

static void threads(void)
{
	struct of_thread other = { new_gate(), new_gate(), 0 };
	pthread_t thread;
	long result = 1;
	int status = 0;

	if (pthread_create(&thread, NULL, has_child, &other))
		bail("pthread_create");
	while (!*(volatile pid_t *)&other.child)
		sys(SYS_sched_yield);
	ok_equal(sys(SYS_wait4, -1, 0, WNOHANG | __WNOTHREAD, 0), -ECHILD,
		 "__WNOTHREAD passes over another thread's child");
	ok_equal(sys(SYS_wait4, other.child, 0, WNOHANG | __WNOTHREAD, 0), -ECHILD,
		 "by its pid too");
	ok_equal(sys(SYS_wait4, -1, 0, WNOHANG, 0), 0, "without it there is one");
	open_gate(&other.end);
	pthread_join(thread, NULL);
	while (sys(SYS_wait4, -1, 0, WNOHANG | __WNOTHREAD, 0) == -ECHILD)
		sys(SYS_sched_yield); /* pthread_join does not wait for the last sign of life */
	ok(true, "the child of a thread that ended is the other's");
	if (pthread_create(&thread, NULL, waits_for_none, &result))
		bail("pthread_create");
	pthread_join(thread, NULL);
	ok_equal(result, -ECHILD, "and not a third's");
	open_gate(&other.ready);
	ok_equal(sys(SYS_wait4, -1, &status, __WNOTHREAD, 0), other.child, "it is waited for");
	ok_equal(exit_code(status), 3, "with its status");
}

static void *takes_over(void *gate)
{
	int status = 0;

	while (sys(SYS_wait4, -1, 0, WNOHANG | __WNOTHREAD, 0) == -ECHILD)
		sys(SYS_sched_yield);
	open_gate(gate);
	sys(SYS_wait4, -1, &status, __WNOTHREAD, 0);
	_exit(exit_code(status));
}

/* From the thread that has it to the oldest one, and from that to the last one. */
static void hands_on(void *unused)
{
	struct of_thread first = { new_gate(), new_gate(), 0 };
	pthread_t thread;

	(void)unused;
	must(-pthread_create(&thread, NULL, has_child, &first));
	must(-pthread_create(&thread, NULL, takes_over, &first.ready));
	open_gate(&first.end);
	while (sys(SYS_wait4, -1, 0, WNOHANG | __WNOTHREAD, 0) == -ECHILD)
		sys(SYS_sched_yield);
	sys(SYS_exit, 1);
}

static pid_t clone_child(int signal)
{
	pid_t pid = (pid_t)sys(SYS_clone, signal, 0, 0, 0, 0);

	if (pid == 0)
		sys(SYS_exit_group, 4);
	return pid;
}

static void clone_children(void)
{
	struct sigaction action = { .sa_handler = note_signal };
	siginfo_t info = { 0 };
	pid_t child;

	must(sigaction(SIGUSR1, &action, NULL));
	reset();
	child = clone_child(SIGUSR1);
	while (sys(SYS_waitid, P_PID, child, &info, WEXITED | WNOWAIT | __WCLONE, 0) == -EINTR)
		;
	ok_equal(info.si_pid, child, "__WCLONE finds a child that ends with SIGUSR1");
	ok_equal(shared->signal, SIGUSR1, "which was sent");
	ok_equal(sys(SYS_wait4, -1, 0, WNOHANG, 0), -ECHILD, "an ordinary wait does not");
	ok_equal(sys(SYS_wait4, child, 0, WNOHANG, 0), -ECHILD, "by its pid either");
	ok_equal(sys(SYS_wait4, child, 0, WNOHANG | __WALL, 0), child, "__WALL does");
	child = clone_child(0);
	while (sys(SYS_wait4, child, 0, WNOHANG | __WCLONE, 0) != child)
		sys(SYS_sched_yield);
	ok(true, "one without a signal is found by __WCLONE");
	child = clone_child(SIGCHLD);
	ok_equal(sys(SYS_wait4, child, 0, __WCLONE, 0), -ECHILD, "one with SIGCHLD is not");
	ok_equal(sys(SYS_wait4, child, 0, __WALL, 0), child, "but by __WALL");
}

int main(int argc, char **argv)
{
	int value = -1;

	if (argc > 1 && !strcmp(argv[1], "signal")) {
		must(prctl(PR_GET_PDEATHSIG, &value));
		return value;
	}
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		bail("mmap");
	subreaper();
	zombies();
	parents_death();
	threads();
	ok_equal(exit_code(child_status(hands_on, NULL)), 3, "a child goes on to who is left");
	clone_children();
	return done();
}
