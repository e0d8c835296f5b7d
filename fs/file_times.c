/*
 * file_times.c -- setting a file's times: utimensat and the older forms of it.
 *
 * Times that somebody chose are the owner's to set; "now" is what a write would have done, so
 * whoever may write may ask for that.
 *
 * Locks: the inode's. Source: utimensat(2), utime(2).
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/syscalls.h>

#define UTIME_NOW 0x3fffffff
#define UTIME_OMIT 0x3ffffffe
#define SECONDS_MAX (INT64_MAX / (int64_t)NS_PER_SEC - 1) /* as far as 64 bits of ns reach */

/* struct timespec, or struct timeval with its microseconds. */
struct user_time {
	int64_t seconds, rest;
};

struct new_times {
	struct user_time accessed, modified; /* nanoseconds, UTIME_NOW, UTIME_OMIT */
};

static const struct new_times all_now = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };

static bool is_valid(const struct user_time *time)
{
	return time->rest == UTIME_NOW || time->rest == UTIME_OMIT ||
	       (time->rest >= 0 && time->rest < (int64_t)NS_PER_SEC);
}

static int64_t chosen(const struct user_time *time, int64_t now, int64_t before)
{
	int64_t seconds = MAX(MIN(time->seconds, SECONDS_MAX), -SECONDS_MAX);

	if (time->rest == UTIME_OMIT)
		return before;
	return time->rest == UTIME_NOW ? now : seconds * (int64_t)NS_PER_SEC + time->rest;
}

static int may_set(const struct inode *inode, const struct new_times *times)
{
	if (inode->mount->flags & MS_RDONLY)
		return -EROFS;
	if (inode_is_owner(inode))
		return 0;
	if (times->accessed.rest != UTIME_NOW || times->modified.rest != UTIME_NOW)
		return -EPERM;
	return inode_permission(inode, MAY_WRITE);
}

static int set_times(struct inode *inode, const struct new_times *times)
{
	int64_t now = (int64_t)clock_realtime_ns();
	int error;

	if (!is_valid(&times->accessed) || !is_valid(&times->modified))
		return -EINVAL;
	error = may_set(inode, times);
	if (error)
		return error;
	mutex_lock(&inode->lock);
	inode->accessed_ns = chosen(&times->accessed, now, inode->accessed_ns);
	inode->modified_ns = chosen(&times->modified, now, inode->modified_ns);
	inode->changed_ns = now;
	mutex_unlock(&inode->lock);
	return 0;
}

static long set_times_of_descriptor(int fd, const struct new_times *times)
{
	struct file *file = descriptor_get(fd);
	long error = -EBADF;

	if (!file)
		return -EBADF;
	if (!(file->flags & O_PATH))
		error = set_times(file->inode, times);
	file_put(file);
	return error;
}

/* No path means the descriptor itself, which the C library's futimens() is made of. */
static long set_times_at(int dirfd, const char __user *path, const struct new_times *times,
			 int flags)
{
	struct dentry *dentry;
	long error;

	if (!path && dirfd != AT_FDCWD)
		return flags ? -EINVAL : set_times_of_descriptor(dirfd, times);
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	dentry = path_lookup_user(dirfd, path, lookup_flags_at(flags));
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	error = set_times(dentry->inode, times);
	dentry_put(dentry);
	return error;
}

long sys_utimensat(int dirfd, const char __user *path, const void __user *user_times, int flags)
{
	struct new_times times = all_now;

	if (user_times && copy_from_user(&times, user_times, sizeof(times)))
		return -EFAULT;
	if (times.accessed.rest == UTIME_OMIT && times.modified.rest == UTIME_OMIT)
		return 0; /* not even the path is looked at */
	return set_times_at(dirfd, path, &times, flags);
}

static bool to_nanoseconds(struct user_time *time)
{
	if (time->rest < 0 || time->rest >= 1000000)
		return false;
	time->rest *= 1000;
	return true;
}

long sys_futimesat(int dirfd, const char __user *path, const void __user *user_times)
{
	struct new_times times = all_now;

	if (user_times) {
		if (copy_from_user(&times, user_times, sizeof(times)))
			return -EFAULT;
		if (!to_nanoseconds(&times.accessed) || !to_nanoseconds(&times.modified))
			return -EINVAL;
	}
	return set_times_at(dirfd, path, &times, 0);
}

long sys_utimes(const char __user *path, const void __user *times)
{
	return sys_futimesat(AT_FDCWD, path, times);
}

long sys_utime(const char __user *path, const int64_t __user *user_times)
{
	struct new_times times = all_now;
	int64_t seconds[2];

	if (user_times) {
		if (copy_from_user(seconds, user_times, sizeof(seconds)))
			return -EFAULT;
		times = (struct new_times){ { seconds[0], 0 }, { seconds[1], 0 } };
	}
	return set_times_at(AT_FDCWD, path, &times, 0);
}
