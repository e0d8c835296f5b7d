/*
 * duel.h -- two processes that compete for the CPU until each was switched away from and back
 * a few times, so that what a switch must keep is seen to be kept. It never waits for the clock,
 * except to give up.
 */
#pragma once

#include "tap.h"

#include <sys/mman.h>

#define DUEL_SWITCHES 2
#define DUEL_PATIENCE 8000000000UL /* ns */

struct duel {
	struct {
		volatile long turns;
		volatile int satisfied;
	} side[2];
};

/* One side: calls `round` again and again; it ends the process when something is wrong. */
static inline void duel_side(struct duel *duel, int me, void (*round)(int side))
{
	int switches = 0;
	long last = duel->side[!me].turns;
	uint64_t start = now_ns();

	while (!duel->side[me].satisfied || !duel->side[!me].satisfied) {
		round(me);
		duel->side[me].turns++;
		switches += duel->side[!me].turns != last;
		last = duel->side[!me].turns;
		if (switches >= DUEL_SWITCHES)
			duel->side[me].satisfied = 1;
		EXPECT(now_ns() - start < DUEL_PATIENCE);
	}
}

/* Both sides as children; a TAP point for each. */
static inline void run_duel(void (*round)(int side), const char *name)
{
	struct duel *duel = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
				 0);
	pid_t pids[2];

	for (int i = 0; i < 2; i++) {
		pids[i] = (pid_t)must(fork());
		if (pids[i] == 0) {
			duel_side(duel, i, round);
			_exit(0);
		}
	}
	for (int i = 0; i < 2; i++)
		ok_equal(wait_child(pids[i]), 0, "%s, process %d of two", name, i + 1);
	munmap(duel, PAGE);
}
