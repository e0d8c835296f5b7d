/*
 * bitmap.c -- searching bits a word at a time, and identifiers on top of it.
 *
 * No locks: the owner of the map has its own.
 */
#include <facet/bitmap.h>
#include <facet/errno.h>
#include <facet/string.h>

#define ALL_ONES UINT64_MAX

/* Both searches are one: a word xor `flip` has ones where the wanted bits are. */
static inline size_t find(const uint64_t *map, size_t bits, size_t start, uint64_t flip)
{
	size_t word = start / BITMAP_WORD_BITS;
	size_t words = BITMAP_WORDS(bits);
	uint64_t hits;

	if (start >= bits)
		return bits;
	hits = (map[word] ^ flip) & ALL_ONES << start % BITMAP_WORD_BITS;
	while (!hits) {
		if (++word == words)
			return bits;
		hits = map[word] ^ flip;
	}
	start = word * BITMAP_WORD_BITS + __builtin_ctzll(hits);
	return start < bits ? start : bits;
}

size_t bitmap_find_set(const uint64_t *map, size_t bits, size_t start)
{
	return find(map, bits, start, 0);
}

size_t bitmap_find_zero(const uint64_t *map, size_t bits, size_t start)
{
	return find(map, bits, start, ALL_ONES);
}

static void take(struct idmap *map, size_t id)
{
	size_t word = id / BITMAP_WORD_BITS;

	bitmap_set(map->taken, id);
	if (map->taken[word] == ALL_ONES)
		bitmap_set(map->full, word);
}

void idmap_init(struct idmap *map, uint64_t *storage, unsigned first, unsigned limit)
{
	size_t words = BITMAP_WORDS(limit);
	size_t id;

	memset(storage, 0, IDMAP_WORDS(limit) * sizeof(*storage));
	map->taken = storage;
	map->full = storage + words;
	map->limit = limit;
	map->last = first - 1;
	map->free = limit - first;

	for (id = 0; id < first; id++) /* never given out: taken for ever */
		take(map, id);
}

/*
 * The first free identifier at `start` or behind it, or limit: the bits of the last word from limit
 * on are never taken, so a search that comes so far ends there.
 */
static size_t find_free(const struct idmap *map, size_t start)
{
	size_t words = BITMAP_WORDS(map->limit);
	size_t word = start / BITMAP_WORD_BITS;
	uint64_t hits;

	if (start >= map->limit)
		return map->limit;
	hits = ~map->taken[word] & ALL_ONES << start % BITMAP_WORD_BITS;
	if (!hits) {
		word = bitmap_find_zero(map->full, words, word + 1);
		if (word == words)
			return map->limit;
		hits = ~map->taken[word];
	}
	return word * BITMAP_WORD_BITS + __builtin_ctzll(hits);
}

int idmap_alloc(struct idmap *map)
{
	size_t id;

	if (!map->free)
		return -EAGAIN;
	id = find_free(map, map->last + 1);
	if (id == map->limit)
		id = find_free(map, 0);
	take(map, id);
	map->last = id;
	map->free--;
	return id;
}

void idmap_free(struct idmap *map, unsigned id)
{
	bitmap_clear(map->taken, id);
	bitmap_clear(map->full, id / BITMAP_WORD_BITS);
	map->free++;
}
