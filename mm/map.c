/*
 * mmap, munmap, mprotect and brk: changes of the areas, and of the entries where rights are lost.
 *
 * What can be refused is checked before anything changes; mprotect changes what lies before the
 * first hole, as on Linux. Where memory runs out half-way an area may stay cut in two, which nobody
 * can tell, and a MAP_FIXED may have emptied its range. Locks the space; files of areas that went
 * away are put when it is unlocked. Source: mmap(2), mprotect(2), brk(2).
 */
#include <facet/capability.h>
#include <facet/errno.h>
#include <facet/file.h>
#include <facet/fork_memory.h>
#include <facet/process.h>

#include "mm_private.h"

bool space_allows_wx = true;

static bool needs_commit(uint32_t flags)
{
	return flags & AREA_WRITE && !(flags & (AREA_SHARED | AREA_NO_RESERVE));
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

bool space_may_lock(const struct space *space, size_t pages)
{
	return capable(CAP_IPC_LOCK) ||
	       space->locked_pages + pages <= limit_of(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
}

int space_charge(struct space *space, size_t pages, uint32_t flags)
{
	if (!space_may_grow(space, pages))
		return -ENOMEM;
	if (flags & AREA_LOCKED && !space_may_lock(space, pages))
		return -EAGAIN;
	if (flags & AREA_COMMITTED) {
		if (!data_may_grow(space, pages) || commit_charge(pages))
			return -ENOMEM;
		space->committed_pages += pages;
	}
	if (flags & AREA_LOCKED)
		space->locked_pages += pages;
	return 0;
}

void space_uncharge(struct space *space, size_t pages, uint32_t flags)
{
	if (flags & AREA_COMMITTED) {
		space->committed_pages -= pages;
		commit_release(pages);
	}
	if (flags & AREA_LOCKED)
		space->locked_pages -= pages;
}

bool range_ok(vaddr_t address, size_t size)
{
	return size && !(address & ~PAGE_MASK) && size <= USER_END && address <= USER_END - size;
}

struct area *area_first_in(struct space *space, vaddr_t start, vaddr_t end)
{
	struct area *area = area_find(space, start);

	return area && area->start < end ? area : NULL;
}

int areas_split_at_borders(struct space *space, vaddr_t start, vaddr_t end)
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

int space_unmap_locked(struct space *space, vaddr_t start, vaddr_t end, struct list *dropped)
{
	struct area *area;
	int error;

	if (!area_first_in(space, start, end))
		return 0;
	error = areas_split_at_borders(space, start, end);
	if (!error)
		error = fork_own_tables(space, start, end);
	if (error)
		return error;
	entries_clear(space, start, end, true);
	while ((area = area_first_in(space, start, end))) {
		space_uncharge(space, area_pages(area), area->flags);
		area_drop(space, area, dropped);
	}
	space_opened_gap(space, end);
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
	error = space_unmap_locked(space, address, address + size, &dropped);
	mutex_unlock(&space->lock);
	areas_free(&dropped);
	return error;
}

/* A new area where nothing is. Returns 0, -ENOMEM or -EAGAIN. */
static int add_area(struct space *space, vaddr_t start, size_t size, uint32_t flags,
		    struct file *file, uint64_t offset, struct list *dropped)
{
	size_t pages = size >> PAGE_SHIFT;
	struct area *area;
	int error;

	if (space->area_count >= SPACE_AREAS_MAX)
		return -ENOMEM;
	flags |= space->locks_of_new;
	if (needs_commit(flags))
		flags |= AREA_COMMITTED;
	if (file && file_mappings(file))
		flags |= AREA_TRACKED;
	error = space_charge(space, pages, flags);
	if (error)
		return error;
	area = area_create(start, start + size, flags, file, offset);
	if (!area) {
		space_uncharge(space, pages, flags);
		return -ENOMEM;
	}
	area_insert(space, area);
	area_merge(space, area, dropped);
	return 0;
}

vaddr_t space_find_place(struct space *space, vaddr_t hint, size_t size)
{
	if (hint >= USER_START && range_ok(hint, size) && !area_first_in(space, hint, hint + size))
		return hint;
	return area_find_gap(space, size);
}

/* MAP_32BIT: where Linux looks for it, in the second GiB; a hint may lie below. */
static vaddr_t space_find_low_place(struct space *space, vaddr_t hint, size_t size)
{
	const vaddr_t floor = 1ul << 30, limit = 2ul << 30;

	if (size > limit - floor)
		return 0;
	if (hint >= USER_START && hint <= limit - size && !area_first_in(space, hint, hint + size))
		return hint;
	return area_find_gap_in(space, size, floor, limit);
}

static int64_t map_locked(struct space *space, vaddr_t address, size_t size, uint32_t flags,
			  enum map_place place, struct file *file, uint64_t offset,
			  struct list *dropped)
{
	int error = 0;

	switch (place) {
	case MAP_REPLACE:
		error = space_unmap_locked(space, address, address + size, dropped);
		break;
	case MAP_NO_REPLACE:
		if (area_first_in(space, address, address + size))
			error = -EEXIST;
		break;
	case MAP_LOW:
		address = space_find_low_place(space, address, size);
		if (!address)
			error = -ENOMEM;
		break;
	case MAP_ANYWHERE:
		address = space_find_place(space, address, size);
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
	if (place == MAP_ANYWHERE || place == MAP_LOW)
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

static bool file_allows(const struct area *area, uint32_t rights)
{
	if (area->flags & AREA_SHARED && rights & AREA_WRITE && !file_is_writable(area->file))
		return false;
	return !(rights & AREA_EXEC) || area->flags & AREA_EXEC || file_may_execute(area->file);
}

/*
 * Pages that must be promised if [start, *end) becomes writable. A hole and a file that does not
 * allow it are -ENOMEM and -EACCES, and where *end moves to: what is before is changed all the
 * same.
 */
static size_t pages_to_commit(struct space *space, vaddr_t start, vaddr_t *end, uint32_t rights,
			      int *error)
{
	size_t pages = 0;

	*error = 0;
	for (struct area *area = area_find(space, start); start < *end; area = area_next(area)) {
		if (!area || area->start > start)
			*error = -ENOMEM;
		else if (area->file && !file_allows(area, rights))
			*error = -EACCES;
		if (*error) {
			*end = start;
			break;
		}
		if (needs_commit(rights | area->flags) && !(area->flags & AREA_COMMITTED) &&
		    rights & AREA_WRITE)
			pages += (MIN(area->end, *end) - start) >> PAGE_SHIFT;
		start = area->end;
	}
	return pages;
}

static int protect_locked(struct space *space, vaddr_t start, vaddr_t end, uint32_t rights,
			  struct list *dropped)
{
	int error, refused;
	size_t commit = pages_to_commit(space, start, &end, rights, &refused);
	struct area *area;

	if (start == end)
		return refused;
	if (!data_may_grow(space, commit) || commit_charge(commit))
		return -ENOMEM;
	error = areas_split_at_borders(space, start, end);
	if (!error)
		error = fork_own_tables(space, start, end);
	if (error) {
		commit_release(commit);
		return error;
	}
	space->committed_pages += commit;
	for (area = area_first_in(space, start, end); area && area->start < end;
	     area = area_next(area)) {
		area->flags = (area->flags & ~AREA_RIGHTS) | rights;
		if (needs_commit(area->flags))
			area->flags |= AREA_COMMITTED;
		entries_protect(space, area);
		area = area_merge(space, area, dropped);
	}
	return refused;
}

/* Where the change really begins. Returns 0, -ENOMEM or -EINVAL. Locked. */
static int find_start(struct space *space, vaddr_t *start, vaddr_t end, enum protect_range range)
{
	const struct area *area;

	if (range == PROTECT_RANGE)
		return 0;
	area = area_find(space, *start);
	if (!area || area->start >= end)
		return -ENOMEM;
	/* Nothing grows upwards. */
	if (range == PROTECT_UPWARDS || !(area->flags & AREA_DOWNWARDS))
		return -EINVAL;
	*start = area->start;
	return 0;
}

int space_protect(struct space *space, vaddr_t address, size_t size, uint32_t rights,
		  enum protect_range range)
{
	vaddr_t end = address + page_round_up(size);
	struct list dropped;
	int error;

	if (address & ~PAGE_MASK)
		return -EINVAL;
	if (!size)
		return 0;
	if (!range_ok(address, page_round_up(size)))
		return -ENOMEM;
	if (area_breaks_wx(rights))
		return -EACCES;
	list_init(&dropped);
	mutex_lock(&space->lock);
	error = find_start(space, &address, end, range);
	if (!error)
		error = protect_locked(space, address, end, rights, &dropped);
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
		error = space_unmap_locked(space, new_end, old_end, &dropped);
	else if (new_end > old_end && area_first_in(space, old_end, new_end + PAGE_SIZE))
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
