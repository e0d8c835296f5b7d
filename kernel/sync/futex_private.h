/*
 * futex_private.h -- who waits for which word, between the files of this folder.
 */
#ifndef FUTEX_PRIVATE_H
#define FUTEX_PRIVATE_H

#include <facet/futex.h>
#include <facet/list.h>
#include <facet/spinlock.h>
#include <facet/wait.h>

#define BITSET_ANY 0xffffffffu

/* A word that is a lock with priority inheritance, or in a robust list. */
#define FUTEX_WORD_WAITERS 0x80000000u
#define FUTEX_WORD_OWNER_DIED 0x40000000u
#define FUTEX_WORD_OWNER 0x3fffffffu

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

static inline bool futex_same_key(const struct futex_key *a, const struct futex_key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

/* Returns 0, -EINVAL or -EFAULT. */
int futex_key_of(const uint32_t __user *word, bool is_private, struct futex_key *key);
struct bucket *futex_bucket_of(const struct futex_key *key);
/* Wakes up to `count` whose bits meet `bitset`. Bucket locked. Returns how many were woken. */
unsigned futex_wake_matching(struct bucket *bucket, const struct futex_key *key, unsigned count,
			     uint32_t bitset);

/* `expected` NULL: whatever the word is. Returns how many were woken or moved, or -errno. */
long futex_requeue(uint32_t __user *word, bool is_private, unsigned wakes, unsigned moves,
		   uint32_t __user *to_word, const uint32_t *expected);
/*
 * FUTEX_WAKE_OP: changes the second word, and wakes its waiters too if it was what is asked for.
 */
long futex_wake_operation(uint32_t __user *word, bool is_private, unsigned wakes,
			  unsigned second_wakes, uint32_t __user *second, uint32_t code);
/*
 * Returns 0 with the lock taken, -EDEADLK, -ESRCH (the word names nobody), -ETIMEDOUT, -EFAULT;
 * with `only_try` -EAGAIN instead of sleeping.
 */
long futex_lock_pi(uint32_t __user *word, bool is_private, uint64_t deadline, bool only_try);
/* Returns 0, -EPERM or -EFAULT. */
long futex_unlock_pi(uint32_t __user *word, bool is_private);
/* Who waits for such a lock of the thread may take it. `ends`: nobody can begin to wait for it. */
void futex_leave_pi(struct thread *thread, bool ends);

#endif
