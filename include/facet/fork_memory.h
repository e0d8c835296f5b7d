/*
 * fork_memory.h -- how a child comes by its parent's memory: kernel/fork/eager.c or cow.c, by
 * choice.
 *
 * Shared areas, read-only file pages and the accounting are the same under all policies
 * (mm/space.c); breaking a shared private page on a write is mm/fault.c's work in every build. The
 * policy decides only what fork copies and what it shares.
 */
#ifndef FACET_FORK_MEMORY_H
#define FACET_FORK_MEMORY_H

#include <facet/types.h>

struct space;

extern const char fork_memory_name[];

/*
 * Gives `child`, whose areas are copies of the parent's, the contents of the parent's private
 * pages. Context: thread; the parent's space locked, the child's not yet published.
 * Returns 0 or -ENOMEM; then the caller tears the child's space down as far as it was built.
 */
int fork_memory(struct space *child, struct space *parent);

/*
 * Called before any page-table entry of [start, end) changes, so that a policy which shares whole
 * tables can give `space` its own. Context: `space` locked. Returns 0 or -ENOMEM.
 */
int fork_own_tables(struct space *space, vaddr_t start, vaddr_t end);

#endif
