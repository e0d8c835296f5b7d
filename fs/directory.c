/*
 * directory.c -- making, removing and listing names: mkdir, rmdir, unlink, getdents64.
 *
 * Each finds the directory first and then does its one step under that directory's lock.
 * Source: mkdir(2), rmdir(2), unlink(2), getdents64(2).
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/syscalls.h>

/* Linux's struct linux_dirent64: this header, the name with its NUL, padding to 8. */
struct directory_record {
	uint64_t number;
	uint64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
} __attribute__((packed));

struct listing {
	uint8_t *bytes;
	size_t size, used;
	bool full; /* a name did not fit */
};

bool listing_add(struct listing *listing, const char *name, size_t length, ino_t number,
		 mode_t mode, uint64_t next)
{
	size_t size = (sizeof(struct directory_record) + length + 1 + 7) & ~7ul;
	struct directory_record *record = (void *)(listing->bytes + listing->used);

	if (size > listing->size - listing->used) {
		listing->full = true;
		return false;
	}
	memset(record, 0, size);
	record->number = number;
	record->next = next;
	record->size = (uint16_t)size;
	record->type = (mode & S_IFMT) >> 12; /* DT_ is what stands there */
	memcpy(record->name, name, length);
	listing->used += size;
	return true;
}

/* A page full of names at most: whoever wants more asks again. */
static long list_names(struct file *file, void __user *buffer, size_t size)
{
	struct listing listing = { .size = MIN(size, PAGE_SIZE) };
	struct inode *inode = file->inode;
	uint64_t before;
	long result;

	listing.bytes = kmalloc(MAX(listing.size, 1ul));
	if (!listing.bytes)
		return -ENOMEM;
	mutex_lock(&inode->lock);
	before = file->offset;
	result = inode->links ? file->ops->list(file, &listing) : -ENOENT;
	if (!result && listing.full && !listing.used)
		result = -EINVAL; /* not even one fits */
	if (!result && copy_to_user(buffer, listing.bytes, listing.used)) {
		file->offset = before;
		result = -EFAULT;
	}
	inode_read_now(inode);
	mutex_unlock(&inode->lock);
	kfree(listing.bytes);
	return result ? result : (long)listing.used;
}

long sys_getdents64(int fd, void __user *buffer, unsigned size)
{
	struct file *file = descriptor_get(fd);
	long result = -ENOTDIR;

	if (!file)
		return -EBADF;
	if (file->flags & O_PATH)
		result = -EBADF;
	else if (file->ops->list)
		result = list_names(file, buffer, size);
	file_put(file);
	return result;
}

/* A walk to the directory of a user's path. On 0 the caller ends the walk and frees the path. */
static int begin_at_parent(struct walk *walk, int dirfd, const char __user *user_path, char **path)
{
	int error;

	*path = path_from_user(user_path);
	if (IS_ERR(*path))
		return (int)PTR_ERR(*path);
	error = **path ? walk_begin(walk, dirfd, *path) : -ENOENT;
	if (error) {
		kfree(*path);
		return error;
	}
	error = walk_to_parent(walk);
	if (error) {
		walk_end(walk);
		kfree(*path);
	}
	return error;
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
	int error = begin_at_parent(&walk, dirfd, path, &copy);

	if (error)
		return error;
	mode &= 01777 & ~current_process()->fs->umask;
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

/* Whether the name may be removed: write permission, and in a sticky directory ownership. */
static int may_remove(const struct inode *directory, const struct inode *inode)
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

/* Both directories' locks are held. A removed directory has no links and takes no more names. */
static int remove_directory(struct dentry *parent, struct dentry *child)
{
	struct inode *inode = child->inode;
	int error = tree_empty(&inode->entries) ? 0 : -ENOTEMPTY;

	spin_lock(&names_lock);
	if (child->mounted)
		error = -EBUSY;
	if (!error)
		child->unlinked = true; /* from here on nothing is mounted on it */
	spin_unlock(&names_lock);
	if (error)
		return error;
	inode->links = 0;
	parent->inode->links--;
	directory_remove(parent, child);
	return 0;
}

static void remove_file(struct dentry *parent, struct dentry *child)
{
	child->inode->links--;
	child->inode->changed_ns = clock_realtime_ns();
	directory_remove(parent, child);
}

/* The directory's lock is held. */
static int remove_name(const struct walk *walk, struct dentry *child, bool directory)
{
	struct inode *inode = child->inode;
	int error = may_remove(walk->dentry->inode, inode);

	if (error)
		return error;
	if (directory != S_ISDIR(inode->mode))
		return directory ? -ENOTDIR : -EISDIR;
	if (!directory && walk->slash)
		return -ENOTDIR;
	if (!directory) {
		remove_file(walk->dentry, child);
		return 0;
	}
	mutex_lock_nested(&inode->lock); /* the parent's before the child's */
	error = remove_directory(walk->dentry, child);
	mutex_unlock(&inode->lock);
	return error;
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
	int error = begin_at_parent(&walk, dirfd, path, &copy);

	if (error)
		return error;
	error = check_last(&walk, directory);
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
