/*
 * mutex.h -- mutual exclusion for as long as it takes: the holder may sleep, fault and be
 * preempted.
 *
 * Context: thread, preemption count zero. Not recursive. A thread that waits is not woken by
 * signals: holders finish in bounded time.
 */
#ifndef FACET_MUTEX_H
#define FACET_MUTEX_H

#include <facet/lock_order.h>
#include <facet/wait.h>

struct thread;

struct mutex {
	struct thread *owner; /* NULL: free */
	uint8_t rank;         /* enum lock_rank, above RANK_SPINNING */
	bool contended;       /* someone waits; guarded by waiters.lock */
	struct wait_queue waiters;
};

/* clang-format off */
#define MUTEX_INIT(mutex, lock_rank)                                                             \
	{ .rank = (lock_rank), .waiters = WAIT_QUEUE_INIT((mutex).waiters) }
/* clang-format on */

void mutex_init(struct mutex *mutex, enum lock_rank rank);
void mutex_lock(struct mutex *mutex);

/*
 * The second mutex of one rank (a directory below one that is held); the caller states the order.
 */
void mutex_lock_nested(struct mutex *mutex);

void mutex_unlock(struct mutex *mutex);
bool mutex_is_mine(const struct mutex *mutex);

#endif
