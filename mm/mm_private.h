/*
 * mm_private.h -- between the files of an address space: area.c, entries.c, map.c, fault.c,
 * space.c.
 *
 * Everything here: the space is locked, or not yet published.
 */
#ifndef MM_PRIVATE_H
#define MM_PRIVATE_H

#include <facet/frames.h>
#include <facet/space.h>

void area_init(void);

/* NULL: no memory. `file` gets a reference. */
struct area *area_create(vaddr_t start, vaddr_t end, uint32_t flags, struct file *file,
			 uint64_t offset);
void area_insert(struct space *space, struct area *area);

/* Takes it out and onto `dropped`; areas_free() frees that list once the space is unlocked. */
void area_drop(struct space *space, struct area *area, struct list *dropped);
void areas_free(struct list *dropped);

struct area *area_next(const struct area *area);
struct area *area_previous(const struct area *area);

/* Cuts the area at `address`, which lies inside. Returns 0 or -ENOMEM. */
int area_split(struct space *space, struct area *area, vaddr_t address);
/*
 * Joins it with neighbours that it continues; `dropped` takes what is left over. Returns the joined
 * area.
 */
struct area *area_merge(struct space *space, struct area *area, struct list *dropped);

/*
 * Free room of `size` bytes, topmost first, below space->mmap_top or between two addresses. 0:
 * none.
 */
vaddr_t area_find_gap(struct space *space, size_t size);
vaddr_t area_find_gap_in(struct space *space, size_t size, vaddr_t lowest, vaddr_t limit);

#define STACK_GAP (256 * PAGE_SIZE) /* kept free below a stack, as Linux's stack_guard_gap */

static inline size_t area_pages(const struct area *area)
{
	return (area->end - area->start) >> PAGE_SHIFT;
}

/*
 * The entry that an area's page gets: rights, without the address. An area without any (PROT_NONE)
 * keeps its pages by entries that are in use but not present.
 */
pte_t area_pte_flags(const struct area *area, bool writable);

/*
 * Empties the entries of [start, end) and drops their pages; `loaded`: stale translations are
 * flushed.
 */
void entries_clear(struct space *space, vaddr_t start, vaddr_t end, bool loaded);

/* The same for pages of files alone, in a space that may be loaded: what was written stays. */
void entries_clear_cached(struct space *space, vaddr_t start, vaddr_t end);

/* Takes rights off the entries of an area whose flags have changed. */
void entries_protect(struct space *space, const struct area *area);

/* Whether the area's rights allow it: whoever fills an entry asks first. */
bool access_allowed(const struct area *area, enum fault_access access);

/*
 * Fills the entry of `address`, which `area` allows: the heart of a fault. Errors as space_fault().
 */
int area_fill(struct space *space, struct area *area, vaddr_t address, enum fault_access access);

/* Whether `pages` more fit under RLIMIT_AS; under RLIMIT_MEMLOCK, which root is above. */
bool space_may_grow(const struct space *space, size_t pages);
bool space_may_lock(const struct space *space, size_t pages);
bool space_may_lock_at_all(void); /* else EPERM */

/*
 * Room in all limits for `pages` more of an area with `flags`, and the promise of them where it has
 * AREA_COMMITTED. Returns 0, -ENOMEM or (RLIMIT_MEMLOCK) -EAGAIN.
 */
int space_charge(struct space *space, size_t pages, uint32_t flags);
void space_uncharge(struct space *space, size_t pages, uint32_t flags);

/* Whether it is page-aligned, not empty, and of user addresses. */
bool range_ok(vaddr_t address, size_t size);

/* The first area that has a part in [start, end); NULL: none. */
struct area *area_first_in(struct space *space, vaddr_t start, vaddr_t end);

/* Makes `start` and `end` borders of areas. Returns 0 or -ENOMEM. */
int areas_split_at_borders(struct space *space, vaddr_t start, vaddr_t end);

/* munmap(2) of a range that is ok. Returns 0 or -ENOMEM. */
int space_unmap_locked(struct space *space, vaddr_t start, vaddr_t end, struct list *dropped);

/* There is room below `end` now: mmap looks there first. */
static inline void space_opened_gap(struct space *space, vaddr_t end)
{
	if (end > space->mmap_hint && end <= space->mmap_top)
		space->mmap_hint = end;
}

/* Where mmap puts `size` bytes: at the hint if that is free, or in a gap. 0: there is none. */
vaddr_t space_find_place(struct space *space, vaddr_t hint, size_t size);

/* What fills pages before they are touched. */
enum populate {
	POPULATE_AS_ALLOWED, /* a page of its own where the process may write to its own */
	POPULATE_READ,
	POPULATE_WRITE,
};

/*
 * Fills [start, end), a few pages at each hold of the lock, which the function takes. Holes are
 * passed over where filling goes as allowed, else they are -ENOENT. -EFAULT: the rights are
 * missing; -ENXIO: beyond the file's end; -ENOMEM; -EINTR: the process ends.
 */
int space_populate(struct space *space, vaddr_t start, vaddr_t end, enum populate how);

#endif
