/*
 * anonymous.c -- files that are no place in any tree: what eventfd(2) and pidfd_open(2) return.
 *
 * All of them are one nameless inode's, as on Linux; what differs from file to file is
 * file->private, and from kind to kind the name that /proc/<pid>/fd shows.
 */
#include "internal.h"

#include <facet/panic.h>

static const char *const names[] = {
	[ANONYMOUS_EVENTFD] = "anon_inode:[eventfd]",
	[ANONYMOUS_PIDFD] = "anon_inode:[pidfd]",
};

static struct dentry *dentries[ARRAY_SIZE(names)];

struct file *anonymous_file(enum anonymous_kind kind, const struct file_ops *ops, int flags)
{
	return file_create(dentry_get(dentries[kind]), ops, flags);
}

void anonymous_init(void)
{
	static const struct fs_type type = { .name = "anon_inodefs", .no_device = true };
	static const struct inode_ops inode_ops;
	struct mount *mount = mount_create(&type, "none", NULL, 0);
	struct inode *inode;

	assert(!IS_ERR(mount));
	inode = inode_create(mount, 0600);
	assert(inode);
	inode->ops = &inode_ops;
	for (unsigned kind = 0; kind < ARRAY_SIZE(names); kind++) {
		inode_get(inode); /* each name's own count; the first one stays for ever */
		dentries[kind] = dentry_create(NULL, names[kind], strlen(names[kind]), inode);
		assert(dentries[kind]);
	}
}
