/*
 * Wait queues: a thread links itself and is marked blocked before the condition's lock is dropped,
 * so a waker, who holds that lock, either comes before the look at the condition or finds the
 * thread.
 *
 * Locks: the queue's (RANK_WAIT_QUEUE) around its list; wakers go on to the run queue under it.
 */
#include <facet/errno.h>
#include <facet/mutex.h>
#include <facet/panic.h>
#include <facet/restart.h>
#include <facet/sched.h>

void wait_queue_init(struct wait_queue *queue)
{
	spin_init(&queue->lock, RANK_WAIT_QUEUE);
	list_init(&queue->waiters);
}

/* The condition's lock is held. From here to waiter_leave() a wake is not missed. */
static void waiter_enter(struct wait_queue *queue, struct waiter *waiter, enum sleep_state state)
{
	waiter->thread = current_thread();
	waiter->noticed = NULL;
	sched_block(state);
	spin_lock(&queue->lock);
	list_push_back(&queue->waiters, &waiter->link);
	spin_unlock(&queue->lock);
}

static void waiter_leave(struct wait_queue *queue, struct waiter *waiter)
{
	if (!list_linked(&waiter->link)) /* a waker took it off, for good */
		return;
	spin_lock(&queue->lock);
	list_remove(&waiter->link);
	spin_unlock(&queue->lock);
}

static bool interrupted(enum sleep_state state)
{
	const struct thread *thread = current_thread();

	return (state == SLEEP_INTERRUPTIBLE && signal_pending(thread)) ||
	       (state == SLEEP_KILLABLE && thread->killed);
}

/*
 * Switches away until woken. The condition's lock has been dropped; preemption is off since
 * sched_block().
 */
static int block(enum sleep_state state, uint64_t deadline_ns)
{
	bool timed_out = false;

	if (interrupted(state)) {
		sched_unblock();
		return -ERESTARTSYS;
	}
	if (deadline_ns != NO_DEADLINE)
		sleep_begin(deadline_ns);
	schedule();
	if (deadline_ns != NO_DEADLINE)
		timed_out = sleep_end();
	if (timed_out)
		return -ETIMEDOUT;
	return interrupted(state) ? -ERESTARTSYS : 0;
}

int wait_sleep_until(struct wait_queue *queue, struct spinlock *lock, enum sleep_state state,
		     uint64_t deadline_ns)
{
	struct waiter waiter;
	int error;

	waiter_enter(queue, &waiter, state);
	spin_unlock(lock);
	error = block(state, deadline_ns);
	waiter_leave(queue, &waiter);
	spin_lock(lock);
	return error;
}

int wait_sleep(struct wait_queue *queue, struct spinlock *lock, enum sleep_state state)
{
	return wait_sleep_until(queue, lock, state, NO_DEADLINE);
}

int wait_sleep_mutex_until(struct wait_queue *queue, struct mutex *mutex, enum sleep_state state,
			   uint64_t deadline_ns)
{
	struct waiter waiter;
	int error;

	waiter_enter(queue, &waiter, state);
	mutex_unlock(mutex);
	error = block(state, deadline_ns);
	waiter_leave(queue, &waiter);
	mutex_lock(mutex);
	return error;
}

int wait_sleep_mutex(struct wait_queue *queue, struct mutex *mutex, enum sleep_state state)
{
	return wait_sleep_mutex_until(queue, mutex, state, NO_DEADLINE);
}

void wait_sleep_on_own_lock(struct wait_queue *queue)
{
	struct waiter waiter = { .thread = current_thread() };

	sched_block(SLEEP_UNINTERRUPTIBLE);
	list_push_back(&queue->waiters, &waiter.link);
	spin_unlock(&queue->lock);
	schedule();
	spin_lock(&queue->lock);
	if (list_linked(&waiter.link))
		list_remove(&waiter.link);
}

/*
 * A watcher stays in the queue until it ends the watch itself: what it is woken for may be gone
 * when it looks, and then it waits for the next wake. Returns whether the wake was used up: the
 * thread was asleep, and waits for nothing else.
 */
static bool wake(struct waiter *waiter)
{
	struct thread *thread = waiter->thread;

	if (!waiter->noticed) {
		list_remove(&waiter->link);
		return sched_wake(thread);
	}
	WRITE_ONCE(waiter->woken, true);
	if (!__atomic_exchange_n(waiter->noticed, true, __ATOMIC_SEQ_CST))
		sched_wake(thread);
	return false;
}

void wait_wake_one(struct wait_queue *queue)
{
	struct waiter *waiter, *next;

	spin_lock(&queue->lock);
	list_for_each_entry_safe(waiter, next, &queue->waiters, link)
		if (wake(waiter))
			break; /* else a signal or the deadline has woken it: the next one */
	spin_unlock(&queue->lock);
}

void wait_wake_all(struct wait_queue *queue)
{
	struct waiter *waiter, *next;

	spin_lock(&queue->lock);
	list_for_each_entry_safe(waiter, next, &queue->waiters, link)
		wake(waiter);
	spin_unlock(&queue->lock);
}

int sleep_until(uint64_t deadline_ns, enum sleep_state state)
{
	int error;

	sched_block(state);
	error = block(state, deadline_ns);
	return error == -ETIMEDOUT ? 0 : error;
}

int wait_noticed(bool *noticed, uint64_t deadline_ns)
{
	int error = 0;

	sched_block(SLEEP_INTERRUPTIBLE);
	if (__atomic_load_n(noticed, __ATOMIC_SEQ_CST))
		sched_unblock();
	else
		error = block(SLEEP_INTERRUPTIBLE, deadline_ns);
	/* With a barrier: a waker that still sees it set has marked its waiter before. */
	(void)__atomic_exchange_n(noticed, false, __ATOMIC_SEQ_CST);
	return error;
}
