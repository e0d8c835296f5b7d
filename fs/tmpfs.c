/*
 * tmpfs.c -- a file system whose only storage is memory: its names and inodes.
 *
 * The dentries are the directories, the inodes hang on them, the bytes are in each file's page
 * cache (tmpfs_file.c). The root is one of these, /dev is another one that the kernel has filled.
 *
 * Locks: as fs.h says. Source: tmpfs(5).
 */
#include "internal.h"

static void tmpfs_release(struct inode *inode)
{
	if (S_ISREG(inode->mode)) {
		tmpfs_drop_pages(inode, 0, UINT64_MAX);
		commit_release(inode->promised);
	} else if (S_ISLNK(inode->mode)) {
		kfree(inode->target);
	} else if (S_ISFIFO(inode->mode)) {
		pipe_inode_release(inode);
	}
}

static ssize_t tmpfs_readlink(struct inode *inode, char *buffer, size_t size)
{
	size_t length = MIN(inode->size, size);

	memcpy(buffer, inode->target, length);
	return (ssize_t)length;
}

static struct inode *tmpfs_create(struct inode *directory, mode_t mode, dev_t device);

const struct inode_ops tmpfs_inode_ops = {
	.readlink = tmpfs_readlink,
	.create = tmpfs_create,
	.resize = tmpfs_resize,
	.allocate = tmpfs_allocate,
	.seek = tmpfs_seek,
	.release = tmpfs_release,
};

const struct file_ops directory_ops = {
	.list = directory_list,
	.positioned = true,
};

struct inode *tmpfs_inode(struct mount *mount, mode_t mode, dev_t device)
{
	struct inode *inode = inode_create(mount, mode);

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->ops = &tmpfs_inode_ops;
	inode->device = device;
	if (S_ISREG(mode)) {
		page_cache_init(&inode->cache);
		inode->file_ops = &tmpfs_file_ops;
	} else if (S_ISDIR(mode)) {
		inode->size = TMPFS_EMPTY_DIRECTORY;
		tree_init(&inode->entries);
		inode->file_ops = &directory_ops;
	}
	return inode;
}

static struct inode *tmpfs_create(struct inode *directory, mode_t mode, dev_t device)
{
	return tmpfs_inode(directory->mount, mode, device);
}

int tmpfs_set_target(struct inode *inode, const char *target, size_t length)
{
	inode->target = kmalloc(length + 1);
	if (!inode->target)
		return -ENOMEM;
	memcpy(inode->target, target, length);
	inode->target[length] = '\0';
	inode->size = length;
	return 0;
}

int tmpfs_make_root(struct mount *mount, mode_t mode)
{
	struct inode *inode = tmpfs_inode(mount, S_IFDIR | mode, 0);

	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	inode->links = 2;
	mount->root = dentry_create(NULL, "", 0, inode);
	return mount->root ? 0 : -ENOMEM;
}

/* A number of bytes with k, m or g, or a percentage of all memory; as pages. */
static int parse_size(const char *text, size_t *pages)
{
	size_t length = strlen(text);
	char digits[24];
	uint64_t value, factor = 1;
	int error;

	if (!length || length >= sizeof(digits))
		return -EINVAL;
	strlcpy(digits, text, sizeof(digits));
	switch (digits[length - 1] | 0x20) {
	case 'k':
		factor = 1ull << 10;
		break;
	case 'm':
		factor = 1ull << 20;
		break;
	case 'g':
		factor = 1ull << 30;
		break;
	case '%':
		factor = frames_total_count() * PAGE_SIZE / 100;
		break;
	}
	if (factor > 1)
		digits[length - 1] = '\0';
	error = parse_u64(digits, 10, &value);
	if (error || __builtin_mul_overflow(value, factor, &value))
		return -EINVAL;
	*pages = value ? page_round_up(value) / PAGE_SIZE : SIZE_MAX;
	return 0;
}

/* One of "size=" and "mode="; both may be wrong, and nothing else is known. */
static int parse_option(struct mount *mount, const char *option, mode_t *mode)
{
	uint64_t value;

	if (strncmp(option, "size=", 5) == 0)
		return parse_size(option + 5, &mount->pages_max);
	if (strncmp(option, "mode=", 5) || parse_u64(option + 5, 8, &value) ||
	    value > S_PERMISSIONS)
		return -EINVAL;
	*mode = (mode_t)value;
	return 0;
}

static int tmpfs_mount(struct mount *mount, const char *options)
{
	mode_t mode = 01777;

	mount->pages_max = frames_total_count() / 2;
	while (options && *options) {
		const char *comma = strchr(options, ',');
		size_t length = comma ? (size_t)(comma - options) : strlen(options);
		char option[48];
		int error;

		if (length >= sizeof(option))
			return -EINVAL;
		memcpy(option, options, length);
		option[length] = '\0';
		error = length ? parse_option(mount, option, &mode) : 0;
		if (error)
			return error;
		options += length + (comma ? 1 : 0);
	}
	return tmpfs_make_root(mount, mode);
}

struct fs_type tmpfs_type = {
	.name = "tmpfs",
	.magic = TMPFS_MAGIC,
	.no_device = true,
	.mount = tmpfs_mount,
};
