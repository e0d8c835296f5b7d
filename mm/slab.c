/*
 * slab.c -- pages cut into objects of one size.
 *
 * Three places hold a cache's free objects. The per-CPU magazine, a list through the objects,
 * serves nearly every call and is guarded by preemption being off. Behind it stand the slabs that
 * have objects both free and in use, each with a list of its own. A slab whose last object came
 * back is freed at once. Objects move between magazine and slabs half a magazine at a time.
 *
 * Under CONFIG_FRAME_POISON the part of a free object behind its link is poisoned, and so is a new
 * one.
 *
 * Locks: each cache has one for its slabs (RANK_SLAB). It is not held while a page is allocated,
 * for that may come back here to empty the magazines.
 */
#include <arch/percpu.h>
#include <facet/config.h>
#include <facet/frames.h>
#include <facet/panic.h>
#include <facet/slab.h>
#include <facet/spinlock.h>
#include <facet/string.h>

#include "poison.h"

#define CACHES_MAX 48
#define OBJECT_MIN 16
#define KMALLOC_MAX 2048ul /* what is larger is whole pages */

/* A slab has more pages if fewer would waste over an eighth; but large blocks are hard to get. */
#define WASTE 8
#define SLAB_ORDER_MAX 2

#define MAGAZINE_BYTES 4096 /* about what a magazine may hold back */
#define MAGAZINE_MIN 8
#define MAGAZINE_MAX 64

#define NO_OBJECT UINT32_MAX

struct magazine {
	void *objects; /* each begins with the address of the next */
	uint32_t count;
};

struct slab_cache {
	struct magazine *magazine; /* a per-CPU variable: reached by this_cpu() */
	uint32_t magazine_max;
	uint32_t size;
	uint32_t number;
	uint16_t per_slab;
	uint8_t order;
	struct spinlock lock;
	struct list partial; /* slabs with free objects, the fullest in front */
	const char *name;
};

static PER_CPU(struct magazine, magazines[CACHES_MAX]);

static struct slab_cache caches[CACHES_MAX];
static uint32_t cache_count; /* atomic */

/* Shared caches by size, and the index of the smallest that holds 16 * n bytes. */
static const uint16_t kmalloc_sizes[] = {
	16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1360, 2048,
};
static struct slab_cache *kmalloc_caches[ARRAY_SIZE(kmalloc_sizes)];
static uint8_t kmalloc_class[KMALLOC_MAX / 16 + 1];

/* --- slabs --------------------------------------------------------------------------------- */

static struct frame *slab_of(const struct slab_cache *cache, const void *object)
{
	vaddr_t mask = ~((PAGE_SIZE << cache->order) - 1);

	return frame_of_memory((const void *)((vaddr_t)object & mask));
}

/* Cuts new pages into a list of objects, in the order of their addresses. NULL: no memory. */
static struct frame *slab_create(const struct slab_cache *cache)
{
	struct frame *slab = frames_alloc(cache->order, FRAME_SLAB);
	char *memory, *object;

	if (!slab)
		return NULL;
	memory = frame_memory(slab);
	if (IS_ENABLED(CONFIG_FRAME_POISON))
		poison_fill(memory, PAGE_SIZE << cache->order, POISON_FREE);
	object = memory + cache->per_slab * cache->size;
	for (char *next = NULL; object > memory; next = object) {
		object -= cache->size;
		*(void **)object = next;
	}
	slab->slab_cache = cache->number;
	slab->slab_free = 0;
	return slab;
}

/* Moves objects from slabs to the magazine, up to half of what it holds. The cache is locked. */
static void magazine_fill(struct slab_cache *cache, struct magazine *magazine)
{
	struct frame *slab;

	while (magazine->count < cache->magazine_max / 2 &&
	       (slab = list_first_entry(&cache->partial, struct frame, link))) {
		char *memory = frame_memory(slab);
		char *object = memory + slab->slab_free;

		while (object && magazine->count < cache->magazine_max / 2) {
			char *next = *(void **)object;

			*(void **)object = magazine->objects;
			magazine->objects = object;
			magazine->count++;
			slab->used++;
			object = next;
		}
		slab->slab_free = object ? (uint32_t)(object - memory) : NO_OBJECT;
		if (!object)
			list_remove(&slab->link);
	}
}

static void slab_take_back(struct slab_cache *cache, void *object)
{
	struct frame *slab = slab_of(cache, object);
	char *memory = frame_memory(slab);

	assert(slab->owner == FRAME_SLAB && slab->slab_cache == cache->number && slab->used > 0);
	if (slab->slab_free == NO_OBJECT) {
		*(void **)object = NULL;
		list_push_front(&cache->partial, &slab->link);
	} else {
		*(void **)object = memory + slab->slab_free;
	}
	slab->slab_free = (uint32_t)((char *)object - memory);
	if (--slab->used == 0) {
		list_remove(&slab->link);
		frame_put(slab);
	}
}

/* Gives all but `keep` objects of the magazine back to their slabs. Preemption is off. */
static void magazine_empty(struct slab_cache *cache, struct magazine *magazine, uint32_t keep)
{
	spin_lock(&cache->lock);
	while (magazine->count > keep) {
		void *object = magazine->objects;

		magazine->objects = *(void **)object;
		magazine->count--;
		slab_take_back(cache, object);
	}
	spin_unlock(&cache->lock);
}

/* --- objects ------------------------------------------------------------------------------- */

static noreturn void bad_object(const struct slab_cache *cache, const void *object,
				const char *what)
{
	panic("slab: object %p of %s %s", object, cache->name, what);
}

/* An object is never all poison when it is freed, for it was not when it was handed out. */
static void poison_object(const struct slab_cache *cache, void *object)
{
	char *rest = (char *)object + sizeof(void *);
	size_t size = cache->size - sizeof(void *);

	if (poison_intact(rest, size))
		bad_object(cache, object, "was freed twice");
	poison_fill(rest, size, POISON_FREE);
}

static void poison_check_object(const struct slab_cache *cache, void *object)
{
	if (!poison_intact((char *)object + sizeof(void *), cache->size - sizeof(void *)))
		bad_object(cache, object, "was written after it was freed");
	poison_fill(object, cache->size, POISON_NEW);
}

static inline void *take(struct magazine *magazine)
{
	void *object = magazine->objects;

	magazine->objects = *(void **)object;
	magazine->count--;
	return object;
}

/* The magazine is empty. Preemption is off, and on again on return. */
static out_of_line void *alloc_slow(struct slab_cache *cache)
{
	for (;;) {
		struct magazine *magazine = this_cpu(*cache->magazine);
		struct frame *slab;

		spin_lock(&cache->lock);
		magazine_fill(cache, magazine);
		spin_unlock(&cache->lock);
		if (magazine->count > 0) {
			void *object = take(magazine);

			preempt_enable();
			return object;
		}
		preempt_enable();

		slab = slab_create(cache);
		if (!slab)
			return NULL;
		spin_lock(&cache->lock);
		list_push_back(&cache->partial, &slab->link);
		preempt_disable();
		spin_unlock(&cache->lock);
	}
}

void *slab_alloc(struct slab_cache *cache)
{
	struct magazine *magazine;
	void *object;

	preempt_disable();
	magazine = this_cpu(*cache->magazine);
	if (likely(magazine->objects)) {
		object = take(magazine);
		preempt_enable();
	} else {
		object = alloc_slow(cache);
	}
	if (IS_ENABLED(CONFIG_FRAME_POISON) && object)
		poison_check_object(cache, object);
	return object;
}

void *slab_alloc_zeroed(struct slab_cache *cache)
{
	void *object = slab_alloc(cache);

	return object ? memset(object, 0, cache->size) : NULL;
}

void slab_free(struct slab_cache *cache, void *object)
{
	struct magazine *magazine;

	debug_assert(slab_of(cache, object)->owner == FRAME_SLAB &&
		     slab_of(cache, object)->slab_cache == cache->number);
	if (IS_ENABLED(CONFIG_FRAME_POISON))
		poison_object(cache, object);
	preempt_disable();
	magazine = this_cpu(*cache->magazine);
	*(void **)object = magazine->objects;
	magazine->objects = object;
	if (unlikely(++magazine->count > cache->magazine_max))
		magazine_empty(cache, magazine, cache->magazine_max / 2);
	preempt_enable();
}

/* --- caches -------------------------------------------------------------------------------- */

struct slab_cache *slab_cache_create(const char *name, size_t size, size_t align)
{
	uint32_t number = __atomic_fetch_add(&cache_count, 1, __ATOMIC_RELAXED);
	struct slab_cache *cache = &caches[number];
	unsigned order = 0;

	assert(number < CACHES_MAX);
	assert(align > 0 && (align & (align - 1)) == 0 && align <= PAGE_SIZE);
	align = MAX(align, sizeof(void *));
	size = MAX((size + align - 1) & ~(align - 1), OBJECT_MIN);
	while (size > PAGE_SIZE << order)
		order++;
	while (order < SLAB_ORDER_MAX && (PAGE_SIZE << order) % size > (PAGE_SIZE << order) / WASTE)
		order++;
	assert(order <= FRAME_ORDER_MAX);

	cache->name = name;
	cache->number = number;
	cache->size = (uint32_t)size;
	cache->order = (uint8_t)order;
	cache->per_slab = (uint16_t)((PAGE_SIZE << order) / size);
	cache->magazine_max = (uint32_t)MIN(MAX(MAGAZINE_BYTES / size, MAGAZINE_MIN), MAGAZINE_MAX);
	spin_init(&cache->lock, RANK_SLAB);
	list_init(&cache->partial);
	__atomic_store_n(&cache->magazine, &magazines[number], __ATOMIC_RELEASE);
	return cache;
}

static void slab_shrink(void)
{
	uint32_t count = MIN(__atomic_load_n(&cache_count, __ATOMIC_RELAXED), CACHES_MAX);

	for (uint32_t i = 0; i < count; i++) {
		if (!caches[i].magazine)
			continue; /* it is just being created */
		preempt_disable();
		magazine_empty(&caches[i], this_cpu(*caches[i].magazine), 0);
		preempt_enable();
	}
}

void slab_init(void)
{
	size_t index = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kmalloc_sizes); i++)
		kmalloc_caches[i] = slab_cache_create("kmalloc", kmalloc_sizes[i], OBJECT_MIN);
	for (size_t i = 0; i < ARRAY_SIZE(kmalloc_class); i++) {
		if (i * 16 > kmalloc_sizes[index])
			index++;
		kmalloc_class[i] = (uint8_t)index;
	}
	shrink_register(slab_shrink);
}

void *kmalloc(size_t size)
{
	struct frame *block;
	unsigned order = 0;

	if (likely(size <= KMALLOC_MAX))
		return slab_alloc(kmalloc_caches[kmalloc_class[(size + 15) / 16]]);
	if (size > PAGE_SIZE << FRAME_ORDER_MAX)
		return NULL;
	while (size > PAGE_SIZE << order)
		order++;
	block = frames_alloc(order, FRAME_KERNEL);
	return block ? frame_memory(block) : NULL;
}

void *kzalloc(size_t size)
{
	void *object = kmalloc(size);

	return object ? memset(object, 0, size) : NULL;
}

void kfree(void *object)
{
	struct frame *frame;

	if (!object)
		return;
	frame = frame_of_memory(object);
	if (likely(frame->owner == FRAME_SLAB)) {
		slab_free(&caches[frame->slab_cache], object);
	} else {
		assert(frame->owner == FRAME_KERNEL && ((vaddr_t)object & ~PAGE_MASK) == 0);
		frame_put(frame);
	}
}
