/*
 * poll.c -- poll and ppoll. Locks: watch.c. Source: poll(2).
 */
#include "poll.h"

#include <arch/uaccess.h>
#include <facet/restart.h>
#include <facet/syscalls.h>
#include <facet/thread.h>
#include <facet/timespec.h>

#define FEW 8

struct pollfd {
	int32_t fd;
	uint16_t events, revents;
};

static long look_at_fds(void *context, struct poll_table *table, unsigned first, unsigned end)
{
	struct pollfd *fds = context;
	long found = 0;

	for (unsigned i = first; i < end; i++) {
		struct pollfd *each = &fds[i];
		unsigned ready = descriptor_poll(each->fd, each->events, table, i);

		each->revents = (uint16_t)ready;
		found += ready != 0;
	}
	return found;
}

static long do_poll(struct pollfd __user *fds, unsigned count, uint64_t deadline)
{
	struct pollfd few[FEW], *copy = few;
	/* Of no descriptors the list may be NULL, which has no members. */
	uint16_t __user *results = (uint16_t __user *)((vaddr_t)fds +
						       __builtin_offsetof(struct pollfd, revents));
	long found = -EFAULT;

	if (count > limit_of(RLIMIT_NOFILE))
		return -EINVAL;
	if (count > FEW)
		copy = kmalloc(count * sizeof(few[0]));
	if (!copy)
		return -ENOMEM;
	if (!copy_from_user(copy, fds, count * sizeof(few[0]))) {
		found = poll_until(deadline, look_at_fds, copy, count);
		if (found >= 0 && put_user_u16_each(results, &copy->revents, sizeof(few[0]), count))
			found = -EFAULT;
	}
	if (copy != few)
		kfree(copy);
	return found;
}

static long poll_again(struct restart *restart)
{
	long found = do_poll((struct pollfd __user *)restart->words[0], (unsigned)restart->words[1],
			     restart->deadline_ns);

	return found == -ERESTARTSYS ? -ERESTART_RESTARTBLOCK : found;
}

long sys_poll(struct pollfd __user *fds, unsigned count, int timeout_ms)
{
	struct restart *restart = &current_thread()->restart;

	*restart = (struct restart){ poll_again,
				     timeout_ms < 0 ? NO_DEADLINE
						    : poll_deadline((uint64_t)timeout_ms * 1000000),
				     { (uint64_t)fds, count } };
	return poll_again(restart);
}

long sys_ppoll(struct pollfd __user *fds, unsigned count, void __user *timeout,
	       const uint64_t __user *mask, size_t mask_size)
{
	uint64_t deadline;
	long found = poll_begin_masked(timeout, &deadline, mask, mask_size);

	if (!found) {
		found = do_poll(fds, count, deadline);
		if (timeout)
			poll_put_time_left(timeout, deadline, timespec_to_user);
	}
	return poll_end_masked(found);
}
