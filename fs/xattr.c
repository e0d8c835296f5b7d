/*
 * xattr.c -- extended attributes: no file system here has any.
 *
 * The calls answer as Linux's do there: names and files are looked at, then there is nothing to
 * list and nothing can be set. Source: xattr(7).
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/syscalls.h>

#define XATTR_CREATE 1
#define XATTR_REPLACE 2
#define XATTR_NAME_MAX 255
#define XATTR_SIZE_MAX 65536

/* What a call asks of a file whose attributes it would change or tell. */
enum access { GETS, SETS };

static bool begins(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Who may not even ask is told that there is none, or that it may not be set. */
static int answer(const struct inode *inode, const char *name, enum access access)
{
	bool user = begins(name, "user.");
	int refused = access == SETS ? -EPERM : -ENODATA;
	int error = 0;

	if (access == SETS && (inode->mount->flags & MS_RDONLY))
		return -EROFS;
	if (begins(name, "trusted.") && !capable(CAP_SYS_ADMIN))
		return refused;
	if (user && !S_ISREG(inode->mode) && !S_ISDIR(inode->mode))
		return refused;
	if (!begins(name, "security.") && !begins(name, "system."))
		error = inode_permission(inode, access == SETS ? MAY_WRITE : MAY_READ);
	return error ? error : -EOPNOTSUPP;
}

static long with_path(const char __user *path, unsigned lookup, const char *name,
		      enum access access)
{
	struct dentry *dentry = path_lookup_user(AT_FDCWD, path, lookup);
	long result;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	result = name ? answer(dentry->inode, name, access) : 0;
	dentry_put(dentry);
	return result;
}

static long with_descriptor(int fd, const char *name, enum access access)
{
	struct file *file = descriptor_get(fd);
	long result = -EBADF;

	if (!file)
		return -EBADF;
	if (!(file->flags & O_PATH))
		result = name ? answer(file->inode, name, access) : 0;
	file_put(file);
	return result;
}

/* The name as the user passed it. Returns 0, -ERANGE or -EFAULT. */
static int name_from_user(char name[XATTR_NAME_MAX + 1], const char __user *user_name)
{
	ssize_t length = strncpy_from_user(name, user_name, XATTR_NAME_MAX + 1);

	if (length == -ENAMETOOLONG || length == 0)
		return -ERANGE;
	return length < 0 ? (int)length : 0;
}

static int check_value(const void __user *value, size_t size, int flags)
{
	int error = 0;
	void *copy;

	if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	copy = kmalloc(MAX(size, 1ul));
	if (!copy)
		return -ENOMEM;
	if (copy_from_user(copy, value, size))
		error = -EFAULT;
	kfree(copy);
	return error;
}

static long by_path(const char __user *path, unsigned lookup, const char __user *user_name,
		    enum access access)
{
	char name[XATTR_NAME_MAX + 1];
	int error = name_from_user(name, user_name);

	return error ? error : with_path(path, lookup, name, access);
}

static long by_descriptor(int fd, const char __user *user_name, enum access access)
{
	char name[XATTR_NAME_MAX + 1];
	int error = name_from_user(name, user_name);

	return error ? error : with_descriptor(fd, name, access);
}

long sys_setxattr(const char __user *path, const char __user *name, const void __user *value,
		  size_t size, int flags)
{
	int error = check_value(value, size, flags);

	return error ? error : by_path(path, LOOKUP_FOLLOW, name, SETS);
}

long sys_lsetxattr(const char __user *path, const char __user *name, const void __user *value,
		   size_t size, int flags)
{
	int error = check_value(value, size, flags);

	return error ? error : by_path(path, 0, name, SETS);
}

long sys_fsetxattr(int fd, const char __user *name, const void __user *value, size_t size,
		   int flags)
{
	int error = check_value(value, size, flags);

	return error ? error : by_descriptor(fd, name, SETS);
}

long sys_getxattr(const char __user *path, const char __user *name)
{
	return by_path(path, LOOKUP_FOLLOW, name, GETS);
}

long sys_lgetxattr(const char __user *path, const char __user *name)
{
	return by_path(path, 0, name, GETS);
}

long sys_fgetxattr(int fd, const char __user *name)
{
	return by_descriptor(fd, name, GETS);
}

long sys_listxattr(const char __user *path)
{
	return with_path(path, LOOKUP_FOLLOW, NULL, GETS);
}

long sys_llistxattr(const char __user *path)
{
	return with_path(path, 0, NULL, GETS);
}

long sys_flistxattr(int fd)
{
	return with_descriptor(fd, NULL, GETS);
}

long sys_removexattr(const char __user *path, const char __user *name)
{
	return by_path(path, LOOKUP_FOLLOW, name, SETS);
}

long sys_lremovexattr(const char __user *path, const char __user *name)
{
	return by_path(path, 0, name, SETS);
}

long sys_fremovexattr(int fd, const char __user *name)
{
	return by_descriptor(fd, name, SETS);
}
