/*
 * frames.c -- the machine's pages: references, owners, and a store in front of the buddy lists.
 *
 * Nearly all allocations are of single pages. They come from a per-CPU array, last freed first,
 * which is guarded by preemption being off; it is filled and emptied in batches under the lock of
 * the buddy lists. Before an allocation fails, all stores of all rooms are emptied, once.
 *
 * Every page that is handed out or comes back is checked: a reference too few or too many is found
 * where it happens or at the next allocation, and names the page. Under CONFIG_FRAME_POISON the
 * content of free pages is checked too.
 *
 * Locks: frames_lock (RANK_FRAMES) for the buddy lists; the store by preemption being off.
 */
#include <arch/percpu.h>
#include <facet/config.h>
#include <facet/counters.h>
#include <facet/early_memory.h>
#include <facet/frames.h>
#include <facet/panic.h>
#include <facet/spinlock.h>

#include "buddy.h"
#include "poison.h"

#define STORE_MAX 128
#define BATCH_ORDER 4 /* the store is filled by this much at a time, */
#define BATCH 32      /* and emptied by this much */
#define SHRINKERS_MAX 8

/* Marks, in frame->private, a free page that was poisoned: what is free since boot was not. */
#define POISONED 0x6e6f73696f50ull

struct frame_store {
	size_t count;
	struct frame *frames[STORE_MAX];
	/* Pages taken minus pages given back on this CPU; their sum is what is in use. */
	int64_t owned[FRAME_OWNERS];
};

static PER_CPU(struct frame_store, store);

static struct spinlock frames_lock = SPINLOCK_INIT(RANK_FRAMES);
static struct buddy buddy;
static size_t total_pages;

static void (*shrinkers[SHRINKERS_MAX])(void);
static size_t shrinker_count;

struct frame *zero_frame;

/* --- checks -------------------------------------------------------------------------------- */

static noreturn void bad_frame(const struct frame *frame, const char *what)
{
	panic("frames: page %#lx %s (count %u, owner %u, order %u)", frame_address(frame), what,
	      frame->count, frame->owner, frame->order);
}

static void poison_block(struct frame *frame, unsigned order)
{
	for (size_t i = 0; i < 1ul << order; i++) {
		poison_fill(frame_memory(&frame[i]), PAGE_SIZE, POISON_FREE);
		frame[i].private = POISONED;
	}
}

static void poison_check_block(struct frame *frame, unsigned order)
{
	for (size_t i = 0; i < 1ul << order; i++) {
		if (frame[i].private == POISONED &&
		    !poison_intact(frame_memory(&frame[i]), PAGE_SIZE))
			bad_frame(&frame[i], "was written after it was freed");
		frame[i].private = 0;
	}
}

/* --- the way of one page ------------------------------------------------------------------- */

/* A page out of the store begins its life. */
static inline struct frame *take(struct frame *frame, enum frame_owner owner)
{
	if (unlikely(frame->count != 0 || frame->owner != FRAME_STORED))
		bad_frame(frame, "changed while it was free");
	if (IS_ENABLED(CONFIG_FRAME_POISON))
		poison_check_block(frame, 0);
	count_event(COUNT_frames_allocated);
	frame->count = 1;
	frame->owner = (uint8_t)owner;
	frame->used = 0;
	frame->private = 0;
	return frame;
}

/* Fills the store from the smallest blocks there are. False: there are none. */
static bool store_fill(struct frame_store *here)
{
	struct frame *block;

	spin_lock(&frames_lock);
	while (here->count < 1ul << BATCH_ORDER &&
	       (block = buddy_alloc_small(&buddy, BATCH_ORDER))) {
		size_t pages = 1ul << block->order;

		for (size_t i = pages; i-- > 0;) {
			block[i].owner = FRAME_STORED;
			block[i].order = 0;
			here->frames[here->count++] = &block[i];
		}
	}
	spin_unlock(&frames_lock);
	return here->count > 0;
}

/* Gives all but `keep` pages back to the buddy lists. */
static void store_empty(struct frame_store *here, size_t keep)
{
	spin_lock(&frames_lock);
	while (here->count > keep)
		buddy_free(&buddy, here->frames[--here->count], 0);
	spin_unlock(&frames_lock);
}

/* Preemption is off, and on again on return. */
static out_of_line struct frame *alloc_slow(enum frame_owner owner)
{
	for (bool drained = false;; drained = true) {
		struct frame_store *here = this_cpu(store);

		if (store_fill(here)) {
			struct frame *frame = here->frames[--here->count];

			here->owned[owner]++;
			preempt_enable();
			return take(frame, owner);
		}
		preempt_enable();
		if (drained)
			return NULL;
		frames_drain();
		preempt_disable();
	}
}

struct frame *frame_alloc(enum frame_owner owner)
{
	struct frame_store *here;
	struct frame *frame;

	preempt_disable();
	here = this_cpu(store);
	if (unlikely(here->count == 0))
		return alloc_slow(owner);
	frame = here->frames[--here->count];
	here->owned[owner]++;
	preempt_enable();
	return take(frame, owner);
}

struct frame *frame_alloc_zeroed(enum frame_owner owner)
{
	struct frame *frame = frame_alloc(owner);

	if (likely(frame))
		page_zero(frame_memory(frame));
	return frame;
}

static struct frame *block_alloc(unsigned order, enum frame_owner owner)
{
	struct frame *frame;

	spin_lock(&frames_lock);
	frame = buddy_alloc(&buddy, order);
	spin_unlock(&frames_lock);
	if (!frame)
		return NULL;
	if (IS_ENABLED(CONFIG_FRAME_POISON))
		poison_check_block(frame, order);
	frame->count = 1;
	frame->owner = (uint8_t)owner;
	frame->used = 0;
	frame->private = 0;
	preempt_disable();
	this_cpu(store)->owned[owner] += 1l << order;
	preempt_enable();
	return frame;
}

struct frame *frames_alloc(unsigned order, enum frame_owner owner)
{
	struct frame *frame;

	if (order == 0)
		return frame_alloc(owner);
	if (order > FRAME_ORDER_MAX)
		return NULL;
	frame = block_alloc(order, owner);
	if (frame)
		return frame;
	frames_drain();
	return block_alloc(order, owner);
}

static out_of_line void block_free(struct frame *frame)
{
	unsigned order = frame->order;

	if (IS_ENABLED(CONFIG_FRAME_POISON))
		poison_block(frame, order);
	preempt_disable();
	this_cpu(store)->owned[frame->owner] -= 1l << order;
	preempt_enable();
	spin_lock(&frames_lock);
	buddy_free(&buddy, frame, order);
	spin_unlock(&frames_lock);
}

/* The store is full: makes room and stores the frame. Preemption is off, and on again on return. */
static out_of_line void store_overflow(struct frame_store *here, struct frame *frame)
{
	store_empty(here, STORE_MAX - BATCH);
	here->frames[here->count++] = frame;
	preempt_enable();
}

/* The last reference is gone. What is rare stands apart, so the common way saves no registers. */
static void frame_free(struct frame *frame)
{
	struct frame_store *here;

	if (unlikely(frame->owner <= FRAME_STORED))
		bad_frame(frame, "was not in use");
	if (unlikely(frame->order != 0)) {
		block_free(frame);
		return;
	}
	if (IS_ENABLED(CONFIG_FRAME_POISON))
		poison_block(frame, 0);
	count_event(COUNT_frames_freed);
	preempt_disable();
	here = this_cpu(store);
	here->owned[frame->owner]--;
	frame->owner = FRAME_STORED;
	if (unlikely(here->count == STORE_MAX)) {
		store_overflow(here, frame);
		return;
	}
	here->frames[here->count++] = frame;
	preempt_enable();
}

void frame_put(struct frame *frame)
{
	uint32_t count = __atomic_fetch_sub(&frame->count, 1, __ATOMIC_ACQ_REL);

	if (count == 1)
		frame_free(frame);
	else if (unlikely(count == 0))
		bad_frame(frame, "lost a reference that it did not have");
}

/* --- the whole ----------------------------------------------------------------------------- */

void frames_init(void)
{
	paddr_t start, end;

	buddy_init(&buddy, (struct frame *)FRAMES_BASE);
	while (early_memory_take(&start, &end)) {
		buddy_free_range(&buddy, start >> PAGE_SHIFT, end >> PAGE_SHIFT);
		total_pages += (end - start) >> PAGE_SHIFT;
	}
	zero_frame = frame_alloc_zeroed(FRAME_KERNEL);
	if (!zero_frame)
		panic("frames: no memory at all");
}

void frames_release(paddr_t start, paddr_t end)
{
	size_t first = page_round_up(start) >> PAGE_SHIFT;
	size_t last = end >> PAGE_SHIFT;

	if (first >= last)
		return;
	for (size_t page = first; page < last; page++) {
		const struct frame *frame = &buddy.frames[page];

		if (frame->owner != FRAME_RESERVED || frame->count != 0)
			bad_frame(frame, "was released and is in use");
	}
	spin_lock(&frames_lock);
	buddy_free_range(&buddy, first, last);
	total_pages += last - first;
	spin_unlock(&frames_lock);
}

size_t frames_total_count(void)
{
	return total_pages;
}

/* One CPU runs, so its counters are the sum. */
size_t frames_owned_count(enum frame_owner owner)
{
	return (size_t)this_cpu(store)->owned[owner];
}

size_t frames_kept_count(void)
{
	const int64_t *owned = this_cpu(store)->owned;

	return (size_t)(owned[FRAME_KERNEL] + owned[FRAME_SLAB] + owned[FRAME_STACK] +
			owned[FRAME_TABLE] + owned[FRAME_CACHE]);
}

size_t frames_free_count(void)
{
	return total_pages - frames_kept_count() - frames_owned_count(FRAME_ANONYMOUS);
}

void shrink_register(void (*shrink)(void))
{
	assert(shrinker_count < SHRINKERS_MAX);
	shrinkers[shrinker_count++] = shrink;
}

void frames_drain(void)
{
	for (size_t i = 0; i < shrinker_count; i++)
		shrinkers[i]();
	preempt_disable();
	store_empty(this_cpu(store), 0);
	preempt_enable();
}
