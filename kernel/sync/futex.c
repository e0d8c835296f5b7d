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

#include "word_operation.h"

#define BUCKETS 256

#define FUTEX_PRIVATE 128
#define FUTEX_CLOCK_REALTIME 256
#define BITSET_ANY 0xffffffffu

enum {
	FUTEX_WAIT,
	FUTEX_WAKE,
	FUTEX_FD,
	FUTEX_REQUEUE,
	FUTEX_CMP_REQUEUE,
	FUTEX_WAKE_OP,
	FUTEX_WAIT_BITSET = 9,
	FUTEX_WAKE_BITSET,
};

struct bucket {
	struct spinlock lock;
	struct list waiters; /* struct futex_waiter, in the order of arrival */
};

struct futex_waiter {
	struct list link;
	struct futex_key key;
	struct bucket *bucket; /* NULL: woken; changed by a requeue under both locks */
	struct wait_queue queue;
	uint32_t bitset;
};

static struct bucket buckets[BUCKETS];

void futex_init(void)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		spin_init(&buckets[i].lock, RANK_FUTEX);
		list_init(&buckets[i].waiters);
	}
}

static struct bucket *bucket_of(const struct futex_key *key)
{
	uint64_t hash = (key->object >> 6) * 0x9e3779b97f4a7c15 + key->offset / 4;

	return &buckets[(hash ^ hash >> 17) % BUCKETS];
}

static bool same_key(const struct futex_key *a, const struct futex_key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

static int key_of(const uint32_t __user *word, bool is_private, struct futex_key *key)
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
static unsigned wake_matching(struct bucket *bucket, const struct futex_key *key, unsigned count,
			      uint32_t bitset)
{
	struct futex_waiter *waiter, *next;
	unsigned woken = 0;

	list_for_each_entry_safe(waiter, next, &bucket->waiters, link) {
		if (woken == count)
			break;
		if (same_key(&waiter->key, key) && waiter->bitset & bitset) {
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
	int error = key_of(word, is_private, &key);
	unsigned woken;

	if (error)
		return error;
	bucket = bucket_of(&key);
	spin_lock(&bucket->lock);
	woken = wake_matching(bucket, &key, count, bitset);
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
	struct bucket *bucket = bucket_of(&waiter->key);
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
	int error = key_of(word, is_private, &waiter.key);

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
static long wait_with_deadline(const uint32_t __user *word, bool is_private, uint32_t expected,
			       uint64_t deadline, uint32_t bitset)
{
	struct restart *restart = &current_thread()->restart;
	long result;

	*restart = (struct restart){ restart_wait,
				     deadline,
				     { (uint64_t)word, is_private, expected, bitset } };
	result = restart_wait(restart);
	return result == -ERESTARTSYS ? -ERESTART_RESTARTBLOCK : result;
}

static long wait_relative(const uint32_t __user *word, bool is_private, uint32_t expected,
			  const void __user *timeout)
{
	uint64_t ns;
	int error = timespec_from_user(&ns, timeout);

	if (error)
		return error;
	return wait_with_deadline(word, is_private, expected, deadline_after(ns), BITSET_ANY);
}

static long wait_absolute(const uint32_t __user *word, bool is_private, uint32_t expected,
			  const void __user *timeout, bool realtime, uint32_t bitset)
{
	uint64_t deadline;
	int error = timespec_from_user(&deadline, timeout);

	if (error)
		return error;
	if (realtime)
		deadline |= DEADLINE_REALTIME;
	return wait_with_deadline(word, is_private, expected, deadline, bitset);
}

/* --- requeueing ---------------------------------------------------------------------------- */

static void lock_both(struct bucket *a, struct bucket *b)
{
	spin_lock(a < b ? &a->lock : &b->lock);
	if (a != b)
		spin_lock_nested(a < b ? &b->lock : &a->lock);
}

static void unlock_both(struct bucket *a, struct bucket *b)
{
	if (a != b)
		spin_unlock(&b->lock);
	spin_unlock(&a->lock);
}

static unsigned move_waiters(struct bucket *from, struct bucket *to, const struct futex_key *key,
			     const struct futex_key *new_key, unsigned count)
{
	struct futex_waiter *waiter, *next;
	unsigned moved = 0;

	list_for_each_entry_safe(waiter, next, &from->waiters, link) {
		if (moved == count)
			break;
		if (!same_key(&waiter->key, key))
			continue;
		moved++;
		if (same_key(key, new_key)) /* it counts, and stays where it is */
			continue;
		list_remove(&waiter->link);
		waiter->key = *new_key;
		waiter->bucket = to;
		list_push_back(&to->waiters, &waiter->link);
	}
	return moved;
}

/* `expected` NULL: whatever the word is. */
static long requeue(uint32_t __user *word, bool is_private, unsigned wakes, unsigned moves,
		    uint32_t __user *to_word, const uint32_t *expected)
{
	struct futex_key key, new_key;
	struct bucket *from, *to;
	unsigned woken, moved;
	uint32_t value;
	int error;

	if ((int)wakes < 0 || (int)moves < 0)
		return -EINVAL;
	error = key_of(word, is_private, &key);
	if (!error)
		error = key_of(to_word, is_private, &new_key);
	if (error)
		return error;
	from = bucket_of(&key);
	to = bucket_of(&new_key);
	lock_both(from, to);
	while (expected && get_user_u32_resident(&value, word)) {
		unlock_both(from, to);
		if (get_user_u32(&value, word))
			return -EFAULT;
		lock_both(from, to);
	}
	if (expected && value != *expected) {
		unlock_both(from, to);
		return -EAGAIN;
	}
	woken = wake_matching(from, &key, wakes, BITSET_ANY);
	moved = move_waiters(from, to, &key, &new_key, moves);
	unlock_both(from, to);
	return woken + moved;
}

/*
 * FUTEX_WAKE_OP: changes the second word, and wakes its waiters too if it was what is asked for.
 */
static long wake_operation(uint32_t __user *word, bool is_private, unsigned wakes,
			   unsigned second_wakes, uint32_t __user *second, uint32_t code)
{
	struct word_operation operation = word_operation_decode(code);
	struct futex_key key, second_key;
	struct bucket *one, *other;
	uint32_t old, new;
	unsigned woken;
	int error = key_of(word, is_private, &key);

	if (!error)
		error = key_of(second, is_private, &second_key);
	if (error)
		return error;
	if (operation.comparison > 5 || !word_operation_apply(&operation, 0, &new))
		return -ENOSYS;
	do {
		if (get_user_u32(&old, second))
			return -EFAULT;
		word_operation_apply(&operation, old, &new);
		error = cmpxchg_user_u32(second, &old, new);
	} while (error == -EAGAIN);
	if (error)
		return error;
	one = bucket_of(&key);
	other = bucket_of(&second_key);
	lock_both(one, other);
	woken = wake_matching(one, &key, wakes, BITSET_ANY);
	if (word_operation_compares(&operation, old))
		woken += wake_matching(other, &second_key, second_wakes, BITSET_ANY);
	unlock_both(one, other);
	return woken;
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

	if (realtime && command != FUTEX_WAIT && command != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
		if (!timeout)
			return wait_for_word(word, is_private, value, NO_DEADLINE, BITSET_ANY);
		return wait_relative(word, is_private, value, timeout);
	case FUTEX_WAIT_BITSET:
		if (!third)
			return -EINVAL;
		if (!timeout)
			return wait_for_word(word, is_private, value, NO_DEADLINE, third);
		return wait_absolute(word, is_private, value, timeout, realtime, third);
	case FUTEX_WAKE:
		return wake(word, is_private, at_least_one(value), BITSET_ANY);
	case FUTEX_WAKE_BITSET:
		return third ? wake(word, is_private, at_least_one(value), third) : -EINVAL;
	case FUTEX_REQUEUE:
		return requeue(word, is_private, value, second_count, second, NULL);
	case FUTEX_CMP_REQUEUE:
		return requeue(word, is_private, value, second_count, second, &third);
	case FUTEX_WAKE_OP:
		return wake_operation(word, is_private, at_least_one(value),
				      at_least_one(second_count), second, third);
	default:
		return -ENOSYS;
	}
}
