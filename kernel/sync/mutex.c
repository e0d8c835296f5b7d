/*
 * Mutexes: one atomic exchange when free, a wait queue when not.
 *
 * Who releases wakes the longest waiter, which then competes with whoever comes: throughput before
 * fairness, for holders are short. `contended` is what keeps the common release from looking at the
 * queue; it is set and cleared under the queue's lock.
 */
#include <facet/counters.h>
#include <facet/mutex.h>
#include <facet/panic.h>
#include <facet/thread.h>

void mutex_init(struct mutex *mutex, enum lock_rank rank)
{
	mutex->owner = NULL;
	mutex->rank = (uint8_t)rank;
	mutex->contended = false;
	wait_queue_init(&mutex->waiters);
}

bool mutex_is_mine(const struct mutex *mutex)
{
	return READ_ONCE(mutex->owner) == current_thread();
}

static bool mutex_try(struct mutex *mutex)
{
	struct thread *expected = NULL;

	return __atomic_compare_exchange_n(&mutex->owner, &expected, current_thread(), false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void mutex_lock_slow(struct mutex *mutex)
{
	count_event(COUNT_mutexes_waited_for);
	spin_lock(&mutex->waiters.lock);
	for (;;) {
		mutex->contended = true; /* before the try: a release after it sees us */
		if (mutex_try(mutex))
			break;
		wait_sleep_on_own_lock(&mutex->waiters);
	}
	mutex->contended = !list_empty(&mutex->waiters.waiters);
	spin_unlock(&mutex->waiters.lock);
}

void mutex_lock(struct mutex *mutex)
{
	lock_order_acquire(mutex, mutex->rank, false, (vaddr_t)__builtin_return_address(0));
	count_event(COUNT_mutexes_taken);
	if (!mutex_try(mutex))
		mutex_lock_slow(mutex);
}

void mutex_lock_nested(struct mutex *mutex)
{
	lock_order_acquire(mutex, mutex->rank, true, (vaddr_t)__builtin_return_address(0));
	count_event(COUNT_mutexes_taken);
	if (!mutex_try(mutex))
		mutex_lock_slow(mutex);
}

void mutex_unlock(struct mutex *mutex)
{
	debug_assert(mutex_is_mine(mutex));
	lock_order_release(mutex);
	__atomic_store_n(&mutex->owner, NULL, __ATOMIC_SEQ_CST);
	if (READ_ONCE(mutex->contended))
		wait_wake_one(&mutex->waiters);
}
