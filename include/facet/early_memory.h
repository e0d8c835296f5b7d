/*
 * early_memory.h -- RAM before there is a frame allocator.
 *
 * The page tables and the array of frames are made from it; what is left becomes the allocator's.
 * Context: boot, one CPU, no locks.
 */
#ifndef FACET_EARLY_MEMORY_H
#define FACET_EARLY_MEMORY_H

#include <facet/bootinfo.h>

/* Knows all RAM below `limit` (what the CPU can address), without the loader's modules. */
void early_memory_init(const struct bootinfo *info, paddr_t limit);

/* Takes [start, end) out, rounded outwards to pages: the kernel's image, the first MiB. */
void early_memory_reserve(paddr_t start, paddr_t end);

/* Adds whole pages that were reserved and have served: the boot page tables. */
void early_memory_release(paddr_t start, paddr_t end);

/*
 * `size` bytes of whole pages below `ceiling`, aligned to `align`, from the highest place there is:
 * low memory is what devices may want. The content is undefined. Panics when there is none.
 */
paddr_t early_alloc(size_t size, size_t align, paddr_t ceiling);

/* Takes one range of what is left. False: nothing is. */
bool early_memory_take(paddr_t *start, paddr_t *end);

#endif
