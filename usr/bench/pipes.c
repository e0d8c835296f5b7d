/*
 * Pipes: the round trip of a byte, and a stream.
 */
#include "bench.h"
#include <unistd.h>

enum { TRIPS = 50, BLOCK = 4096, BLOCKS = 64 };

static int input, output;
static char block[BLOCK];

static bool start_echo(unsigned long parameter)
{
	int there[2], back[2];
	pid_t child;
	char byte;

	(void)parameter;
	if (pipe(there) || pipe(back))
		return false;
	child = start_child();
	if (child == 0) {
		while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
			;
		_exit(0);
	}
	output = there[1];
	input = back[0];
	close(there[0]);
	close(back[1]);
	return child > 0;
}

static void end_echo(unsigned long parameter)
{
	(void)parameter;
	end_children();
	close(input);
	close(output);
}

/* A byte to a child and back: two writes, two reads, two switches. */
static uint64_t round_trip(unsigned long parameter)
{
	uint64_t start = window_start();
	char byte = 0;

	(void)parameter;
	for (int i = 0; i < TRIPS; i++) {
		if (write(output, &byte, 1) != 1 || read(input, &byte, 1) != 1)
			give_up("the pipe");
	}
	return window_each(start, TRIPS);
}

static bool start_source(unsigned long parameter)
{
	int ends[2];
	pid_t child;

	(void)parameter;
	if (pipe(ends))
		return false;
	child = start_child();
	if (child == 0) {
		while (write(ends[1], block, BLOCK) > 0)
			;
		_exit(0);
	}
	input = ends[0];
	output = ends[1];
	return child > 0;
}

/* What a child writes in blocks of 4 KiB is read in such blocks; per KiB, both sides' work. */
static uint64_t stream(unsigned long parameter)
{
	uint64_t start = window_start();
	size_t left = BLOCKS * BLOCK;

	(void)parameter;
	while (left > 0) {
		ssize_t size = read(input, block, left < BLOCK ? left : BLOCK);

		if (size <= 0)
			give_up("the pipe");
		left -= (size_t)size;
	}
	return window_each(start, BLOCKS * BLOCK / 1024);
}

static const struct measure table[] = {
	{ .name = "pipe_round_trip",
	  .what = "a byte to a child and back",
	  .rounds = ROUNDS,
	  .set_up = start_echo,
	  .tear_down = end_echo,
	  .round = round_trip },
	{ .name = "pipe_stream",
	  .what = "a KiB from a child, in blocks of 4",
	  .rounds = ROUNDS,
	  .set_up = start_source,
	  .tear_down = end_echo,
	  .round = stream },
};

const struct measures pipe_measures = MEASURES("pipe", table);
