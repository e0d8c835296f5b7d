// sources: mm/buddy.c
// flags: -Itests/host/kernel -Iarch/x86_64/include -DCONFIG_HZ=100
// The buddy allocator against an array that says who has each page.
#include "tap.h"

#include "../../mm/buddy.h"

#include <facet/panic.h>

#include <stdlib.h>
#include <string.h>

#define PAGES 4096ul
#define BLOCKS_MAX 2000

static struct buddy buddy;
static struct frame *frames;
static uint16_t owners[PAGES]; /* 0: free, else the block's number; HOLE: no memory */

#define HOLE UINT16_MAX

static struct {
	struct frame *frame;
	unsigned order;
} blocks[BLOCKS_MAX];

noreturn void panic(const char *format, ...)
{
	printf("# panic: %s\n", format);
	abort();
}

/* Memory with some holes of odd sizes. */
static size_t fresh(void)
{
	static const struct {
		size_t first, end;
	} ranges[] = {
		{ 1, 7 }, { 16, 1000 }, { 1001, 1003 }, { 1024, 2048 }, { 2051, 4095 },
	};
	size_t pages = 0;

	free(frames);
	frames = calloc(PAGES, sizeof(*frames));
	memset(owners, 0xff, sizeof(owners));
	memset(blocks, 0, sizeof(blocks));
	buddy_init(&buddy, frames);
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		buddy_free_range(&buddy, ranges[i].first, ranges[i].end);
		memset(&owners[ranges[i].first], 0,
		       (ranges[i].end - ranges[i].first) * sizeof(owners[0]));
		pages += ranges[i].end - ranges[i].first;
	}
	return pages;
}

/* The lists are what they say, and two free buddies of one order are one block. */
static bool consistent(void)
{
	static bool seen[PAGES];
	size_t pages = 0;

	memset(seen, 0, sizeof(seen));
	for (unsigned order = 0; order <= FRAME_ORDER_MAX; order++) {
		struct frame *frame;

		if (list_empty(&buddy.free[order]) == (buddy.available >> order & 1))
			return false;
		list_for_each_entry(frame, &buddy.free[order], link) {
			size_t page = (size_t)(frame - frames), size = 1ul << order;
			const struct frame *other = &frames[page ^ size];

			if (frame->owner != FRAME_FREE || frame->order != order || page % size)
				return false;
			if (order < FRAME_ORDER_MAX && other->owner == FRAME_FREE &&
			    other->order == order)
				return false;
			for (size_t i = page; i < page + size; i++) {
				if (seen[i] || owners[i] != 0)
					return false;
				seen[i] = true;
			}
			pages += size;
		}
	}
	return pages == buddy.free_pages;
}

static bool could_have(unsigned order)
{
	for (size_t page = 0; page < PAGES; page += 1ul << order) {
		size_t i = page;

		while (i < page + (1ul << order) && owners[i] == 0)
			i++;
		if (i == page + (1ul << order))
			return true;
	}
	return false;
}

static void set_owner(struct frame *frame, unsigned order, uint16_t owner)
{
	for (size_t i = 0; i < 1ul << order; i++)
		owners[frame - frames + i] = owner;
}

static void release(size_t i)
{
	set_owner(blocks[i].frame, blocks[i].order, 0);
	buddy_free(&buddy, blocks[i].frame, blocks[i].order);
	blocks[i].frame = NULL;
}

TEST(random_blocks_never_overlap_and_always_merge)
{
	size_t pages = fresh();

	CHECK(buddy.free_pages == pages && consistent());
	for (int round = 0; round < 60000; round++) {
		size_t i = tap_below(round / 10000 % 2 ? BLOCKS_MAX : 300);

		if (blocks[i].frame) {
			release(i);
			continue;
		}
		unsigned order = tap_below(4) ? tap_below(4) : tap_below(FRAME_ORDER_MAX + 1);
		bool small = tap_below(3) == 0;
		struct frame *frame = small ? buddy_alloc_small(&buddy, order)
					    : buddy_alloc(&buddy, order);

		if (!frame) {
			CHECK(!could_have(small ? 0 : order));
			continue;
		}
		CHECK(small ? frame->order <= order : frame->order == order);
		CHECK(frame->owner == FRAME_RESERVED && frame->count == 0);
		CHECK((size_t)(frame - frames) % (1ul << frame->order) == 0);
		for (size_t page = 0; page < 1ul << frame->order; page++)
			CHECK(owners[frame - frames + page] == 0);
		blocks[i].frame = frame;
		blocks[i].order = frame->order;
		set_owner(frame, frame->order, (uint16_t)(i + 1));
		frame->owner = FRAME_KERNEL;
		if (round % 500 == 0)
			CHECK(consistent());
	}
	for (size_t i = 0; i < BLOCKS_MAX; i++)
		if (blocks[i].frame)
			release(i);
	CHECK(buddy.free_pages == pages && consistent());
	for (unsigned order = 0; order <= FRAME_ORDER_MAX; order++)
		CHECK(could_have(order) == !!(buddy.available >> order));
}

TEST(every_page_can_be_had_one_by_one)
{
	size_t pages = fresh(), got = 0;
	struct frame *frame;

	while ((frame = buddy_alloc(&buddy, 0))) {
		CHECK(owners[frame - frames] == 0);
		owners[frame - frames] = 1;
		frame->owner = FRAME_KERNEL;
		got++;
	}
	CHECK(got == pages && buddy.free_pages == 0 && buddy.available == 0);
	for (size_t page = 0; page < PAGES; page++)
		if (owners[page] == 1) {
			owners[page] = 0;
			buddy_free(&buddy, &frames[page], 0);
		}
	CHECK(buddy.free_pages == pages && consistent());
}

TEST(small_blocks_come_from_the_smallest_pieces)
{
	struct frame *frame;

	fresh();
	frame = buddy_alloc_small(&buddy, 4);
	CHECK(frame && frame->order == 0); /* pages 1, 6, 1001, .. are single */
	fresh();
	while ((frame = buddy_alloc_small(&buddy, 4)) && frame->order < 4)
		;
	CHECK(buddy.available >> FRAME_ORDER_MAX); /* a large one is still whole */
}

TEST(a_range_is_cut_into_the_largest_blocks)
{
	fresh();
	CHECK(list_count(&buddy.free[10]) == 1); /* 1024 .. 2047 */
	CHECK(list_count(&buddy.free[9]) == 2);  /* 2560 .. 3071 and 3072 .. 3583 */
	CHECK(frames[1024].order == 10 && frames[2560].order == 9 && frames[3072].order == 9);
	CHECK(frames[16].order == 4 && frames[1001].order == 0 && frames[1002].order == 0);
}
