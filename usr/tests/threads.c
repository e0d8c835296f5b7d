/*
 * Threads of one process: how they begin and end, and what happens to all of them when one forks,
 * execs, is killed or ends the process. clone(2), exit(2), execve(2).
 */
#include "futex.h"

#include <pthread.h>
#include <sched.h>

static volatile int started, finished;
static uint32_t never; /* a word that nobody wakes */

static pid_t gettid_(void)
{
	return (pid_t)sys(SYS_gettid);
}

static pthread_t start(void *(*body)(void *), void *argument)
{
	pthread_attr_t small;
	pthread_t thread;
	int error;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	error = pthread_create(&thread, &small, body, argument);

	if (error)
		bail("pthread_create: %d", error);
	return thread;
}

static void await(volatile int *word, int value)
{
	while (__atomic_load_n(word, __ATOMIC_SEQ_CST) < value)
		sched_yield();
}

static void add_one(volatile int *word)
{
	__atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST);
}

static void *sleeps(void *unused)
{
	add_one(&started);
	for (;;)
		sys(SYS_futex, &never, FUTEX_WAIT, 0, NULL);
	return unused;
}

static void *computes(void *unused)
{
	add_one(&started);
	for (;;)
		__asm__ volatile("" : : : "memory");
	return unused;
}

static void *returns(void *argument)
{
	add_one(&finished);
	return argument;
}

/* --- identity, and the end of one --- */

static volatile pid_t tid_inside, pid_inside;

static void *tells_ids(void *unused)
{
	tid_inside = gettid_();
	pid_inside = getpid();
	return unused;
}

static void identity(void)
{
	void *result;

	must(pthread_join(start(tells_ids, (void *)5), &result));
	ok(pid_inside == getpid() && tid_inside != getpid() && tid_inside > 0,
	   "a thread has its process's pid and an id of its own");
	ok(result == (void *)5, "what it returns is joined");
	ok_equal(gettid_(), getpid(), "the first thread's id is the pid");
	ok_equal(sys(SYS_tgkill, getpid(), tid_inside, 0), -ESRCH, "an ended thread is ESRCH");
	ok_equal(sys(SYS_tkill, tid_inside, 0), -ESRCH, "for tkill too");
	ok_equal(sys(SYS_tgkill, getppid(), getpid(), 0), -ESRCH,
		 "a thread of another process is ESRCH");
	ok_equal(sys(SYS_tgkill, -1, getpid(), 0), -EINVAL, "process -1 is EINVAL");
	ok_equal(sys(SYS_tkill, 0, 0), -EINVAL, "thread 0 is EINVAL");
	ok_equal(sys(SYS_kill, tid_inside, 0), -ESRCH, "and kill does not find it");
}

static void many(void)
{
	enum { COUNT = 100 };
	pthread_t threads[COUNT];
	pthread_attr_t small;
	int wrong = 0;

	finished = 0;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 16384);
	for (long i = 0; i < COUNT; i++)
		if (pthread_create(&threads[i], &small, returns, (void *)i))
			bail("thread %ld cannot be made", i);
	for (long i = 0; i < COUNT; i++) {
		void *result;

		wrong += pthread_join(threads[i], &result) || result != (void *)i;
	}
	ok(!wrong && finished == COUNT, "100 threads run and are joined");
	finished = 0;
	pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < COUNT; i++) {
		pthread_t thread;

		while (pthread_create(&thread, &small, returns, NULL))
			sched_yield();
	}
	await(&finished, COUNT);
	ok_equal(finished, COUNT, "100 detached ones run");
}

/* --- the end of all --- */

static void start_crowd(int sleepers, int computers)
{
	started = 0;
	for (int i = 0; i < sleepers; i++)
		start(sleeps, NULL);
	for (int i = 0; i < computers; i++)
		start(computes, NULL);
	await(&started, sleepers + computers);
}

static void crowd_exits(void *unused)
{
	(void)unused;
	start_crowd(10, 3);
	_exit(7);
}

static void *exits_process(void *status)
{
	_exit((int)(long)status);
}

static void thread_exits_all(void *unused)
{
	(void)unused;
	start_crowd(5, 2);
	start(exits_process, (void *)8);
	sleeps(NULL);
}

static void crowd_waits(void *gate)
{
	start_crowd(48, 1);
	open_gate(gate);
	sleeps(NULL);
}

static void *lives_on(void *unused)
{
	for (int i = 0; i < 20; i++)
		sched_yield();
	_exit(9);
	return unused;
}

static void first_leaves(void *unused)
{
	(void)unused;
	start(lives_on, NULL);
	sys(SYS_exit, 1);
}

static void *leaves_last(void *unused)
{
	for (int i = 0; i < 20; i++)
		sched_yield();
	sys(SYS_exit, 5);
	return unused;
}

static void last_status_counts(void *unused)
{
	(void)unused;
	start(leaves_last, NULL);
	sys(SYS_exit, 3);
}

static void *faults(void *unused)
{
	*(volatile char *volatile)unused = 1;
	return unused;
}

static void thread_faults(void *unused)
{
	(void)unused;
	start_crowd(3, 1);
	start(faults, NULL);
	sleeps(NULL);
}

static void killed_without_first(void *gate)
{
	start_crowd(2, 0);
	open_gate(gate);
	sys(SYS_exit, 1);
}

static void ends(void)
{
	struct gate gate = new_gate();
	pid_t child;

	ok_equal(exit_code(child_status(crowd_exits, NULL)), 7,
		 "exit_group ends those that sleep and those that compute");
	ok_equal(exit_code(child_status(thread_exits_all, NULL)), 8, "from any thread");
	child = start_child(crowd_waits, &gate);
	pass_gate(&gate);
	must(kill(child, SIGKILL));
	ok_equal(death_signal(wait_child(child)), SIGKILL, "SIGKILL ends 50 threads");
	child = start_child(crowd_waits, &gate);
	pass_gate(&gate);
	must(kill(child, SIGTERM));
	ok_equal(death_signal(wait_child(child)), SIGTERM, "as does SIGTERM");
	ok_equal(exit_code(child_status(first_leaves, NULL)), 9,
		 "the process goes on when its first thread ends");
	ok_equal(exit_code(child_status(last_status_counts, NULL)), 5,
		 "when all end singly, the last one's status is the process's");
	ok_equal(death_signal(child_status(thread_faults, NULL)), SIGSEGV,
		 "a fault of one ends all");
	child = start_child(killed_without_first, &gate);
	pass_gate(&gate);
	ok_equal(waitpid(child, NULL, WNOHANG), 0, "a process without its first thread is alive");
	must(kill(child, SIGTERM));
	ok_equal(death_signal(wait_child(child)), SIGTERM, "and is killed by its pid");
	free_gate(&gate);
}

/* --- exec and fork from a thread --- */

static void *execs(void *unused)
{
	char *argv[] = { "threads", "alone", NULL };

	execv(self_path(), argv);
	return unused;
}

static void exec_from_thread(void *unused)
{
	(void)unused;
	start_crowd(5, 1);
	start(execs, NULL);
	sleeps(NULL);
}

static void exec_from_first(void *unused)
{
	start_crowd(5, 1);
	execs(unused);
}

static int after_exec(void)
{
	return gettid_() == getpid() ? 44 : 1;
}

static void *forks(void *unused)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(gettid_() == getpid() ? 0 : 1);
	EXPECT(waitpid(child, &status, 0) == child && status == 0);
	return unused;
}

static void fork_from_thread(void *unused)
{
	(void)unused;
	start_crowd(3, 1);
	must(pthread_join(start(forks, NULL), NULL));
	_exit(0);
}

static void *vforks(void *unused)
{
	pid_t child = vfork();
	int status;

	if (child == 0)
		_exit(6);
	EXPECT(waitpid(child, &status, 0) == child && exit_code(status) == 6);
	add_one(&finished);
	return unused;
}

static void vfork_beside_others(void *unused)
{
	pthread_t threads[4];

	(void)unused;
	start_crowd(2, 1);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = start(vforks, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		must(pthread_join(threads[i], NULL));
	EXPECT(finished == 4);
	_exit(0);
}

/* The child of vfork outlives its parent, until it is let go. */
static void *vforks_and_waits(void *gates)
{
	struct gate *gate = gates;

	if (vfork() == 0) {
		open_gate(&gate[0]);
		pass_gate(&gate[1]);
		_exit(0);
	}
	return NULL;
}

static void killed_in_vfork(void *gates)
{
	start(vforks_and_waits, gates);
	sleeps(NULL);
}

static void new_processes(void)
{
	struct gate gates[2] = { new_gate(), new_gate() };
	pid_t child;

	finished = 0;
	ok_equal(exit_code(child_status(exec_from_thread, NULL)), 44,
		 "exec from a thread ends the others and gets the process's id");
	ok_equal(exit_code(child_status(exec_from_first, NULL)), 44, "exec from the first one too");
	ok_child(fork_from_thread, NULL, "a fork from a thread has that thread alone");
	ok_child(vfork_beside_others, NULL, "vfork holds up only its caller");
	child = start_child(killed_in_vfork, gates);
	pass_gate(&gates[0]);
	must(kill(child, SIGKILL));
	ok_equal(death_signal(wait_child(child)), SIGKILL,
		 "a process whose thread waits in vfork can be killed");
	open_gate(&gates[1]);
	free_gate(&gates[0]);
	free_gate(&gates[1]);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "alone"))
		return after_exec();
	identity();
	many();
	ends();
	new_processes();
	return done();
}
