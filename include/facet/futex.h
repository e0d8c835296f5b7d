/*
 * futex.h -- sleeping on a word of user memory.
 *
 * Source: futex(2), set_robust_list(2), Linux's Documentation/locking/robust-futexes.
 */
#ifndef FACET_FUTEX_H
#define FACET_FUTEX_H

#include <facet/types.h>

struct thread;

/* What a word is known by: two that are the same memory have the same. */
struct futex_key {
	uint64_t object; /* the address space; or the file, for shared memory */
	uint64_t offset; /* address in the one, place in the other */
};

void futex_init(void);

/*
 * Wakes up to `count` that wait for the word, in this process or, if the memory is shared, in any.
 * Returns how many, or -EFAULT. Context: thread, no lock held; user memory may be read.
 */
int futex_wake(uint32_t __user *word, unsigned count);

/*
 * A thread leaves its memory, by exec or for it ends: of the locks that it holds, those in its
 * robust list and those with priority inheritance for which others wait can be taken over.
 */
void futex_leave(struct thread *thread, bool ends);

#endif
