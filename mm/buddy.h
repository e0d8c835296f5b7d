/*
 * buddy.h -- free blocks of 2^order pages, each aligned to its size.
 *
 * Frames are known by their place in the array `frames`, whose index is the page number. The
 * entries of a whole block of the largest order exist, or none of them: a block's buddy can always
 * be looked at.
 * Pure: nothing here locks or touches the pages.
 */
#ifndef MM_BUDDY_H
#define MM_BUDDY_H

#include <facet/frames.h>

struct buddy {
	struct frame *frames; /* of page 0 */
	uint32_t available;   /* bit n: there is a free block of order n */
	size_t free_pages;
	struct list free[FRAME_ORDER_MAX + 1];
};

void buddy_init(struct buddy *buddy, struct frame *frames);

/*
 * A block of exactly this order, from the smallest that will do. NULL: none. Its first frame is
 * FRAME_RESERVED with its order set and no references.
 */
struct frame *buddy_alloc(struct buddy *buddy, unsigned order);

/*
 * Some block of at most this order, as small as there is: it fills a store of single pages from
 * what is of no use for anything else. The order that it has is frame->order. NULL: none.
 */
struct frame *buddy_alloc_small(struct buddy *buddy, unsigned order_max);

/*
 * Gives a block back; its frame must not be free, nor have references. It merges with its free
 * buddies.
 */
void buddy_free(struct buddy *buddy, struct frame *frame, unsigned order);

/* The same for any range of pages, as the largest blocks that it can be cut into. */
void buddy_free_range(struct buddy *buddy, size_t first, size_t end);

#endif
