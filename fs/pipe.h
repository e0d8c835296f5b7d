/*
 * pipe.h -- a pipe, between pipe.c, which moves bytes through it, and pipe_make.c, which makes and
 * resizes it. inode->lock (RANK_PIPE) guards all of it. Positions wrap: their distance counts, and
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

/* The bytes from a position on that lie together: *size of them. There is one at least. */
static inline char *pipe_at(const struct pipe *pipe, uint32_t position, size_t *size)
{
	size_t in_page = position % PAGE_SIZE, left = (uint32_t)(pipe->head - position);

	*size = MIN(PAGE_SIZE - in_page, left);
	return (char *)frame_memory(*page_of(pipe, position)) + in_page;
}

/* These have been read: no more than lie together. */
static inline void pipe_drop(struct pipe *pipe, size_t size)
{
	struct frame **page = page_of(pipe, pipe->tail);

	pipe->tail += (uint32_t)size;
	if (pipe->tail % PAGE_SIZE == 0 && size && page != pipe->pages) {
		frame_put(*page);
		*page = NULL;
	}
}

/* For a slot of the ring that has no page. NULL: no memory. */
struct frame *pipe_page_alloc(const struct pipe *pipe, struct frame **slot);

/* Where the next bytes go: *size of them fit there, if there is room. NULL: no memory. */
static inline char *pipe_back(struct pipe *pipe, size_t *size)
{
	size_t in_page = pipe->head % PAGE_SIZE;
	struct frame **page = page_of(pipe, pipe->head);

	if (!*page) {
		*page = pipe_page_alloc(pipe, page);
		if (!*page)
			return NULL;
	}
	*size = PAGE_SIZE - in_page;
	return (char *)frame_memory(*page) + in_page;
}

/*
 * Moves what is there, up to what is asked. Returns bytes, or -EFAULT if none could be moved.
 * inode->lock held; inline, as the next, for a byte through a pipe costs little more than this.
 */
static inline ssize_t pipe_take(struct pipe *pipe, struct transfer *to)
{
	size_t done = 0;

	while (to->left && bytes_in(pipe)) {
		size_t size, moved;
		const char *from = pipe_at(pipe, pipe->tail, &size);

		size = MIN(size, to->left);
		moved = transfer_out(to, from, size);
		pipe_drop(pipe, moved);
		done += moved;
		if (moved < size)
			return done ? (ssize_t)done : -EFAULT;
	}
	return (ssize_t)done;
}

/* `size` bytes, for which there is room. Returns how many; fewer only with *error set. */
static inline size_t pipe_put(struct pipe *pipe, struct transfer *from, size_t size, int *error)
{
	size_t done = 0;

	while (done < size) {
		size_t part, moved;
		char *to = pipe_back(pipe, &part);

		if (!to) {
			*error = -ENOMEM;
			break;
		}
		part = MIN(part, size - done);
		moved = transfer_in(from, to, part);
		pipe->head += (uint32_t)moved;
		done += moved;
		if (moved < part) {
			*error = -EFAULT;
			break;
		}
	}
	return done;
}

/* After a change by splice.c: whoever waits for it goes on. */
void pipe_changed(struct pipe *pipe);
/* Nobody will ever read what would be written: a signal, and -EPIPE. */
int pipe_broken(void);

/* NULL: no memory. */
struct pipe *pipe_create(void);

/* Made by pipe(2): it has no name that could be opened, but in /proc/<pid>/fd. */
bool pipe_is_nameless(const struct inode *inode);

#endif
