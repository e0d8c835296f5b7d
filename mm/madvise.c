/*
 * madvise.c -- madvise(2): pages given back, and what a child is to have of them.
 *
 * Advice about when pages will be used has nothing to change where none is ever paged out. Locks
 * the space. Source: madvise(2).
 */
#include <facet/err.h>
#include <facet/errno.h>
#include <facet/file.h>
#include <facet/fork_memory.h>
#include <facet/process.h>
#include <facet/syscalls.h>

#include "mm_private.h"

enum advice {
	MADV_NORMAL,
	MADV_RANDOM,
	MADV_SEQUENTIAL,
	MADV_WILLNEED,
	MADV_DONTNEED,
	MADV_FREE = 8,
	MADV_REMOVE,
	MADV_DONTFORK,
	MADV_DOFORK,
	MADV_DONTDUMP = 16,
	MADV_DODUMP,
	MADV_WIPEONFORK,
	MADV_KEEPONFORK,
	MADV_COLD,
	MADV_PAGEOUT,
	MADV_POPULATE_READ,
	MADV_POPULATE_WRITE,
	MADV_DONTNEED_LOCKED,
};

/* A part of one area. */
struct part {
	struct area *area;
	vaddr_t start, end;
};

static bool is_anonymous(const struct area *area)
{
	return !area->file && !(area->flags & AREA_SHARED);
}

static int set_flags(struct space *space, const struct part *part, uint32_t clear, uint32_t set,
		     struct list *dropped)
{
	struct area *area = part->area;

	if ((area->flags & (clear | set)) == set)
		return 0;
	if (areas_split_at_borders(space, part->start, part->end))
		return -ENOMEM;
	area = area_find(space, part->start);
	area->flags = (area->flags & ~clear) | set;
	area_merge(space, area, dropped);
	return 0;
}

/* The pages go; what is touched again is zero, or the file's. */
static int drop_pages(struct space *space, const struct part *part)
{
	int error = fork_own_tables(space, part->start, part->end);

	if (!error)
		entries_clear(space, part->start, part->end, true);
	return error;
}

static int advise(struct space *space, const struct part *part, enum advice advice,
		  struct list *dropped)
{
	const struct area *area = part->area;

	switch (advice) {
	case MADV_FREE:
		if (!is_anonymous(area))
			return -EINVAL;
		/* fall through */
	case MADV_DONTNEED:
		if (area->flags & AREA_LOCKED)
			return -EINVAL;
		/* fall through */
	case MADV_DONTNEED_LOCKED:
		return drop_pages(space, part);
	case MADV_COLD:
	case MADV_PAGEOUT:
		return area->flags & AREA_LOCKED ? -EINVAL : 0;
	case MADV_DONTFORK:
		space->withholds = true;
		return set_flags(space, part, 0, AREA_NOT_FORKED, dropped);
	case MADV_DOFORK:
		return set_flags(space, part, AREA_NOT_FORKED, 0, dropped);
	case MADV_WIPEONFORK:
		if (!is_anonymous(area))
			return -EINVAL;
		return set_flags(space, part, 0, AREA_FORKED_EMPTY, dropped);
	case MADV_KEEPONFORK:
		return set_flags(space, part, AREA_FORKED_EMPTY, 0, dropped);
	default:
		return 0;
	}
}

/* Holes are passed over, and told of in the end. */
static int advise_range(struct space *space, vaddr_t start, vaddr_t end, enum advice advice,
			struct list *dropped)
{
	bool hole = false;
	int error;

	while (start < end) {
		struct area *area = area_first_in(space, start, end);
		struct part part = { .area = area };

		if (!area)
			return -ENOMEM;
		hole = hole || area->start > start;
		part.start = MAX(start, area->start);
		part.end = MIN(end, area->end);
		error = advise(space, &part, advice, dropped);
		if (error)
			return error;
		start = part.end;
	}
	return hole ? -ENOMEM : 0;
}

/* The file that `part` maps and a hole may be made in, counted. ERR_PTR. Locked. */
static struct file *file_to_punch(const struct part *part)
{
	const struct area *area = part->area;

	if (area->flags & AREA_LOCKED || !area->file)
		return ERR_PTR(-EINVAL);
	if (!(area->flags & AREA_SHARED) || !file_is_writable(area->file))
		return ERR_PTR(-EACCES);
	file_get(area->file);
	return area->file;
}

/* A file's lock comes before the space's: each hole is made with the space unlocked. */
static int remove_range(struct space *space, vaddr_t start, vaddr_t end)
{
	bool hole = false;
	int error = 0;

	while (start < end && !error) {
		struct part part;
		struct file *file;
		uint64_t offset = 0;

		mutex_lock(&space->lock);
		part.area = area_first_in(space, start, end);
		file = part.area ? file_to_punch(&part) : ERR_PTR(-ENOMEM);
		if (!IS_ERR(file)) {
			hole = hole || part.area->start > start;
			part.start = MAX(start, part.area->start);
			part.end = MIN(end, part.area->end);
			offset = part.area->offset + (part.start - part.area->start);
		}
		mutex_unlock(&space->lock);
		if (IS_ERR(file))
			return (int)PTR_ERR(file);
		error = file_punch(file, offset, part.end - part.start);
		file_put(file);
		start = part.end;
	}
	return error ? error : hole ? -ENOMEM : 0;
}

static int populate(struct space *space, vaddr_t start, vaddr_t end, enum advice advice)
{
	int error = space_populate(space, start, end,
				   advice == MADV_POPULATE_READ ? POPULATE_READ : POPULATE_WRITE);

	switch (error) {
	case -EFAULT:
		return -EINVAL; /* its rights do not allow it */
	case -ENXIO:
		return -EFAULT;
	case -ENOENT:
		return -ENOMEM;
	default:
		return error;
	}
}

static bool is_known(int advice)
{
	return (advice >= MADV_NORMAL && advice <= MADV_DONTNEED) ||
	       (advice >= MADV_FREE && advice <= MADV_DOFORK) ||
	       (advice >= MADV_DONTDUMP && advice <= MADV_DONTNEED_LOCKED);
}

long sys_madvise(vaddr_t start, size_t size, int advice)
{
	struct space *space = current_process()->space;
	size_t rounded = page_round_up(size);
	vaddr_t end = start + rounded;
	struct list dropped;
	int error;

	if (!is_known(advice) || start & ~PAGE_MASK || (size && !rounded) || end < start)
		return -EINVAL;
	if (start == end)
		return 0;
	if (advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE)
		return populate(space, start, end, (enum advice)advice);
	if (advice == MADV_REMOVE)
		return remove_range(space, start, end);
	list_init(&dropped);
	mutex_lock(&space->lock);
	error = advise_range(space, start, end, (enum advice)advice, &dropped);
	mutex_unlock(&space->lock);
	areas_free(&dropped);
	return error;
}
