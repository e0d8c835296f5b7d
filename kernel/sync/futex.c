/*
 * Futexes: user programs lock and wake without the kernel until somebody has to sleep.
 *
 * A word is known by its key: the address space and the address, or, for shared memory, the file
 * and the place in it. Waiters stand in a bucket by their key's hash. The word is compared under
 * the bucket's lock, which a waker takes after it has changed the word: so no wake is lost.
 *
 * Locks: a bucket's (RANK_FUTEX); two of them, for a requeue, in the order of their addresses. User
 * memory is read and written under one by accesses that do not resolve a fault: after a failed one
 * the lock is dropped, the page is brought in, and all begins anew. Source: futex(2).
 */
#include <arch/uaccess.h>
#include <facet/clock.h>
#include <facet/errno.h>
#include <facet/futex.h>
#include <facet/panic.h>
#include <facet/process.h>
#include <facet/restart.h>
#include <facet/sched.h>
#include <facet/space.h>
#include <facet/syscalls.h>
#include <facet/timespec.h>

#include "futex_private.h"

#define BUCKETS 256

#define FUTEX_PRIVATE 128
#define FUTEX_CLOCK_REALTIME 256

enum {
	FUTEX_WAIT,
	FUTEX_WAKE,
	FUTEX_FD,
	FUTEX_REQUEUE,
	FUTEX_CMP_REQUEUE,
	FUTEX_WAKE_OP,
	FUTEX_LOCK_PI,
	FUTEX_UNLOCK_PI,
	FUTEX_TRYLOCK_PI,
	FUTEX_WAIT_BITSET,
	FUTEX_WAKE_BITSET,
	FUTEX_LOCK_PI2 = 13,
};

static struct bucket buckets[BUCKETS];

void futex_init(void)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		spin_init(&buckets[i].lock, RANK_FUTEX);
		list_init(&buckets[i].waiters);
	}
}

struct bucket *futex_bucket_of(const struct futex_key *key)
{
	uint64_t hash = (key->object >> 6) * 0x9e3779b97f4a7c15 + key->offset / 4;

	return &buckets[(hash ^ hash >> 17) % BUCKETS];
}

int futex_key_of(const uint32_t __user *word, bool is_private, struct futex_key *key)
{
	if ((vaddr_t)word % sizeof(*word))
		return -EINVAL;
	if (!user_range_ok((vaddr_t)word, sizeof(*word)))
		return -EFAULT;
	if (!is_private)
		return space_futex_key(current_process()->space, (vaddr_t)word, key);
	*key = (struct futex_key){ (uint64_t)current_process()->space, (vaddr_t)word };
	return 0;
}

/* Bucket locked. The waiter lies on its thread's stack: what is written last lets that go on. */
static void wake_waiter(struct futex_waiter *waiter)
{
	list_remove(&waiter->link);
	wait_wake_all(&waiter->queue);
	__atomic_store_n(&waiter->bucket, NULL, __ATOMIC_RELEASE);
}

/* Bucket locked. Returns how many were woken. */
unsigned futex_wake_matching(struct bucket *bucket, const struct futex_key *key, unsigned count,
			     uint32_t bitset)
{
	struct futex_waiter *waiter, *next;
	unsigned woken = 0;

	list_for_each_entry_safe(waiter, next, &bucket->waiters, link) {
		if (woken == count)
			break;
		if (futex_same_key(&waiter->key, key) && waiter->bitset & bitset) {
			wake_waiter(waiter);
			woken++;
		}
	}
	return woken;
}

static long wake(uint32_t __user *word, bool is_private, unsigned count, uint32_t bitset)
{
	struct futex_key key;
	struct bucket *bucket;
	int error = futex_key_of(word, is_private, &key);
	unsigned woken;

	if (error)
		return error;
	bucket = futex_bucket_of(&key);
	spin_lock(&bucket->lock);
	woken = futex_wake_matching(bucket, &key, count, bitset);
	spin_unlock(&bucket->lock);
	return woken;
}

int futex_wake(uint32_t __user *word, unsigned count)
{
	return (int)wake(word, false, count, BITSET_ANY);
}

/* --- waiting ------------------------------------------------------------------------------- */

/*
 * Puts the waiter where it belongs if the word still has the expected value. Returns 0 with the
 * bucket locked, or -EAGAIN, -EFAULT.
 */
static int waiter_enter(struct futex_waiter *waiter, const uint32_t __user *word, uint32_t expected)
{
	struct bucket *bucket = futex_bucket_of(&waiter->key);
	uint32_t value;

	spin_lock(&bucket->lock);
	while (get_user_u32_resident(&value, word)) {
		spin_unlock(&bucket->lock);
		if (get_user_u32(&value, word))
			return -EFAULT;
		spin_lock(&bucket->lock);
	}
	if (value != expected) {
		spin_unlock(&bucket->lock);
		return -EAGAIN;
	}
	waiter->bucket = bucket;
	list_push_back(&bucket->waiters, &waiter->link);
	return 0;
}

/* The bucket that the waiter is in now, locked; NULL: it was woken. */
static struct bucket *waiter_lock(struct futex_waiter *waiter)
{
	for (;;) {
		struct bucket *bucket = READ_ONCE(waiter->bucket);

		if (!bucket)
			return NULL;
		spin_lock(&bucket->lock);
		if (waiter->bucket == bucket)
			return bucket;
		spin_unlock(&bucket->lock); /* it was requeued meanwhile */
	}
}

/* 0 when woken, -ETIMEDOUT, -ERESTARTSYS, -EAGAIN, -EFAULT. */
static long wait_for_word(const uint32_t __user *word, bool is_private, uint32_t expected,
			  uint64_t deadline, uint32_t bitset)
{
	struct futex_waiter waiter = { .bitset = bitset };
	struct bucket *bucket;
	int error = futex_key_of(word, is_private, &waiter.key);

	if (error)
		return error;
	wait_queue_init(&waiter.queue);
	error = waiter_enter(&waiter, word, expected);
	if (error)
		return error;
	bucket = waiter.bucket;
	for (;;) {
		error = wait_sleep_until(&waiter.queue, &bucket->lock, SLEEP_INTERRUPTIBLE,
					 deadline);
		spin_unlock(&bucket->lock);
		bucket = waiter_lock(&waiter);
		if (!bucket)
			return 0;
		if (error)
			break;
	}
	list_remove(&waiter.link);
	spin_unlock(&bucket->lock);
	return error;
}

/* What futex(2) was called with, for restart_syscall(2). */
static long restart_wait(struct restart *restart)
{
	return wait_for_word((const uint32_t __user *)restart->words[0], restart->words[1],
			     (uint32_t)restart->words[2], restart->deadline_ns,
			     (uint32_t)restart->words[3]);
}

/* After a handler, a wait with a timeout is never made again; without one it goes on. */
static long wait_until(const uint32_t __user *word, bool is_private, uint32_t expected,
		       uint64_t deadline, uint32_t bitset)
{
	struct restart *restart = &current_thread()->restart;
	long result;

	if (!bitset)
		return -EINVAL;
	if (deadline == NO_DEADLINE)
		return wait_for_word(word, is_private, expected, deadline, bitset);
	*restart = (struct restart){ restart_wait,
				     deadline,
				     { (uint64_t)word, is_private, expected, bitset } };
	result = restart_wait(restart);
	return result == -ERESTARTSYS ? -ERESTART_RESTARTBLOCK : result;
}

/* FUTEX_WAIT's timeout is how long, FUTEX_WAIT_BITSET's until when. */
static int deadline_of(const void __user *timeout, bool absolute, bool realtime, uint64_t *deadline)
{
	uint64_t ns;
	int error;

	*deadline = NO_DEADLINE;
	if (!timeout)
		return 0;
	error = timespec_from_user(&ns, timeout);
	if (error)
		return error;
	*deadline = !absolute ? deadline_after(ns) : realtime ? ns | DEADLINE_REALTIME : ns;
	return 0;
}

/* As on Linux: the count is looked at after a wake, and may be negative. */
static unsigned at_least_one(unsigned count)
{
	return (unsigned)MAX((int)count, 1);
}

long sys_futex(uint32_t __user *word, int operation, uint32_t value, const void __user *timeout,
	       uint32_t __user *second, uint32_t third)
{
	int command = operation & ~(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME);
	bool is_private = operation & FUTEX_PRIVATE, realtime = operation & FUTEX_CLOCK_REALTIME;
	unsigned second_count = (unsigned)(uint64_t)timeout; /* for those that take no time */
	uint64_t deadline;
	int error;

	if (realtime && command != FUTEX_WAIT_BITSET && command != FUTEX_LOCK_PI2)
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		error = deadline_of(timeout, command == FUTEX_WAIT_BITSET, realtime, &deadline);
		return error ? error
			     : wait_until(word, is_private, value, deadline,
					  command == FUTEX_WAIT ? BITSET_ANY : third);
	case FUTEX_WAKE:
		return wake(word, is_private, at_least_one(value), BITSET_ANY);
	case FUTEX_WAKE_BITSET:
		return third ? wake(word, is_private, at_least_one(value), third) : -EINVAL;
	case FUTEX_REQUEUE:
		return futex_requeue(word, is_private, value, second_count, second, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(word, is_private, value, second_count, second, &third);
	case FUTEX_WAKE_OP:
		return futex_wake_operation(word, is_private, at_least_one(value),
					    at_least_one(second_count), second, third);
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		realtime |= command == FUTEX_LOCK_PI;
		error = deadline_of(timeout, true, realtime, &deadline);
		return error ? error : futex_lock_pi(word, is_private, deadline, false);
	case FUTEX_TRYLOCK_PI:
		return futex_lock_pi(word, is_private, NO_DEADLINE, true);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(word, is_private);
	default:
		return -ENOSYS;
	}
}
