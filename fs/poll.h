/*
 * poll.h -- between poll.c, select.c and watch.c, which waits for both.
 */
#ifndef FS_POLL_H
#define FS_POLL_H

#include "descriptors.h"

#define WATCHES_FEW 8

/* One queue that is watched. */
struct watch {
	struct waiter waiter;
	struct wait_queue *queue;
	struct file *file;   /* keeps the queue; counted, if the table is shared */
	struct watch *older; /* the one before it */
	unsigned index;      /* of the descriptor whose file it is */
};

struct watch_block;

/* One poll or select under way. */
struct poll_table {
	const struct descriptors *descriptors;
	struct poll_table *watching; /* itself, where queues are to be watched; NULL: only look */
	bool careful;                /* there is more to do than looking, or watching */
	bool shared; /* by threads that could close a descriptor: files are counted */
	bool noticed;
	int error;
	unsigned index;       /* of the descriptor that is looked at now */
	struct watch *newest; /* NULL: none is watched */
	struct watch *next;   /* where the next one goes, */
	struct watch *last;   /*   if it is not behind this: there is no room for a file's queues */
	struct watch_block *blocks;
	struct watch few[WATCHES_FEW];
};

/* descriptor_poll() where the table asks for care. */
unsigned descriptor_poll_careful(int fd, unsigned wanted, struct poll_table *table);

/*
 * What of `wanted` a descriptor is ready for; errors are always wanted. A negative number is none,
 * and ready for nothing. `index` is what tells it from others.
 */
static inline unsigned descriptor_poll(int fd, unsigned wanted, struct poll_table *table,
				       unsigned index)
{
	unsigned ready = POLL_READABLE | POLL_WRITABLE;
	struct file *file;

	table->index = index;
	if (unlikely(table->careful))
		return descriptor_poll_careful(fd, wanted, table);
	file = descriptor_peek(table->descriptors, fd);
	if (unlikely(!file))
		return fd < 0 ? 0 : POLLNVAL;
	if (likely(file->ops->poll))
		ready = file->ops->poll(file, table->watching);
	return ready & (wanted | POLLERR | POLLHUP | POLLNVAL);
}

/*
 * Asks descriptor_poll() of the descriptors [first, end), by their index, and notes what they are
 * ready for. Returns how many there are, or -errno.
 */
typedef long (*poll_look)(void *context, struct poll_table *table, unsigned first, unsigned end);

/*
 * Looks at `count` descriptors, and sleeps in between, until `look` finds something or the deadline
 * has come. Returns what it found, 0, or -errno; -ERESTARTSYS for a signal.
 */
long poll_until(uint64_t deadline, poll_look look, void *context, unsigned count);

/* So many nanoseconds from now; 0, which only looks, stays 0. */
uint64_t poll_deadline(uint64_t ns);

/* What is left of the timeout goes back to the caller, as Linux does. */
void poll_put_time_left(void __user *time, uint64_t deadline,
			int (*put)(void __user *to, uint64_t ns));

/* Not made again after a handler, whatever its flags. */
long poll_not_restarted(long found);

/*
 * ppoll and pselect: the deadline from a timespec (NULL: none), and a mask for the call (NULL: its
 * own). poll_end_masked() returns what the call is to return.
 */
int poll_begin_masked(const void __user *timeout, uint64_t *deadline, const uint64_t __user *mask,
		      size_t mask_size);
long poll_end_masked(long found);

#endif
