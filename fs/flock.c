/*
 * flock.c -- flock(2): a lock on a whole file that belongs to the open file description, and goes
 * with it. Locks: locks.c.
 */
#include "locks.h"

#include <facet/syscalls.h>

#define LOCK_SH 1u
#define LOCK_EX 2u
#define LOCK_NB 4u
#define LOCK_UN 8u

static int type_of(unsigned operation, enum lock_type *type)
{
	switch (operation & ~LOCK_NB) {
	case LOCK_SH:
		*type = LOCK_SHARED;
		return 0;
	case LOCK_EX:
		*type = LOCK_EXCLUSIVE;
		return 0;
	case LOCK_UN:
		*type = LOCK_NONE;
		return 0;
	default:
		return -EINVAL;
	}
}

long sys_flock(int fd, unsigned operation)
{
	struct file_lock lock = { .kind = LOCK_FLOCK, .last = LOCK_TO_END };
	long error = type_of(operation, &lock.type);
	struct file *file;

	if (error)
		return error;
	file = descriptor_get(fd);
	if (!file)
		return -EBADF;
	lock.owner = file;
	lock.pid = current_process()->pid;
	error = file->flags & O_PATH ? -EBADF
				     : lock_change(file->inode, &lock, !(operation & LOCK_NB));
	file_put(file);
	return error;
}
