/*
 * The checker of the lock order, under CONFIG_LOCK_ORDER: every acquisition is compared with what
 * the thread holds already, and a climb panics with both places.
 *
 * The list is the thread's own, so it needs no lock. Bottoms run on it too, in the return path of
 * an interrupt, so it is changed with interrupts off; interrupt handlers take no locks.
 * Alternative: nothing, see the header.
 */
#include <arch/irqflags.h>
#include <facet/lock_order.h>
#include <facet/panic.h>
#include <facet/symbols.h>
#include <facet/thread.h>

static const char *const rank_names[] = {
	[RANK_RENAME] = "rename",
	[RANK_DIRECTORY] = "directory",
	[RANK_PIPE] = "pipe",
	[RANK_FILE] = "file",
	[RANK_FUTEX_OWNERS] = "futex owners",
	[RANK_SPACE] = "space",
	[RANK_SPINNING] = "spinning",
	[RANK_PROCESS_TREE] = "process tree",
	[RANK_SIGNALS] = "signals",
	[RANK_DESCRIPTORS] = "descriptors",
	[RANK_FUTEX] = "futex",
	[RANK_FILE_LOCKS] = "file locks",
	[RANK_NAMES] = "names",
	[RANK_MAPPINGS] = "mappings",
	[RANK_PAGE_CACHE] = "page cache",
	[RANK_SLAB] = "slab",
	[RANK_FRAMES] = "frames",
	[RANK_TERMINAL] = "terminal",
	[RANK_CONSOLE] = "console",
	[RANK_TIMEOUTS] = "timeouts",
	[RANK_WAIT_QUEUE] = "wait queue",
	[RANK_RUN_QUEUE] = "run queue",
};

static const char *place_name(vaddr_t place)
{
	uint64_t offset;
	const char *name = symbol_name(place, &offset);

	return name ? name : "?";
}

/* Before the scheduler runs there is one thread of control and nothing to deadlock with. */
static struct locks_held *locks_of_current(void)
{
	struct thread *thread = current_thread();

	return thread ? &thread->locks : NULL;
}

void lock_order_acquired(const void *lock, enum lock_rank rank, bool nested, vaddr_t place)
{
	struct locks_held *locks = locks_of_current();
	uint64_t flags;

	if (!locks)
		return;
	for (unsigned i = 0; i < locks->count; i++) {
		if (locks->held[i].lock == lock)
			panic("lock order: %s taken again in %s, held since %s", rank_names[rank],
			      place_name(place), place_name(locks->held[i].place));
		if (locks->held[i].rank > rank || (locks->held[i].rank == rank && !nested))
			panic("lock order: %s taken in %s under %s, held since %s",
			      rank_names[rank], place_name(place), rank_names[locks->held[i].rank],
			      place_name(locks->held[i].place));
	}
	if (rank < RANK_SPINNING && preempt_count())
		panic("lock order: %s may sleep, taken in %s with preemption off", rank_names[rank],
		      place_name(place));
	assert(locks->count < LOCKS_HELD_MAX);
	flags = irq_save();
	locks->held[locks->count].lock = lock;
	locks->held[locks->count].rank = (uint8_t)rank;
	locks->held[locks->count].place = place;
	locks->count++;
	irq_restore(flags);
}

void lock_order_released(const void *lock)
{
	struct locks_held *locks = locks_of_current();
	uint64_t flags;

	if (!locks)
		return;
	for (unsigned i = locks->count; i-- > 0;) {
		if (locks->held[i].lock != lock)
			continue;
		flags = irq_save();
		for (locks->count--; i < locks->count; i++)
			locks->held[i] = locks->held[i + 1];
		irq_restore(flags);
		return;
	}
	panic("lock order: %p released, which this thread does not hold", lock);
}

void lock_order_check_switch(void)
{
	struct locks_held *locks = locks_of_current();

	if (!locks)
		return;
	for (unsigned i = 0; i < locks->count; i++)
		if (locks->held[i].rank > RANK_SPINNING)
			panic("lock order: a switch with %s held, since %s",
			      rank_names[locks->held[i].rank], place_name(locks->held[i].place));
}

void lock_order_check_above(enum lock_rank rank)
{
	struct locks_held *locks = locks_of_current();

	if (!locks)
		return;
	for (unsigned i = 0; i < locks->count; i++)
		if (locks->held[i].rank >= rank)
			panic("lock order: %s held since %s, where %s may be taken",
			      rank_names[locks->held[i].rank], place_name(locks->held[i].place),
			      rank_names[rank]);
}
