/*
 * A process that never calls the kernel does not keep others from running: the tick takes the
 * CPU from it. 200 processes at once all get on.
 */
#include "tap.h"

#include <sched.h>
#include <sys/mman.h>

#define CROWD 200

static volatile long *counters;

static void spin(void *unused)
{
	(void)unused;
	for (;;)
		counters[0]++;
}

/* The spinner and this process both get on, without one call by the spinner. */
static void beside_a_spinner(void)
{
	pid_t child = start_child(spin, NULL);
	uint64_t start = now_ns();
	int changes = 0;
	long last = counters[0];

	for (long mine = 0; changes < 3 && now_ns() - start < 5000000000; mine++) {
		changes += counters[0] != last;
		last = counters[0];
		for (volatile int i = 0; i < 20000; i++)
			;
	}
	ok(changes >= 3, "a spinner and its parent take turns");
	must(kill(child, SIGKILL));
	ok_equal(wait_child(child), SIGKILL, "a spinner can be killed");
	last = counters[0];
	sys(SYS_sched_yield);
	ok_equal(counters[0], last, "then it counts no more");
}

/* Changing its own class all the time gains a process nothing: its slices end all the same. */
static void change_class(void *unused)
{
	const int none = 0;

	(void)unused;
	for (;;) {
		sys(SYS_sched_setscheduler, 0, SCHED_BATCH, &none);
		sys(SYS_sched_setscheduler, 0, SCHED_OTHER, &none);
		counters[0]++;
	}
}

static void beside_a_changer(void)
{
	pid_t child;
	long last;
	int turns = 0;

	counters[0] = 0;
	child = start_child(change_class, NULL);
	for (uint64_t start = now_ns(); turns < 3 && now_ns() - start < 5000000000;) {
		struct timespec nap = { 0, 1000000 };

		last = counters[0];
		sys(SYS_nanosleep, &nap, NULL); /* it comes back only if the other's slice ends */
		turns += counters[0] != last;
	}
	ok(turns >= 3, "a process that changes its class all the time lets others run");
	must(kill(child, SIGKILL));
	wait_child(child);
}

/* Spinners only: nobody yields, and each of several gets its part. */
static void spinners_share(void)
{
	enum { SPINNERS = 4 };
	pid_t pids[SPINNERS];
	uint64_t start = now_ns();
	bool all = false;

	for (int i = 0; i < SPINNERS; i++) {
		pids[i] = (pid_t)must(fork());
		if (pids[i] == 0)
			for (;;)
				counters[8 + i * 8]++;
	}
	while (!all && now_ns() - start < 8000000000) {
		struct timespec nap = { 0, 1000000 };

		sys(SYS_nanosleep, &nap, NULL);
		all = true;
		for (int i = 0; i < SPINNERS; i++)
			all = all && counters[8 + i * 8] > 1000;
	}
	ok(all, "%d spinners all get on while their parent sleeps", SPINNERS);
	for (int i = 0; i < SPINNERS; i++) {
		kill(pids[i], SIGKILL);
		wait_child(pids[i]);
	}
}

static void crowd(void)
{
	static pid_t pids[CROWD];
	struct gate go = new_gate(), ready = new_gate();
	volatile unsigned char *marks = (volatile unsigned char *)counters + PAGE / 2;
	int alive = 0, marked = 0, collected = 0;

	memset((void *)marks, 0, CROWD);
	for (int i = 0; i < CROWD; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			open_gate(&ready);
			pass_gate(&go);
			for (int turn = 0; turn < 5; turn++) {
				marks[i]++;
				sys(SYS_sched_yield);
			}
			_exit(i & 0x7f);
		}
		alive += pids[i] > 0;
	}
	ok_equal(alive, CROWD, "%d processes are forked", CROWD);
	for (int i = 0; i < alive; i++)
		pass_gate(&ready);
	ok(true, "all of them run");
	for (int i = 0; i < alive; i++)
		open_gate(&go);
	for (int i = 0; i < CROWD; i++) {
		if (pids[i] > 0)
			collected += exit_code(wait_child(pids[i])) == (i & 0x7f);
		marked += marks[i] == 5;
	}
	ok_equal(collected, CROWD, "all end with their own status");
	ok_equal(marked, CROWD, "and did their work");
	free_gate(&go);
	free_gate(&ready);
}

int main(void)
{
	counters = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counters == MAP_FAILED)
		bail("no shared page");
	beside_a_spinner();
	beside_a_changer();
	spinners_share();
	if (small_machine())
		skip("%d processes need more memory than this machine has", CROWD);
	else if (few_processes(CROWD))
		skip("%d are more processes than there may be", CROWD);
	else
		crowd();
	return done();
}
