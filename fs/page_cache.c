/*
 * page_cache.c -- a file's pages by index: a tree of nodes of 64 slots that grows upwards with the
 * file.
 *
 * A file of one page has one node, one of 16 MiB has three levels; the way down is one step for six
 * bits of the index. Read, write, mmap and exec all find the same frames here.
 *
 * Locks: cache->lock (RANK_PAGE_CACHE) for all changes; nodes are allocated under it. Pages are
 * dropped under inode->lock as well, so who holds that finds pages without the other one, and need
 * not count them. For such readers a node or frame is complete before a slot leads to it, and a
 * node says itself what its slots stand for.
 */
#include "internal.h"

#include <facet/frames.h>

#define NODE_SHIFT 6
#define NODE_SLOTS (1u << NODE_SHIFT)
#define DROP_AT_ONCE 256ul /* frames freed in one go with preemption off */

struct page_node {
	void *slots[NODE_SLOTS]; /* nodes, at the lowest level frames; NULL: a hole */
	uint16_t used;
	uint16_t shift; /* a slot stands for 2^shift pages; 0: the lowest level */
};

void page_cache_init(struct page_cache *cache)
{
	*cache = (struct page_cache){ 0 };
	spin_init(&cache->lock, RANK_PAGE_CACHE);
	mappings_init(&cache->mappings);
}

static unsigned slot_of(const struct page_node *node, uint64_t index)
{
	return index >> node->shift & (NODE_SLOTS - 1);
}

/* Whether the tree below `root` has a place for `index`. */
static bool reaches(const struct page_node *root, uint64_t index)
{
	return root && index >> root->shift < NODE_SLOTS;
}

struct frame *page_cache_peek(const struct page_cache *cache, uint64_t index)
{
	const struct page_node *node = __atomic_load_n(&cache->root, __ATOMIC_ACQUIRE);

	if (!reaches(node, index))
		return NULL;
	for (;;) {
		void *at = __atomic_load_n(&node->slots[slot_of(node, index)], __ATOMIC_ACQUIRE);

		if (!at || node->shift == 0)
			return at;
		node = at;
	}
}

struct frame *page_cache_find(struct page_cache *cache, uint64_t index)
{
	struct frame *frame;

	spin_lock(&cache->lock);
	frame = page_cache_peek(cache, index);
	if (frame)
		frame_get(frame);
	spin_unlock(&cache->lock);
	return frame;
}

static struct page_node *node_create(unsigned shift)
{
	struct page_node *node = kzalloc(sizeof(*node));

	if (node)
		node->shift = (uint16_t)shift;
	return node;
}

/* Puts roots above the root until `index` is within reach. Lock held. */
static bool reach(struct page_cache *cache, uint64_t index)
{
	while (!reaches(cache->root, index)) {
		struct page_node *below = cache->root;
		struct page_node *node = node_create(below ? below->shift + NODE_SHIFT : 0);

		if (!node)
			return false;
		if (below) {
			node->slots[0] = below;
			node->used = 1;
		}
		__atomic_store_n(&cache->root, node, __ATOMIC_RELEASE);
	}
	return true;
}

/* The slot for `index`, with all nodes above it; NULL: no memory. Lock held. */
static void **make_slot(struct page_cache *cache, uint64_t index, struct page_node **holder)
{
	struct page_node *node, *below;

	if (!reach(cache, index))
		return NULL;
	for (node = cache->root; node->shift > 0; node = below) {
		void **slot = &node->slots[slot_of(node, index)];

		below = *slot;
		if (below)
			continue;
		below = node_create(node->shift - NODE_SHIFT);
		if (!below)
			return NULL;
		__atomic_store_n(slot, below, __ATOMIC_RELEASE);
		node->used++;
	}
	*holder = node;
	return &node->slots[slot_of(node, index)];
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
	__atomic_store_n(slot, frame, __ATOMIC_RELEASE);
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
 * recursion is as deep as the tree: 9 levels for 2^52 pages. Lock held.
 */
static void drop_from(struct page_node *node, uint64_t base, const struct page_range *range,
		      size_t *budget)
{
	const unsigned shift = node->shift;
	unsigned slot = range->first > base ? (range->first - base) >> shift : 0;

	for (; slot < NODE_SLOTS && node->used && *budget; slot++) {
		uint64_t at_page = base + ((uint64_t)slot << shift);
		void *at = node->slots[slot];

		if (at_page >= range->end)
			break;
		if (!at)
			continue;
		if (shift == 0) {
			frame_put(at);
			--*budget;
		} else {
			drop_from(at, at_page, range, budget);
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
	if (reaches(cache->root, range->first))
		drop_from(cache->root, 0, range, &budget);
	if (cache->root && !cache->root->used) {
		kfree(cache->root);
		cache->root = NULL;
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
static bool scan(const struct page_node *node, uint64_t *index, bool there, size_t *budget)
{
	for (unsigned slot = slot_of(node, *index); slot < NODE_SLOTS && *budget; slot++) {
		const void *at = node->slots[slot];

		--*budget;
		if (node->shift && at) {
			if (scan(at, index, there, budget))
				return true;
			continue;
		}
		if (!at == !there)
			return true;
		*index = ((*index >> node->shift) + 1) << node->shift;
	}
	return false;
}

uint64_t page_cache_next(struct page_cache *cache, uint64_t index, bool there)
{
	for (;;) {
		size_t budget = DROP_AT_ONCE;
		bool found = false, within;

		spin_lock(&cache->lock);
		within = reaches(cache->root, index);
		if (within)
			found = scan(cache->root, &index, there, &budget);
		spin_unlock(&cache->lock);
		if (found)
			return index;
		if (!within)
			return there ? UINT64_MAX : index;
	}
}
