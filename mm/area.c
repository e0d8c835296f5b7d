/*
 * Areas: what each range of a user address space is. A balanced tree by address.
 *
 * A place for mmap is looked for from a hint downwards, as a rule in one step: mapping goes on
 * below what was mapped last, unmapping moves the hint up. Only a space with holes is walked.
 *
 * Context: the space locked. areas_free() puts files, so only after it is unlocked.
 */
#include <facet/errno.h>
#include <facet/file.h>
#include <facet/mappings.h>
#include <facet/slab.h>

#include "mm_private.h"

static struct slab_cache *area_cache;

void area_init(void)
{
	area_cache = slab_cache_create("area", sizeof(struct area), 8);
}

struct area *area_create(vaddr_t start, vaddr_t end, uint32_t flags, struct file *file,
			 uint64_t offset)
{
	struct area *area = slab_alloc(area_cache);

	if (!area)
		return NULL;
	area->start = start;
	area->end = end;
	area->flags = flags;
	area->file = file;
	area->offset = offset;
	if (file)
		file_get(file);
	return area;
}

static struct area *area_of(struct tree_node *node)
{
	return tree_entry(node, struct area, node);
}

void area_insert(struct space *space, struct area *area)
{
	struct tree_node **link = &space->areas.root, *parent = NULL;

	while (*link) {
		parent = *link;
		link = area->start < area_of(parent)->start ? &parent->left : &parent->right;
	}
	tree_insert(&space->areas, &area->node, parent, link);
	area->space = space;
	if (area->flags & AREA_TRACKED)
		mappings_add(area);
	space->area_count++;
	space->mapped_pages += area_pages(area);
}

void area_drop(struct space *space, struct area *area, struct list *dropped)
{
	tree_remove(&space->areas, &area->node);
	if (area->flags & AREA_TRACKED)
		mappings_remove(area);
	space->area_count--;
	space->mapped_pages -= area_pages(area);
	space->recent = NULL;
	list_push_back(dropped, &area->link);
}

void areas_free(struct list *dropped)
{
	struct area *area;

	while ((area = list_pop_front_entry(dropped, struct area, link))) {
		if (area->file)
			file_put(area->file);
		slab_free(area_cache, area);
	}
}

struct area *area_next(const struct area *area)
{
	return area_of(tree_next(&area->node));
}

struct area *area_previous(const struct area *area)
{
	return area_of(tree_prev(&area->node));
}

struct area *area_find(struct space *space, vaddr_t address)
{
	struct tree_node *node = space->areas.root;
	struct area *found = NULL;

	while (node) {
		struct area *area = area_of(node);

		if (address >= area->end) {
			node = node->right;
			continue;
		}
		found = area;
		if (address >= area->start)
			break;
		node = node->left;
	}
	return found;
}

int area_split(struct space *space, struct area *area, vaddr_t address)
{
	struct area *upper;

	if (space->area_count >= SPACE_AREAS_MAX)
		return -ENOMEM;
	upper = area_create(address, area->end, area->flags, area->file,
			    area->offset + (address - area->start));
	if (!upper)
		return -ENOMEM;
	space->mapped_pages -= area_pages(upper);
	area->end = address;
	area_insert(space, upper);
	space->recent = NULL;
	return 0;
}

/* Whether `upper` goes on where `lower` ends, as one area would. */
static bool continues(const struct area *lower, const struct area *upper)
{
	return lower->end == upper->start && lower->flags == upper->flags &&
	       lower->file == upper->file &&
	       (!lower->file || lower->offset + (lower->end - lower->start) == upper->offset);
}

static void join(struct space *space, struct area *lower, struct area *upper, struct list *dropped)
{
	vaddr_t end = upper->end;

	area_drop(space, upper, dropped);
	space->mapped_pages += (end - lower->end) >> PAGE_SHIFT;
	lower->end = end;
	if (lower->flags & AREA_TRACKED)
		mappings_append(lower);
}

struct area *area_merge(struct space *space, struct area *area, struct list *dropped)
{
	struct area *upper = area_next(area), *lower = area_previous(area);

	if (upper && continues(area, upper))
		join(space, area, upper, dropped);
	if (lower && continues(lower, area)) {
		join(space, lower, area, dropped);
		area = lower;
	}
	return area;
}

/* Where the room below an area ends: what grows downwards keeps some. */
static vaddr_t room_below(const struct area *area)
{
	size_t kept = area->flags & AREA_DOWNWARDS ? STACK_GAP : 0;

	return area->start > kept ? area->start - kept : 0;
}

vaddr_t area_find_gap_in(struct space *space, size_t size, vaddr_t lowest, vaddr_t limit)
{
	struct area *above = area_find(space, limit - 1);
	struct area *below;

	/* `limit` is the end of the candidate gap, `below` the area under it. */
	if (above)
		limit = MIN(limit, room_below(above));
	below = above ? area_previous(above) : area_of(tree_last(&space->areas));
	for (;;) {
		vaddr_t floor = MAX(below ? below->end : 0, lowest);

		if (limit >= size && limit - size >= floor)
			return limit - size;
		if (!below || limit < size || below->end <= lowest)
			return 0;
		limit = room_below(below);
		below = area_previous(below);
	}
}

vaddr_t area_find_gap(struct space *space, size_t size)
{
	vaddr_t start = area_find_gap_in(space, size, USER_START, space->mmap_hint);

	if (!start)
		start = area_find_gap_in(space, size, USER_START, space->mmap_top);
	if (start)
		space->mmap_hint = start;
	return start;
}

pte_t area_pte_flags(const struct area *area, bool writable)
{
	pte_t flags = PTE_USER;

	if (area->flags & AREA_RIGHTS)
		flags |= PTE_PRESENT;
	if (writable && area->flags & AREA_WRITE)
		flags |= PTE_WRITE;
	if (!(area->flags & AREA_EXEC))
		flags |= PTE_NX;
	return flags;
}
