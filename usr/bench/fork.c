/*
 * fork by the memory that the parent has touched, from none to 1 GiB, and by how much of it the
 * child writes to before it ends: that is where copying at once and copying on write change places.
 */
#include "bench.h"
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The same for each round: memory that is touched, and a slice of which much is left. A kernel that
 * shares the rest of a slice among parent and child would switch in the middle of some forks.
 */
static void prepare(unsigned long kib)
{
	touch_memory(kib);
	sched_yield();
}

/* From fork to its return in the parent: what the parent waits for, whatever the child does. */
static uint64_t fork_call(unsigned long kib)
{
	uint64_t start, each;
	pid_t child;

	prepare(kib);
	start = window_start();
	child = fork();
	if (child == 0)
		_exit(0);
	each = window_end(start);
	wait_for(child);
	return each;
}

/* fork, the child writes to the first `written` KiB and ends, wait for it. */
static uint64_t fork_and_write(unsigned long kib, unsigned long written)
{
	uint64_t start;
	pid_t child;

	prepare(kib);
	start = window_start();
	child = fork();
	if (child == 0) {
		touch_memory(written);
		_exit(0);
	}
	wait_for(child);
	return window_end(start);
}

static uint64_t write_none(unsigned long kib)
{
	return fork_and_write(kib, 0);
}

static uint64_t write_tenth(unsigned long kib)
{
	return fork_and_write(kib, kib / 10);
}

static uint64_t write_half(unsigned long kib)
{
	return fork_and_write(kib, kib / 2);
}

static uint64_t write_all(unsigned long kib)
{
	return fork_and_write(kib, kib);
}

static uint64_t vfork_exit_wait(unsigned long parameter)
{
	uint64_t start = window_start();
	pid_t child = vfork();

	(void)parameter;
	if (child == 0)
		_exit(0);
	wait_for(child);
	return window_end(start);
}

/* Sizes in KiB, and the rounds: few where one takes long. */
#define SIZE_0 .parameter = 0, .rounds = ROUNDS
#define SIZE_64K .parameter = 64, .rounds = ROUNDS
#define SIZE_256K .parameter = 256, .rounds = ROUNDS
#define SIZE_1M .parameter = 1 * KIB, .rounds = ROUNDS
#define SIZE_4M .parameter = 4 * KIB, .rounds = ROUNDS
#define SIZE_16M .parameter = 16 * KIB, .rounds = 2
#define SIZE_64M .parameter = 64 * KIB, .rounds = 1
#define SIZE_256M .parameter = 256 * KIB, .rounds = 3
#define SIZE_1G .parameter = KIB * KIB, .rounds = 3

#define FORK(size, function, text)                                                  \
	SIZE_##size, .what = text, .set_up = map_memory, .tear_down = unmap_memory, \
		     .round = function

#define CALL(size) FORK(size, fork_call, "fork until it returns, so much memory touched")
#define NONE(size) FORK(size, write_none, "fork, exit, wait, so much memory touched")
#define TENTH(size) FORK(size, write_tenth, "the same, the child writes to a tenth")
#define HALF(size) FORK(size, write_half, "the same, the child writes to half of it")
#define ALL(size) FORK(size, write_all, "the same, the child writes to all of it")

/* clang-format off */
static const struct measure table[] = {
	{ .name = "fork_call", CALL(0) },
	{ .name = "fork_call_64k", CALL(64K) },
	{ .name = "fork_call_256k", CALL(256K) },
	{ .name = "fork_call_1m", CALL(1M) },
	{ .name = "fork_call_4m", CALL(4M) },
	{ .name = "fork_call_16m", CALL(16M) },
	{ .name = "fork_call_64m", CALL(64M) },
	{ .name = "fork_call_256m", CALL(256M) },
	{ .name = "fork_call_1g", CALL(1G) },
	{ .name = "fork_exit_wait", NONE(0) },
	{ .name = "fork_exit_wait_64k", NONE(64K) },
	{ .name = "fork_exit_wait_256k", NONE(256K) },
	{ .name = "fork_exit_wait_1m", NONE(1M) },
	{ .name = "fork_exit_wait_4m", NONE(4M) },
	{ .name = "fork_exit_wait_16m", NONE(16M) },
	{ .name = "fork_exit_wait_64m", NONE(64M) },
	{ .name = "fork_exit_wait_256m", NONE(256M) },
	{ .name = "fork_exit_wait_1g", NONE(1G) },
	{ .name = "fork_tenth_64k", TENTH(64K) },
	{ .name = "fork_tenth_256k", TENTH(256K) },
	{ .name = "fork_tenth_1m", TENTH(1M) },
	{ .name = "fork_tenth_4m", TENTH(4M) },
	{ .name = "fork_tenth_16m", TENTH(16M) },
	{ .name = "fork_tenth_64m", TENTH(64M) },
	{ .name = "fork_tenth_256m", TENTH(256M) },
	{ .name = "fork_tenth_1g", TENTH(1G) },
	{ .name = "fork_half_64k", HALF(64K) },
	{ .name = "fork_half_256k", HALF(256K) },
	{ .name = "fork_half_1m", HALF(1M) },
	{ .name = "fork_half_4m", HALF(4M) },
	{ .name = "fork_half_16m", HALF(16M) },
	{ .name = "fork_half_64m", HALF(64M) },
	{ .name = "fork_half_256m", HALF(256M) },
	{ .name = "fork_half_1g", HALF(1G) },
	{ .name = "fork_write_64k", ALL(64K) },
	{ .name = "fork_write_256k", ALL(256K) },
	{ .name = "fork_write_1m", ALL(1M) },
	{ .name = "fork_write_4m", ALL(4M) },
	{ .name = "fork_write_16m", ALL(16M) },
	{ .name = "fork_write_64m", ALL(64M) },
	{ .name = "fork_write_256m", ALL(256M) },
	{ .name = "fork_write_1g", ALL(1G) },
	{ .name = "vfork_exit_wait",
	  .what = "vfork, exit, wait",
	  .rounds = ROUNDS,
	  .round = vfork_exit_wait },
};
/* clang-format on */

const struct measures fork_measures = MEASURES("fork", table);
