/*
 * commit.c -- memory promised to processes.
 *
 * Every private page that a process may still write is promised when it is mapped, by all fork
 * policies alike, and refused there: so a fault finds a page, and what runs out of memory gets an
 * errno. What the kernel and files occupy cannot be promised, and a reserve is kept for the tables
 * and stacks that come with the use of promised memory.
 *
 * That is mode 2 of Linux's vm.overcommit_memory (its strict one, with a limit of our own); the
 * other two promise what they may not be able to keep, and a fault without a page kills the process
 * that faulted. Source: proc(5).
 *
 * No locks: one atomic counter.
 */
#include <facet/errno.h>
#include <facet/frames.h>

#define RESERVE_MIN 64 /* pages */

static size_t promised; /* atomic */
static enum commit_mode mode = COMMIT_STRICT;

void commit_set_mode(enum commit_mode new_mode)
{
	WRITE_ONCE(mode, new_mode);
}

enum commit_mode commit_mode(void)
{
	return READ_ONCE(mode);
}

size_t commit_used(void)
{
	return READ_ONCE(promised);
}

size_t commit_limit(void)
{
	size_t total = frames_total_count();
	size_t taken = total / 32 + RESERVE_MIN + frames_kept_count();

	return total - MIN(taken, total);
}

/*
 * In one step: a charge that is refused is at no moment seen by others, who would be refused for
 * it.
 */
static bool charge_within(size_t pages, size_t limit)
{
	size_t before = READ_ONCE(promised);

	do {
		if (pages > limit || before > limit - pages)
			return false;
	} while (!__atomic_compare_exchange_n(&promised, &before, before + pages, true,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return true;
}

/* Promises that need not be kept: all, or each that all of RAM could keep. */
static int charge_unchecked(size_t pages)
{
	if (commit_mode() == COMMIT_GUESS && pages > frames_total_count())
		return -ENOMEM;
	__atomic_fetch_add(&promised, pages, __ATOMIC_RELAXED);
	return 0;
}

int commit_charge(size_t pages)
{
	if (unlikely(commit_mode() != COMMIT_STRICT))
		return charge_unchecked(pages);
	if (likely(charge_within(pages, commit_limit())))
		return 0;
	if (pages > frames_total_count())
		return -ENOMEM;
	frames_drain(); /* what rooms keep in their stores counts as taken */
	return charge_within(pages, commit_limit()) ? 0 : -ENOMEM;
}

void commit_release(size_t pages)
{
	__atomic_fetch_sub(&promised, pages, __ATOMIC_RELAXED);
}
