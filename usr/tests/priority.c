/*
 * What priorities do under the priority scheduler: real-time levels run in strict order, and
 * nobody of the others starves. Under other schedulers this is skipped.
 *
 * All runs on one CPU; on Linux this process binds itself to it.
 */
#include "tap.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

static struct shared {
	volatile int length;
	volatile int order[32];
	volatile long counters[8];
	volatile int stop;
} * shared;

static void become(int policy, int level)
{
	if (sys(SYS_sched_setscheduler, 0, policy, &level))
		bail("sched_setscheduler: not allowed");
}

static void make(pid_t pid, int policy, int level)
{
	if (sys(SYS_sched_setscheduler, pid, policy, &level))
		bail("sched_setscheduler: not allowed");
}

static void note(int who)
{
	shared->order[shared->length++] = who;
}

static void note_after_gate(void *gates)
{
	struct gate *gate = gates;

	pass_gate(&gate[0]);
	note((int)must(sys(SYS_sched_getparam, 0, &gate->fd[0]) ? -1 : gate->fd[0]));
}

static void strict_order(void)
{
	static const int levels[] = { 10, 30, 20, 5, 25 };
	static const int sorted[] = { 30, 25, 20, 10, 5 };
	struct gate gates[5];
	pid_t pids[5];
	bool right = true;

	shared->length = 0;
	for (int i = 0; i < 5; i++) {
		gates[i] = new_gate();
		pids[i] = start_child(note_after_gate, &gates[i]);
		if (!await_state(pids[i], 'S'))
			bail("a child does not get to its gate");
		make(pids[i], SCHED_FIFO, levels[i]);
	}
	for (int i = 0; i < 5; i++)
		open_gate(&gates[i]);
	ok_equal(shared->length, 0, "a higher level is not preempted by those it wakes");
	for (int i = 0; i < 5; i++) {
		wait_child(pids[i]);
		free_gate(&gates[i]);
	}
	for (int i = 0; i < 5; i++)
		right = right && shared->order[i] == sorted[i];
	ok(right, "woken together, SCHED_FIFO processes run by level");
}

static void wake_preempts(void)
{
	struct gate gate = new_gate();
	pid_t child = start_child(note_after_gate, &gate);

	shared->length = 0;
	if (!await_state(child, 'S'))
		bail("a child does not get to its gate");
	make(child, SCHED_FIFO, 60);
	open_gate(&gate);
	note(1);
	wait_child(child);
	ok(shared->order[0] == 60 && shared->order[1] == 1, "a woken higher level runs at once");
	free_gate(&gate);
}

static void count_until_stop(void *counter)
{
	while (!shared->stop)
		++*(volatile long *)counter;
}

static void yield_keeps_level(void)
{
	pid_t child;

	shared->stop = 0;
	shared->counters[0] = 0;
	child = start_child(count_until_stop, (void *)&shared->counters[0]);
	make(child, SCHED_OTHER, 0);

	long before = shared->counters[0];

	for (int i = 0; i < 100; i++)
		sys(SYS_sched_yield);
	ok_equal(shared->counters[0], before,
		 "sched_yield of a real-time process runs none below it");
	shared->stop = 1;
	wait_child(child);
}

struct spinner {
	struct gate gate;
	int id;
};

static void spin_noted(void *spinner)
{
	int me = ((struct spinner *)spinner)->id;

	pass_gate(&((struct spinner *)spinner)->gate);
	note(me);
	for (int i = 0; i < 30; i++) {
		uint64_t start = now_ns();

		while (now_ns() - start < 1000000)
			;
	}
	note(me);
}

/* Longer than any quantum: a FIFO process runs to its end before its equal starts. */
static void fifo_has_no_slice(void)
{
	struct spinner spinners[] = { { new_gate(), 1 }, { new_gate(), 2 } };
	pid_t pids[2];

	shared->length = 0;
	for (int i = 0; i < 2; i++) {
		pids[i] = start_child(spin_noted, &spinners[i]);
		if (!await_state(pids[i], 'S'))
			bail("a child does not get to its gate");
		make(pids[i], SCHED_FIFO, 20);
	}
	open_gate(&spinners[0].gate);
	open_gate(&spinners[1].gate);
	wait_child(pids[0]);
	wait_child(pids[1]);
	ok(shared->length == 4 && shared->order[0] == shared->order[1] &&
		   shared->order[2] == shared->order[3],
	   "equals of SCHED_FIFO do not take turns");
	ok(shared->order[0] == 1, "the first woken runs first");
	free_gate(&spinners[0].gate);
	free_gate(&spinners[1].gate);
}

static void spin_until_both(void *id)
{
	int me = *(int *)id, other = 1 - me, changes = 0;
	long last = shared->counters[other];

	while (!shared->stop) {
		shared->counters[me]++;
		changes += shared->counters[other] != last;
		last = shared->counters[other];
		if (changes == 2)
			shared->stop = 1;
	}
}

/* SCHED_RR equals do take turns: each sees the other go on while it never gives up the CPU. */
static void round_robin_has(void)
{
	int ids[] = { 0, 1 };
	pid_t pids[2];

	shared->stop = 0;
	shared->counters[0] = shared->counters[1] = 0;
	for (int i = 0; i < 2; i++) {
		pids[i] = start_child(spin_until_both, &ids[i]);
		make(pids[i], SCHED_RR, 20);
	}
	wait_child(pids[0]);
	wait_child(pids[1]);
	ok(shared->counters[0] && shared->counters[1], "equals of SCHED_RR take turns");
}

static void sleep_ms(long ms)
{
	struct timespec nap = { ms / 1000, ms % 1000 * 1000000 };

	sys(SYS_nanosleep, &nap, NULL);
}

/* Two hogs and one that is nice: the nice one gets on, the hogs get more. */
static void nobody_starves(void)
{
	/* Linux lets nice 19 wait for half a minute beside -20 */
	int hog_nice = on_facet() ? -20 : 0;
	pid_t pids[3];
	uint64_t start;

	shared->stop = 0;
	for (int i = 0; i < 3; i++) {
		shared->counters[i] = 0;
		pids[i] = start_child(count_until_stop, (void *)&shared->counters[i]);
		make(pids[i], SCHED_OTHER, 0);
		sys(SYS_setpriority, PRIO_PROCESS, pids[i], i < 2 ? hog_nice : 19);
	}
	start = now_ns();
	while (!shared->counters[2] && now_ns() - start < 4000000000)
		sleep_ms(10);
	ok(shared->counters[2] > 0, "nice 19 gets on beside two hogs of nice %d", hog_nice);
	sleep_ms(60);
	ok(shared->counters[0] > shared->counters[2] && shared->counters[1] > shared->counters[2],
	   "each hog gets more than it");
	shared->stop = 1;
	for (int i = 0; i < 3; i++)
		wait_child(pids[i]);
}

/* A real-time process comes before any nice value. */
static void real_time_first(void)
{
	pid_t child;

	shared->stop = 0;
	shared->counters[0] = 0;
	child = start_child(count_until_stop, (void *)&shared->counters[0]);
	make(child, SCHED_OTHER, 0);
	sys(SYS_setpriority, PRIO_PROCESS, child, -20);
	become(SCHED_FIFO, 1);

	long before = shared->counters[0];

	for (uint64_t start = now_ns(); now_ns() - start < 30000000;)
		;
	ok_equal(shared->counters[0], before,
		 "nice -20 does not run while SCHED_FIFO level 1 does");
	shared->stop = 1;
	wait_child(child);
	become(SCHED_FIFO, 50);
}

int main(void)
{
	unsigned long first_cpu[16] = { 1 };

	if (on_facet() && !config_has("CONFIG_SCHED_PRIO=y")) {
		skip("the scheduler keeps no priorities");
		return done();
	}
	if (!on_facet())
		sys(SYS_sched_setaffinity, 0, sizeof(first_cpu), first_cpu);
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		bail("no shared page");
	become(SCHED_FIFO, 50);
	strict_order();
	wake_preempts();
	yield_keeps_level();
	fifo_has_no_slice();
	round_robin_has();
	nobody_starves();
	real_time_first();
	become(SCHED_OTHER, 0);
	return done();
}
