/*
 * context.c -- a process's root, its working directory and its umask.
 *
 * All its threads share them, and /proc shows them to others. So both dentries are read and
 * replaced under names_lock, and the old one is released after it; the umask is one word. Each of
 * the two dentries is a user of its mount.
 * Source: chdir(2), chroot(2), getcwd(2), umask(2).
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/syscalls.h>

static struct fs_context *context_create(struct dentry *root, struct dentry *working, mode_t umask)
{
	struct fs_context *fs = kmalloc(sizeof(*fs));

	if (!fs) {
		dentry_put(root);
		dentry_put(working);
		return NULL;
	}
	*fs = (struct fs_context){ .count = 1, .umask = umask, .root = root, .working = working };
	mount_use(root->inode->mount);
	mount_use(working->inode->mount);
	return fs;
}

struct fs_context *fs_context_create(void)
{
	return context_create(dentry_get(root_dentry), dentry_get(root_dentry), 022);
}

struct fs_context *fs_context_fork(struct fs_context *parent)
{
	return context_create(context_root(parent), context_working(parent), parent->umask);
}

void fs_context_get(struct fs_context *fs)
{
	__atomic_fetch_add(&fs->count, 1, __ATOMIC_RELAXED);
}

static void release_place(struct dentry *place)
{
	mount_unuse(place->inode->mount);
	dentry_put(place);
}

void fs_context_put(struct fs_context *fs)
{
	if (__atomic_sub_fetch(&fs->count, 1, __ATOMIC_ACQ_REL))
		return;
	release_place(fs->root);
	release_place(fs->working);
	kfree(fs);
}

struct dentry *context_root(struct fs_context *fs)
{
	struct dentry *root;

	spin_lock(&names_lock);
	root = dentry_get(fs->root);
	spin_unlock(&names_lock);
	return root;
}

struct dentry *context_working(struct fs_context *fs)
{
	struct dentry *working;

	spin_lock(&names_lock);
	working = dentry_get(fs->working);
	spin_unlock(&names_lock);
	return working;
}

struct dentry *current_root(void)
{
	struct process *process = current_process();

	return process && process->fs ? context_root(process->fs) : dentry_get(root_dentry);
}

struct dentry *current_working(void)
{
	struct process *process = current_process();

	return process && process->fs ? context_working(process->fs) : dentry_get(root_dentry);
}

/* Takes over the count of `directory`. */
static int change_place(struct dentry **place, struct dentry *directory, bool allowed)
{
	struct dentry *old;
	int error = -ENOTDIR;

	if (S_ISDIR(directory->inode->mode))
		error = inode_permission(directory->inode, MAY_EXEC);
	if (!error && !allowed)
		error = -EPERM;
	if (error) {
		dentry_put(directory);
		return error;
	}
	mount_use(directory->inode->mount);
	spin_lock(&names_lock);
	old = *place;
	*place = directory;
	spin_unlock(&names_lock);
	release_place(old);
	return 0;
}

static int change_working(struct dentry *directory)
{
	return change_place(&current_process()->fs->working, directory, true);
}

long sys_chdir(const char __user *path)
{
	struct dentry *directory = path_lookup_user(AT_FDCWD, path,
						    LOOKUP_FOLLOW | LOOKUP_DIRECTORY);

	return IS_ERR(directory) ? PTR_ERR(directory) : change_working(directory);
}

long sys_fchdir(int fd)
{
	struct file *file = descriptor_get(fd);
	int error;

	if (!file)
		return -EBADF;
	error = change_working(dentry_get(file->dentry));
	file_put(file);
	return error;
}

long sys_chroot(const char __user *path)
{
	struct dentry *directory = path_lookup_user(AT_FDCWD, path,
						    LOOKUP_FOLLOW | LOOKUP_DIRECTORY);

	if (IS_ERR(directory))
		return PTR_ERR(directory);
	return change_place(&current_process()->fs->root, directory, capable(CAP_SYS_CHROOT));
}

/* Returns the length with the NUL, as Linux does; the C library's function returns the buffer. */
long sys_getcwd(char __user *buffer, size_t size)
{
	struct fs_context *fs = current_process()->fs;
	struct dentry *working, *root;
	ssize_t length = -ENOENT;
	char *path = kmalloc(PATH_MAX);

	if (!path)
		return -ENOMEM;
	working = context_working(fs);
	root = context_root(fs);
	if (!READ_ONCE(working->unlinked))
		length = dentry_path_marked(working, root, path, PATH_MAX);
	dentry_put(root);
	dentry_put(working);
	if (length >= 0)
		length++;
	if (length > 0 && (size_t)length > size)
		length = -ERANGE;
	if (length > 0 && copy_to_user(buffer, path, (size_t)length))
		length = -EFAULT;
	kfree(path);
	return length;
}

long sys_umask(mode_t mask)
{
	struct fs_context *fs = current_process()->fs;

	return __atomic_exchange_n(&fs->umask, mask & 0777, __ATOMIC_RELAXED);
}

mode_t current_umask(void)
{
	return READ_ONCE(current_process()->fs->umask);
}
