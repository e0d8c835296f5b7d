/*
 * Round-robin: every thread gets the same quantum, in the order of arrival.
 *
 * The simplest fair policy, and the base that others are compared with. A woken thread goes to the
 * tail like everyone: nothing preempts, so the wait is bounded by (ready threads) x quantum.
 * Classes and priorities are accepted and kept, and change nothing.
 *
 * Every function: run queue's lock held, interrupts off. Alternative: prio.c.
 */
#include "quantum.h"

#include <facet/sched_policy.h>
#include <facet/thread.h>

static PER_CPU(struct list, ready);

const char sched_policy_name[] = "rr";

void sched_policy_init(void)
{
	list_init(this_cpu(ready));
}

void sched_policy_enqueue(struct thread *thread, enum sched_why why)
{
	if (why == SCHED_PREEMPTED) /* it has slice left: it goes on where it was */
		list_push_front(this_cpu(ready), &thread->sched.link);
	else
		list_push_back(this_cpu(ready), &thread->sched.link);
}

void sched_policy_dequeue(struct thread *thread, enum sched_why why)
{
	if (why == SCHED_CHANGED)
		list_remove(&thread->sched.link);
}

struct thread *sched_policy_pick(void)
{
	struct list *queue = this_cpu(ready);
	struct thread *first;

	if (list_empty(queue))
		return NULL;
	first = list_first_entry(queue, struct thread, sched.link);
	list_remove(&first->sched.link);
	return first;
}

unsigned sched_policy_slice(const struct thread *thread)
{
	(void)thread;
	return QUANTUM_TICKS;
}

bool sched_policy_preempts(const struct thread *running, const struct thread *woken)
{
	(void)running;
	(void)woken;
	return false;
}

void sched_policy_set(struct thread *thread, const struct sched_params *params)
{
	thread->sched.params = *params;
}
