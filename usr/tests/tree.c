/*
 * A process tree of several levels. Every process adds up what its children exited with, so one
 * lost or doubled status changes the number at the root. Children are collected in all orders.
 */
#include "tap.h"

#include <sys/mman.h>

#define WIDTH 3
#define LEVELS 4
#define PROCESSES 121 /* 1 + 3 + 9 + 27 + 81 */

static volatile int *visits;

static int grow(int level)
{
	pid_t children[WIDTH];
	int sum = 1;

	__atomic_fetch_add(visits, 1, __ATOMIC_SEQ_CST);
	if (level == 0)
		return 1;
	for (int i = 0; i < WIDTH; i++) {
		children[i] = (pid_t)must(fork());
		if (children[i] == 0)
			_exit(grow(level - 1));
	}
	for (int i = 0; i < WIDTH; i++) {
		int status;

		/*
		 * the odd levels collect in the order of forking, the others by whoever ends first
		 */
		if (waitpid(level & 1 ? children[i] : -1, &status, 0) <= 0 || !WIFEXITED(status))
			return 250;
		sum += WEXITSTATUS(status);
	}
	return wait(NULL) == -1 && errno == ECHILD ? sum : 251;
}

static void each_status_once(void)
{
	enum { CHILDREN = 40 };
	pid_t pids[CHILDREN];
	int seen[CHILDREN] = { 0 };
	bool right = true;

	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = (pid_t)must(fork());
		if (pids[i] == 0)
			_exit(100 + i);
	}
	for (int n = 0; n < CHILDREN; n++) {
		int status;
		pid_t pid = wait(&status);
		int i = exit_code(status) - 100;

		right = right && i >= 0 && i < CHILDREN && pids[i] == pid && ++seen[i] == 1;
	}
	ok(right, "%d children are collected once each, with their own status", CHILDREN);
	ok_errno(wait(NULL), ECHILD, "then there is none left");
}

static void reverse_order(void)
{
	enum { CHILDREN = 20 };
	pid_t pids[CHILDREN];
	bool right = true;

	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = (pid_t)must(fork());
		if (pids[i] == 0)
			_exit(i);
	}
	for (int i = CHILDREN - 1; i >= 0; i--)
		right = right && exit_code(wait_child(pids[i])) == i;
	ok(right, "%d children are collected in the reverse order", CHILDREN);
}

static void unique_pids(void)
{
	enum { CHILDREN = 60 };
	static pid_t pids[CHILDREN];
	struct gate gate = new_gate();
	bool unique = true;

	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = (pid_t)must(fork());
		if (pids[i] == 0) {
			pass_gate(&gate);
			_exit(0);
		}
		for (int j = 0; j < i; j++)
			unique = unique && pids[i] != pids[j];
	}
	for (int i = 0; i < CHILDREN; i++)
		open_gate(&gate);
	for (int i = 0; i < CHILDREN; i++)
		unique = unique && wait(NULL) > 0;
	ok(unique, "%d living children have pids of their own", CHILDREN);
	free_gate(&gate);
}

int main(void)
{
	if (few_processes(PROCESSES)) {
		skip("a tree of %d is more processes than there may be", PROCESSES);
		return done();
	}
	visits = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (visits == MAP_FAILED)
		bail("no shared page");

	pid_t root = (pid_t)must(fork());

	if (root == 0)
		_exit(grow(LEVELS));
	ok_equal(exit_code(wait_child(root)), PROCESSES, "a tree of %d processes adds up",
		 PROCESSES);
	ok_equal(*visits, PROCESSES, "each of them ran once");
	each_status_once();
	reverse_order();
	unique_pids();
	return done();
}
