/*
 * open.c -- open(2): find or create the name, check what is asked, make a file of it.
 *
 * Without O_CREAT that is a lookup. With it, the search and the creation of the last component are
 * one step under the directory's lock, so O_EXCL is what it promises.
 * Source: open(2).
 */
#include "internal.h"

#include <facet/syscalls.h>

#define O_TMPFILE_BIT 020000000
#define O_KNOWN 037777703 /* what is no flag is taken away in silence, as on Linux */

/* The last component of a walk with O_CREAT: found or made. *created says which. */
static struct dentry *find_or_create(struct walk *walk, int flags, mode_t mode, bool *created)
{
	struct inode *directory = walk->dentry->inode;
	struct dentry *found;

	if (walk->last != LAST_NAME)
		return ERR_PTR(flags & O_EXCL ? -EEXIST : -EISDIR);
	if (walk->slash)
		return ERR_PTR(-EISDIR);
	mutex_lock(&directory->lock);
	found = directory_find(walk->dentry, walk->name, walk->length);
	if (PTR_ERR(found) == -ENOENT) {
		mode = S_IFREG | (mode & S_PERMISSIONS & ~current_umask());
		found = directory_create(walk->dentry, walk->name, walk->length, mode, 0);
		*created = !IS_ERR(found);
	}
	mutex_unlock(&directory->lock);
	if (IS_ERR(found) || *created)
		return found;
	if (flags & O_EXCL) {
		dentry_put(found);
		return ERR_PTR(-EEXIST);
	}
	return mount_top(found);
}

static struct dentry *lookup_create(int dirfd, const char *path, int flags, mode_t mode,
				    bool *created)
{
	struct dentry *found;
	struct walk walk;
	int error;

	if (!*path)
		return ERR_PTR(-ENOENT);
	error = walk_begin(&walk, dirfd, path);
	if (error)
		return ERR_PTR(error);
	for (;;) {
		struct dentry *target = NULL;

		error = walk_to_parent(&walk);
		found = error ? ERR_PTR(error) : find_or_create(&walk, flags, mode, created);
		if (IS_ERR(found) || !S_ISLNK(found->inode->mode) || (flags & O_NOFOLLOW))
			break;
		error = walk_follow(&walk, found, &target);
		found = error ? ERR_PTR(error) : target;
		if (found)
			break;
	}
	walk_end(&walk);
	return found;
}

static int check_open(const struct inode *inode, int flags)
{
	static const uint8_t may[] = {
		[O_RDONLY] = MAY_READ,
		[O_WRONLY] = MAY_WRITE,
		[O_RDWR] = MAY_READ | MAY_WRITE,
		[O_ACCMODE] = MAY_READ | MAY_WRITE,
	};
	bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);

	if (S_ISLNK(inode->mode))
		return -ELOOP;
	if (S_ISDIR(inode->mode) && (writes || (flags & O_CREAT)))
		return -EISDIR;
	if ((S_ISCHR(inode->mode) || S_ISBLK(inode->mode)) && (inode->mount->flags & MS_NODEV))
		return -EACCES;
	if ((flags & O_NOATIME) && !inode_is_owner(inode))
		return -EPERM;
	if ((flags & O_DIRECT) && !S_ISREG(inode->mode))
		return -EINVAL;
	return inode_permission(inode, may[flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0));
}

/* A file that has no name, in the file system of a directory, until link gives it one. */
static struct dentry *create_unnamed(int dirfd, const char *path, int flags, mode_t mode)
{
	struct dentry *directory = path_lookup(dirfd, path, LOOKUP_FOLLOW | LOOKUP_DIRECTORY);
	struct dentry *dentry;
	struct inode *inode;
	char name[24];
	int length;

	if (IS_ERR(directory))
		return directory;
	mode = S_IFREG | (mode & S_PERMISSIONS & ~current_umask());
	mutex_lock(&directory->inode->lock);
	inode = directory_new_inode(directory->inode, mode, 0);
	mutex_unlock(&directory->inode->lock);
	if (IS_ERR(inode)) {
		dentry_put(directory);
		return PTR_ERR(inode) == -ENOENT ? ERR_PTR(-EOPNOTSUPP) : ERR_CAST(inode);
	}
	inode->links = 0;
	inode->unnamed = !(flags & O_EXCL);
	length = snprintf(name, sizeof(name), "#%lu", inode->number);
	dentry = dentry_create(directory, name, (size_t)length, inode);
	dentry_put(directory);
	if (!dentry)
		return ERR_PTR(-ENOMEM);
	dentry->unlinked = true;
	return dentry;
}

/* What open's flags may not say together. */
static int check_flags(int flags)
{
	if ((flags & O_CREAT) && (flags & O_DIRECTORY))
		return -EINVAL;
	if (!(flags & O_TMPFILE_BIT))
		return 0;
	return (flags & O_DIRECTORY) && (flags & O_ACCMODE) != O_RDONLY ? 0 : -EINVAL;
}

static struct dentry *find_to_open(int dirfd, const char *path, int flags, mode_t mode,
				   bool *created)
{
	if (flags & O_TMPFILE_BIT) {
		*created = true;
		return create_unnamed(dirfd, path, flags, mode);
	}
	if (flags & O_CREAT)
		return lookup_create(dirfd, path, flags, mode, created);
	return path_lookup(dirfd, path,
			   (flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
				   (flags & O_DIRECTORY ? LOOKUP_DIRECTORY : 0));
}

struct file *open_at(int dirfd, const char *path, int flags, mode_t mode)
{
	bool created = false;
	struct dentry *dentry;
	struct file *file;
	int error;

	flags &= O_KNOWN;
	if (flags & O_PATH)
		flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	error = check_flags(flags);
	if (error)
		return ERR_PTR(error);
	dentry = find_to_open(dirfd, path, flags, mode, &created);
	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	if (!created && !(flags & O_PATH))
		error = check_open(dentry->inode, flags);
	if (error) {
		dentry_put(dentry);
		return ERR_PTR(error);
	}
	file = file_open_dentry(dentry, flags & O_PATH ? flags : flags | O_LARGEFILE);
	if (IS_ERR(file) || created || !(flags & O_TRUNC))
		return file;
	error = truncate_opened(file->inode);
	if (error) {
		file_put(file);
		return ERR_PTR(error);
	}
	return file;
}

struct file *file_open(const char *path, int flags, uint32_t mode)
{
	return open_at(AT_FDCWD, path, flags, mode);
}

long sys_openat(int dirfd, const char __user *path, int flags, mode_t mode)
{
	char *copy = path_from_user(path);
	struct file *file;
	int fd;

	if (IS_ERR(copy))
		return PTR_ERR(copy);
	fd = descriptor_reserve(0, flags & O_CLOEXEC);
	if (fd >= 0) {
		file = open_at(dirfd, copy, flags, mode);
		if (IS_ERR(file)) {
			descriptor_cancel(fd);
			fd = (int)PTR_ERR(file);
		} else {
			descriptor_install(fd, file);
		}
	}
	kfree(copy);
	return fd;
}

long sys_open(const char __user *path, int flags, mode_t mode)
{
	return sys_openat(AT_FDCWD, path, flags, mode);
}

long sys_creat(const char __user *path, mode_t mode)
{
	return sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
