/*
 * pipe.h -- a pipe, between pipe.c, which moves bytes through it, and pipe_make.c, which makes and
 * resizes it. inode->lock (RANK_FILE) guards all of it. Positions wrap: their distance counts, and
 * the ring's size divides what they wrap at.
 */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include "internal.h"

#define PAGES_DEFAULT 16u /* 64 KiB */
#define PAGES_MAX 256u    /* 1 MiB, as /proc/sys/fs/pipe-max-size says */

struct pipe {
	union {
		struct {
			uint32_t head, tail; /* bytes written and read since it was empty last */
		};
		uint64_t ends; /* both at once, for those who look without the lock */
	};
	unsigned capacity_pages;             /* a power of two */
	struct frame **pages;                /* byte n is in pages[n / PAGE_SIZE % slots()] */
	unsigned readers, writers;           /* open files */
	unsigned reader_opens, writer_opens; /* since the beginning: FIFOs wait for a change */
	struct wait_queue readable, writable;
	struct frame *first_pages[2 * PAGES_DEFAULT];
};

static inline size_t bytes_in(const struct pipe *pipe)
{
	return (uint32_t)(pipe->head - pipe->tail);
}

static inline size_t room_in(const struct pipe *pipe)
{
	return pipe->capacity_pages * PAGE_SIZE - bytes_in(pipe);
}

static inline unsigned slots(const struct pipe *pipe)
{
	return 2 * pipe->capacity_pages;
}

static inline struct frame **page_of(const struct pipe *pipe, uint32_t position)
{
	return &pipe->pages[position >> PAGE_SHIFT & (slots(pipe) - 1)];
}

/* NULL: no memory. */
struct pipe *pipe_create(void);

/* Made by pipe(2): it has no name that could be opened, but in /proc/<pid>/fd. */
bool pipe_is_nameless(const struct inode *inode);

#endif
