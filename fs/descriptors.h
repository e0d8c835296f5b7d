/*
 * descriptors.h -- the descriptor table, between descriptors.c, which looks numbers up, dup.c,
 * which copies them, and close.c, which takes them out. descriptors->lock (RANK_DESCRIPTORS) guards
 * everything in it.
 */
#ifndef FS_DESCRIPTORS_H
#define FS_DESCRIPTORS_H

#include "internal.h"

#include <facet/bitmap.h>

#define SIZE_FIRST 32u /* what fits into the structure itself */

struct descriptors {
	struct spinlock lock;
	uint32_t count; /* processes, and readers in /proc; atomic */
	unsigned size;
	unsigned lowest_free; /* all below are used */
	struct file **files;  /* NULL: free, or reserved */
	uint64_t *used;
	uint64_t *close_on_exec;
	struct file *files_first[SIZE_FIRST];
	uint64_t used_first, close_first;
};

/* Until there is room for more than `wanted` descriptors; it has `size` now. No lock held. */
int descriptors_grow(struct descriptors *table, unsigned size, unsigned wanted);

/* Lock held. Returns the file, whose count is the caller's now; NULL: it was only reserved. */
struct file *descriptors_take_out(struct descriptors *table, unsigned fd);

/* Those of `files` that are not in the structure itself. */
void descriptors_free_arrays(const struct descriptors *table, struct file **files);

/*
 * A descriptor of the table is closed, which is more than that its file is used no longer. Consumes
 * the file's count. No lock held.
 */
void descriptors_close_file(struct descriptors *table, struct file *file);

/*
 * The file behind a descriptor, not counted: of the current process, while it has one thread and
 * nobody else could close it.
 */
static inline struct file *descriptor_peek(const struct descriptors *table, int fd)
{
	return (unsigned)fd < table->size ? table->files[(unsigned)fd] : NULL;
}

static inline void descriptors_set_bit(uint64_t *map, unsigned bit, bool value)
{
	if (value)
		bitmap_set(map, bit);
	else
		bitmap_clear(map, bit);
}

#endif
