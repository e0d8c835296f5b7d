/*
 * stat.c -- asking about a file by its name or descriptor: stat, access, readlink and their
 * relatives.
 *
 * statx is in statx.c. Source: stat(2), access(2), readlink(2).
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/syscalls.h>

static long stat_out(const struct inode *inode, void __user *buffer)
{
	struct stat stat;

	inode_stat(inode, &stat);
	return copy_to_user(buffer, &stat, sizeof(stat)) ? -EFAULT : 0;
}

static long stat_at(int dirfd, const char __user *path, void __user *buffer, unsigned lookup)
{
	struct dentry *dentry = path_lookup_user(dirfd, path, lookup);
	long result;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	result = stat_out(dentry->inode, buffer);
	dentry_put(dentry);
	return result;
}

long sys_newfstatat(int dirfd, const char __user *path, void __user *buffer, int flags)
{
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return -EINVAL;
	return stat_at(dirfd, path, buffer, lookup_flags_at(flags));
}

long sys_stat(const char __user *path, void __user *buffer)
{
	return stat_at(AT_FDCWD, path, buffer, LOOKUP_FOLLOW);
}

long sys_lstat(const char __user *path, void __user *buffer)
{
	return stat_at(AT_FDCWD, path, buffer, 0);
}

long sys_fstat(int fd, void __user *buffer)
{
	struct file *file = descriptor_get(fd);
	long result;

	if (!file)
		return -EBADF;
	result = stat_out(file->inode, buffer);
	file_put(file);
	return result;
}

static int check_access(const struct inode *inode, unsigned may, bool real)
{
	if ((may & MAY_EXEC) && S_ISREG(inode->mode) && (inode->mount->flags & MS_NOEXEC))
		return -EACCES;
	return real ? inode_permission_real(inode, may) : inode_permission(inode, may);
}

/* access(2) asks for the real user, on the whole way; everything else for the effective one. */
long sys_faccessat2(int dirfd, const char __user *path, int mode, int flags)
{
	bool real = !(flags & AT_EACCESS);
	struct dentry *dentry;
	long error;

	if (mode & ~(MAY_READ | MAY_WRITE | MAY_EXEC))
		return -EINVAL;
	if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	dentry = path_lookup_user(dirfd, path, lookup_flags_at(flags) | (real ? LOOKUP_REAL : 0));
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	error = check_access(dentry->inode, (unsigned)mode, real);
	dentry_put(dentry);
	return error;
}

long sys_faccessat(int dirfd, const char __user *path, int mode)
{
	return sys_faccessat2(dirfd, path, mode, 0);
}

long sys_access(const char __user *path, int mode)
{
	return sys_faccessat(AT_FDCWD, path, mode);
}

static ssize_t read_link(struct inode *inode, char __user *buffer, size_t size)
{
	size_t room = MIN(size, PATH_MAX);
	ssize_t length;
	char *text;

	if (!S_ISLNK(inode->mode))
		return -EINVAL;
	text = kmalloc(room);
	if (!text)
		return -ENOMEM;
	length = inode->ops->readlink(inode, text, room);
	inode_read_now(inode);
	if (length > 0 && copy_to_user(buffer, text, (size_t)length))
		length = -EFAULT;
	kfree(text);
	return length;
}

long sys_readlinkat(int dirfd, const char __user *path, char __user *buffer, size_t size)
{
	struct dentry *dentry;
	ssize_t length;
	char *copy;

	if ((int)size <= 0)
		return -EINVAL;
	copy = path_from_user(path);
	if (IS_ERR(copy))
		return PTR_ERR(copy);
	dentry = path_lookup(dirfd, copy, LOOKUP_EMPTY);
	if (IS_ERR(dentry)) {
		length = PTR_ERR(dentry);
	} else {
		length = read_link(dentry->inode, buffer, size);
		if (length == -EINVAL && !*copy)
			length = -ENOENT; /* no name is one only of a link that is open */
		dentry_put(dentry);
	}
	kfree(copy);
	return length;
}

long sys_readlink(const char __user *path, char __user *buffer, size_t size)
{
	return sys_readlinkat(AT_FDCWD, path, buffer, size);
}
