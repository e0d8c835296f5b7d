/*
 * truncate.c -- how long a file is and what of it has pages: truncate, ftruncate, fallocate.
 *
 * Here are the rules for every file; what is done is the file system's inode_ops.
 *
 * Locks: the inode's. Source: truncate(2), fallocate(2).
 */
#include "internal.h"

#include <facet/syscalls.h>

static int resize(struct inode *inode, uint64_t size)
{
	int error;

	mutex_lock(&inode->lock);
	inode_drop_privileges(inode);
	error = inode->ops->resize(inode, size);
	mutex_unlock(&inode->lock);
	return error;
}

static int truncate_named(struct inode *inode, uint64_t size)
{
	int error;

	if (S_ISDIR(inode->mode))
		return -EISDIR;
	if (!S_ISREG(inode->mode) || !inode->ops->resize)
		return -EINVAL;
	error = inode_permission(inode, MAY_WRITE);
	if (error)
		return error;
	if (READ_ONCE(inode->writers) < 0) /* it is being executed */
		return -ETXTBSY;
	return resize(inode, size);
}

int truncate_opened(struct inode *inode)
{
	if (!S_ISREG(inode->mode) || !inode->ops->resize)
		return 0;
	if (READ_ONCE(inode->writers) < 0)
		return -ETXTBSY;
	return resize(inode, 0);
}

long sys_truncate(const char __user *path, off_t size)
{
	struct dentry *dentry;
	long error;

	if (size < 0)
		return -EINVAL;
	dentry = path_lookup_user(AT_FDCWD, path, LOOKUP_FOLLOW);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	error = truncate_named(dentry->inode, (uint64_t)size);
	dentry_put(dentry);
	return error;
}

long sys_ftruncate(int fd, off_t size)
{
	struct file *file;
	struct inode *inode;
	long result = -EINVAL;

	if (size < 0)
		return -EINVAL;
	file = descriptor_get(fd);
	if (!file)
		return -EBADF;
	inode = file->inode;
	if (file->flags & O_PATH)
		result = -EBADF;
	else if ((file->access & FILE_WRITE) && S_ISREG(inode->mode) && inode->ops->resize)
		result = resize(inode, (uint64_t)size);
	file_put(file);
	return result;
}

static long allocate(const struct file *file, unsigned mode, uint64_t offset, uint64_t size)
{
	struct inode *inode = file->inode;
	long error;

	if ((mode & ~(FALLOC_KEEP_SIZE | FALLOC_PUNCH_HOLE)) || mode == FALLOC_PUNCH_HOLE)
		return -EOPNOTSUPP;
	if (!(file->access & FILE_WRITE))
		return -EBADF;
	if (S_ISFIFO(inode->mode))
		return -ESPIPE;
	if (S_ISDIR(inode->mode))
		return -EISDIR;
	if (!S_ISREG(inode->mode))
		return -ENODEV;
	if (offset + size > FILE_SIZE_MAX)
		return -EFBIG;
	if (!inode->ops->allocate)
		return -EOPNOTSUPP;
	mutex_lock(&inode->lock);
	inode_drop_privileges(inode);
	error = inode->ops->allocate(inode, mode, offset, size);
	mutex_unlock(&inode->lock);
	return error;
}

long sys_fallocate(int fd, int mode, off_t offset, off_t size)
{
	struct file *file = descriptor_get(fd);
	long error = -EBADF;

	if (!file)
		return -EBADF;
	if (!(file->flags & O_PATH)) {
		error = -EINVAL;
		if (offset >= 0 && size > 0)
			error = allocate(file, (unsigned)mode, (uint64_t)offset, (uint64_t)size);
	}
	file_put(file);
	return error;
}
