/*
 * Deadlines: a tree for each clock, of whose first ones the tick compares the nearer with the time.
 *
 * The tick takes no lock: it reads this CPU's `next_deadline` and sets a bit; the bottom here calls
 * all whose time has come. A tree is ordered by its own clock's time, so nothing in it moves when
 * the real-time clock is set. Lock: `lock`, dropped while a function is called.
 */
#include <arch/cpu.h>
#include <facet/clock.h>
#include <facet/pending.h>
#include <facet/spinlock.h>
#include <facet/timeout.h>

#define CALLS_AT_ONCE 32 /* preemption is off meanwhile */

static struct spinlock lock = SPINLOCK_INIT(RANK_TIMEOUTS);
static struct tree monotonic, realtime;
static struct timeout *called; /* whose function is running */
static uint64_t due_until;     /* what the bottom is at: all up to here; 0: nothing */

static struct timeout *first_of(const struct tree *tree)
{
	return tree_entry(tree_first(tree), struct timeout, node);
}

/* The nearest of both trees. NULL: there is none. */
static struct timeout *nearest(void)
{
	struct timeout *a = first_of(&monotonic), *b = first_of(&realtime);

	if (!a || !b)
		return a ? a : b;
	return a->deadline_ns <= deadline_monotonic(b->deadline_ns) ? a : b;
}

static void deadline_update(void)
{
	const struct timeout *first = nearest();

	cpu_set(next_deadline,
		first ? clock_deadline_cycles(deadline_monotonic(first->deadline_ns)) : UINT64_MAX);
}

static bool earlier(const struct tree_node *a, const struct tree_node *b)
{
	return container_of(a, struct timeout, node)->deadline_ns <
	       container_of(b, struct timeout, node)->deadline_ns;
}

static struct tree *tree_of(const struct timeout *timeout)
{
	return timeout->deadline_ns & DEADLINE_REALTIME ? &realtime : &monotonic;
}

static void take_out(struct timeout *timeout)
{
	if (tree_linked(&timeout->node))
		tree_remove(tree_of(timeout), &timeout->node);
}

void timeout_init(struct timeout *timeout, void (*expired)(struct timeout *timeout))
{
	tree_node_init(&timeout->node);
	timeout->expired = expired;
}

void timeout_set(struct timeout *timeout, uint64_t deadline_ns)
{
	spin_lock(&lock);
	take_out(timeout);
	timeout->deadline_ns = deadline_ns;
	tree_add(tree_of(timeout), &timeout->node, earlier);
	deadline_update();
	spin_unlock(&lock);
}

void timeout_cancel(struct timeout *timeout)
{
	spin_lock(&lock);
	if (tree_linked(&timeout->node)) {
		take_out(timeout);
		deadline_update();
	}
	spin_unlock(&lock);
}

void timeout_cancel_wait(struct timeout *timeout)
{
	timeout_cancel(timeout);
	while (READ_ONCE(called) == timeout)
		__builtin_ia32_pause();
}

void timeouts_clock_set(void)
{
	spin_lock(&lock);
	deadline_update();
	spin_unlock(&lock);
}

/* The bottom of PENDING_TIMEOUTS. What is set meanwhile waits for the next tick at least. */
static void call_expired(void)
{
	struct timeout *timeout;
	unsigned calls = 0;

	spin_lock(&lock);
	if (!due_until)
		due_until = clock_ns();
	while ((timeout = nearest()) && deadline_monotonic(timeout->deadline_ns) <= due_until) {
		if (calls++ == CALLS_AT_ONCE) {
			pending_set(PENDING_TIMEOUTS);
			spin_unlock(&lock);
			return;
		}
		take_out(timeout);
		called = timeout;
		spin_unlock(&lock);
		timeout->expired(timeout);
		spin_lock(&lock);
		called = NULL;
	}
	due_until = 0;
	deadline_update();
	spin_unlock(&lock);
}

void timeouts_init(void)
{
	pending_register(PENDING_TIMEOUTS, call_expired);
}
