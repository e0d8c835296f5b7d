/*
 * bitmap.h -- bits in arrays of 64-bit words, and identifiers taken from such an array.
 *
 * Nothing here is atomic or locks: whoever owns the map does.
 */
#ifndef FACET_BITMAP_H
#define FACET_BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITMAP_WORD_BITS 64
#define BITMAP_WORDS(bits) (((bits) + BITMAP_WORD_BITS - 1) / BITMAP_WORD_BITS)

static inline void bitmap_set(uint64_t *map, size_t bit)
{
	map[bit / BITMAP_WORD_BITS] |= 1ULL << bit % BITMAP_WORD_BITS;
}

static inline void bitmap_clear(uint64_t *map, size_t bit)
{
	map[bit / BITMAP_WORD_BITS] &= ~(1ULL << bit % BITMAP_WORD_BITS);
}

static inline bool bitmap_test(const uint64_t *map, size_t bit)
{
	return map[bit / BITMAP_WORD_BITS] >> bit % BITMAP_WORD_BITS & 1;
}

/*
 * The first bit that is one (or zero), at `start` or behind it, of a map of `bits` bits; `bits` if
 * there is none. What the last word holds behind the map's end does not matter.
 */
size_t bitmap_find_set(const uint64_t *map, size_t bits, size_t start);
size_t bitmap_find_zero(const uint64_t *map, size_t bits, size_t start);

/*
 * Identifiers from first to limit - 1, each given out again as late as possible: the next free one
 * after the last, from the front when the end is reached. A second level of bits says which words
 * are full, so an allocation looks at two words and, if those are full, at no more than
 * limit / 4096 others.
 */
#define IDMAP_LIMIT_MAX 32768

/* How many words of storage an idmap of this limit needs. */
#define IDMAP_WORDS(limit) (BITMAP_WORDS(limit) + BITMAP_WORDS(BITMAP_WORDS(limit)))

struct idmap {
	uint64_t *taken; /* a bit an identifier */
	uint64_t *full;  /* a bit a word of `taken` */
	unsigned limit;
	unsigned last; /* given out last */
	unsigned free; /* how many are left */
};

/* `storage` has IDMAP_WORDS(limit) words; first < limit <= IDMAP_LIMIT_MAX. */
void idmap_init(struct idmap *map, uint64_t *storage, unsigned first, unsigned limit);

/* An identifier, or -EAGAIN if all are taken. */
int idmap_alloc(struct idmap *map);

void idmap_free(struct idmap *map, unsigned id);

#endif
