/*
 * statfs.c -- asking about a file system: what it is, how large, how full.
 *
 * Source: statfs(2).
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/syscalls.h>

#define ST_VALID 0x20 /* f_flags says something */
#define ST_RELATIME 0x1000

/* Linux x86_64's struct statfs; all counts are of blocks or of inodes. */
struct statfs {
	int64_t type, block_size;
	uint64_t blocks, free, available;
	uint64_t inodes, inodes_free;
	uint64_t id;
	int64_t name_max, fragment_size, flags;
	int64_t spare[4];
};

static long statfs_out(const struct mount *mount, void __user *buffer)
{
	size_t pages = READ_ONCE(mount->pages), limit = mount->pages_max;
	struct statfs statfs = {
		.type = mount->type->magic,
		.block_size = PAGE_SIZE,
		.id = mount->device,
		.name_max = NAME_MAX,
		.fragment_size = PAGE_SIZE,
		.flags = (int64_t)(ST_VALID | ST_RELATIME | mount->flags),
	};

	/* Without a limit it has no blocks to be counted, as on Linux. */
	if (limit != SIZE_MAX) {
		statfs.blocks = limit;
		statfs.free = statfs.available = limit - MIN(pages, limit);
	}
	return copy_to_user(buffer, &statfs, sizeof(statfs)) ? -EFAULT : 0;
}

long sys_statfs(const char __user *path, void __user *buffer)
{
	struct dentry *dentry = path_lookup_user(AT_FDCWD, path, LOOKUP_FOLLOW);
	long error;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	error = statfs_out(dentry->inode->mount, buffer);
	dentry_put(dentry);
	return error;
}

long sys_fstatfs(int fd, void __user *buffer)
{
	struct file *file = descriptor_get(fd);
	long error;

	if (!file)
		return -EBADF;
	error = statfs_out(file->inode->mount, buffer);
	file_put(file);
	return error;
}
