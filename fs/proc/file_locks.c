/*
 * file_locks.c -- /proc/locks: which process holds a lock on which file. Source: proc(5).
 */
#include "../locks.h"
#include "proc.h"

static void put_lock(struct text *text, size_t number, const struct held_lock *held)
{
	static const char *const kinds[] = {
		[LOCK_FLOCK] = "FLOCK ",
		[LOCK_PROCESS] = "POSIX ",
		[LOCK_OPEN] = "OFDLCK",
	};
	const struct file_lock *lock = &held->lock;

	text_printf(text, "%lu: %s ADVISORY  %s %d %02x:%02x:%lu %lu ", number, kinds[lock->kind],
		    lock->type == LOCK_EXCLUSIVE ? "WRITE" : "READ",
		    lock->kind == LOCK_OPEN ? -1 : lock->pid, device_major(held->device),
		    device_minor(held->device), held->number, lock->start);
	if (lock->last == LOCK_TO_END)
		text_printf(text, "EOF\n");
	else
		text_printf(text, "%lu\n", lock->last);
}

/* Copied first, for the text grows without a lock; again, if more have come since the count. */
int proc_show_locks(struct text *text, pid_t pid)
{
	size_t room = 0, count = locks_copy(NULL, 0);
	struct held_lock *held = NULL;

	(void)pid;
	while (count > room) {
		kfree(held);
		room = count;
		held = kmalloc(room * sizeof(*held));
		if (!held)
			return -ENOMEM;
		count = locks_copy(held, room);
	}
	for (size_t i = 0; i < count; i++)
		put_lock(text, i + 1, &held[i]);
	kfree(held);
	return 0;
}
