/*
 * sync.c -- sync and its relatives: there is no disk behind any file, so nothing is ever unwritten.
 *
 * What remains of them is what they refuse. Source: fsync(2), sync(2), sync_file_range(2).
 */
#include "internal.h"

#include <facet/syscalls.h>

#define SYNC_FILE_RANGE_FLAGS 7u

long sys_sync(void)
{
	return 0;
}

/* A file, not just a place: 0; else -EBADF. *syncable: it has what could be written back. */
static int look_at(int fd, bool *syncable, mode_t *mode)
{
	struct file *file = descriptor_get(fd);
	int error = 0;

	if (!file)
		return -EBADF;
	if (file->flags & O_PATH)
		error = -EBADF;
	*syncable = file->ops == &tmpfs_file_ops || file->ops == &directory_ops;
	*mode = file->inode->mode;
	file_put(file);
	return error;
}

long sys_syncfs(int fd)
{
	bool syncable;
	mode_t mode;

	return look_at(fd, &syncable, &mode);
}

long sys_fsync(int fd)
{
	bool syncable;
	mode_t mode;
	int error = look_at(fd, &syncable, &mode);

	if (error)
		return error;
	return syncable ? 0 : -EINVAL;
}

long sys_fdatasync(int fd)
{
	return sys_fsync(fd);
}

long sys_sync_file_range(int fd, off_t offset, off_t size, unsigned flags)
{
	bool syncable;
	mode_t mode;
	int error = look_at(fd, &syncable, &mode);
	int64_t end;

	if (error)
		return error;
	if ((flags & ~SYNC_FILE_RANGE_FLAGS) || offset < 0 || size < 0 ||
	    __builtin_add_overflow(offset, size, &end))
		return -EINVAL;
	if (!S_ISREG(mode) && !S_ISDIR(mode) && !S_ISBLK(mode) && !S_ISLNK(mode))
		return -ESPIPE;
	return 0;
}
