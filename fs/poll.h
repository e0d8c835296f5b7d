/*
 * poll.h -- between poll.c, select.c and watch.c, which waits for both.
 */
#ifndef FS_POLL_H
#define FS_POLL_H

#include "internal.h"

/* What of `wanted` a descriptor is ready for; errors are always wanted. */
unsigned descriptor_poll(int fd, unsigned wanted, struct poll_table *table);

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
