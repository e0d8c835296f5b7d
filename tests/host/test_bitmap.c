// sources: lib/bitmap.c
// Bitmaps and identifier maps against arrays of bool.
#include "tap.h"

#include <facet/bitmap.h>
#include <facet/errno.h>

#include <stdlib.h>
#include <string.h>

#define BITS 300

/* Exactly as many words as are needed, so that a word too many is noticed. */
static uint64_t *new_words(size_t count)
{
	return calloc(count, sizeof(uint64_t));
}

static size_t model_find(const bool *model, size_t bits, size_t start, bool wanted)
{
	while (start < bits && model[start] != wanted)
		start++;
	return start < bits ? start : bits;
}

TEST(searches_agree_with_a_plain_scan)
{
	static const size_t sizes[] = { 1, 63, 64, 65, 128, 140, 191, BITS };

	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		size_t bits = sizes[s];
		uint64_t *map = new_words(BITMAP_WORDS(bits));
		bool model[BITS] = { false };

		for (int round = 0; round < 3000; round++) {
			size_t bit = tap_below(bits), start = tap_below(bits + 2);

			/* mostly set, then mostly clear, so that both searches go far */
			model[bit] = tap_below(100) < (round / 500 % 2 ? 5 : 95);
			model[bit] ? bitmap_set(map, bit) : bitmap_clear(map, bit);
			CHECK(bitmap_test(map, bit) == model[bit]);
			CHECK(bitmap_find_set(map, bits, start) ==
			      model_find(model, bits, start, true));
			CHECK(bitmap_find_zero(map, bits, start) ==
			      model_find(model, bits, start, false));
		}
		free(map);
	}
}

TEST(bits_behind_the_end_are_not_found)
{
	uint64_t map[2] = { 0, 0xfffffffffffffff0 };

	CHECK(bitmap_find_set(map, 66, 0) == 66);
	CHECK(bitmap_find_set(map, 68, 0) == 68);
	CHECK(bitmap_find_set(map, 69, 0) == 68);
	map[0] = UINT64_MAX;
	map[1] = 0xf;
	CHECK(bitmap_find_zero(map, 66, 0) == 66);
	CHECK(bitmap_find_zero(map, 68, 0) == 68);
	CHECK(bitmap_find_zero(map, 69, 0) == 68);
	CHECK(bitmap_find_set(map, 0, 0) == 0);
}

static void check_idmap(unsigned first, unsigned limit, int rounds)
{
	uint64_t *storage = new_words(IDMAP_WORDS(limit));
	bool *taken = calloc(limit, 1);
	unsigned expected, left = limit - first, last = first - 1;
	struct idmap map;

	memset(storage, 0xa5, IDMAP_WORDS(limit) * sizeof(*storage));
	idmap_init(&map, storage, first, limit);
	for (int round = 0; round < rounds; round++) {
		/* long phases of filling up and of emptying */
		if (tap_below(8) < (round / (rounds / 6) % 2 ? 2 : 6)) {
			int id = idmap_alloc(&map);

			if (!left) {
				CHECK(id == -EAGAIN);
				continue;
			}
			expected = last + 1;
			while (expected >= limit || taken[expected])
				expected = expected >= limit ? first : expected + 1;
			if (!CHECK(id == (int)expected))
				break;
			taken[id] = true;
			last = id;
			left--;
		} else {
			unsigned id = first + tap_below(limit - first);

			if (!taken[id])
				continue;
			idmap_free(&map, id);
			taken[id] = false;
			left++;
		}
		CHECK(map.free == left);
	}
	free(storage);
	free(taken);
}

TEST(identifiers_are_given_out_in_turn)
{
	check_idmap(0, 70, 5000);
	check_idmap(1, 2, 1000);
	check_idmap(1, 64, 5000);
	check_idmap(1, 65, 5000);
	check_idmap(2, 1000, 50000);
	check_idmap(300, 4097, 100000);
	check_idmap(1, IDMAP_LIMIT_MAX, 400000);
}

TEST(all_identifiers_are_given_out_once)
{
	uint64_t *storage = new_words(IDMAP_WORDS(IDMAP_LIMIT_MAX));
	struct idmap map;

	idmap_init(&map, storage, 1, IDMAP_LIMIT_MAX);
	for (int id = 1; id < IDMAP_LIMIT_MAX; id++)
		CHECK(idmap_alloc(&map) == id);
	CHECK(idmap_alloc(&map) == -EAGAIN);
	idmap_free(&map, 20000);
	CHECK(idmap_alloc(&map) == 20000);
	CHECK(idmap_alloc(&map) == -EAGAIN);
	free(storage);
}

TEST(a_freed_identifier_comes_back_last)
{
	uint64_t storage[IDMAP_WORDS(10)];
	struct idmap map;

	idmap_init(&map, storage, 1, 10);
	CHECK(idmap_alloc(&map) == 1);
	CHECK(idmap_alloc(&map) == 2);
	idmap_free(&map, 1);
	for (int id = 3; id < 10; id++)
		CHECK(idmap_alloc(&map) == id);
	CHECK(idmap_alloc(&map) == 1);
}
