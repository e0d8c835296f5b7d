/*
 * lock.c -- pages that are there before they are touched: mlock(2) and its kin, MAP_POPULATE.
 *
 * Memory is never paged out, so a locked page is a page that has been filled; what is kept beside
 * is the count, for RLIMIT_MEMLOCK and /proc. Locks the space, for a few pages at a time.
 * Source: mlock(2), madvise(2) (MADV_POPULATE_READ).
 */
#include <facet/capability.h>
#include <facet/errno.h>
#include <facet/process.h>
#include <facet/syscalls.h>

#include "mm_private.h"

#define POPULATE_AT_ONCE (64 * PAGE_SIZE) /* one hold of the lock: others may fault in between */

#define MLOCK_ONFAULT 1u
#define MCL_CURRENT 1u
#define MCL_FUTURE 2u
#define MCL_ONFAULT 4u

static enum fault_access access_for(const struct area *area, enum populate how)
{
	if (how == POPULATE_AS_ALLOWED)
		how = (area->flags & (AREA_WRITE | AREA_SHARED)) == AREA_WRITE ? POPULATE_WRITE
									       : POPULATE_READ;
	return how == POPULATE_WRITE ? FAULT_WRITE : FAULT_READ;
}

/* What lies at *at and behind it, in one area, and moves *at on. Locked. */
static int populate_some(struct space *space, vaddr_t *at, vaddr_t end, enum populate how)
{
	struct area *area = area_first_in(space, *at, end);
	enum fault_access access;
	vaddr_t stop;
	int error = 0;

	if (!area || (area->start > *at && how != POPULATE_AS_ALLOWED))
		return -ENOENT;
	*at = MAX(*at, area->start);
	stop = MIN(MIN(end, area->end), *at + POPULATE_AT_ONCE);
	if (how == POPULATE_AS_ALLOWED && area->flags & AREA_LOCK_ON_FAULT) {
		*at = MIN(end, area->end);
		return 0;
	}
	access = access_for(area, how);
	if (!access_allowed(area, access))
		return -EFAULT;
	for (; *at < stop && !error; *at += PAGE_SIZE)
		error = area_fill(space, area, *at, access);
	return error;
}

int space_populate(struct space *space, vaddr_t start, vaddr_t end, enum populate how)
{
	int error = 0;

	while (start < end && !error) {
		if (READ_ONCE(current_process()->exiting))
			return -EINTR;
		mutex_lock(&space->lock);
		error = populate_some(space, &start, end, how);
		mutex_unlock(&space->lock);
	}
	return error == -ENOENT && how == POPULATE_AS_ALLOWED ? 0 : error;
}

/* Gives the area's part in [start, end) these AREA_LOCKS. Returns it or NULL: no memory. */
static struct area *set_locks(struct space *space, struct area *area, vaddr_t start, vaddr_t end,
			      uint32_t locks, struct list *dropped)
{
	if ((area->flags & AREA_LOCKS) == locks)
		return area;
	start = MAX(start, area->start);
	end = MIN(end, area->end);
	if (areas_split_at_borders(space, start, end))
		return NULL;
	area = area_find(space, start);
	if (area->flags & AREA_LOCKED)
		space->locked_pages -= area_pages(area);
	if (locks & AREA_LOCKED)
		space->locked_pages += area_pages(area);
	area->flags = (area->flags & ~AREA_LOCKS) | locks;
	return area_merge(space, area, dropped);
}

/* All of [start, end) up to the first hole, which is -ENOMEM. */
static int set_locks_of_range(struct space *space, vaddr_t start, vaddr_t end, uint32_t locks,
			      struct list *dropped)
{
	while (start < end) {
		struct area *area = area_find(space, start);

		if (!area || area->start > start)
			return -ENOMEM;
		area = set_locks(space, area, start, end, locks, dropped);
		if (!area)
			return -ENOMEM;
		start = area->end;
	}
	return 0;
}

/* Pages of [start, end) that are locked already. */
static size_t locked_in(struct space *space, vaddr_t start, vaddr_t end)
{
	size_t pages = 0;

	for (struct area *area = area_first_in(space, start, end); area && area->start < end;
	     area = area_next(area)) {
		if (area->flags & AREA_LOCKED)
			pages += (MIN(end, area->end) - MAX(start, area->start)) >> PAGE_SHIFT;
	}
	return pages;
}

bool space_may_lock_at_all(void)
{
	return capable(CAP_IPC_LOCK) || limit_of(RLIMIT_MEMLOCK);
}

static long lock_range(vaddr_t address, size_t size, uint32_t locks)
{
	struct space *space = current_process()->space;
	vaddr_t start = page_round_down(address);
	struct list dropped;
	int error;

	size = page_round_up(size + (address - start));
	if (start + size < start)
		return -EINVAL;
	list_init(&dropped);
	mutex_lock(&space->lock);
	if (locks &&
	    !space_may_lock(space, (size >> PAGE_SHIFT) - locked_in(space, start, start + size)))
		error = -ENOMEM;
	else
		error = set_locks_of_range(space, start, start + size, locks, &dropped);
	mutex_unlock(&space->lock);
	areas_free(&dropped);
	if (error || !locks)
		return error;
	error = space_populate(space, start, start + size, POPULATE_AS_ALLOWED);
	switch (error) {
	case -EFAULT:
	case -ENXIO:
		return -ENOMEM;
	case -ENOMEM:
		return -EAGAIN;
	default:
		return error;
	}
}

long sys_mlock2(vaddr_t address, size_t size, unsigned flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	if (!space_may_lock_at_all())
		return -EPERM;
	return lock_range(address, size, flags ? AREA_LOCKS : AREA_LOCKED);
}

long sys_mlock(vaddr_t address, size_t size)
{
	return sys_mlock2(address, size, 0);
}

long sys_munlock(vaddr_t address, size_t size)
{
	return lock_range(address, size, 0);
}

/* None is split for it, so it cannot fail. */
static void set_locks_of_all(struct space *space, uint32_t locks, struct list *dropped)
{
	struct area *area;

	for (area = area_first_in(space, 0, USER_END); area; area = area_next(area))
		area = set_locks(space, area, area->start, area->end, locks, dropped);
}

/* Area by area: one that cannot be filled does not keep the next from it. */
static void populate_all(struct space *space)
{
	vaddr_t start = 0, end = 0;

	for (;;) {
		struct area *area;

		mutex_lock(&space->lock);
		area = area_first_in(space, end, USER_END);
		start = area ? MAX(area->start, end) : 0;
		end = area ? area->end : 0;
		mutex_unlock(&space->lock);
		if (!area || space_populate(space, start, end, POPULATE_AS_ALLOWED) == -EINTR)
			return;
	}
}

static int lock_all(struct space *space, int flags, struct list *dropped)
{
	uint32_t locks = flags & MCL_ONFAULT ? AREA_LOCKS : AREA_LOCKED;

	if (flags & MCL_CURRENT && !capable(CAP_IPC_LOCK) &&
	    space->mapped_pages > limit_of(RLIMIT_MEMLOCK) >> PAGE_SHIFT)
		return -ENOMEM;
	space->locks_of_new = flags & MCL_FUTURE ? locks : 0;
	if (flags & MCL_CURRENT)
		set_locks_of_all(space, locks, dropped);
	return 0;
}

long sys_mlockall(int flags)
{
	struct space *space = current_process()->space;
	struct list dropped;
	int error;

	if (!flags || flags & ~(int)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ||
	    flags == MCL_ONFAULT)
		return -EINVAL;
	if (!space_may_lock_at_all())
		return -EPERM;
	list_init(&dropped);
	mutex_lock(&space->lock);
	error = lock_all(space, flags, &dropped);
	mutex_unlock(&space->lock);
	areas_free(&dropped);
	if (!error && flags & MCL_CURRENT)
		populate_all(space);
	return error;
}

long sys_munlockall(void)
{
	struct space *space = current_process()->space;
	struct list dropped;

	list_init(&dropped);
	mutex_lock(&space->lock);
	space->locks_of_new = 0;
	set_locks_of_all(space, 0, &dropped);
	mutex_unlock(&space->lock);
	areas_free(&dropped);
	return 0;
}
