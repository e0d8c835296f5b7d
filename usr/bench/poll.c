/*
 * Polling: what a look at many descriptors costs, and a look that is ready to wait for them.
 */
#include "bench.h"
#include <poll.h>
#include <unistd.h>

enum { CALLS = 20, MEMORY_KIB = 4 };

/* In memory that is there for these measures alone: children of others would have it too. */
static struct pollfd *list;
static int *writing_ends;

static void close_pipes(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		close(list[i].fd);
		close(writing_ends[i]);
	}
	unmap_memory(MEMORY_KIB);
}

static bool open_pipes(unsigned long count)
{
	if (!map_memory(MEMORY_KIB))
		return false;
	list = (struct pollfd *)memory;
	writing_ends = (int *)(list + count);
	for (unsigned long i = 0; i < count; i++) {
		int ends[2];

		if (pipe(ends)) {
			close_pipes(i);
			return false;
		}
		list[i] = (struct pollfd){ ends[0], POLLIN, 0 };
		writing_ends[i] = ends[1];
	}
	return true;
}

static bool open_pipes_of_one(unsigned long count)
{
	return open_pipes(count) && write(writing_ends[count - 1], "", 1) == 1;
}

/* None of them is readable. */
static uint64_t look(unsigned long count)
{
	uint64_t start = window_start();

	for (int i = 0; i < CALLS; i++)
		if (poll(list, count, 0) != 0)
			give_up("poll");
	return window_each(start, CALLS);
}

/* The last one is readable: the call is ready to wait, and need not. */
static uint64_t find(unsigned long count)
{
	uint64_t start = window_start();

	for (int i = 0; i < CALLS; i++)
		if (poll(list, count, -1) != 1)
			give_up("poll");
	return window_each(start, CALLS);
}

static int asks;

/* A child that makes the last pipe readable each time it is asked to. */
static bool open_pipes_of_child(unsigned long count)
{
	int ends[2];
	pid_t child;
	char byte;

	if (!open_pipes(count) || pipe(ends))
		return false;
	child = start_child();
	if (child == 0) {
		close(ends[1]);
		while (read(ends[0], &byte, 1) == 1 && write(writing_ends[count - 1], "", 1) == 1)
			;
		_exit(0);
	}
	close(ends[0]);
	asks = ends[1];
	return child > 0;
}

static void end_child(unsigned long count)
{
	end_children();
	close(asks);
	close_pipes(count);
}

/* The call sleeps until the child has run. */
static uint64_t wait_for_last(unsigned long count)
{
	uint64_t start = window_start();
	char byte;

	for (int i = 0; i < CALLS; i++)
		if (write(asks, "", 1) != 1 || poll(list, count, -1) != 1 ||
		    read(list[count - 1].fd, &byte, 1) != 1)
			give_up("poll");
	return window_each(start, CALLS);
}

static const struct measure table[] = {
	{ .name = "poll_none_100",
	  .what = "poll of 100 empty pipes, not to wait",
	  .rounds = ROUNDS,
	  .parameter = 100,
	  .set_up = open_pipes,
	  .tear_down = close_pipes,
	  .round = look },
	{ .name = "poll_last_100",
	  .what = "poll of 100 pipes, the last one readable, to wait",
	  .rounds = ROUNDS,
	  .parameter = 100,
	  .set_up = open_pipes_of_one,
	  .tear_down = close_pipes,
	  .round = find },
	{ .name = "poll_wait_100",
	  .what = "poll of 100 pipes, asleep until a child writes to the last one",
	  .rounds = ROUNDS,
	  .parameter = 100,
	  .set_up = open_pipes_of_child,
	  .tear_down = end_child,
	  .round = wait_for_last },
	{ .name = "poll_last_1",
	  .what = "poll of a pipe that is readable, to wait",
	  .rounds = ROUNDS,
	  .parameter = 1,
	  .set_up = open_pipes_of_one,
	  .tear_down = close_pipes,
	  .round = find },
};

const struct measures poll_measures = MEASURES("poll", table);
