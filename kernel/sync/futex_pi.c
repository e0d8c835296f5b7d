/*
 * Futexes with priority inheritance: whoever holds such a lock runs at the best real-time priority
 * of those who wait for it, so a thread between the two cannot keep both off the processor.
 *
 * The word is the owner's number, and a bit that somebody waits, and a bit that an owner has died.
 * Who finds it free takes it without the kernel. Others wait here, and an unlock hands the lock to
 * the best of them: the first of those with the highest priority. A lock is known only while
 * somebody waits for it. What nice says is not inherited, as on Linux; a priority that is changed
 * while its thread waits counts when the next one comes or goes.
 *
 * Lock: one mutex for all of it, so user memory is read and written under it like anywhere, and a
 * chain of owners that wait themselves can be followed. Source: futex(2), Linux's
 * Documentation/locking/pi-futex.
 */
#include <arch/uaccess.h>
#include <facet/clock.h>
#include <facet/errno.h>
#include <facet/mutex.h>
#include <facet/process.h>
#include <facet/restart.h>
#include <facet/sched.h>

#include "futex_private.h"

struct pi_waiter {
	struct list link; /* `waiters`; not once the lock was handed over or its owner is gone */
	struct futex_key key;
	struct thread *thread;
	struct thread *owner; /* whom it waits for; NULL: for nobody */
	pid_t owner_tid;      /* as it stood in the word */
	bool owner_gone;      /* it ended, or left the memory: the lock may be taken over */
	bool has_lock;
	struct wait_queue queue;
};

static struct list waiters = LIST_INIT(waiters); /* the best first */
static struct mutex owners_lock = MUTEX_INIT(owners_lock, RANK_FUTEX_OWNERS);

/* --- who inherits what --- */

static void enter(struct pi_waiter *waiter)
{
	struct pi_waiter *other;

	list_for_each_entry(other, &waiters, link) {
		if (sched_rt_priority(other->thread) < sched_rt_priority(waiter->thread)) {
			list_insert_before(&other->link, &waiter->link);
			return;
		}
	}
	list_push_back(&waiters, &waiter->link);
}

static struct pi_waiter *waiter_of(const struct thread *thread)
{
	struct pi_waiter *waiter;

	list_for_each_entry(waiter, &waiters, link)
		if (waiter->thread == thread)
			return waiter;
	return NULL;
}

/* Who waits for the owner has changed: so may its priority, and then those it waits for itself. */
static void settle(struct thread *owner)
{
	while (owner) {
		struct pi_waiter *waiter;
		unsigned best = 0;

		list_for_each_entry(waiter, &waiters, link)
			if (waiter->owner == owner)
				best = MAX(best, sched_rt_priority(waiter->thread));
		if (best == owner->sched.inherited)
			return;
		sched_inherit(owner, best);
		waiter = waiter_of(owner);
		if (!waiter)
			return;
		list_remove(&waiter->link);
		enter(waiter);
		owner = waiter->owner;
	}
}

static bool waits_for(struct thread *thread, const struct thread *other)
{
	while (thread && thread != other) {
		const struct pi_waiter *waiter = waiter_of(thread);

		thread = waiter ? waiter->owner : NULL;
	}
	return thread;
}

/* The best of those who wait for the word from its owner; how many there are. */
static struct pi_waiter *best_waiter(const struct futex_key *key, const struct thread *owner,
				     unsigned *count)
{
	struct pi_waiter *waiter, *best = NULL;

	*count = 0;
	list_for_each_entry(waiter, &waiters, link) {
		if (waiter->owner != owner || !futex_same_key(&waiter->key, key))
			continue;
		if (!best)
			best = waiter;
		++*count;
	}
	return best;
}

/* The lock may be taken over. */
static void lose_owner(struct pi_waiter *waiter)
{
	list_remove(&waiter->link);
	waiter->owner = NULL;
	waiter->owner_gone = true;
}

/* --- to lock --- */

/*
 * Returns 0 when the caller has the lock now, -EAGAIN when it is another's: that one is in
 * waiter->owner_tid then and, if `marks`, will come here to unlock. -EDEADLK, -EFAULT.
 */
static int take(struct pi_waiter *waiter, uint32_t __user *word, bool marks)
{
	uint32_t self = (uint32_t)waiter->thread->tid, value, new;
	int error;

	if (get_user_u32(&value, word))
		return -EFAULT;
	do {
		pid_t owner = (pid_t)(value & FUTEX_WORD_OWNER);
		bool takes;

		if (owner == (pid_t)self)
			return -EDEADLK;
		if (owner != waiter->owner_tid)
			waiter->owner_gone = false;
		waiter->owner_tid = owner;
		takes = !owner || waiter->owner_gone;
		if (!takes && !marks)
			return -EAGAIN;
		new = value | FUTEX_WORD_WAITERS;
		if (takes)
			new = self | (value & FUTEX_WORD_OWNER_DIED) |
			      (waiter->owner_gone ? FUTEX_WORD_OWNER_DIED : 0);
		error = cmpxchg_user_u32(word, &value, new);
		if (!error && !takes)
			error = -EBUSY;
	} while (error == -EAGAIN);
	return error == -EBUSY ? -EAGAIN : error;
}

/*
 * Begins to wait for the owner, who cannot end without the lock of the tree. One that ends looks
 * for waiters after it has said so: either it finds this one, or is found to have left its locks.
 */
static struct thread *enter_behind_owner(struct pi_waiter *waiter)
{
	struct thread *owner;

	spin_lock(&process_tree_lock);
	owner = thread_find(waiter->owner_tid);
	if (owner) {
		waiter->owner = owner;
		enter(waiter);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (READ_ONCE(owner->left_locks))
			lose_owner(waiter);
	}
	spin_unlock(&process_tree_lock);
	return owner;
}

/* Sleeps until the lock is the caller's, or may be looked at again. */
static int wait_for_owner(struct pi_waiter *waiter, uint64_t deadline)
{
	struct thread *owner = enter_behind_owner(waiter);
	int error = 0;

	if (!owner)
		return -ESRCH;
	if (waiter->owner && waits_for(owner, waiter->thread))
		error = -EDEADLK;
	if (waiter->owner && !error)
		settle(owner);
	while (waiter->owner && !error)
		error = wait_sleep_mutex_until(&waiter->queue, &owners_lock, SLEEP_INTERRUPTIBLE,
					       deadline);
	if (!waiter->owner)
		return 0;
	owner = waiter->owner;
	list_remove(&waiter->link);
	waiter->owner = NULL;
	settle(owner);
	return error == -ERESTARTSYS ? -ERESTARTNOINTR : error;
}

long futex_lock_pi(uint32_t __user *word, bool is_private, uint64_t deadline, bool only_try)
{
	struct pi_waiter waiter = { .thread = current_thread() };
	int error = futex_key_of(word, is_private, &waiter.key);

	if (error)
		return error;
	wait_queue_init(&waiter.queue);
	mutex_lock(&owners_lock);
	do {
		error = take(&waiter, word, !only_try);
		if (error != -EAGAIN || only_try)
			break;
		error = wait_for_owner(&waiter, deadline);
	} while (!error && !waiter.has_lock);
	mutex_unlock(&owners_lock);
	return error;
}

/* --- to unlock --- */

/* The best one has the lock; the others wait for it from now on. */
static void hand_over(struct pi_waiter *best, struct thread *from)
{
	struct pi_waiter *other;

	list_remove(&best->link);
	best->owner = NULL;
	best->has_lock = true;
	list_for_each_entry(other, &waiters, link) {
		if (other->owner == from && futex_same_key(&other->key, &best->key)) {
			other->owner = best->thread;
			other->owner_tid = best->thread->tid;
		}
	}
	settle(best->thread);
	wait_wake_all(&best->queue);
	settle(from);
}

long futex_unlock_pi(uint32_t __user *word, bool is_private)
{
	struct thread *self = current_thread();
	struct pi_waiter *best;
	struct futex_key key;
	uint32_t value, new;
	unsigned count;
	int error = futex_key_of(word, is_private, &key);

	if (error)
		return error;
	mutex_lock(&owners_lock);
	best = best_waiter(&key, self, &count);
	new = (best ? (uint32_t)best->thread->tid : 0) | (count > 1 ? FUTEX_WORD_WAITERS : 0);
	error = get_user_u32(&value, word) ? -EFAULT : -EAGAIN;
	while (error == -EAGAIN)
		error = (value & FUTEX_WORD_OWNER) == (uint32_t)self->tid
				? cmpxchg_user_u32(word, &value, new)
				: -EPERM;
	if (!error && best)
		hand_over(best, self);
	mutex_unlock(&owners_lock);
	return error;
}

void futex_leave_pi(struct thread *thread, bool ends)
{
	struct pi_waiter *waiter, *next;

	__atomic_store_n(&thread->left_locks, ends, __ATOMIC_SEQ_CST);
	if (list_empty(&waiters))
		return;
	mutex_lock(&owners_lock);
	list_for_each_entry_safe(waiter, next, &waiters, link) {
		if (waiter->owner != thread)
			continue;
		lose_owner(waiter);
		wait_wake_all(&waiter->queue);
	}
	settle(thread);
	mutex_unlock(&owners_lock);
}
