/*
 * capability.h -- what Linux divides root's rights into. Here they are one: root has all, nobody
 * else any.
 *
 * Source: capabilities(7).
 */
#ifndef FACET_CAPABILITY_H
#define FACET_CAPABILITY_H

#include <facet/process.h>

#define CAPABILITY_LAST 40 /* Linux 6.1's */
#define CAPABILITY_ALL ((1ull << (CAPABILITY_LAST + 1)) - 1)

/* What a process may do now, and what it could get back by a change of its effective id. */
static inline uint64_t capabilities_effective(const struct credentials *credentials)
{
	return credentials->euid ? 0 : CAPABILITY_ALL;
}

static inline uint64_t capabilities_permitted(const struct credentials *credentials)
{
	bool any_root = !credentials->uid || !credentials->euid || !credentials->suid;

	return any_root ? CAPABILITY_ALL : 0;
}

#endif
