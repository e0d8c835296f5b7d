/*
 * Sleeping until a deadline: a thread is woken by its timeout, unless something else comes first.
 *
 * No lock of its own: a thread's timeout is set and taken back by the thread alone.
 */
#include <facet/sched.h>

static void wake_sleeper(struct timeout *timeout)
{
	struct thread *thread = container_of(timeout, struct thread, sleep_timeout);

	thread->timed_out = true;
	sched_wake(thread);
}

void sleep_init(struct thread *thread)
{
	timeout_init(&thread->sleep_timeout, wake_sleeper);
}

void sleep_begin(uint64_t deadline_ns)
{
	struct thread *thread = current_thread();

	thread->timed_out = false;
	timeout_set(&thread->sleep_timeout, deadline_ns);
}

bool sleep_end(void)
{
	struct thread *thread = current_thread();

	timeout_cancel_wait(&thread->sleep_timeout);
	return thread->timed_out;
}
