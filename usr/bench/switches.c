/*
 * Switches between processes: by sched_yield, and by a byte that goes round in a ring of pipes.
 */
#include "bench.h"
#include <sched.h>
#include <unistd.h>

/* Enough yields of the parent for at least this many switches a round. */
enum { SWITCHES = 200 };

/* What the parent and its children share. */
static struct start {
	unsigned long begun; /* how many children have */
	bool complete;       /* all of them: from now on nobody does anything else */
} * start;

/*
 * Until all have begun a child looks at the time itself: a fair scheduler gives the parent, who has
 * worked to start them, no turn before each of them has worked as long.
 */
static _Noreturn void yield_for_ever(void)
{
	__atomic_add_fetch(&start->begun, 1, __ATOMIC_RELAXED);
	while (!__atomic_load_n(&start->complete, __ATOMIC_RELAXED)) {
		if (is_overdue())
			_exit(1);
		sched_yield();
	}
	for (;;)
		sched_yield();
}

/*
 * `processes` of them, the parent among them, do nothing but yield. They begin when the parent
 * closes the pipe: a fair scheduler would otherwise give it less and less time to start the rest.
 */
static bool start_yielders(unsigned long processes)
{
	int gate[2];
	bool complete = true;
	char byte;

	start = shared_memory(sizeof(*start));
	if (!start || pipe(gate))
		return false;
	for (unsigned long i = 1; i < processes && complete; i++) {
		pid_t child = start_child();

		complete = child >= 0;
		if (child == 0) {
			close(gate[1]);
			while (read(gate[0], &byte, 1) > 0)
				;
			yield_for_ever();
		}
	}
	close(gate[0]);
	close(gate[1]);
	while (complete && __atomic_load_n(&start->begun, __ATOMIC_RELAXED) < processes - 1) {
		sched_yield();
		complete = !is_overdue();
	}
	__atomic_store_n(&start->complete, complete, __ATOMIC_RELAXED);
	if (!complete)
		shared_free(start, sizeof(*start));
	return complete;
}

static void end_yielders(unsigned long processes)
{
	(void)processes;
	end_children();
	shared_free(start, sizeof(*start));
}

/*
 * A switch. Where yielding puts a process behind all others, everybody runs once between two
 * returns in the parent; a scheduler that does otherwise is measured by ring_2 and ring_256.
 */
static uint64_t yield_switch(unsigned long processes)
{
	unsigned long yields = (SWITCHES + processes - 1) / processes;
	uint64_t begun = window_start();

	for (unsigned long i = 0; i < yields; i++)
		sched_yield();
	return window_each(begun, yields * processes);
}

static int ring_in, ring_out;

static void pass_on(int from, int to)
{
	char byte;

	while (read(from, &byte, 1) == 1 && write(to, &byte, 1) == 1)
		;
}

static bool undo_ring(int from)
{
	close(ring_out);
	close(from);
	return false;
}

/*
 * parent -> child -> child ... -> parent. Each child is made with the pipe from its forerunner and
 * the pipe to its successor open, and nothing else of the ring.
 */
static bool start_ring(unsigned long processes)
{
	int ends[2], from;

	if (pipe(ends))
		return false;
	ring_out = ends[1];
	from = ends[0];
	for (unsigned long i = 1; i < processes; i++) {
		pid_t child;

		if (pipe(ends))
			return undo_ring(from);
		child = start_child();
		if (child == 0) {
			close(ring_out);
			close(ends[0]);
			pass_on(from, ends[1]);
			_exit(0);
		}
		close(from);
		close(ends[1]);
		from = ends[0];
		if (child < 0)
			return undo_ring(from);
	}
	ring_in = from;
	return true;
}

static void end_ring(unsigned long processes)
{
	(void)processes;
	end_children();
	close(ring_in);
	close(ring_out);
}

/* A hop: one process reads the byte and writes it to the next, which wakes up. */
static uint64_t ring_hop(unsigned long processes)
{
	unsigned long laps = (SWITCHES + processes - 1) / processes;
	uint64_t begun = window_start();
	char byte = 0;

	for (unsigned long i = 0; i < laps; i++) {
		if (write(ring_out, &byte, 1) != 1 || read(ring_in, &byte, 1) != 1)
			give_up("the ring");
	}
	return window_each(begun, laps * processes);
}

#define YIELD(number)                                                                \
	.what = "sched_yield, a switch among this many processes", .rounds = ROUNDS, \
	.parameter = number, .set_up = start_yielders, .tear_down = end_yielders,    \
	.round = yield_switch

#define RING(number)                                                               \
	.what = "a byte's hop in a ring of this many processes", .rounds = ROUNDS, \
	.parameter = number, .set_up = start_ring, .tear_down = end_ring, .round = ring_hop

static const struct measure table[] = {
	{ .name = "yield_2", YIELD(2) },         { .name = "yield_10", YIELD(10) },
	{ .name = "yield_100", YIELD(100) },     { .name = "yield_1000", YIELD(1000) },
	{ .name = "yield_10000", YIELD(10000) }, { .name = "ring_2", RING(2) },
	{ .name = "ring_10", RING(10) },         { .name = "ring_100", RING(100) },
	{ .name = "ring_256", RING(256) },       { .name = "ring_1000", RING(1000) },
	{ .name = "ring_10000", RING(10000) },
};

const struct measures switch_measures = MEASURES("switch", table);
