/*
 * page_cache.c -- a file's pages by index: a tree of nodes of 64 slots that grows upwards with the
 * file.
 *
 * A file of one page has one node, one of 16 MiB has three levels; the way down is one step for six
 * bits of the index. Read, write, mmap and exec all find the same frames here.
 *
 * Locks: cache->lock (RANK_PAGE_CACHE); nodes are allocated under it. A frame that was found
 * carries a count of its own, so that bytes are copied without the lock.
 */
#include "internal.h"

#include <facet/frames.h>

#define NODE_SHIFT 6
#define NODE_SLOTS (1u << NODE_SHIFT)
#define DROP_AT_ONCE 256ul /* frames freed in one go with preemption off */
#define HEIGHT_MAX 9       /* 54 bits of index: more than a file of 2^63 bytes has */

struct page_node {
	void *slots[NODE_SLOTS]; /* nodes, at the lowest level frames; NULL: a hole */
	uint32_t used;
};

void page_cache_init(struct page_cache *cache)
{
	*cache = (struct page_cache){ 0 };
	spin_init(&cache->lock, RANK_PAGE_CACHE);
	mappings_init(&cache->mappings);
}

static unsigned slot_of(uint64_t index, unsigned level)
{
	return index >> (level * NODE_SHIFT) & (NODE_SLOTS - 1);
}

/* Whether a tree of this height has a place for `index`. */
static bool reaches(unsigned height, uint64_t index)
{
	return height >= HEIGHT_MAX || index >> (height * NODE_SHIFT) == 0;
}

struct frame *page_cache_find(struct page_cache *cache, uint64_t index)
{
	void *at = NULL;

	spin_lock(&cache->lock);
	if (reaches(cache->height, index)) {
		unsigned shift = cache->height * NODE_SHIFT;

		for (at = cache->root; at && shift > 0;) {
			shift -= NODE_SHIFT;
			at = ((struct page_node *)at)->slots[index >> shift & (NODE_SLOTS - 1)];
		}
	}
	if (at)
		frame_get(at);
	spin_unlock(&cache->lock);
	return at;
}

/* Puts roots above the root until `index` is within reach. Lock held. */
static bool reach(struct page_cache *cache, uint64_t index)
{
	while (!cache->height || !reaches(cache->height, index)) {
		struct page_node *node = kzalloc(sizeof(*node));

		if (!node)
			return false;
		if (cache->root) {
			node->slots[0] = cache->root;
			node->used = 1;
		}
		cache->root = node;
		cache->height++;
	}
	return true;
}

/* The slot for `index`, with all nodes above it; NULL: no memory. Lock held. */
static void **make_slot(struct page_cache *cache, uint64_t index, struct page_node **holder)
{
	struct page_node *node;

	if (!reach(cache, index))
		return NULL;
	node = cache->root;
	for (unsigned level = cache->height - 1; level > 0; level--) {
		void **slot = &node->slots[slot_of(index, level)];

		if (!*slot) {
			*slot = kzalloc(sizeof(struct page_node));
			if (!*slot)
				return NULL;
			node->used++;
		}
		node = *slot;
	}
	*holder = node;
	return &node->slots[slot_of(index, 0)];
}

/* Lock held. */
static int insert_locked(struct page_cache *cache, uint64_t index, struct frame *frame,
			 struct frame **there)
{
	struct page_node *holder;
	void **slot = make_slot(cache, index, &holder);

	if (!slot)
		return -ENOMEM;
	if (*slot) {
		*there = *slot;
		frame_get(*there);
		return -EEXIST;
	}
	*slot = frame;
	holder->used++;
	cache->pages++;
	return 0;
}

int page_cache_insert(struct page_cache *cache, uint64_t index, struct frame *frame,
		      const uint64_t *size, struct frame **there)
{
	int error = -ENXIO;

	spin_lock(&cache->lock);
	if (!size || index < page_round_up(*size) >> PAGE_SHIFT)
		error = insert_locked(cache, index, frame, there);
	spin_unlock(&cache->lock);
	return error;
}

struct page_range {
	uint64_t first, end;
};

/*
 * Drops what lies in `node`, whose first page is `base`, of the range, while `*budget` lasts. The
 * recursion is as deep as the tree: HEIGHT_MAX. Lock held.
 */
static void drop_from(struct page_node *node, unsigned level, uint64_t base,
		      const struct page_range *range, size_t *budget)
{
	const unsigned shift = level * NODE_SHIFT;
	unsigned slot = range->first > base ? (range->first - base) >> shift : 0;

	for (; slot < NODE_SLOTS && node->used && *budget; slot++) {
		uint64_t at_page = base + ((uint64_t)slot << shift);
		void *at = node->slots[slot];

		if (at_page >= range->end)
			break;
		if (!at)
			continue;
		if (level == 0) {
			frame_put(at);
			--*budget;
		} else {
			drop_from(at, level - 1, at_page, range, budget);
			if (((struct page_node *)at)->used)
				continue;
			kfree(at);
		}
		node->slots[slot] = NULL;
		node->used--;
	}
}

/* One piece of it; returns how many pages went. */
static size_t drop_some(struct page_cache *cache, const struct page_range *range)
{
	size_t budget = DROP_AT_ONCE;

	spin_lock(&cache->lock);
	if (cache->root && reaches(cache->height, range->first))
		drop_from(cache->root, cache->height - 1, 0, range, &budget);
	if (cache->root && !cache->root->used) {
		kfree(cache->root);
		cache->root = NULL;
		cache->height = 0;
	}
	cache->pages -= DROP_AT_ONCE - budget;
	spin_unlock(&cache->lock);
	return DROP_AT_ONCE - budget;
}

size_t page_cache_drop(struct page_cache *cache, uint64_t first, uint64_t end)
{
	const struct page_range range = { first, end };
	size_t dropped = 0, some;

	do {
		some = drop_some(cache, &range);
		dropped += some;
	} while (some == DROP_AT_ONCE);
	return dropped;
}

/*
 * Moves `*index` forward to the first page that is there (or is not). False: none in the node, or
 * none among the `*budget` that were looked at. Lock held.
 */
static bool scan(const struct page_node *node, unsigned level, uint64_t *index, bool there,
		 size_t *budget)
{
	for (unsigned slot = slot_of(*index, level); slot < NODE_SLOTS && *budget; slot++) {
		const void *at = node->slots[slot];

		--*budget;
		if (level && at) {
			if (scan(at, level - 1, index, there, budget))
				return true;
			continue;
		}
		if (!at == !there)
			return true;
		*index = ((*index >> level * NODE_SHIFT) + 1) << level * NODE_SHIFT;
	}
	return false;
}

uint64_t page_cache_next(struct page_cache *cache, uint64_t index, bool there)
{
	for (;;) {
		size_t budget = DROP_AT_ONCE;
		bool found = false, within;

		spin_lock(&cache->lock);
		within = cache->root && reaches(cache->height, index);
		if (within)
			found = scan(cache->root, cache->height - 1, &index, there, &budget);
		spin_unlock(&cache->lock);
		if (found)
			return index;
		if (!within)
			return there ? UINT64_MAX : index;
	}
}
