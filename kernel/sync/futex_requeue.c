/*
 * Futexes, two words at once: FUTEX_REQUEUE and its relatives, FUTEX_WAKE_OP.
 *
 * Locks: both words' buckets, in the order of their addresses. Source: futex(2).
 */
#include <arch/uaccess.h>
#include <facet/errno.h>

#include "futex_private.h"
#include "word_operation.h"

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
		if (!futex_same_key(&waiter->key, key))
			continue;
		moved++;
		if (futex_same_key(key, new_key)) /* it counts, and stays where it is */
			continue;
		list_remove(&waiter->link);
		waiter->key = *new_key;
		waiter->bucket = to;
		list_push_back(&to->waiters, &waiter->link);
	}
	return moved;
}

long futex_requeue(uint32_t __user *word, bool is_private, unsigned wakes, unsigned moves,
		   uint32_t __user *to_word, const uint32_t *expected)
{
	struct futex_key key, new_key;
	struct bucket *from, *to;
	unsigned woken, moved;
	uint32_t value;
	int error;

	if ((int)wakes < 0 || (int)moves < 0)
		return -EINVAL;
	error = futex_key_of(word, is_private, &key);
	if (!error)
		error = futex_key_of(to_word, is_private, &new_key);
	if (error)
		return error;
	from = futex_bucket_of(&key);
	to = futex_bucket_of(&new_key);
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
	woken = futex_wake_matching(from, &key, wakes, BITSET_ANY);
	moved = move_waiters(from, to, &key, &new_key, moves);
	unlock_both(from, to);
	return woken + moved;
}

long futex_wake_operation(uint32_t __user *word, bool is_private, unsigned wakes,
			  unsigned second_wakes, uint32_t __user *second, uint32_t code)
{
	struct word_operation operation = word_operation_decode(code);
	struct futex_key key, second_key;
	struct bucket *one, *other;
	uint32_t old, new;
	unsigned woken;
	int error = futex_key_of(word, is_private, &key);

	if (!error)
		error = futex_key_of(second, is_private, &second_key);
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
	one = futex_bucket_of(&key);
	other = futex_bucket_of(&second_key);
	lock_both(one, other);
	woken = futex_wake_matching(one, &key, wakes, BITSET_ANY);
	if (word_operation_compares(&operation, old))
		woken += futex_wake_matching(other, &second_key, second_wakes, BITSET_ANY);
	unlock_both(one, other);
	return woken;
}
