/*
 * attributes.c -- chmod and chown, by path and by descriptor.
 *
 * Who gives a file away, or away from a group of theirs, takes its set-ID bits with it.
 *
 * Locks: the inode's. Source: chmod(2), chown(2).
 */
#include "internal.h"

#include <facet/capability.h>
#include <facet/syscalls.h>

#define NO_ID UINT32_MAX /* leaves an id as it is */
#define S_IXGRP 0010

typedef int (*change_t)(struct inode *inode, uint32_t first, uint32_t second);

/* The inode's lock is held. */
static int change_mode(struct inode *inode, mode_t mode, uint32_t unused)
{
	(void)unused;
	if (!inode_is_owner(inode))
		return -EPERM;
	if (S_ISLNK(inode->mode))
		return -EOPNOTSUPP;
	if (!inode_keeps_setgid(inode->gid))
		mode &= ~(mode_t)S_ISGID;
	inode->mode = (inode->mode & S_IFMT) | (mode & S_PERMISSIONS);
	inode_changed(inode);
	return 0;
}

static mode_t without_set_ids(const struct inode *inode)
{
	mode_t mode = inode->mode & ~(mode_t)S_ISUID;

	if (S_ISDIR(inode->mode))
		return inode->mode;
	return (mode & S_IXGRP) || !inode_keeps_setgid(inode->gid) ? mode & ~(mode_t)S_ISGID : mode;
}

/* The owner may only choose among the groups that are theirs, but for CAP_CHOWN. Lock held. */
static int change_owner(struct inode *inode, uid_t uid, gid_t gid)
{
	bool owns = current_process()->credentials.fsuid == inode->uid;
	bool any = capable(CAP_CHOWN);
	mode_t mode = without_set_ids(inode);

	if (uid != NO_ID && !any && (!owns || uid != inode->uid))
		return -EPERM;
	if (gid != NO_ID && !any && (!owns || (gid != inode->gid && !inode_in_group(gid))))
		return -EPERM;
	if (mode != inode->mode && !inode_is_owner(inode))
		return -EPERM;
	inode->mode = mode;
	if (uid != NO_ID)
		inode->uid = uid;
	if (gid != NO_ID)
		inode->gid = gid;
	inode_changed(inode);
	return 0;
}

static int change(struct inode *inode, change_t how, uint32_t first, uint32_t second)
{
	int error;

	if (inode->mount->flags & MS_RDONLY)
		return -EROFS;
	if (inode->mount->type == &proc_type)
		return -EPERM; /* its inodes are made anew for each lookup */
	mutex_lock(&inode->lock);
	error = how(inode, first, second);
	mutex_unlock(&inode->lock);
	return error;
}

static long change_path(int dirfd, const char __user *path, unsigned lookup, change_t how,
			uint32_t first, uint32_t second)
{
	struct dentry *dentry = path_lookup_user(dirfd, path, lookup);
	long error;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	error = change(dentry->inode, how, first, second);
	dentry_put(dentry);
	return error;
}

static long change_descriptor(int fd, change_t how, uint32_t first, uint32_t second)
{
	struct file *file = descriptor_get(fd);
	long error = -EBADF;

	if (!file)
		return -EBADF;
	if (!(file->flags & O_PATH))
		error = change(file->inode, how, first, second);
	file_put(file);
	return error;
}

long sys_fchmodat(int dirfd, const char __user *path, mode_t mode)
{
	return change_path(dirfd, path, LOOKUP_FOLLOW, change_mode, mode, 0);
}

long sys_chmod(const char __user *path, mode_t mode)
{
	return sys_fchmodat(AT_FDCWD, path, mode);
}

long sys_fchmod(int fd, mode_t mode)
{
	return change_descriptor(fd, change_mode, mode, 0);
}

long sys_fchownat(int dirfd, const char __user *path, uid_t uid, gid_t gid, int flags)
{
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return change_path(dirfd, path, lookup_flags_at(flags), change_owner, uid, gid);
}

long sys_chown(const char __user *path, uid_t uid, gid_t gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

long sys_lchown(const char __user *path, uid_t uid, gid_t gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long sys_fchown(int fd, uid_t uid, gid_t gid)
{
	return change_descriptor(fd, change_owner, uid, gid);
}
