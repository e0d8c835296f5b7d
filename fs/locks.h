/*
 * locks.h -- advisory locks on files: flock(2)'s, and the record locks of fcntl(2), which belong to
 * a process or to an open file description. How they are asked for: flock.c, record_lock.c.
 */
#ifndef FS_LOCKS_H
#define FS_LOCKS_H

#include "internal.h"

enum lock_kind {
	LOCK_FLOCK,   /* the owner is a struct file; does not meet the other two kinds */
	LOCK_PROCESS, /* a struct descriptors, which is one process's */
	LOCK_OPEN,    /* a struct file */
};

enum lock_type { LOCK_NONE, LOCK_SHARED, LOCK_EXCLUSIVE };

#define LOCK_TO_END ((uint64_t)FILE_SIZE_MAX)

struct file_lock {
	struct list link; /* inode_locks->held, by their start */
	enum lock_kind kind;
	enum lock_type type;
	const void *owner;
	uint64_t start, last; /* bytes, both included; LOCK_TO_END: all there will ever be */
	pid_t pid;            /* who asked for it */
};

/*
 * Makes the range have the type, whatever its owner had on it before; LOCK_NONE unlocks it. `wait`:
 * until no other owner's lock is in the way. Returns 0, -EAGAIN, -EDEADLK, -ENOLCK (no memory) or
 * -ERESTARTSYS. Context: thread, no lock held.
 */
int lock_change(struct inode *inode, const struct file_lock *wanted, bool wait);

/* Whether it could be had now; if not, *lock becomes the first one that is in the way. */
bool lock_is_possible(struct inode *inode, struct file_lock *lock);

/* A lock and the file that it is on. */
struct held_lock {
	struct file_lock lock;
	dev_t device;
	ino_t number;
};

/* Copies those there are, at most `room`. Returns how many there are. */
size_t locks_copy(struct held_lock *to, size_t room);

/* What sys_fcntl does about F_SETLK and its relatives; `fd` is the number the file was found by. */
long fcntl_lock(struct file *file, int fd, unsigned command, void __user *argument);
bool fcntl_is_lock(unsigned command);

#endif
