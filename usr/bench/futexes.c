/*
 * Two threads that hand on to each other by a futex: each wakes the other one and waits for it.
 *
 * The second one is made by clone alone: the C library's threads would make the program larger, and
 * with it each fork that is measured.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHARED (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

enum { FUTEX_WAIT, FUTEX_PRIVATE = 128, FUTEX_WAIT_PRIVATE = FUTEX_PRIVATE, FUTEX_WAKE_PRIVATE };
enum { FIRST, SECOND, NOBODY };

enum { HANDS = 200, STACK_SIZE = 4 * PAGE };

static int turn;   /* whose it is; the other one sleeps */
static int second; /* the second thread's id; 0 once it has ended */
static char *stack;

static void hand_to(int other)
{
	__atomic_store_n(&turn, other, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1);
}

/* Returns whose turn it is when it is not the other one's any more. */
static int wait_for_turn(int other)
{
	int now;

	while ((now = __atomic_load_n(&turn, __ATOMIC_SEQ_CST)) == other)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, other, NULL);
	return now;
}

static int hand_back(void *unused)
{
	(void)unused;
	while (wait_for_turn(FIRST) == SECOND)
		hand_to(FIRST);
	return 0;
}

static bool start_second(unsigned long parameter)
{
	(void)parameter;
	turn = FIRST;
	stack = shared_memory(STACK_SIZE);
	if (!stack)
		return false;
	second = 1;
	if (clone(hand_back, stack + STACK_SIZE, SHARED | CLONE_CHILD_CLEARTID, NULL, NULL, NULL,
		  &second) >= 0)
		return true;
	shared_free(stack, STACK_SIZE);
	return false;
}

static void end_second(unsigned long parameter)
{
	(void)parameter;
	hand_to(NOBODY);
	while (__atomic_load_n(&second, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &second, FUTEX_WAIT, 1, NULL);
	shared_free(stack, STACK_SIZE);
}

static uint64_t futex_wake(unsigned long parameter)
{
	uint64_t start = window_start();

	(void)parameter;
	for (int i = 0; i < HANDS / 2; i++) {
		hand_to(SECOND);
		wait_for_turn(SECOND);
	}
	return window_each(start, HANDS);
}

static const struct measure table[] = {
	{ .name = "futex_wake",
	  .what = "wake of a waiting thread, and the switch to it",
	  .rounds = ROUNDS,
	  .set_up = start_second,
	  .tear_down = end_second,
	  .round = futex_wake },
};

const struct measures futex_measures = MEASURES("switch", table);
