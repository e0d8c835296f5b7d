/*
 * statx.c -- stat with a mask of what is wanted, and the time of birth.
 *
 * All there is costs nothing to tell, so the mask only chooses among what stat has not: the time of
 * birth, which tmpfs keeps, and the mount's number. Source: statx(2).
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/syscalls.h>

#define AT_STATX_SYNC_TYPE 0x6000
#define STATX_BASIC_STATS 0x7ffu
#define STATX_BTIME 0x800u
#define STATX_MNT_ID 0x1000u
#define STATX_RESERVED 0x80000000u
#define STATX_ATTR_MOUNT_ROOT 0x2000u

struct statx_time {
	int64_t seconds;
	uint32_t nanoseconds, pad;
};

struct statx {
	uint32_t mask, block_size;
	uint64_t attributes;
	uint32_t links, uid, gid;
	uint16_t mode, pad;
	uint64_t number, size, blocks, attributes_mask;
	struct statx_time accessed, created, changed, modified;
	uint32_t rdevice_major, rdevice_minor, device_major, device_minor;
	uint64_t mount_id;
	uint64_t spare[13];
};

static struct statx_time time_of(const int64_t time[2])
{
	return (struct statx_time){ .seconds = time[0], .nanoseconds = (uint32_t)time[1] };
}

static void fill(const struct dentry *dentry, uint32_t wanted, struct statx *statx)
{
	const struct inode *inode = dentry->inode;
	bool has_birth = inode->mount->type->magic == TMPFS_MAGIC;
	struct stat stat;
	int64_t created[2];

	inode_stat(inode, &stat);
	*statx = (struct statx){
		.mask = STATX_BASIC_STATS | STATX_MNT_ID,
		.block_size = (uint32_t)stat.block_size,
		.attributes = dentry == inode->mount->root ? STATX_ATTR_MOUNT_ROOT : 0,
		.attributes_mask = STATX_ATTR_MOUNT_ROOT,
		.links = (uint32_t)stat.links,
		.uid = stat.uid,
		.gid = stat.gid,
		.mode = (uint16_t)stat.mode,
		.number = stat.number,
		.size = (uint64_t)stat.size,
		.blocks = (uint64_t)stat.blocks,
		.accessed = time_of(stat.accessed),
		.changed = time_of(stat.changed),
		.modified = time_of(stat.modified),
		.rdevice_major = device_major(stat.rdevice),
		.rdevice_minor = device_minor(stat.rdevice),
		.device_major = device_major(stat.device),
		.device_minor = device_minor(stat.device),
		.mount_id = mount_id(inode->mount),
	};
	if (has_birth && (wanted & STATX_BTIME)) {
		split_time(created, inode->created_ns);
		statx->created = time_of(created);
		statx->mask |= STATX_BTIME;
	}
}

long sys_statx(int dirfd, const char __user *path, int flags, unsigned mask, void __user *buffer)
{
	struct dentry *dentry;
	struct statx statx;

	if ((mask & STATX_RESERVED) || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE ||
	    (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)))
		return -EINVAL;
	dentry = path_lookup_user(dirfd, path, lookup_flags_at(flags));
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	fill(dentry, mask, &statx);
	dentry_put(dentry);
	return copy_to_user(buffer, &statx, sizeof(statx)) ? -EFAULT : 0;
}
