/*
 * spinlock.h -- mutual exclusion for a few instructions.
 *
 * The holder is not preempted (the preemption count is raised) and does not sleep. Interrupt
 * handlers take no locks (docs/invariants.md, 1), so interrupts stay as they are.
 */
#ifndef FACET_SPINLOCK_H
#define FACET_SPINLOCK_H

#include <arch/percpu.h>
#include <facet/counters.h>
#include <facet/lock_order.h>

struct spinlock {
	uint32_t locked;
	uint8_t rank; /* enum lock_rank */
};

/* clang-format off */
#define SPINLOCK_INIT(lock_rank) { .rank = (lock_rank) }
/* clang-format on */

static inline void spin_init(struct spinlock *lock, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK_INIT(rank);
}

/*
 * The bare lock, for schedule(): its caller has preemption off, and the lock changes hands in the
 * middle of a switch.
 */
static inline void spin_take(struct spinlock *lock)
{
	count_event(COUNT_spinlocks_taken);
	while (unlikely(__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE)))
		while (READ_ONCE(lock->locked))
			__builtin_ia32_pause();
}

static inline void spin_drop(struct spinlock *lock)
{
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

/*
 * Preemption is off first: a thread is not switched away from while the checker thinks it holds the
 * lock.
 */
static inline void spin_lock(struct spinlock *lock)
{
	preempt_disable();
	lock_order_acquire(lock, lock->rank, false, this_place());
	spin_take(lock);
}

/* The second lock of one rank; the caller states the order. */
static inline void spin_lock_nested(struct spinlock *lock)
{
	preempt_disable();
	lock_order_acquire(lock, lock->rank, true, this_place());
	spin_take(lock);
}

static inline void spin_unlock(struct spinlock *lock)
{
	lock_order_release(lock);
	spin_drop(lock);
	preempt_enable();
}

#endif
