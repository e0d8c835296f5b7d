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

/* Free room of `size` bytes below space->mmap_top, topmost first. 0: none. */
vaddr_t area_find_gap(struct space *space, size_t size);

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

/* Takes rights off the entries of an area whose flags have changed. */
void entries_protect(struct space *space, const struct area *area);

/* Whether the area's rights allow it: whoever fills an entry asks first. */
bool access_allowed(const struct area *area, enum fault_access access);

/*
 * Fills the entry of `address`, which `area` allows: the heart of a fault. Errors as space_fault().
 */
int area_fill(struct space *space, struct area *area, vaddr_t address, enum fault_access access);

/* Whether `pages` more fit under RLIMIT_AS. */
bool space_may_grow(const struct space *space, size_t pages);

#endif
