/*
 * devfs.c -- /dev: a tmpfs that the kernel fills, called devtmpfs as on Linux.
 *
 * Drivers name their nodes at boot; each mount begins with all of them. After that it is a
 * directory like any other, and root may create and remove in it.
 */
#include "internal.h"

#include <facet/panic.h>

#define NODES_MAX 24

struct node {
	const char *name;
	mode_t mode;
	dev_t device;
};

static struct node nodes[NODES_MAX];
static size_t node_count;
static struct mount *first_mount; /* the kernel's own; it stays */

static const struct {
	const char *name, *target;
} links[] = {
	{ "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
};

static int add_name(struct mount *mount, const char *name, mode_t mode, dev_t device,
		    const char *target)
{
	struct inode *directory = mount->root->inode;
	struct dentry *dentry;
	int error;

	mutex_lock(&directory->lock);
	dentry = directory_create(mount->root, name, strlen(name), mode, device);
	mutex_unlock(&directory->lock);
	if (IS_ERR(dentry))
		return (int)PTR_ERR(dentry);
	dentry->inode->uid = 0;
	dentry->inode->gid = 0;
	error = target ? tmpfs_set_target(dentry->inode, target, strlen(target)) : 0;
	dentry_put(dentry);
	return error;
}

int device_node(const char *name, mode_t mode, dev_t device)
{
	assert(node_count < NODES_MAX);
	nodes[node_count++] = (struct node){ name, mode, device };
	return first_mount ? add_name(first_mount, name, mode, device, NULL) : 0;
}

static int devfs_mount(struct mount *mount, const char *options)
{
	int error = tmpfs_type.mount(mount, options);

	if (error)
		return error;
	mount->root->inode->mode = S_IFDIR | 0755;
	for (size_t i = 0; !error && i < node_count; i++)
		error = add_name(mount, nodes[i].name, nodes[i].mode, nodes[i].device, NULL);
	for (size_t i = 0; !error && i < ARRAY_SIZE(links); i++)
		error = add_name(mount, links[i].name, S_IFLNK | 0777, 0, links[i].target);
	if (!error)
		error = add_name(mount, "shm", S_IFDIR | 01777, 0, NULL);
	if (!error && !first_mount)
		first_mount = mount;
	return error;
}

/* Not by its path: the first process has no root directory yet when its descriptors are made. */
struct file *file_open_console(void)
{
	static const char name[] = "console";
	struct inode *directory = first_mount->root->inode;
	struct dentry *console;

	mutex_lock(&directory->lock);
	console = directory_find(first_mount->root, name, sizeof(name) - 1);
	mutex_unlock(&directory->lock);
	return IS_ERR(console) ? ERR_CAST(console) : file_open_dentry(console, O_RDWR);
}

struct fs_type devfs_type = {
	.name = "devtmpfs",
	.magic = TMPFS_MAGIC,
	.no_device = true,
	.one_content = true,
	.mount = devfs_mount,
};
