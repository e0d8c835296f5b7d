/*
 * wait.h -- threads waiting for a condition.
 *
 * The condition belongs to the caller and is guarded by the caller's lock. A waker changes the
 * condition under that lock, so a thread that looked and found nothing cannot miss the change: it
 * links itself and is marked blocked, with preemption off, before the lock is dropped.
 */
#ifndef FACET_WAIT_H
#define FACET_WAIT_H

#include <facet/list.h>
#include <facet/spinlock.h>

struct mutex;
struct thread;

enum sleep_state {
	SLEEP_UNINTERRUPTIBLE, /* only a wake ends it */
	SLEEP_KILLABLE,        /* SIGKILL ends it too */
	SLEEP_INTERRUPTIBLE,   /* any signal that is not blocked or ignored ends it too */
};

/* In place of a deadline: wait for ever. */
#define NO_DEADLINE UINT64_MAX

struct wait_queue {
	struct spinlock lock;
	struct list waiters; /* struct waiter.link, in the order of arrival */
};

/* One thread's place in one queue; lives on the waiting thread's stack. */
struct waiter {
	struct list link;
	struct thread *thread;
	bool *noticed; /* of one that watches several queues: a wake sets it and is not used up */
	bool woken;    /* of the same: by this queue */
};

/* clang-format off */
#define WAIT_QUEUE_INIT(queue)                                                                   \
	{ .lock = SPINLOCK_INIT(RANK_WAIT_QUEUE), .waiters = LIST_INIT((queue).waiters) }
/* clang-format on */

void wait_queue_init(struct wait_queue *queue);

/*
 * Sleep until woken. `lock` guards the condition: it is held on entry, released while asleep, and
 * held again on return; the caller looks at its condition again, in a loop.
 * Context: thread, interrupts on, no other spinlock held.
 * Returns 0 when woken, -ERESTARTSYS (restart.h) if a signal came first and `state` allows it,
 * -ETIMEDOUT when clock_ns() passed
 * `deadline_ns`.
 */
int wait_sleep_until(struct wait_queue *queue, struct spinlock *lock, enum sleep_state state,
		     uint64_t deadline_ns);
int wait_sleep(struct wait_queue *queue, struct spinlock *lock, enum sleep_state state);

/* For a condition that the queue's own lock guards (mutex.c): held on entry and again on return. */
void wait_sleep_on_own_lock(struct wait_queue *queue);

/* The same for a condition under a mutex. */
int wait_sleep_mutex(struct wait_queue *queue, struct mutex *mutex, enum sleep_state state);
int wait_sleep_mutex_until(struct wait_queue *queue, struct mutex *mutex, enum sleep_state state,
			   uint64_t deadline_ns);

/*
 * Context: thread or the return path's work; the condition's lock held. Neither sleeps nor
 * switches.
 */
void wait_wake_one(struct wait_queue *queue);
void wait_wake_all(struct wait_queue *queue);

/*
 * Watching several queues at once, for poll(2): watch each, look at all conditions, sleep if none
 * holds, look at those whose queue woke, end all watches. Wakers set `*noticed` first, so a wake
 * between the look and the sleep is not missed. wait_watch() ends with a full barrier: the
 * condition is looked at after it, with its lock or without. The others are called without.
 */
static inline void wait_watch(struct wait_queue *queue, struct waiter *waiter, bool *noticed)
{
	waiter->thread = current_thread();
	waiter->noticed = noticed;
	waiter->woken = false;
	spin_lock(&queue->lock);
	list_push_back(&queue->waiters, &waiter->link);
	spin_unlock(&queue->lock);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static inline void wait_watch_end(struct wait_queue *queue, struct waiter *waiter)
{
	spin_lock(&queue->lock);
	list_remove(&waiter->link);
	spin_unlock(&queue->lock);
}

/* Returns 0 once `*noticed` is set, -ERESTARTSYS or -ETIMEDOUT; it is no longer set then. */
int wait_noticed(bool *noticed, uint64_t deadline_ns);
/* Whether this queue has woken it since it was asked last. A full barrier if so: look again. */
static inline bool wait_watch_woken(struct waiter *waiter)
{
	return READ_ONCE(waiter->woken) &&
	       __atomic_exchange_n(&waiter->woken, false, __ATOMIC_SEQ_CST);
}

/* Sleep on no condition. 0 when the deadline came, or when woken; -ERESTARTSYS for a signal. */
int sleep_until(uint64_t deadline_ns, enum sleep_state state);

#endif
