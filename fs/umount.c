/*
 * umount.c -- taking mounts away: umount2, and what is left of a mount that nobody sees.
 *
 * A mount that is in use stays (-EBUSY), or with MNT_DETACH leaves the tree at once and its names
 * when the last user has gone: users are counted in mount->users. Its inodes may outlive both, so
 * the structure has a count of its own.
 *
 * Locks: names_lock guards where mounts are; the names of one that has no users are dropped under
 * their directories' locks. Source: umount(2).
 */
#include "internal.h"

#include <facet/capability.h>
#include <facet/syscalls.h>

#define MNT_FORCE 1
#define MNT_DETACH 2
#define UMOUNT_NOFOLLOW 8

void mount_put(struct mount *mount)
{
	if (__atomic_sub_fetch(&mount->count, 1, __ATOMIC_ACQ_REL) == 0)
		kfree(mount);
}

/* A walk that was on its way may have become a user once more: the second time there is nothing. */
void mount_drop_names(struct mount *mount)
{
	if (__atomic_exchange_n(&mount->dropped, true, __ATOMIC_ACQ_REL))
		return;
	if (mount->root) {
		directory_drop_all(mount->root);
		dentry_put(mount->root);
	}
	mount_put(mount);
}

void mount_destroy(struct mount *mount)
{
	mount_unuse(mount);
}

struct dentry *mount_next(unsigned id)
{
	struct mount *mount;
	struct dentry *root = NULL;

	spin_lock(&names_lock);
	list_for_each_entry(mount, &mounts, link) {
		if (mount_id(mount) > id) {
			root = dentry_get(mount->root);
			break;
		}
	}
	spin_unlock(&names_lock);
	return root;
}

/* A mount on a directory of that one. names_lock held. */
static struct mount *mount_on(const struct mount *mount)
{
	struct mount *other;

	list_for_each_entry(other, &mounts, link)
		if (other->point && other->point->inode->mount == mount)
			return other;
	return NULL;
}

/* Takes one mount, that is in the tree and has none on it, out of it. names_lock held. */
static struct dentry *detach(struct mount *mount)
{
	struct dentry *point = mount->point;

	point->mounted = NULL;
	mount->point = NULL;
	list_remove(&mount->link);
	return point;
}

/* With all that is mounted on it, from the top. Each round releases the lock. */
static void detach_all(struct mount *mount)
{
	for (bool last = false; !last;) {
		struct mount *top = mount, *above;
		struct dentry *point;

		spin_lock(&names_lock);
		while ((above = mount_on(top)))
			top = above;
		last = top == mount;
		point = top->point ? detach(top) : NULL;
		spin_unlock(&names_lock);
		if (!point)
			continue; /* another thread was faster */
		mount_unuse(point->inode->mount);
		dentry_put(point);
		mount_unuse(top);
	}
}

/* The root of everything cannot go: it becomes read-only, as on Linux. */
static int unmount(struct dentry *root, int flags)
{
	struct mount *mount = root->inode->mount;
	bool busy;

	if (root != mount->root)
		return -EINVAL;
	if (root == root_dentry)
		return mount_remount(mount, mount->flags | MS_RDONLY);
	spin_lock(&names_lock);
	busy = READ_ONCE(mount->users) > 1 && !(flags & MNT_DETACH);
	spin_unlock(&names_lock);
	if (busy)
		return -EBUSY;
	detach_all(mount);
	return 0;
}

long sys_umount2(const char __user *path, int flags)
{
	struct dentry *root;
	long error;

	if (flags & ~(MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW))
		return -EINVAL;
	root = path_lookup_user(AT_FDCWD, path, flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW);
	if (IS_ERR(root))
		return PTR_ERR(root);
	error = capable(CAP_SYS_ADMIN) ? unmount(root, flags) : -EPERM;
	dentry_put(root);
	return error;
}
