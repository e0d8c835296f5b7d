/*
 * Processes: fork, exec, exit and wait, with more or less memory touched in the parent.
 */
#include "bench.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <usr.h>

enum { PAGE = 4096, MIB = 1024 * 1024, SLEEPERS = 128 };

static char *memory; /* the parent's, `parameter` MiB of it */

static bool map_memory(unsigned long mib)
{
	if (mib == 0)
		return true;
	memory = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory != MAP_FAILED;
}

static void unmap_memory(unsigned long mib)
{
	if (mib > 0)
		munmap(memory, mib * MIB);
}

/* Write to every page. Outside the measured time, so that each round forks the same memory. */
static void touch_memory(unsigned long mib)
{
	for (size_t i = 0; i < mib * MIB; i += PAGE)
		memory[i]++;
}

/* fork, the child's exit, and wait for it. */
static uint64_t fork_exit_wait(unsigned long mib)
{
	uint64_t start;
	pid_t child;

	touch_memory(mib);
	start = window_start();
	child = fork();
	if (child == 0)
		_exit(0);
	wait_for(child);
	return window_each(start, 1);
}

/* From fork to its return in the parent: what the parent waits for, whatever the child does. */
static uint64_t fork_call(unsigned long mib)
{
	uint64_t start, each;
	pid_t child;

	touch_memory(mib);
	start = window_start();
	child = fork();
	if (child == 0)
		_exit(0);
	each = window_each(start, 1);
	wait_for(child);
	return each;
}

/* As fork_exit_wait, and the child first writes to every page that it was given. */
static uint64_t fork_write(unsigned long mib)
{
	uint64_t start;
	pid_t child;

	touch_memory(mib);
	start = window_start();
	child = fork();
	if (child == 0) {
		touch_memory(mib);
		_exit(0);
	}
	wait_for(child);
	return window_each(start, 1);
}

static uint64_t vfork_exit_wait(unsigned long parameter)
{
	uint64_t start = window_start();
	pid_t child = vfork();

	(void)parameter;
	if (child == 0)
		_exit(0);
	wait_for(child);
	return window_each(start, 1);
}

/* The child becomes this program again, which ends as soon as it sees its argument. */
static _Noreturn void exec_self(void)
{
	execl(own_path, own_path, "--exit", (char *)NULL);
	_exit(1);
}

static uint64_t fork_exec_wait(unsigned long parameter)
{
	uint64_t start = window_start();
	pid_t child = fork();

	(void)parameter;
	if (child == 0)
		exec_self();
	wait_for(child);
	return window_each(start, 1);
}

static uint64_t vfork_exec_wait(unsigned long parameter)
{
	uint64_t start = window_start();
	pid_t child = vfork();

	(void)parameter;
	if (child == 0)
		exec_self();
	wait_for(child);
	return window_each(start, 1);
}

/* What MemFree loses by a child that sleeps, tables, kernel stack and all. */
static uint64_t child_memory(unsigned long parameter)
{
	int gate[2];
	long before, after;
	char byte;

	(void)parameter;
	if (pipe(gate))
		give_up("pipe");
	before = meminfo_kib("MemFree");
	for (int i = 0; i < SLEEPERS; i++) {
		pid_t child = start_child();

		if (child < 0)
			give_up("fork");
		if (child == 0) {
			close(gate[1]);
			read(gate[0], &byte, 1); /* for ever: the parent has the other end */
			_exit(0);
		}
	}
	usleep(10000); /* all are asleep by then */
	after = meminfo_kib("MemFree");
	end_children();
	close(gate[0]);
	close(gate[1]);
	if (before < 0 || before < after)
		return 0;
	return (uint64_t)(before - after) * 1024 / SLEEPERS;
}

#define FORK(function, number, text, times)                                       \
	.what = text, .rounds = times, .parameter = number, .set_up = map_memory, \
	.tear_down = unmap_memory, .round = function

static const struct measure table[] = {
	{ .name = "fork_exit_wait", FORK(fork_exit_wait, 0, "fork, exit, wait", ROUNDS) },
	{ .name = "fork_exit_wait_1m", FORK(fork_exit_wait, 1, "with 1 MiB touched", ROUNDS) },
	{ .name = "fork_exit_wait_16m", FORK(fork_exit_wait, 16, "with 16 MiB touched", 21) },
	{ .name = "fork_exit_wait_64m", FORK(fork_exit_wait, 64, "with 64 MiB touched", 11) },
	{ .name = "fork_call", FORK(fork_call, 0, "fork until it returns in the parent", ROUNDS) },
	{ .name = "fork_call_64m", FORK(fork_call, 64, "with 64 MiB touched", 11) },
	{ .name = "fork_write_16m", FORK(fork_write, 16, "fork, write to 16 MiB, exit, wait", 11) },
	{ .name = "vfork_exit_wait",
	  .what = "vfork, exit, wait",
	  .rounds = ROUNDS,
	  .round = vfork_exit_wait },
	{ .name = "fork_exec_wait",
	  .what = "fork, exec of a static program, exit, wait",
	  .rounds = ROUNDS,
	  .round = fork_exec_wait },
	{ .name = "vfork_exec_wait",
	  .what = "the same with vfork",
	  .rounds = ROUNDS,
	  .round = vfork_exec_wait },
	{ .name = "child_memory",
	  .what = "memory for a sleeping child",
	  .rounds = 5,
	  .round = child_memory,
	  .unit = "bytes" },
};

const struct measures process_measures = MEASURES("fork", table);
