/*
 * select.c -- select and pselect. Locks: watch.c. Source: select(2).
 */
#include "poll.h"

#include <arch/uaccess.h>
#include <facet/syscalls.h>
#include <facet/timespec.h>

enum { READ_SET, WRITE_SET, EXCEPT_SET, SETS };

static const unsigned set_bits[SETS] = {
	[READ_SET] = POLL_READABLE | POLLRDBAND | POLLHUP | POLLERR,
	[WRITE_SET] = POLL_WRITABLE | POLLWRBAND | POLLERR,
	[EXCEPT_SET] = POLLPRI,
};

struct select_request {
	unsigned count; /* descriptors */
	unsigned words; /* of each set */
	uint64_t *wanted[SETS], *ready[SETS];
};

static long look_at_sets(void *context, struct poll_table *table, unsigned first, unsigned end)
{
	const struct select_request *request = context;
	long found = 0;

	for (unsigned fd = first; fd < end; fd++) {
		uint64_t bit = 1ull << fd % 64;
		unsigned bits = 0, ready;

		for (unsigned set = 0; set < SETS; set++)
			bits |= request->wanted[set][fd / 64] & bit ? set_bits[set] : 0;
		if (!bits)
			continue;
		ready = descriptor_poll((int)fd, bits, table, fd);
		if (ready & POLLNVAL)
			return -EBADF;
		for (unsigned set = 0; set < SETS; set++) {
			if (request->wanted[set][fd / 64] & bit && ready & set_bits[set]) {
				request->ready[set][fd / 64] |= bit;
				found++;
			}
		}
	}
	return found;
}

static long select_sets(struct select_request *request, uint64_t *words,
			uint64_t __user *const users[SETS], uint64_t deadline)
{
	size_t size = request->words * sizeof(*words);
	long found;

	for (unsigned set = 0; set < SETS; set++) {
		request->wanted[set] = words + set * request->words;
		request->ready[set] = words + (SETS + set) * request->words;
		if (users[set] && copy_from_user(request->wanted[set], users[set], size))
			return -EFAULT;
	}
	found = poll_until(deadline, look_at_sets, request, request->count);
	for (unsigned set = 0; set < SETS && found >= 0; set++)
		if (users[set] && copy_to_user(users[set], request->ready[set], size))
			return -EFAULT;
	return found;
}

/* The sets are read and written as whole words of the size that the caller's `long` has. */
static long do_select(int count, uint64_t __user *read, uint64_t __user *write,
		      uint64_t __user *except, uint64_t deadline)
{
	uint64_t __user *const users[SETS] = { read, write, except };
	struct select_request request;
	uint64_t *words;
	long found;

	if (count < 0)
		return -EINVAL;
	request.count = (unsigned)MIN((uint64_t)count, limit_of(RLIMIT_NOFILE));
	request.words = (request.count + 63) / 64;
	words = kzalloc(MAX(2 * SETS * request.words, 1u) * sizeof(*words));
	if (!words)
		return -ENOMEM;
	found = select_sets(&request, words, users, deadline);
	kfree(words);
	return found;
}

/* As Linux has it: more microseconds than a second has are no error here. */
static int timeout_from_user(uint64_t *ns, const void __user *from)
{
	int64_t time[2]; /* seconds, microseconds */

	if (copy_from_user(time, from, sizeof(time)))
		return -EFAULT;
	if (__builtin_add_overflow(time[0], time[1] / 1000000, &time[0]) || time[0] < 0 ||
	    time[1] < 0)
		return -EINVAL;
	*ns = MIN((uint64_t)time[0], INT64_MAX / NS_PER_SEC - 1) * NS_PER_SEC +
	      (uint64_t)time[1] % 1000000 * 1000;
	return 0;
}

long sys_select(int count, uint64_t __user *read, uint64_t __user *write, uint64_t __user *except,
		void __user *timeout)
{
	uint64_t ns, deadline = NO_DEADLINE;
	long found;

	if (timeout) {
		int error = timeout_from_user(&ns, timeout);

		if (error)
			return error;
		deadline = poll_deadline(ns);
	}
	found = do_select(count, read, write, except, deadline);
	if (timeout)
		poll_put_time_left(timeout, deadline, timeval_to_user);
	return poll_not_restarted(found);
}

long sys_pselect6(int count, uint64_t __user *read, uint64_t __user *write, uint64_t __user *except,
		  void __user *timeout, const uint64_t __user *packed)
{
	uint64_t deadline, mask[2] = { 0, 0 }; /* address and size */
	long found;

	if (packed && copy_from_user(mask, packed, sizeof(mask)))
		return -EFAULT;
	found = poll_begin_masked(timeout, &deadline, (const uint64_t __user *)mask[0], mask[1]);
	if (!found) {
		found = do_select(count, read, write, except, deadline);
		if (timeout)
			poll_put_time_left(timeout, deadline, timespec_to_user);
	}
	return poll_end_masked(found);
}
