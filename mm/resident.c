/*
 * resident.c -- what is in memory, and what of it is in its file: mincore(2), msync(2).
 *
 * A file is its pages in memory, so nothing is ever to be written back, and msync only judges its
 * arguments. Source: mincore(2), msync(2).
 */
#include <arch/uaccess.h>
#include <facet/errno.h>
#include <facet/file.h>
#include <facet/process.h>
#include <facet/syscalls.h>

#include "mm_private.h"

#define MS_ASYNC 1
#define MS_INVALIDATE 2
#define MS_SYNC 4

#define PAGES_AT_ONCE 256

static bool is_resident(struct space *space, const struct area *area, vaddr_t address)
{
	const pte_t *entry = page_table_find(&space->table, address);

	if (entry && *entry)
		return true;
	return area->file &&
	       file_has_page(area->file, (area->offset + (address - area->start)) >> PAGE_SHIFT);
}

/* One byte a page of [start, start + count pages), all of it mapped: else -ENOMEM. */
static int look(struct space *space, vaddr_t start, size_t count, uint8_t *bytes)
{
	const struct area *area = NULL;

	for (size_t i = 0; i < count; i++, start += PAGE_SIZE) {
		if (!area || start >= area->end)
			area = area_find(space, start);
		if (!area || area->start > start)
			return -ENOMEM;
		bytes[i] = is_resident(space, area, start);
	}
	return 0;
}

long sys_mincore(vaddr_t start, size_t size, uint8_t __user *bytes)
{
	struct space *space = current_process()->space;
	size_t pages = size / PAGE_SIZE + (size % PAGE_SIZE != 0);
	uint8_t found[PAGES_AT_ONCE];

	if (start & ~PAGE_MASK)
		return -EINVAL;
	if (size > USER_END || start > USER_END - size)
		return -ENOMEM;
	if (!user_range_ok((vaddr_t)bytes, pages))
		return -EFAULT;
	for (size_t done = 0, count; done < pages; done += count) {
		int error;

		count = MIN(pages - done, ARRAY_SIZE(found));
		mutex_lock(&space->lock);
		error = look(space, start + done * PAGE_SIZE, count, found);
		mutex_unlock(&space->lock);
		if (error)
			return error;
		if (copy_to_user(bytes + done, found, count))
			return -EFAULT;
	}
	return 0;
}

long sys_msync(vaddr_t start, size_t size, int flags)
{
	struct space *space = current_process()->space;
	vaddr_t end = start + page_round_up(size);
	bool hole = false, busy = false;

	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || start & ~PAGE_MASK ||
	    (flags & MS_ASYNC && flags & MS_SYNC))
		return -EINVAL;
	if (end < start)
		return -ENOMEM;
	mutex_lock(&space->lock);
	for (vaddr_t at = start; at < end && !busy;) {
		const struct area *area = area_first_in(space, at, end);

		hole = hole || !area || area->start > at;
		if (!area)
			break;
		busy = flags & MS_INVALIDATE && area->flags & AREA_LOCKED;
		at = area->end;
	}
	mutex_unlock(&space->lock);
	return busy ? -EBUSY : hole ? -ENOMEM : 0;
}
