/*
 * mappings.c -- from a file to all who map it. Locks and order: include/facet/mappings.h.
 */
#include <facet/file.h>
#include <facet/mappings.h>

#include "mm_private.h"

void mappings_add(struct area *area)
{
	struct mappings *mappings = file_mappings(area->file);

	spin_lock(&mappings->lock);
	list_push_back(&mappings->areas, &area->link);
	spin_unlock(&mappings->lock);
}

void mappings_append(struct area *area)
{
	struct mappings *mappings = file_mappings(area->file);

	spin_lock(&mappings->lock);
	list_remove(&area->link);
	list_push_back(&mappings->areas, &area->link);
	spin_unlock(&mappings->lock);
}

void mappings_remove(struct area *area)
{
	struct mappings *mappings = file_mappings(area->file);

	spin_lock(&mappings->lock);
	list_remove(&area->link);
	spin_unlock(&mappings->lock);
}

/* The addresses where the area maps [first, end) of its file's pages. False: nowhere. */
static bool find_part(const struct area *area, uint64_t first, uint64_t end, vaddr_t *from,
		      vaddr_t *to)
{
	uint64_t start = area->offset >> PAGE_SHIFT, pages = area_pages(area);

	if (end <= start || first >= start + pages)
		return false;
	*from = area->start + (first > start ? (first - start) << PAGE_SHIFT : 0);
	*to = end < start + pages ? area->start + ((end - start) << PAGE_SHIFT) : area->end;
	return true;
}

/* What a space has of the file between two addresses. Locked. */
static void unmap_locked(struct space *space, const struct mappings *mappings, vaddr_t start,
			 vaddr_t stop, uint64_t first, uint64_t end, bool copies)
{
	struct area *area = area_first_in(space, start, stop);

	for (; area && area->start < stop; area = area_next(area)) {
		vaddr_t from, to;

		if (!(area->flags & AREA_TRACKED) || file_mappings(area->file) != mappings ||
		    !find_part(area, first, end, &from, &to))
			continue;
		if (copies)
			entries_clear(space, from, to, true);
		else
			entries_clear_cached(space, from, to);
	}
}

void mappings_unmap(struct mappings *mappings, uint64_t first, uint64_t end, bool copies)
{
	struct list mark;

	spin_lock(&mappings->lock);
	list_push_front(&mappings->areas, &mark);
	while (mark.next != &mappings->areas) {
		struct area *area = list_entry(mark.next, struct area, link);
		struct space *space = area->space;
		vaddr_t from, to;

		list_remove(&mark);
		list_insert_after(&area->link, &mark);
		if (!find_part(area, first, end, &from, &to))
			continue;
		__atomic_fetch_add(&space->count, 1, __ATOMIC_RELAXED);
		spin_unlock(&mappings->lock);
		mutex_lock(&space->lock);
		unmap_locked(space, mappings, from, to, first, end, copies);
		mutex_unlock(&space->lock);
		space_release(space);
		spin_lock(&mappings->lock);
	}
	list_remove(&mark);
	spin_unlock(&mappings->lock);
}
