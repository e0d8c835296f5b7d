/*
 * buddy.c -- blocks of pages that split in halves and merge again.
 *
 * A list an order, and a word with a bit for each list that is not empty: finding a block is one
 * bit scan. The first frame of a free block says so by its owner and order, so whether two halves
 * can merge is one comparison. At most FRAME_ORDER_MAX steps for any operation.
 *
 * The caller locks. Source: Knuth, The Art of Computer Programming, volume 1, 2.5 (the buddy
 * system).
 */
#include <facet/panic.h>

#include "buddy.h"

static void put_block(struct buddy *buddy, struct frame *frame, unsigned order)
{
	frame->owner = FRAME_FREE;
	frame->order = (uint8_t)order;
	list_push_front(&buddy->free[order], &frame->link);
	buddy->available |= 1u << order;
}

static void take_block(struct buddy *buddy, struct frame *frame, unsigned order)
{
	frame->owner = FRAME_RESERVED;
	list_remove(&frame->link);
	if (list_empty(&buddy->free[order]))
		buddy->available &= ~(1u << order);
}

static struct frame *take_first(struct buddy *buddy, unsigned order)
{
	struct frame *frame = list_entry(buddy->free[order].next, struct frame, link);

	assert(frame->owner == FRAME_FREE && frame->order == order && frame->count == 0);
	take_block(buddy, frame, order);
	return frame;
}

/* Gives back upper halves until the block has the order that is wanted. */
static void split(struct buddy *buddy, struct frame *frame, unsigned from, unsigned to)
{
	while (from > to) {
		from--;
		put_block(buddy, frame + (1ul << from), from);
	}
	frame->order = (uint8_t)to;
	buddy->free_pages -= 1ul << to;
}

void buddy_init(struct buddy *buddy, struct frame *frames)
{
	buddy->frames = frames;
	buddy->available = 0;
	buddy->free_pages = 0;
	for (unsigned order = 0; order <= FRAME_ORDER_MAX; order++)
		list_init(&buddy->free[order]);
}

struct frame *buddy_alloc(struct buddy *buddy, unsigned order)
{
	uint32_t enough = buddy->available >> order << order;
	struct frame *frame;
	unsigned found;

	if (!enough)
		return NULL;
	found = (unsigned)__builtin_ctz(enough);
	frame = take_first(buddy, found);
	split(buddy, frame, found, order);
	return frame;
}

struct frame *buddy_alloc_small(struct buddy *buddy, unsigned order_max)
{
	struct frame *frame;
	unsigned found;

	if (!buddy->available)
		return NULL;
	found = (unsigned)__builtin_ctz(buddy->available);
	frame = take_first(buddy, found);
	split(buddy, frame, found, MIN(found, order_max));
	return frame;
}

void buddy_free(struct buddy *buddy, struct frame *frame, unsigned order)
{
	size_t page = (size_t)(frame - buddy->frames);

	assert(frame->owner != FRAME_FREE && frame->count == 0);
	assert((page & ((1ul << order) - 1)) == 0);
	buddy->free_pages += 1ul << order;
	for (; order < FRAME_ORDER_MAX; order++) {
		struct frame *other = buddy->frames + (page ^ 1ul << order);

		if (other->owner != FRAME_FREE || other->order != order)
			break;
		take_block(buddy, other, order);
		page &= ~(1ul << order);
	}
	frame->owner = FRAME_RESERVED; /* it may be the upper half of what it merged into */
	put_block(buddy, buddy->frames + page, order);
}

void buddy_free_range(struct buddy *buddy, size_t first, size_t end)
{
	while (first < end) {
		unsigned order = first ? (unsigned)__builtin_ctzl(first) : FRAME_ORDER_MAX;

		order = MIN(order, FRAME_ORDER_MAX);
		while (1ul << order > end - first)
			order--;
		buddy_free(buddy, buddy->frames + first, order);
		first += 1ul << order;
	}
}
