/*
 * rename.c -- rename, renameat, renameat2: a name moves, and what had the new one goes, in one
 * step.
 *
 * Both directories are locked, an ancestor before its descendant and others by their addresses;
 * rename_lock keeps it true meanwhile which of them is whose ancestor, and that no directory comes
 * to lie below itself. Within one directory its lock is enough.
 * Source: rename(2).
 */
#include "internal.h"

#include <facet/syscalls.h>

#define RENAME_NOREPLACE 1u
#define RENAME_EXCHANGE 2u

static struct mutex rename_lock = MUTEX_INIT(rename_lock, RANK_RENAME);

struct rename {
	struct walk from, to;
	struct dentry *source, *target; /* counted; target NULL: there is no such name */
	bool exchange, no_replace;
};

static void lock_both(struct dentry *one, struct dentry *other)
{
	struct dentry *first = one < other ? one : other, *second = first == one ? other : one;

	if (one == other) {
		mutex_lock(&one->inode->lock);
		return;
	}
	mutex_lock(&rename_lock);
	if (dentry_is_below(first, second)) {
		struct dentry *ancestor = second;

		second = first;
		first = ancestor;
	}
	mutex_lock(&first->inode->lock);
	mutex_lock_nested(&second->inode->lock);
}

static void unlock_both(struct dentry *one, struct dentry *other)
{
	mutex_unlock(&one->inode->lock);
	if (one == other)
		return;
	mutex_unlock(&other->inode->lock);
	mutex_unlock(&rename_lock);
}

static struct dentry *find(const struct walk *walk)
{
	return directory_find(walk->dentry, walk->name, walk->length);
}

static int find_names(struct rename *rename)
{
	rename->source = find(&rename->from);
	if (IS_ERR(rename->source))
		return (int)PTR_ERR(rename->source);
	rename->target = find(&rename->to);
	if (PTR_ERR(rename->target) == -ENOENT)
		rename->target = NULL;
	if (IS_ERR(rename->target))
		return (int)PTR_ERR(rename->target);
	if (rename->target && rename->no_replace)
		return -EEXIST;
	if (!rename->target && rename->exchange)
		return -ENOENT;
	return 0;
}

static bool is_directory(const struct dentry *dentry)
{
	return S_ISDIR(dentry->inode->mode);
}

/* A slash behind a name asks for a directory; none may come to lie below itself. */
static int check_shape(const struct rename *rename)
{
	struct dentry *target = rename->target;

	if (rename->exchange && !is_directory(target) && rename->to.slash)
		return -ENOTDIR;
	if (!is_directory(rename->source) &&
	    (rename->from.slash || (!rename->exchange && rename->to.slash)))
		return -ENOTDIR;
	if (dentry_is_below(rename->to.dentry, rename->source))
		return -EINVAL;
	if (target && dentry_is_below(rename->from.dentry, target))
		return rename->exchange ? -EINVAL : -ENOTEMPTY;
	return 0;
}

/* A directory that gets another parent has its ".." written. */
static int may_move(const struct rename *rename, const struct dentry *dentry)
{
	if (rename->from.dentry == rename->to.dentry || !is_directory(dentry))
		return 0;
	return inode_permission(dentry->inode, MAY_WRITE);
}

static int check_permission(const struct rename *rename)
{
	const struct inode *from = rename->from.dentry->inode, *to = rename->to.dentry->inode;
	struct dentry *target = rename->target;
	int error = directory_may_remove(from, rename->source->inode);

	if (error)
		return error;
	error = target ? directory_may_remove(to, target->inode) : directory_may_add(to);
	if (!error && target && !rename->exchange &&
	    is_directory(target) != is_directory(rename->source))
		error = is_directory(target) ? -EISDIR : -ENOTDIR;
	if (!error)
		error = may_move(rename, rename->source);
	if (!error && rename->exchange)
		error = may_move(rename, target);
	if (!error &&
	    (READ_ONCE(rename->source->mounted) || (target && READ_ONCE(target->mounted))))
		error = -EBUSY;
	return error;
}

static char *copy_name(const struct walk *walk)
{
	char *name = kmalloc(walk->length + 1);

	if (!name)
		return NULL;
	memcpy(name, walk->name, walk->length);
	name[walk->length] = '\0';
	return name;
}

static void move(struct dentry *dentry, const struct walk *from, const struct walk *to, char *name)
{
	directory_move(from->dentry, dentry, to->dentry, name, to->length);
	inode_changed(dentry->inode);
	if (is_directory(dentry)) {
		from->dentry->inode->links--; /* its ".." */
		to->dentry->inode->links++;
	}
}

/* What can fail comes before what others see. */
static int carry_out(const struct rename *rename)
{
	char *name = copy_name(&rename->to);
	char *other = rename->exchange ? copy_name(&rename->from) : NULL;
	int error = 0;

	if (!name || (rename->exchange && !other))
		error = -ENOMEM;
	else if (rename->target && !rename->exchange)
		error = directory_unlink(rename->to.dentry, rename->target);
	if (error) {
		kfree(name);
		kfree(other);
		return error;
	}
	move(rename->source, &rename->from, &rename->to, name);
	if (rename->exchange)
		move(rename->target, &rename->to, &rename->from, other);
	return 0;
}

/* Both directories are locked. */
static int rename_locked(struct rename *rename)
{
	int error = find_names(rename);

	if (!error)
		error = check_shape(rename);
	if (error)
		return error;
	if (rename->target && rename->target->inode == rename->source->inode)
		return 0; /* two names of one file: both stay */
	error = check_permission(rename);
	return error ? error : carry_out(rename);
}

static void put_found(struct dentry *dentry)
{
	if (!IS_ERR(dentry))
		dentry_put(dentry);
}

/* Both walks stand at their directories. */
static int rename_walked(struct rename *rename)
{
	struct dentry *from = rename->from.dentry, *to = rename->to.dentry;
	int error;

	if (from->inode->mount != to->inode->mount)
		return -EXDEV;
	if (rename->from.last != LAST_NAME)
		return -EBUSY;
	if (rename->to.last != LAST_NAME)
		return rename->no_replace ? -EEXIST : -EBUSY;
	error = walk_may_write(&rename->to);
	if (error)
		return error;
	lock_both(from, to);
	error = rename_locked(rename);
	unlock_both(from, to);
	put_found(rename->source);
	put_found(rename->target); /* perhaps the file's last: its pages go now */
	return error;
}

long sys_renameat2(int old_dirfd, const char __user *old_path, int dirfd, const char __user *path,
		   unsigned flags)
{
	struct rename rename = {
		.exchange = flags & RENAME_EXCHANGE,
		.no_replace = flags & RENAME_NOREPLACE,
	};
	char *old_copy, *copy;
	int error;

	if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) ||
	    (rename.exchange && rename.no_replace))
		return -EINVAL;
	error = walk_to_parent_user(&rename.from, old_dirfd, old_path, &old_copy);
	if (error)
		return error;
	error = walk_to_parent_user(&rename.to, dirfd, path, &copy);
	if (!error) {
		error = rename_walked(&rename);
		walk_end(&rename.to);
		kfree(copy);
	}
	walk_end(&rename.from);
	kfree(old_copy);
	return error;
}

long sys_renameat(int old_dirfd, const char __user *old_path, int dirfd, const char __user *path)
{
	return sys_renameat2(old_dirfd, old_path, dirfd, path, 0);
}

long sys_rename(const char __user *old_path, const char __user *path)
{
	return sys_renameat2(AT_FDCWD, old_path, AT_FDCWD, path, 0);
}
