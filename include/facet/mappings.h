/*
 * mappings.h -- the areas that map a file, so that what is cut off it is taken back from them.
 *
 * A list for each file whose pages may go while they are mapped; its areas have AREA_TRACKED. An
 * area is on it for as long as it is in its space's tree, so whoever holds `lock` and finds an area
 * finds a space whose count is not 0.
 *
 * Locks: an area comes and goes under its space's lock and, inside, this one. mappings_unmap() goes
 * the other way, from the file to the spaces: it counts a space under this lock, drops it, and
 * takes the space's. Meanwhile a mark of its own keeps its place in the list, and an area that gets
 * entries from another one (by a fork, a split, a join, a move) is put at the end, so it is always
 * behind the mark.
 */
#ifndef FACET_MAPPINGS_H
#define FACET_MAPPINGS_H

#include <facet/list.h>
#include <facet/spinlock.h>
#include <facet/types.h>

struct area;

struct mappings {
	struct spinlock lock; /* RANK_MAPPINGS */
	struct list areas;    /* area->link */
};

static inline void mappings_init(struct mappings *mappings)
{
	spin_init(&mappings->lock, RANK_MAPPINGS);
	list_init(&mappings->areas);
}

/* For areas with AREA_TRACKED. `append`: it has got more, and goes to the end. Space locked. */
void mappings_add(struct area *area);
void mappings_append(struct area *area);
void mappings_remove(struct area *area);

/*
 * Empties the entries of the file's pages [first, end) in all spaces; the next touch asks the file
 * again. `copies`: also what a private mapping has written, for a file that has become shorter.
 * Context: thread; the file's lock (RANK_FILE) held, so there is one at a time; the pages are out
 * of its page cache.
 */
void mappings_unmap(struct mappings *mappings, uint64_t first, uint64_t end, bool copies);

#endif
