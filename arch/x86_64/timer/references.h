/*
 * references.h -- the counters whose frequency is known, one of which times the others.
 */
#ifndef TIMER_REFERENCES_H
#define TIMER_REFERENCES_H

#include <facet/types.h>

#define REFERENCES_MAX 4

struct reference {
	const char *name;
	uint64_t hz;
	uint32_t mask; /* the bits that count */
	/* Counts up. Context: boot. */
	uint32_t (*read)(void);
};

/*
 * Fills `found` with those that this machine has and that were seen to count, the best one first:
 * fine steps and a short reading count, and what was measured goes before what CPUID asserts.
 * Returns how many. references_stop() quiets the PIT's channel.
 */
size_t references_find(struct reference found[REFERENCES_MAX]);
void references_stop(void);

/* Whether it moves: a port or an address that nobody answers reads the same each time. */
bool reference_counts(const struct reference *reference);

/* The time-stamp counter's frequency by CPUID; 0: it does not tell. */
uint64_t cpuid_tsc_hz(void);

#endif
