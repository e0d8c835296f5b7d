/*
 * Sleep deadlines: a tree by deadline, whose first the tick compares with the clock.
 *
 * The tick takes no lock: it reads this CPU's `next_deadline` and sets a bit; the bottom here wakes
 * all whose time has come. Lock: the sleep queue's, then the run queue's through sched_wake.
 */
#include <arch/cpu.h>
#include <facet/clock.h>
#include <facet/pending.h>
#include <facet/sched.h>

#define WAKES_AT_ONCE 32 /* preemption is off meanwhile */

static struct spinlock sleep_lock = SPINLOCK_INIT(RANK_SLEEP_QUEUE);
static PER_CPU(struct tree, sleepers);

static struct thread *first_sleeper(void)
{
	return tree_entry(tree_first(this_cpu(sleepers)), struct thread, sleep_node);
}

static void deadline_update(void)
{
	struct thread *first = first_sleeper();

	cpu_set(next_deadline, first ? first->deadline : UINT64_MAX);
}

static bool earlier(const struct tree_node *a, const struct tree_node *b)
{
	return container_of(a, struct thread, sleep_node)->deadline <
	       container_of(b, struct thread, sleep_node)->deadline;
}

static void take_out(struct thread *thread)
{
	tree_remove(this_cpu(sleepers), &thread->sleep_node);
	thread->sleeping = false;
}

void sleep_queue_add(uint64_t deadline_ns)
{
	struct thread *thread = current_thread();

	thread->deadline = clock_deadline_cycles(deadline_ns);
	thread->timed_out = false;
	spin_lock(&sleep_lock);
	thread->sleeping = true;
	tree_add(this_cpu(sleepers), &thread->sleep_node, earlier);
	deadline_update();
	spin_unlock(&sleep_lock);
}

bool sleep_queue_remove(void)
{
	struct thread *thread = current_thread();

	spin_lock(&sleep_lock);
	if (thread->sleeping) {
		take_out(thread);
		deadline_update();
	}
	spin_unlock(&sleep_lock);
	return thread->timed_out;
}

/* The bottom of PENDING_SLEEPERS. */
static void wake_expired(void)
{
	struct thread *thread;

	spin_lock(&sleep_lock);
	for (unsigned woken = 0; (thread = first_sleeper()) && thread->deadline <= rdtsc();
	     woken++) {
		if (woken == WAKES_AT_ONCE) {
			pending_set(PENDING_SLEEPERS);
			break;
		}
		take_out(thread);
		thread->timed_out = true;
		sched_wake(thread);
	}
	deadline_update();
	spin_unlock(&sleep_lock);
}

void sleep_queue_init(void)
{
	tree_init(this_cpu(sleepers));
	pending_register(PENDING_SLEEPERS, wake_expired);
}
