/*
 * fork where its cost is not the pages': a process of many areas, and a tree of processes.
 */
#include "bench.h"
#include <sys/mman.h>
#include <unistd.h>

enum { AREAS = 10000, TREE_DEPTH = 3 };

/* Every other page has another protection, so that no two make one area. Nothing is touched. */
static bool map_areas(unsigned long areas)
{
	memory = mmap(NULL, areas * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	if (memory == MAP_FAILED)
		return false;
	for (size_t i = 0; i < areas; i += 2) {
		if (mprotect(memory + i * PAGE, PAGE, PROT_READ)) {
			munmap(memory, areas * PAGE);
			return false;
		}
	}
	return true;
}

static void unmap_areas(unsigned long areas)
{
	munmap(memory, areas * PAGE);
}

static uint64_t fork_exit_wait(unsigned long parameter)
{
	uint64_t start = window_start();
	pid_t child = fork();

	(void)parameter;
	if (child == 0)
		_exit(0);
	wait_for(child);
	return window_end(start);
}

/* Two children, each with two of its own, and so on; each waits for its own. */
static void grow(unsigned long depth)
{
	pid_t children[2];

	if (depth == 0)
		return;
	for (size_t i = 0; i < 2; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			grow(depth - 1);
			_exit(0);
		}
	}
	for (size_t i = 0; i < 2; i++)
		wait_for(children[i]);
}

static uint64_t fork_tree(unsigned long depth)
{
	uint64_t start = window_start();

	grow(depth);
	return window_each(start, (2UL << depth) - 2);
}

static const struct measure table[] = {
	{ .name = "fork_areas_10000",
	  .what = "fork, exit, wait, with 10,000 areas",
	  .rounds = 2,
	  .parameter = AREAS,
	  .set_up = map_areas,
	  .tear_down = unmap_areas,
	  .round = fork_exit_wait },
	{ .name = "fork_tree",
	  .what = "fork, exit, wait, each of a tree of 14",
	  .rounds = ROUNDS,
	  .parameter = TREE_DEPTH,
	  .round = fork_tree },
};

const struct measures fork_structure_measures = MEASURES("fork", table);
