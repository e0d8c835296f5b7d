/*
 * lock_order.h -- the order of all locks, and the checker that enforces it.
 *
 * A thread takes locks downwards in this table; it may skip steps and never climbs. Two locks of
 * one rank are taken only by a function that names their order (mutex_lock_nested).
 *
 *   sleeping   rename         one rename between two directories at a time: ancestors stay such
 *              directory      an ancestor before its descendant; else by their addresses
 *              pipe           its bytes: allows user copies. Two by their addresses
 *              file           a regular file's bytes: allows user copies
 *              futex owners   who waits for which lock with priority inheritance; user copies too
 *              space          areas and page table; page faults take it, so no user copy under it
 *   spinning   process tree   pids, parents, children, zombies, groups
 *              signals        a process's actions and pending set
 *              descriptors    a descriptor table
 *              futex          those who wait for a word of user memory; two by their addresses
 *              file locks     who holds, and who waits for, which bytes of a file (flock, fcntl)
 *              names          where each directory entry hangs and what it is called; mounts
 *              mappings       the areas that map a file
 *              page cache     a file's pages and size: found, referenced, released before any copy
 *              slab           one cache's partial slabs
 *              frames         the buddy lists
 *              terminal       its settings and its input that nobody has read
 *              console        the output devices
 *              screen         what the screen is to show
 *              timeouts       what is to be done when
 *              wait queue     the waiters of one condition
 *              run queue      the threads of one CPU
 *
 * Under CONFIG_LOCK_ORDER every acquisition is compared with what the thread holds, and a climb
 * panics with both places. Without it nothing of this is compiled in.
 */
#ifndef FACET_LOCK_ORDER_H
#define FACET_LOCK_ORDER_H

#include <facet/config.h>
#include <facet/types.h>

enum lock_rank {
	RANK_RENAME = 1,
	RANK_DIRECTORY,
	RANK_PIPE,
	RANK_FILE,
	RANK_FUTEX_OWNERS,
	RANK_SPACE,
	RANK_SPINNING, /* no lock: those above sleep, those below spin */
	RANK_PROCESS_TREE,
	RANK_SIGNALS,
	RANK_DESCRIPTORS,
	RANK_FUTEX,
	RANK_FILE_LOCKS,
	RANK_NAMES,
	RANK_MAPPINGS,
	RANK_PAGE_CACHE,
	RANK_SLAB,
	RANK_FRAMES,
	RANK_TERMINAL,
	RANK_CONSOLE,
	RANK_SCREEN,
	RANK_TIMEOUTS,
	RANK_WAIT_QUEUE,
	RANK_RUN_QUEUE,
};

#define LOCKS_HELD_MAX 16

/* What one thread holds, in the order of acquisition. */
struct locks_held {
#ifdef CONFIG_LOCK_ORDER
	unsigned count;
	struct {
		const void *lock;
		vaddr_t place;
		uint8_t rank;
	} held[LOCKS_HELD_MAX];
#endif
};

void lock_order_acquired(const void *lock, enum lock_rank rank, bool nested, vaddr_t place);
void lock_order_released(const void *lock);

void lock_order_check_switch(void);
void lock_order_check_above(enum lock_rank rank);

/* Panics if the current thread holds a spinlock: before a switch. */
#define lock_order_assert_switch()                 \
	do {                                       \
		if (IS_ENABLED(CONFIG_LOCK_ORDER)) \
			lock_order_check_switch(); \
	} while (0)

/*
 * Panics if the current thread holds a lock of `rank` or below it: before what may take such a
 * lock.
 */
#define lock_order_assert_above(rank)                 \
	do {                                          \
		if (IS_ENABLED(CONFIG_LOCK_ORDER))    \
			lock_order_check_above(rank); \
	} while (0)

/* The address of the code that this expands in, also in an inlined function. */
#define this_place()                                                 \
	({                                                           \
		vaddr_t place_;                                      \
		__asm__ volatile("lea 0(%%rip), %0" : "=r"(place_)); \
		place_;                                              \
	})

#define lock_order_acquire(lock, rank, nested, place)                   \
	do {                                                            \
		if (IS_ENABLED(CONFIG_LOCK_ORDER))                      \
			lock_order_acquired(lock, rank, nested, place); \
	} while (0)

#define lock_order_release(lock)                   \
	do {                                       \
		if (IS_ENABLED(CONFIG_LOCK_ORDER)) \
			lock_order_released(lock); \
	} while (0)

#endif
