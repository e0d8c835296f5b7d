/*
 * The life of an address space: made empty, copied by fork, loaded by the switch, torn down by the
 * last user.
 *
 * Two counts: `users` are processes, and the last one tears down areas and pages in its own
 * context; `count` keeps the struct and the root alive while a CPU still has it loaded, so that a
 * switch never has to do more than drop a root.
 */
#include <facet/errno.h>
#include <facet/fork_memory.h>
#include <facet/slab.h>

#include "mm_private.h"

static struct slab_cache *space_cache;

void space_init(void)
{
	space_cache = slab_cache_create("space", sizeof(struct space), 64);
	area_init();
}

struct space *space_create(void)
{
	struct space *space = slab_alloc_zeroed(space_cache);

	if (!space)
		return NULL;
	if (page_table_init(&space->table)) {
		slab_free(space_cache, space);
		return NULL;
	}
	space->users = 1;
	space->count = 1;
	mutex_init(&space->lock, RANK_SPACE);
	space->mmap_top = space->mmap_hint = USER_END;
	return space;
}

void space_get(struct space *space)
{
	__atomic_fetch_add(&space->users, 1, __ATOMIC_RELAXED);
}

void space_destroy(struct space *space)
{
	page_table_destroy(&space->table);
	slab_free(space_cache, space);
}

/* No translation is flushed: nobody runs in this space again. */
static void tear_down(struct space *space)
{
	struct list dropped;
	struct tree_node *node;

	list_init(&dropped);
	mutex_lock(&space->lock);
	while ((node = tree_first(&space->areas))) {
		struct area *area = tree_entry(node, struct area, node);

		entries_clear(space, area->start, area->end, false);
		area_drop(space, area, &dropped);
	}
	commit_release(space->committed_pages);
	space->committed_pages = 0;
	mutex_unlock(&space->lock);
	areas_free(&dropped);
}

void space_put(struct space *space)
{
	if (__atomic_sub_fetch(&space->users, 1, __ATOMIC_ACQ_REL))
		return;
	tear_down(space);
	space_release(space);
}

/* The child's areas are the parent's; what is locked is not inherited. Returns 0 or -ENOMEM. */
static int copy_areas(struct space *child, struct space *parent)
{
	struct area *area;

	tree_for_each_entry(area, &parent->areas, node) {
		struct area *copy;

		if (unlikely(area->flags & AREA_NOT_FORKED))
			continue;
		copy = area_create(area->start, area->end, area->flags & ~AREA_LOCKS, area->file,
				   area->offset);
		if (!copy)
			return -ENOMEM;
		area_insert(child, copy);
	}
	return 0;
}

/* Of what is promised to the parent: what the child does not get. */
static size_t withheld_pages(const struct space *parent)
{
	const struct area *area;
	size_t pages = 0;

	if (likely(!parent->withholds))
		return 0;
	tree_for_each_entry(area, &parent->areas, node) {
		if (area->flags & AREA_NOT_FORKED && area->flags & AREA_COMMITTED)
			pages += area_pages(area);
	}
	return pages;
}

static int fork_locked(struct space *child, struct space *parent)
{
	size_t pages = parent->committed_pages - withheld_pages(parent);
	int error = commit_charge(pages);

	if (error)
		return error;
	child->committed_pages = pages;
	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	child->stack_top = parent->stack_top;
	child->mmap_top = parent->mmap_top;
	child->mmap_hint = parent->mmap_hint;
	child->arg_start = parent->arg_start;
	child->arg_end = parent->arg_end;
	child->env_start = parent->env_start;
	child->env_end = parent->env_end;
	child->auxiliary_start = parent->auxiliary_start;
	child->auxiliary_end = parent->auxiliary_end;
	error = copy_areas(child, parent);
	if (!error)
		error = fork_memory(child, parent);
	return error;
}

struct space *space_fork(struct space *parent, int *error)
{
	struct space *child = space_create();

	*error = -ENOMEM;
	if (!child)
		return NULL;
	mutex_lock(&parent->lock);
	mutex_lock_nested(&child->lock); /* a file that is cut finds the child from now on */
	*error = fork_locked(child, parent);
	mutex_unlock(&child->lock);
	mutex_unlock(&parent->lock);
	if (*error) {
		space_put(child);
		return NULL;
	}
	return child;
}
