/*
 * fcntl.c -- fcntl(2) and ioctl(2): what is changed about an open file.
 *
 * Requests that are one driver's alone go to its file_ops, locks to record_lock.c, owners to
 * owner.c. Source: fcntl(2), ioctl_fide(2).
 */
#include "locks.h"

#include <arch/uaccess.h>
#include <facet/syscalls.h>

enum {
	F_DUPFD = 0,
	F_GETFD = 1,
	F_SETFD = 2,
	F_GETFL = 3,
	F_SETFL = 4,
	F_GETLEASE = 1025,
	F_DUPFD_CLOEXEC = 1030,
	F_SETPIPE_SZ = 1031,
	F_GETPIPE_SZ = 1032,
	F_ADD_SEALS = 1033,
	F_GET_SEALS = 1034,
};

#define FD_CLOEXEC 1
#define F_UNLCK 2
#define F_SEAL_SEAL 1
#define SETTABLE_FLAGS (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

#define FIONCLEX 0x5450
#define FIOCLEX 0x5451
#define FIONBIO 0x5421
#define FIOASYNC 0x5452

static void change_flags(struct file *file, uint32_t mask, uint32_t flags)
{
	uint32_t old = READ_ONCE(file->flags);

	while (!__atomic_compare_exchange_n(&file->flags, &old, (old & ~mask) | (flags & mask),
					    false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

static long fcntl_duplicate(int fd, unsigned long lowest, bool close_on_exec)
{
	struct file *file = descriptor_get(fd);

	if (!file)
		return -EBADF;
	file_put(file);
	if (lowest >= current_process()->limits[RLIMIT_NOFILE].current || lowest > INT32_MAX)
		return -EINVAL;
	return descriptor_duplicate(fd, (unsigned)lowest, close_on_exec);
}

/* Files in memory could be sealed, but for one seal that all have: that there will be no other. */
static long fcntl_seals(const struct file *file, unsigned command)
{
	if (!S_ISREG(file->inode->mode) || file->inode->ops != &tmpfs_inode_ops)
		return -EINVAL;
	return command == F_GET_SEALS ? F_SEAL_SEAL : -EPERM;
}

static long fcntl_set_flags(struct file *file, uint32_t flags)
{
	if ((flags & ~READ_ONCE(file->flags) & O_NOATIME) && !inode_is_owner(file->inode))
		return -EPERM;
	if ((flags & O_DIRECT) && !S_ISREG(file->inode->mode))
		return -EINVAL;
	change_flags(file, SETTABLE_FLAGS, flags);
	return 0;
}

static long fcntl_file(struct file *file, int fd, unsigned command, unsigned long argument)
{
	if (command == F_GETFL)
		return file->flags;
	if (file->flags & O_PATH)
		return -EBADF;
	if (fcntl_is_lock(command))
		return fcntl_lock(file, fd, command, (void __user *)argument);
	switch (command) {
	case F_SETFL:
		return fcntl_set_flags(file, (uint32_t)argument);
	case F_GETLEASE: /* nobody has one */
		return F_UNLCK;
	case F_GETPIPE_SZ:
		return pipe_get_size(file);
	case F_SETPIPE_SZ:
		return pipe_set_size(file, argument);
	case F_ADD_SEALS:
	case F_GET_SEALS:
		return fcntl_seals(file, command);
	default:
		return fcntl_owner(file, command, argument);
	}
}

long sys_fcntl(int fd, unsigned command, unsigned long argument)
{
	struct file *file;
	long result;

	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return fcntl_duplicate(fd, argument, command == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return descriptor_flags(fd, false, false);
	case F_SETFD:
		result = descriptor_flags(fd, true, argument & FD_CLOEXEC);
		return result < 0 ? result : 0;
	}
	file = descriptor_get(fd);
	if (!file)
		return -EBADF;
	result = fcntl_file(file, fd, command, argument);
	file_put(file);
	return result;
}

/* SIGIO is sent for no file: to ask for it fails as it does on Linux for one that cannot. */
static long ioctl_async(unsigned long argument)
{
	uint32_t on;

	if (get_user_u32(&on, (const uint32_t *)argument))
		return -EFAULT;
	return on ? -ENOTTY : 0;
}

/* Bytes from the offset to the end. */
static long regular_readable(struct file *file, unsigned long argument)
{
	int64_t left;

	mutex_lock(&file->inode->lock);
	left = (int64_t)(file->inode->size - file->offset);
	mutex_unlock(&file->inode->lock);
	return put_user_u32((uint32_t)left, (uint32_t *)argument);
}

static long ioctl_file(struct file *file, int fd, unsigned request, unsigned long argument)
{
	uint32_t on;

	switch (request) {
	case FIOCLEX:
	case FIONCLEX:
		descriptor_flags(fd, true, request == FIOCLEX);
		return 0;
	case FIONBIO:
		if (get_user_u32(&on, (const uint32_t *)argument))
			return -EFAULT;
		change_flags(file, O_NONBLOCK, on ? O_NONBLOCK : 0);
		return 0;
	case FIOASYNC:
		return ioctl_async(argument);
	case FIONREAD:
		if (S_ISREG(file->inode->mode))
			return regular_readable(file, argument);
	}
	return file->ops->ioctl ? file->ops->ioctl(file, request, argument) : -ENOTTY;
}

long sys_ioctl(int fd, unsigned request, unsigned long argument)
{
	struct file *file = descriptor_get(fd);
	long result;

	if (!file)
		return -EBADF;
	result = file->flags & O_PATH ? -EBADF : ioctl_file(file, fd, request, argument);
	file_put(file);
	return result;
}
