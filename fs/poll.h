/*
 * poll.h -- between poll.c, select.c and watch.c, which waits for both.
 */
#ifndef FS_POLL_H
#define FS_POLL_H

#include "descriptors.h"

#define WATCHES_FEW 8

struct watch {
	struct waiter waiter;
	struct wait_queue *queue;
	struct file *file; /* keeps the queue; counted, if the table is shared */
};

struct watch_block;

/* Bits of poll_table->mode. 0: files are only looked at. */
#define POLL_WATCHES 1u /* the queues are to be watched: until the first file that is ready */
#define POLL_SHARES 2u  /* with a thread that could close a descriptor: files are counted */

/* One poll or select under way. */
struct poll_table {
	unsigned mode;
	const struct descriptors *descriptors;
	bool noticed;
	int error;
	struct file *file; /* that is asked now, to be watched */
	unsigned count;    /* of `few` */
	struct watch few[WATCHES_FEW];
	struct watch_block *more; /* the first one has room, once `few` is full */
};

/* descriptor_poll() where there is more to it than looking. */
unsigned descriptor_poll_careful(int fd, unsigned wanted, struct poll_table *table);

/*
 * What of `wanted` a descriptor is ready for; errors are always wanted. A negative number is none,
 * and ready for nothing.
 */
static inline unsigned descriptor_poll(int fd, unsigned wanted, struct poll_table *table)
{
	unsigned ready = POLL_READABLE | POLL_WRITABLE;
	struct file *file;

	if (unlikely(table->mode))
		return descriptor_poll_careful(fd, wanted, table);
	file = descriptor_peek(table->descriptors, fd);
	if (unlikely(!file))
		return fd < 0 ? 0 : POLLNVAL;
	if (file->ops->poll)
		ready = file->ops->poll(file, NULL);
	return ready & (wanted | POLLERR | POLLHUP | POLLNVAL);
}

/*
 * Looks, and sleeps in between, until `look` finds something or the deadline has come. Returns what
 * it found, 0, or -errno; -ERESTARTSYS for a signal.
 */
long poll_until(uint64_t deadline, long (*look)(void *context, struct poll_table *table),
		void *context);

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
