/*
 * poison.h -- a pattern in free memory, and another in new memory, for CONFIG_FRAME_POISON.
 *
 * A read through a stale pointer gives an address that is not canonical, so following it faults; a
 * write is found when the memory is used again. Sizes are multiples of 8 bytes, and not 0.
 */
#ifndef MM_POISON_H
#define MM_POISON_H

#include <facet/types.h>

#define POISON_FREE 0x5aa55aa55aa55aa5ull
#define POISON_NEW 0x6cc66cc66cc66cc6ull

static inline void poison_fill(void *memory, size_t size, uint64_t pattern)
{
	size_t words = size / sizeof(uint64_t);

	__asm__ volatile("rep stosq" : "+D"(memory), "+c"(words) : "a"(pattern) : "memory");
}

static inline bool poison_intact(const void *memory, size_t size)
{
	size_t words = size / sizeof(uint64_t);
	bool intact;

	__asm__ volatile("repe scasq"
			 : "+D"(memory), "+c"(words), "=@cce"(intact)
			 : "a"(POISON_FREE)
			 : "memory");
	return intact;
}

#endif
