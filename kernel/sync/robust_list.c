/*
 * Robust futexes: a thread that ends with locks held leaves word of it, so that others do not wait
 * for ever.
 *
 * The list is the thread's own, in user memory: nothing in it is trusted, and a list without an end
 * is given up. Source: set_robust_list(2), Linux's Documentation/locking/robust-futex-ABI.
 */
#include <arch/uaccess.h>
#include <facet/errno.h>
#include <facet/futex.h>
#include <facet/process.h>
#include <facet/syscalls.h>
#include <facet/thread.h>

#include "futex_private.h"

#define ENTRIES_MAX 2048

/* struct robust_list_head */
struct head {
	uint64_t first;
	int64_t word_offset; /* from an entry to its futex word */
	uint64_t pending;    /* the entry that is being locked or unlocked */
};

static void release_word(const struct thread *thread, uint64_t address, bool pending)
{
	uint32_t __user *word = (uint32_t __user *)address;
	uint32_t value;
	int error;

	if (address % sizeof(*word))
		return;
	do {
		if (get_user_u32(&value, word))
			return;
		/* Unlocked already, but those who wait were not woken yet. */
		if (pending && !value)
			futex_wake(word, 1);
		if ((value & FUTEX_WORD_OWNER) != (uint32_t)thread->tid)
			return;
		error = cmpxchg_user_u32(word, &value,
					 (value & FUTEX_WORD_WAITERS) | FUTEX_WORD_OWNER_DIED);
	} while (error == -EAGAIN);
	if (!error && value & FUTEX_WORD_WAITERS)
		futex_wake(word, 1);
}

static void release_list(struct thread *thread)
{
	uint64_t at = thread->robust_list, entry, next;
	struct head head;

	thread->robust_list = 0;
	if (!at || copy_from_user(&head, (const void __user *)at, sizeof(head)))
		return;
	/* Bit 0 of an entry marks a lock with priority inheritance: see futex_leave_pi(). */
	entry = head.first;
	for (unsigned i = 0; (entry & ~1ul) != at && i < ENTRIES_MAX; i++) {
		bool readable = !get_user_u64(&next, (const uint64_t __user *)(entry & ~1ul));

		if (entry != head.pending)
			release_word(thread, (entry & ~1ul) + (uint64_t)head.word_offset, false);
		if (!readable)
			return;
		entry = next;
	}
	if (head.pending & ~1ul)
		release_word(thread, (head.pending & ~1ul) + (uint64_t)head.word_offset, true);
}

void futex_leave(struct thread *thread, bool ends)
{
	release_list(thread);
	futex_leave_pi(thread, ends);
}

long sys_set_robust_list(void __user *head, size_t size)
{
	if (size != sizeof(struct head))
		return -EINVAL;
	current_thread()->robust_list = (uint64_t)head;
	return 0;
}

long sys_get_robust_list(pid_t tid, uint64_t __user *head, uint64_t __user *size)
{
	struct thread *thread;
	uint64_t address = 0;
	int error = -ESRCH;

	spin_lock(&process_tree_lock);
	thread = tid ? thread_find(tid) : current_thread();
	if (thread) {
		error = process_may_control(thread->process) ? 0 : -EPERM;
		address = thread->robust_list;
	}
	spin_unlock(&process_tree_lock);
	if (!error && (put_user_u64(address, head) || put_user_u64(sizeof(struct head), size)))
		error = -EFAULT;
	return error;
}
