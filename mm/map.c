/*
 * mmap, munmap, mprotect and brk: changes of the areas, and of the entries where rights are lost.
 *
 * What can be refused is checked before anything changes. Where memory runs out half-way an area
 * may stay cut in two, which nobody can tell, and a MAP_FIXED may have emptied its range. Locks the
 * space; files of areas that went away are put when it is unlocked. Source: mmap(2), mprotect(2),
 * brk(2).
 */
#include <facet/errno.h>
#include <facet/file.h>
#include <facet/fork_memory.h>
#include <facet/process.h>

#include "mm_private.h"

bool space_allows_wx;

static bool needs_commit(uint32_t flags)
{
	return flags & AREA_WRITE && !(flags & AREA_SHARED);
}

bool space_may_grow(const struct space *space, size_t pages)
{
	return space->mapped_pages + pages <= limit_of(RLIMIT_AS) >> PAGE_SHIFT;
}

/*
 * RLIMIT_DATA counts all private memory that can be written; the stack's too, which Linux leaves
 * out.
 */
static bool data_may_grow(const struct space *space, size_t pages)
{
	return space->committed_pages + pages <= limit_of(RLIMIT_DATA) >> PAGE_SHIFT;
}

static bool range_ok(vaddr_t address, size_t size)
{
	return size && !(address & ~PAGE_MASK) && size <= USER_END && address <= USER_END - size;
}

/* The first area that has a part in [start, end); NULL: none. */
static struct area *first_in(struct space *space, vaddr_t start, vaddr_t end)
{
	struct area *area = area_find(space, start);

	return area && area->start < end ? area : NULL;
}

/* Makes `start` and `end` borders of areas. Returns 0 or -ENOMEM. */
static int split_at_borders(struct space *space, vaddr_t start, vaddr_t end)
{
	struct area *area = area_find(space, start);
	int error = 0;

	if (area && area->start < start)
		error = area_split(space, area, start);
	if (error)
		return error;
	area = area_find(space, end - 1);
	if (area && area->start < end && area->end > end)
		error = area_split(space, area, end);
	return error;
}

static int unmap_locked(struct space *space, vaddr_t start, vaddr_t end, struct list *dropped)
{
	struct area *area;
	int error;

	if (!first_in(space, start, end))
		return 0;
	error = split_at_borders(space, start, end);
	if (!error)
		error = fork_own_tables(space, start, end);
	if (error)
		return error;
	entries_clear(space, start, end, true);
	while ((area = first_in(space, start, end))) {
		if (area->flags & AREA_COMMITTED) {
			space->committed_pages -= area_pages(area);
			commit_release(area_pages(area));
		}
		area_drop(space, area, dropped);
	}
	if (end > space->mmap_hint && end <= space->mmap_top)
		space->mmap_hint = end;
	return 0;
}

int space_unmap(struct space *space, vaddr_t address, size_t size)
{
	struct list dropped;
	int error;

	size = page_round_up(size);
	if (!range_ok(address, size))
		return -EINVAL;
	list_init(&dropped);
	mutex_lock(&space->lock);
	error = unmap_locked(space, address, address + size, &dropped);
	mutex_unlock(&space->lock);
	areas_free(&dropped);
	return error;
}

/* A new area where nothing is. Returns 0 or -ENOMEM. */
static int add_area(struct space *space, vaddr_t start, size_t size, uint32_t flags,
		    struct file *file, uint64_t offset, struct list *dropped)
{
	size_t pages = size >> PAGE_SHIFT;
	struct area *area;

	if (!space_may_grow(space, pages) || space->area_count >= SPACE_AREAS_MAX)
		return -ENOMEM;
	if (needs_commit(flags)) {
		if (!data_may_grow(space, pages) || commit_charge(pages))
			return -ENOMEM;
		flags |= AREA_COMMITTED;
	}
	area = area_create(start, start + size, flags, file, offset);
	if (!area) {
		if (flags & AREA_COMMITTED)
			commit_release(pages);
		return -ENOMEM;
	}
	if (flags & AREA_COMMITTED)
		space->committed_pages += pages;
	area_insert(space, area);
	area_merge(space, area, dropped);
	return 0;
}

static int64_t map_locked(struct space *space, vaddr_t address, size_t size, uint32_t flags,
			  enum map_place place, struct file *file, uint64_t offset,
			  struct list *dropped)
{
	int error = 0;

	switch (place) {
	case MAP_REPLACE:
		error = unmap_locked(space, address, address + size, dropped);
		break;
	case MAP_NO_REPLACE:
		if (first_in(space, address, address + size))
			error = -EEXIST;
		break;
	case MAP_ANYWHERE:
		if (!address || !range_ok(address, size) || address < USER_START ||
		    first_in(space, address, address + size))
			address = area_find_gap(space, size);
		if (!address)
			error = -ENOMEM;
		break;
	}
	if (!error)
		error = add_area(space, address, size, flags, file, offset, dropped);
	return error ? error : (int64_t)address;
}

int64_t space_map(struct space *space, vaddr_t address, size_t size, uint32_t flags,
		  enum map_place place, struct file *file, uint64_t offset)
{
	struct list dropped;
	int64_t result;

	if (!size)
		return -EINVAL;
	if (size > USER_END || page_round_up(size) > USER_END)
		return -ENOMEM;
	if (area_breaks_wx(flags))
		return -EACCES;
	size = page_round_up(size);
	if (place == MAP_ANYWHERE)
		address = page_round_down(address);
	else if (address & ~PAGE_MASK)
		return -EINVAL;
	else if (!range_ok(address, size))
		return -ENOMEM;
	else if (address < USER_START)
		return -EPERM;
	list_init(&dropped);
	mutex_lock(&space->lock);
	result = map_locked(space, address, size, flags, place, file, offset, &dropped);
	mutex_unlock(&space->lock);
	areas_free(&dropped);
	return result;
}

/*
 * Pages of [start, end) that must be promised if it becomes writable; -ENOMEM if there is a hole.
 */
static int64_t pages_to_commit(struct space *space, vaddr_t start, vaddr_t end, uint32_t rights)
{
	size_t pages = 0;

	for (struct area *area = area_find(space, start); start < end; area = area_next(area)) {
		if (!area || area->start > start)
			return -ENOMEM;
		if (area->flags & AREA_SHARED && rights & AREA_WRITE && area->file &&
		    !file_is_writable(area->file))
			return -EACCES;
		if (needs_commit(rights | area->flags) && !(area->flags & AREA_COMMITTED) &&
		    rights & AREA_WRITE)
			pages += (MIN(area->end, end) - start) >> PAGE_SHIFT;
		start = area->end;
	}
	return (int64_t)pages;
}

static int protect_locked(struct space *space, vaddr_t start, vaddr_t end, uint32_t rights,
			  struct list *dropped)
{
	int64_t commit = pages_to_commit(space, start, end, rights);
	struct area *area;
	int error;

	if (commit < 0)
		return (int)commit;
	if (!data_may_grow(space, (size_t)commit) || commit_charge((size_t)commit))
		return -ENOMEM;
	error = split_at_borders(space, start, end);
	if (!error)
		error = fork_own_tables(space, start, end);
	if (error) {
		commit_release((size_t)commit);
		return error;
	}
	space->committed_pages += (size_t)commit;
	for (area = first_in(space, start, end); area && area->start < end;
	     area = area_next(area)) {
		area->flags = (area->flags & ~AREA_RIGHTS) | rights;
		if (needs_commit(area->flags))
			area->flags |= AREA_COMMITTED;
		entries_protect(space, area);
		area = area_merge(space, area, dropped);
	}
	return 0;
}

int space_protect(struct space *space, vaddr_t address, size_t size, uint32_t rights)
{
	struct list dropped;
	int error;

	if (address & ~PAGE_MASK)
		return -EINVAL;
	if (!size)
		return 0;
	size = page_round_up(size);
	if (!range_ok(address, size))
		return -ENOMEM;
	if (area_breaks_wx(rights))
		return -EACCES;
	list_init(&dropped);
	mutex_lock(&space->lock);
	error = protect_locked(space, address, address + size, rights, &dropped);
	mutex_unlock(&space->lock);
	areas_free(&dropped);
	return error;
}

vaddr_t space_brk(struct space *space, vaddr_t brk)
{
	vaddr_t old_end, new_end;
	struct list dropped;
	int error = 0;

	list_init(&dropped);
	mutex_lock(&space->lock);
	old_end = page_round_up(space->brk);
	new_end = page_round_up(brk);
	if (brk < space->brk_start || brk > USER_END)
		error = -EINVAL;
	else if (new_end < old_end)
		error = unmap_locked(space, new_end, old_end, &dropped);
	else if (new_end > old_end && first_in(space, old_end, new_end + PAGE_SIZE))
		error = -ENOMEM;
	else if (new_end > old_end)
		error = add_area(space, old_end, new_end - old_end,
				 AREA_READ | AREA_WRITE | AREA_HEAP, NULL, 0, &dropped);
	if (!error)
		space->brk = brk;
	brk = space->brk;
	mutex_unlock(&space->lock);
	areas_free(&dropped);
	return brk;
}
