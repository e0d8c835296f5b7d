/*
 * mremap.c -- mremap(2): a mapping made smaller, larger where it is, or moved.
 *
 * A move hands over the entries of the page table; pages stay where they are. Tables for them are
 * made beforehand, so that nothing can fail half-way. Locks the space. Source: mremap(2).
 */
#include <facet/errno.h>
#include <facet/fork_memory.h>
#include <facet/process.h>
#include <facet/syscalls.h>

#include "mm_private.h"

#define MREMAP_MAYMOVE 1u
#define MREMAP_FIXED 2u
#define MREMAP_DONTUNMAP 4u
#define MREMAP_KNOWN (MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)
#define MREMAP_TO (MREMAP_FIXED | MREMAP_DONTUNMAP) /* the caller says where to */

struct remap {
	vaddr_t from, to;
	size_t old_size, new_size;
	unsigned flags;
};

/* Tables below `to` for all entries of [from, from + size). False: no memory. */
static bool make_tables(struct space *space, vaddr_t from, vaddr_t to, size_t size)
{
	vaddr_t address = from, stop;
	pte_t *entry;

	while ((entry = page_table_next(&space->table, &address, from + size, &stop))) {
		for (; address < stop; address += PAGE_SIZE, entry++)
			if (*entry && !page_table_make(&space->table, to + (address - from)))
				return false;
	}
	return true;
}

static void move_entries(struct space *space, vaddr_t from, vaddr_t to, size_t size)
{
	vaddr_t address = from, stop;
	bool moved = false;
	pte_t *entry;

	while ((entry = page_table_next(&space->table, &address, from + size, &stop))) {
		for (; address < stop; address += PAGE_SIZE, entry++) {
			if (!*entry)
				continue;
			pte_set(page_table_find(&space->table, to + (address - from)),
				pte_clear(entry));
			moved = true;
		}
	}
	page_table_prune(&space->table, from, from + size);
	if (moved)
		tlb_flush_user();
}

/* The area that [from, from + old_size) lies in, cut to that. NULL: no memory. */
static struct area *cut_out(struct space *space, struct area *area, const struct remap *remap)
{
	if (!remap->old_size)
		return area;
	if (areas_split_at_borders(space, remap->from, remap->from + remap->old_size))
		return NULL;
	return area_find(space, remap->from);
}

/*
 * To remap->to, which is free. An old size of 0 makes a second mapping of what is shared;
 * MREMAP_DONTUNMAP leaves the area where it was, without pages.
 */
static int64_t move_area(struct space *space, struct area *area, const struct remap *remap,
			 struct list *dropped)
{
	size_t moved = MIN(remap->old_size, remap->new_size);
	bool stays = remap->flags & MREMAP_DONTUNMAP || !remap->old_size;
	size_t pages = (remap->new_size - (stays ? 0 : moved)) >> PAGE_SHIFT;
	uint32_t flags = area->flags & ~AREA_HEAP;
	struct area *target;
	int error;

	if (space->area_count + 1 >= SPACE_AREAS_MAX)
		return -ENOMEM;
	error = space_charge(space, pages, flags);
	if (error)
		return error;
	area = cut_out(space, area, remap);
	if (!area || !make_tables(space, remap->from, remap->to, moved))
		goto undo_charge;
	target = area_create(remap->to, remap->to + remap->new_size, flags, area->file,
			     area->offset + (remap->from - area->start));
	if (!target)
		goto undo_charge;
	area_insert(space, target);
	move_entries(space, remap->from, remap->to, moved);
	if (stays) {
		/* Its new place is locked instead. */
		if (remap->old_size && area->flags & AREA_LOCKED) {
			space_uncharge(space, area_pages(area), AREA_LOCKED);
			area->flags &= ~AREA_LOCKS;
		}
	} else {
		area_drop(space, area, dropped);
		space_opened_gap(space, remap->from + remap->old_size);
	}
	area_merge(space, target, dropped);
	return (int64_t)remap->to;
undo_charge:
	page_table_prune(&space->table, remap->to, remap->to + moved);
	space_uncharge(space, pages, flags);
	return -ENOMEM;
}

/* Grows the area at its end, which is the range's. False: what follows is in the way. */
static bool has_room_to_grow(struct space *space, const struct area *area,
			     const struct remap *remap)
{
	vaddr_t end = area->end + (remap->new_size - remap->old_size);

	return remap->old_size && remap->from + remap->old_size == area->end && end <= USER_END &&
	       end > area->end && !area_first_in(space, area->end, end);
}

static int64_t grow(struct space *space, struct area *area, const struct remap *remap,
		    struct list *dropped)
{
	size_t pages = (remap->new_size - remap->old_size) >> PAGE_SHIFT;
	int error = space_charge(space, pages, area->flags);

	if (error)
		return error;
	area->end += pages << PAGE_SHIFT;
	space->mapped_pages += pages;
	area_merge(space, area, dropped);
	return (int64_t)remap->from;
}

static int64_t move_to(struct space *space, struct area *area, struct remap *remap,
		       struct list *dropped)
{
	vaddr_t from = remap->from;
	int error = 0;

	if (remap->flags & MREMAP_FIXED)
		error = space_unmap_locked(space, remap->to, remap->to + remap->new_size, dropped);
	else
		remap->to = space_find_place(space, remap->to, remap->new_size);
	if (error || !remap->to)
		return -ENOMEM;
	if (remap->old_size > remap->new_size) {
		error = space_unmap_locked(space, from + remap->new_size, from + remap->old_size,
					   dropped);
		if (error)
			return error;
		remap->old_size = remap->new_size;
	}
	area = area_find(space, from); /* it may have lost its end */
	return move_area(space, area, remap, dropped);
}

static int64_t remap_locked(struct space *space, struct remap *remap, struct list *dropped)
{
	struct area *area = area_find(space, remap->from);
	size_t kept = MIN(remap->old_size, remap->new_size);
	bool to = remap->flags & MREMAP_TO;

	if (!area || area->start > remap->from)
		return -EFAULT;
	if (!remap->old_size && !(area->flags & AREA_SHARED))
		return -EINVAL;
	if (!to && remap->old_size >= remap->new_size) {
		int error = 0;

		if (remap->old_size > kept)
			error = space_unmap_locked(space, remap->from + kept,
						   remap->from + remap->old_size, dropped);
		return error ? error : (int64_t)remap->from;
	}
	if (kept > area->end - remap->from)
		return -EFAULT;
	if (to)
		return move_to(space, area, remap, dropped);
	if (has_room_to_grow(space, area, remap))
		return grow(space, area, remap, dropped);
	if (!(remap->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	remap->to = area_find_gap(space, remap->new_size);
	return remap->to ? move_area(space, area, remap, dropped) : -ENOMEM;
}

static int check_remap(const struct remap *remap)
{
	if (remap->flags & ~MREMAP_KNOWN || remap->from & ~PAGE_MASK || !remap->new_size ||
	    remap->new_size > USER_END)
		return -EINVAL;
	if (remap->flags & MREMAP_TO) {
		if (!(remap->flags & MREMAP_MAYMOVE) || remap->to & ~PAGE_MASK ||
		    remap->to > USER_END - remap->new_size)
			return -EINVAL;
		if (remap->flags & MREMAP_DONTUNMAP && remap->old_size != remap->new_size)
			return -EINVAL;
		if (remap->from + remap->old_size > remap->to &&
		    remap->to + remap->new_size > remap->from)
			return -EINVAL;
		if (remap->flags & MREMAP_FIXED && remap->to < USER_START)
			return -EPERM;
	}
	if (remap->old_size && !range_ok(remap->from, remap->old_size))
		return -EFAULT;
	return 0;
}

long sys_mremap(vaddr_t from, size_t old_size, size_t new_size, unsigned long flags, vaddr_t to)
{
	struct space *space = current_process()->space;
	struct remap remap = { from, to, page_round_up(old_size), page_round_up(new_size),
			       (unsigned)flags };
	struct list dropped;
	bool locked;
	int64_t result;
	int error = flags >> 32 ? -EINVAL : check_remap(&remap);

	if (error)
		return error;
	list_init(&dropped);
	mutex_lock(&space->lock);
	result = remap_locked(space, &remap, &dropped);
	locked = result > 0 && area_find(space, (vaddr_t)result)->flags & AREA_LOCKED;
	mutex_unlock(&space->lock);
	areas_free(&dropped);
	if (locked)
		space_populate(space, (vaddr_t)result, (vaddr_t)result + remap.new_size,
			       POPULATE_AS_ALLOWED);
	return result;
}
