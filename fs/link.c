/*
 * link.c -- new names that are no directories: link, symlink, mknod, and their forms with at.
 *
 * Locks: the directory's, and names_lock for how many names a file has.
 * Source: link(2), symlink(2), mknod(2).
 */
#include "internal.h"

#include <facet/capability.h>
#include <facet/syscalls.h>

/* 0 if the name can be made: there is none such. The directory's lock is held. */
static int name_is_free(const struct walk *walk)
{
	struct dentry *found;

	if (walk->last != LAST_NAME)
		return -EEXIST;
	found = directory_find(walk->dentry, walk->name, walk->length);
	if (!IS_ERR(found)) {
		dentry_put(found);
		return -EEXIST;
	}
	if (PTR_ERR(found) != -ENOENT)
		return (int)PTR_ERR(found);
	return walk->slash ? -ENOENT : walk_may_write(walk);
}

/* Consumes the inode's count, as directory_enter() does. */
static int give_name(const struct walk *walk, struct inode *inode)
{
	struct dentry *made;

	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	made = directory_enter(walk->dentry, walk->name, walk->length, inode);
	if (IS_ERR(made))
		return (int)PTR_ERR(made);
	dentry_put(made);
	return 0;
}

static int make_node(const struct walk *walk, mode_t mode, dev_t device)
{
	int error = name_is_free(walk);

	if (error)
		return error;
	if ((S_ISCHR(mode) || S_ISBLK(mode)) && !capable(CAP_MKNOD))
		return -EPERM;
	return give_name(walk, directory_new_inode(walk->dentry->inode, mode, device));
}

static int check_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return 0;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

long sys_mknodat(int dirfd, const char __user *path, mode_t mode, unsigned device)
{
	int error = check_type(mode);
	struct walk walk;
	char *copy;

	if (!error)
		error = walk_to_parent_user(&walk, dirfd, path, &copy);
	if (error)
		return error;
	if (!(mode & S_IFMT))
		mode |= S_IFREG;
	mode &= S_IFMT | (S_PERMISSIONS & ~current_umask());
	if (!S_ISCHR(mode) && !S_ISBLK(mode))
		device = 0;
	mutex_lock(&walk.dentry->inode->lock);
	error = make_node(&walk, mode, device);
	mutex_unlock(&walk.dentry->inode->lock);
	walk_end(&walk);
	kfree(copy);
	return error;
}

long sys_mknod(const char __user *path, mode_t mode, unsigned device)
{
	return sys_mknodat(AT_FDCWD, path, mode, device);
}

static int make_symlink(const struct walk *walk, const char *target)
{
	int error = name_is_free(walk);
	struct inode *inode;

	if (error)
		return error;
	inode = directory_new_inode(walk->dentry->inode, S_IFLNK | 0777, 0);
	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	error = tmpfs_set_target(inode, target, strlen(target));
	if (error) {
		inode_put(inode);
		return error;
	}
	return give_name(walk, inode);
}

long sys_symlinkat(const char __user *user_target, int dirfd, const char __user *path)
{
	char *target = path_from_user(user_target), *copy;
	struct walk walk;
	int error;

	if (IS_ERR(target))
		return PTR_ERR(target);
	error = *target ? walk_to_parent_user(&walk, dirfd, path, &copy) : -ENOENT;
	if (!error) {
		mutex_lock(&walk.dentry->inode->lock);
		error = make_symlink(&walk, target);
		mutex_unlock(&walk.dentry->inode->lock);
		walk_end(&walk);
		kfree(copy);
	}
	kfree(target);
	return error;
}

long sys_symlink(const char __user *target, const char __user *path)
{
	return sys_symlinkat(target, AT_FDCWD, path);
}

/* A file that lost its last name gets none again; one that never had any does. */
static int count_name(struct inode *inode)
{
	int error = 0;

	spin_lock(&names_lock);
	if (!inode->links && !inode->unnamed) {
		error = -ENOENT;
	} else {
		inode->links++;
		inode->unnamed = false;
	}
	spin_unlock(&names_lock);
	return error;
}

/* The directory's lock is held. */
static int make_link(const struct walk *walk, struct inode *inode)
{
	const struct inode *directory = walk->dentry->inode;
	int error = name_is_free(walk);

	if (!error && inode->mount != directory->mount)
		error = -EXDEV;
	if (!error)
		error = directory_may_add(directory);
	if (!error && S_ISDIR(inode->mode))
		error = -EPERM;
	if (!error)
		error = count_name(inode);
	if (error)
		return error;
	inode_get(inode);
	error = give_name(walk, inode);
	if (error)
		inode_change_links(inode, -1);
	else
		inode_changed(inode);
	return error;
}

long sys_linkat(int old_dirfd, const char __user *old_path, int dirfd, const char __user *path,
		int flags)
{
	struct dentry *old;
	struct walk walk;
	char *copy;
	int error;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if ((flags & AT_EMPTY_PATH) && !capable(CAP_DAC_READ_SEARCH))
		return -ENOENT; /* whoever has a descriptor need not have had the file's path */
	old = path_lookup_user(old_dirfd, old_path,
			       (flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0) |
				       (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0));
	if (IS_ERR(old))
		return PTR_ERR(old);
	error = walk_to_parent_user(&walk, dirfd, path, &copy);
	if (!error) {
		mutex_lock(&walk.dentry->inode->lock);
		error = make_link(&walk, old->inode);
		mutex_unlock(&walk.dentry->inode->lock);
		walk_end(&walk);
		kfree(copy);
	}
	dentry_put(old);
	return error;
}

long sys_link(const char __user *old_path, const char __user *path)
{
	return sys_linkat(AT_FDCWD, old_path, AT_FDCWD, path, 0);
}
