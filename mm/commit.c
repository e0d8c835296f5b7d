/*
 * commit.c -- memory promised to processes.
 *
 * Every private page that a process may still write is promised when it is mapped, by all fork
 * policies alike, and refused there: so a fault finds a page, and what runs out of memory gets an
 * errno. What the kernel and files occupy cannot be promised, and a reserve is kept for the tables
 * and stacks that come with the use of promised memory.
 *
 * No locks: one atomic counter.
 */
#include <facet/errno.h>
#include <facet/frames.h>

#define RESERVE_MIN 64 /* pages */

static size_t promised; /* atomic */
static bool unlimited;

void commit_set_unlimited(void)
{
	unlimited = true;
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
		if (!unlimited && (pages > limit || before > limit - pages))
			return false;
	} while (!__atomic_compare_exchange_n(&promised, &before, before + pages, true,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return true;
}

int commit_charge(size_t pages)
{
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
