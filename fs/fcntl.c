/*
 * fcntl.c -- fcntl(2) and ioctl(2): what is changed about an open file.
 *
 * Requests that are one driver's alone go to its file_ops. Source: fcntl(2), ioctl_fide(2).
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/syscalls.h>

enum {
	F_DUPFD = 0,
	F_GETFD = 1,
	F_SETFD = 2,
	F_GETFL = 3,
	F_SETFL = 4,
	F_DUPFD_CLOEXEC = 1030,
	F_SETPIPE_SZ = 1031,
	F_GETPIPE_SZ = 1032,
};

#define FD_CLOEXEC 1
#define SETTABLE_FLAGS (O_APPEND | O_NONBLOCK)

#define FIONCLEX 0x5450
#define FIOCLEX 0x5451
#define FIONBIO 0x5421

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

static long fcntl_file(struct file *file, unsigned command, unsigned long argument)
{
	if (command == F_GETFL)
		return file->flags;
	if (file->flags & O_PATH)
		return -EBADF;
	switch (command) {
	case F_SETFL:
		change_flags(file, SETTABLE_FLAGS, (uint32_t)argument);
		return 0;
	case F_GETPIPE_SZ:
		return pipe_get_size(file);
	case F_SETPIPE_SZ:
		return pipe_set_size(file, argument);
	default:
		return -EINVAL;
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
	result = fcntl_file(file, command, argument);
	file_put(file);
	return result;
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
