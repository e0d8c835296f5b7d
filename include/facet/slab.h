/*
 * slab.h -- objects of one size, from pages cut into equal parts.
 *
 * A per-CPU store of free objects stands in front of each cache (preemption off), so the common
 * path takes no lock. Under FRAME_POISON freed objects are poisoned and checked when they
 * are used again.
 */
#ifndef FACET_SLAB_H
#define FACET_SLAB_H

#include <facet/types.h>

struct slab_cache;

/*
 * At boot or on first use; caches are never destroyed, and creating one takes no memory. `align` is
 * a power of two.
 */
struct slab_cache *slab_cache_create(const char *name, size_t size, size_t align);

/*
 * NULL: no memory. The content is undefined, or zero for the second form. Context: thread or
 * preemption off; takes RANK_SLAB and below.
 */
void *slab_alloc(struct slab_cache *cache);
void *slab_alloc_zeroed(struct slab_cache *cache);
void slab_free(struct slab_cache *cache, void *object);

/* Any size up to 4 MiB; sizes up to a page come from shared caches. */
void *kmalloc(size_t size);
void *kzalloc(size_t size);
void kfree(void *object); /* NULL is allowed */

void slab_init(void);

#endif
