/*
 * record_lock.c -- fcntl(2)'s locks on ranges of bytes: those of a process, which go when it closes
 * any descriptor of the file, and those of an open file description (F_OFD_). Locks: locks.c.
 */
#include "locks.h"

#include <arch/uaccess.h>

enum { F_RDLCK, F_WRLCK, F_UNLCK };

enum {
	F_GETLK = 5,
	F_SETLK = 6,
	F_SETLKW = 7,
	F_OFD_GETLK = 36,
	F_OFD_SETLK = 37,
	F_OFD_SETLKW = 38,
};

/* Linux x86_64's struct flock. */
struct flock {
	int16_t type, whence;
	int64_t start, length;
	int32_t pid;
};

bool fcntl_is_lock(unsigned command)
{
	return (command >= F_GETLK && command <= F_SETLKW) ||
	       (command >= F_OFD_GETLK && command <= F_OFD_SETLKW);
}

static int base_of(struct file *file, int whence, int64_t *base)
{
	int error = 0;

	mutex_lock(&file->inode->lock);
	if (whence == SEEK_SET)
		*base = 0;
	else if (whence == SEEK_CUR)
		*base = (int64_t)file->offset;
	else if (whence == SEEK_END)
		*base = (int64_t)file->inode->size;
	else
		error = -EINVAL;
	mutex_unlock(&file->inode->lock);
	return error;
}

/* A negative length is that of the bytes before the start; 0: to the end of what may ever be. */
static int range_of(struct file *file, const struct flock *flock, struct file_lock *lock)
{
	int64_t start, last = (int64_t)LOCK_TO_END;
	int error = base_of(file, flock->whence, &start);

	if (error)
		return error;
	if (__builtin_add_overflow(start, flock->start, &start))
		return -EOVERFLOW;
	if (start < 0)
		return -EINVAL;
	if (flock->length > 0 && __builtin_add_overflow(start, flock->length - 1, &last))
		return -EOVERFLOW;
	if (flock->length < 0) {
		last = start - 1;
		if (__builtin_add_overflow(start, flock->length, &start) || start < 0)
			return -EINVAL;
	}
	lock->start = (uint64_t)start;
	lock->last = (uint64_t)last;
	return 0;
}

static int type_of(int type, enum lock_type *to)
{
	static const enum lock_type types[] = {
		[F_RDLCK] = LOCK_SHARED,
		[F_WRLCK] = LOCK_EXCLUSIVE,
		[F_UNLCK] = LOCK_NONE,
	};

	if (type < 0 || type > F_UNLCK)
		return -EINVAL;
	*to = types[type];
	return 0;
}

static void lock_to_flock(const struct file_lock *lock, struct flock *flock)
{
	flock->type = lock->type == LOCK_SHARED ? F_RDLCK : F_WRLCK;
	flock->whence = SEEK_SET;
	flock->start = (int64_t)lock->start;
	flock->length = lock->last == LOCK_TO_END ? 0 : (int64_t)(lock->last - lock->start + 1);
	flock->pid = lock->kind == LOCK_PROCESS ? lock->pid : -1;
}

static long get_lock(struct file *file, struct file_lock *lock, struct flock *flock,
		     void __user *argument)
{
	if (lock->type == LOCK_NONE)
		return -EINVAL;
	if (lock_is_possible(file->inode, lock))
		flock->type = F_UNLCK;
	else
		lock_to_flock(lock, flock);
	return copy_to_user(argument, flock, sizeof(*flock)) ? -EFAULT : 0;
}

/*
 * The descriptor may have been closed meanwhile, which took away the process's locks, but not yet
 * this one.
 */
static long set_lock(struct file *file, int fd, struct file_lock *lock, bool wait)
{
	long error;

	if ((lock->type == LOCK_SHARED && !(file->access & FILE_READ)) ||
	    (lock->type == LOCK_EXCLUSIVE && !(file->access & FILE_WRITE)))
		return -EBADF;
	error = lock_change(file->inode, lock, wait);
	if (!error && lock->kind == LOCK_PROCESS && lock->type != LOCK_NONE &&
	    !descriptor_is(fd, file)) {
		locks_release_process(file->inode, lock->owner);
		return -EBADF;
	}
	return error;
}

long fcntl_lock(struct file *file, int fd, unsigned command, void __user *argument)
{
	bool of_process = command <= F_SETLKW;
	struct file_lock lock = {
		.kind = of_process ? LOCK_PROCESS : LOCK_OPEN,
		.pid = current_process()->pid,
	};
	struct flock flock;
	int error;

	if (copy_from_user(&flock, argument, sizeof(flock)))
		return -EFAULT;
	error = range_of(file, &flock, &lock);
	if (!error)
		error = type_of(flock.type, &lock.type);
	if (!error && !of_process && flock.pid)
		error = -EINVAL;
	if (error)
		return error;
	lock.owner = of_process ? (const void *)current_process()->descriptors : file;
	if (command == F_GETLK || command == F_OFD_GETLK)
		return get_lock(file, &lock, &flock, argument);
	return set_lock(file, fd, &lock, command == F_SETLKW || command == F_OFD_SETLKW);
}
