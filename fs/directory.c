/*
 * directory.c -- making and removing names: mkdir, rmdir, unlink, and the rules that all makers of
 * names share.
 *
 * Each finds the directory first and then does its one step under that directory's lock.
 * Source: mkdir(2), rmdir(2), unlink(2), inode(7) (set-group-ID directories).
 */
#include "internal.h"

#include <facet/syscalls.h>

int directory_may_add(const struct inode *directory)
{
	/* It makes its names itself (/proc), or has been removed: there will be no such name. */
	if (!directory->ops->create || !directory->links)
		return -ENOENT;
	return inode_permission(directory, MAY_WRITE | MAY_EXEC);
}

struct inode *directory_new_inode(struct inode *directory, mode_t mode, dev_t device)
{
	int error = directory_may_add(directory);
	struct inode *inode;

	if (error)
		return ERR_PTR(error);
	inode = directory->ops->create(directory, mode, device);
	if (IS_ERR(inode) || !(directory->mode & S_ISGID))
		return inode;
	inode->gid = directory->gid;
	if (S_ISDIR(mode))
		inode->mode |= S_ISGID;
	else if (inode_loses_setgid(inode))
		inode->mode &= ~(mode_t)S_ISGID;
	return inode;
}

struct dentry *directory_enter(struct dentry *directory, const char *name, size_t length,
			       struct inode *inode)
{
	struct dentry *dentry = dentry_create(directory, name, length, inode);

	if (!dentry)
		return ERR_PTR(-ENOMEM);
	if (S_ISDIR(inode->mode)) {
		inode->links = 2;          /* its own "." */
		directory->inode->links++; /* its ".." */
	}
	directory_add(directory, dentry);
	return dentry;
}

struct dentry *directory_create(struct dentry *directory, const char *name, size_t length,
				mode_t mode, dev_t device)
{
	struct inode *inode = directory_new_inode(directory->inode, mode, device);

	return IS_ERR(inode) ? ERR_CAST(inode) : directory_enter(directory, name, length, inode);
}

static int make_directory(const struct walk *walk, mode_t mode)
{
	struct dentry *found;

	if (walk->last != LAST_NAME)
		return -EEXIST;
	found = directory_find(walk->dentry, walk->name, walk->length);
	if (PTR_ERR(found) == -ENOENT)
		found = directory_create(walk->dentry, walk->name, walk->length, mode, 0);
	else if (!IS_ERR(found)) {
		dentry_put(found);
		return -EEXIST;
	}
	if (IS_ERR(found))
		return (int)PTR_ERR(found);
	dentry_put(found);
	return 0;
}

long sys_mkdirat(int dirfd, const char __user *path, mode_t mode)
{
	struct walk walk;
	char *copy;
	int error = walk_to_parent_user(&walk, dirfd, path, &copy);

	if (error)
		return error;
	mode &= 01777 & ~current_umask();
	mutex_lock(&walk.dentry->inode->lock);
	error = make_directory(&walk, S_IFDIR | mode);
	mutex_unlock(&walk.dentry->inode->lock);
	walk_end(&walk);
	kfree(copy);
	return error;
}

long sys_mkdir(const char __user *path, mode_t mode)
{
	return sys_mkdirat(AT_FDCWD, path, mode);
}

int directory_may_remove(const struct inode *directory, const struct inode *inode)
{
	int error = inode_permission(directory, MAY_WRITE | MAY_EXEC);

	if (error)
		return error;
	if (!directory->ops->create)
		return -EPERM;
	if ((directory->mode & S_ISVTX) && !inode_is_owner(directory) && !inode_is_owner(inode))
		return -EPERM;
	return 0;
}

/* A removed directory has no links and takes no more names. */
static int remove_directory(struct dentry *parent, struct dentry *child)
{
	struct inode *inode = child->inode;
	int error;

	mutex_lock_nested(&inode->lock); /* the parent's before the child's */
	error = tree_empty(&inode->entries) ? 0 : -ENOTEMPTY;
	spin_lock(&names_lock);
	if (child->mounted)
		error = -EBUSY;
	if (!error)
		child->unlinked = true; /* from here on nothing is mounted on it */
	spin_unlock(&names_lock);
	if (!error) {
		inode->links = 0;
		inode->changed_ns = clock_realtime_ns();
		parent->inode->links--;
		directory_remove(parent, child);
	}
	mutex_unlock(&inode->lock);
	return error;
}

int directory_unlink(struct dentry *parent, struct dentry *child)
{
	if (S_ISDIR(child->inode->mode))
		return remove_directory(parent, child);
	inode_change_links(child->inode, -1);
	directory_remove(parent, child);
	return 0;
}

/* The directory's lock is held. */
static int remove_name(const struct walk *walk, struct dentry *child, bool directory)
{
	bool is_directory = S_ISDIR(child->inode->mode);
	int error;

	if (!directory && walk->slash)
		return is_directory ? -EISDIR : -ENOTDIR;
	error = directory_may_remove(walk->dentry->inode, child->inode);
	if (error)
		return error;
	if (directory != is_directory)
		return directory ? -ENOTDIR : -EISDIR;
	return directory_unlink(walk->dentry, child);
}

static int check_last(const struct walk *walk, bool directory)
{
	static const int8_t of_rmdir[] = {
		[LAST_NAME] = 0,
		[LAST_DOT] = -EINVAL,
		[LAST_DOTDOT] = -ENOTEMPTY,
		[LAST_NOTHING] = -EBUSY,
	};

	if (directory)
		return of_rmdir[walk->last];
	return walk->last == LAST_NAME ? 0 : -EISDIR;
}

static long remove_at(int dirfd, const char __user *path, bool directory)
{
	struct dentry *child = NULL;
	struct walk walk;
	char *copy;
	int error = walk_to_parent_user(&walk, dirfd, path, &copy);

	if (error)
		return error;
	error = check_last(&walk, directory);
	if (!error)
		error = walk_may_write(&walk);
	if (!error) {
		mutex_lock(&walk.dentry->inode->lock);
		child = directory_find(walk.dentry, walk.name, walk.length);
		error = PTR_ERR_OR_ZERO(child);
		if (!error)
			error = remove_name(&walk, child, directory);
		mutex_unlock(&walk.dentry->inode->lock);
		if (!IS_ERR(child))
			dentry_put(child); /* perhaps the file's last: its pages go now */
	}
	walk_end(&walk);
	kfree(copy);
	return error;
}

long sys_unlinkat(int dirfd, const char __user *path, int flags)
{
	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	return remove_at(dirfd, path, flags & AT_REMOVEDIR);
}

long sys_unlink(const char __user *path)
{
	return remove_at(AT_FDCWD, path, false);
}

long sys_rmdir(const char __user *path)
{
	return remove_at(AT_FDCWD, path, true);
}
