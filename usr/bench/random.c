/*
 * Numbers that look random: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", 2014). Each measure has a sequence of its own, so that its figure is the same
 * whatever ran before it.
 */
#include "bench.h"

static uint64_t state;

uint64_t random_next(void)
{
	uint64_t mixed = state += 0x9e3779b97f4a7c15;

	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
	return mixed ^ mixed >> 31;
}

void random_begin(const char *name)
{
	state = options.seed;
	while (*name)
		state = random_next() ^ (unsigned char)*name++;
}
