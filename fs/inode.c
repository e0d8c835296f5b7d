/*
 * inode.c -- a file, whatever its name: its counts, its permissions, its times.
 *
 * The mode, owner and times are changed under inode->lock and read without: each is one word.
 * Source: inode(7), stat(2), path_resolution(7).
 */
#include "internal.h"

#include <facet/capability.h>
#include <facet/panic.h>

static struct slab_cache *inode_cache;

void inode_init_caches(void)
{
	inode_cache = slab_cache_create("inode", sizeof(struct inode), 8);
}

struct inode *inode_create(struct mount *mount, mode_t mode)
{
	struct inode *inode = slab_alloc_zeroed(inode_cache);
	const struct process *process = current_process();

	if (!inode)
		return NULL;
	inode->count = 1;
	inode->mode = mode;
	inode->uid = process ? process->credentials.fsuid : 0;
	inode->gid = process ? process->credentials.fsgid : 0;
	inode->links = 1;
	inode->number = __atomic_add_fetch(&mount->last_number, 1, __ATOMIC_RELAXED);
	inode->mount = mount;
	__atomic_fetch_add(&mount->count, 1, __ATOMIC_RELAXED);
	inode->created_ns = (int64_t)clock_realtime_ns();
	inode->changed_ns = inode->modified_ns = inode->accessed_ns = inode->created_ns;
	mutex_init(&inode->lock, S_ISDIR(mode)    ? RANK_DIRECTORY
				 : S_ISFIFO(mode) ? RANK_PIPE
						  : RANK_FILE);
	return inode;
}

void inode_put(struct inode *inode)
{
	struct mount *mount = inode->mount;

	if (__atomic_sub_fetch(&inode->count, 1, __ATOMIC_ACQ_REL))
		return;
	if (inode->ops && inode->ops->release)
		inode->ops->release(inode);
	locks_free(inode);
	slab_free(inode_cache, inode);
	mount_put(mount);
}

void inode_touch(struct inode *inode)
{
	inode->modified_ns = (int64_t)clock_realtime_ns();
	inode->changed_ns = inode->modified_ns;
}

void inode_changed(struct inode *inode)
{
	inode->changed_ns = (int64_t)clock_realtime_ns();
}

void inode_change_links(struct inode *inode, int step)
{
	spin_lock(&names_lock);
	inode->links += (uint32_t)step;
	spin_unlock(&names_lock);
	inode_changed(inode);
}

/*
 * Only the first read after a change writes the time of access (a day is as long as it lasts at
 * most): that answers "is there something new in it", which is all that programs ask.
 */
void inode_read_now(struct inode *inode)
{
	const int64_t day = 24 * 3600 * (int64_t)NS_PER_SEC;
	int64_t now = (int64_t)clock_realtime_ns(), accessed = inode->accessed_ns;

	if (inode->mount->flags & MS_RDONLY)
		return;
	if (accessed <= inode->modified_ns || accessed <= inode->changed_ns || accessed < now - day)
		inode->accessed_ns = now;
}

static bool in_group(const struct credentials *credentials, gid_t gid, gid_t asked)
{
	if (gid == asked)
		return true;
	for (uint32_t i = 0; i < credentials->group_count; i++)
		if (credentials->groups[i] == asked)
			return true;
	return false;
}

bool inode_is_owner(const struct inode *inode)
{
	return capable(CAP_FOWNER) || current_process()->credentials.fsuid == inode->uid;
}

bool inode_in_group(gid_t gid)
{
	const struct credentials *credentials = &current_process()->credentials;

	return in_group(credentials, credentials->fsgid, gid);
}

bool inode_keeps_setgid(gid_t gid)
{
	return capable(CAP_FSETID) || inode_in_group(gid);
}

bool inode_loses_setgid(const struct inode *inode)
{
	const mode_t both = S_ISGID | 0010;

	return (inode->mode & both) == both && !inode_keeps_setgid(inode->gid);
}

void inode_drop_privileges(struct inode *inode)
{
	if (!current_process() || capable(CAP_FSETID))
		return;
	inode->mode &= ~(mode_t)S_ISUID;
	if ((inode->mode & 0010) || !inode_in_group(inode->gid))
		inode->mode &= ~(mode_t)S_ISGID;
}

/* Of one who may not do all of it in any case. Kept out of the short path, which is root's. */
static out_of_line int permission_by_mode(const struct inode *inode, unsigned may,
					  const struct credentials *credentials, uid_t uid,
					  gid_t gid, uint64_t capabilities)
{
	mode_t mode = inode->mode;

	if (uid == inode->uid)
		mode >>= 6;
	else if (in_group(credentials, gid, inode->gid))
		mode >>= 3;
	if ((mode & may) == may)
		return 0;
	/* To read all files, and to go through all directories. */
	if (capability_in(capabilities, CAP_DAC_READ_SEARCH) &&
	    (S_ISDIR(inode->mode) ? !(may & MAY_WRITE) : may == MAY_READ))
		return 0;
	return -EACCES;
}

static inline int permission_of(const struct inode *inode, unsigned may,
				const struct credentials *credentials, uid_t uid, gid_t gid,
				uint64_t capabilities)
{
	mode_t mode = inode->mode;

	if ((may & MAY_WRITE) && (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode)) &&
	    (inode->mount->flags & MS_RDONLY))
		return -EROFS;
	if (!capability_in(capabilities, CAP_DAC_OVERRIDE))
		return permission_by_mode(inode, may, credentials, uid, gid, capabilities);
	/* Everything, except to run what nobody may run. */
	return (may & MAY_EXEC) && !S_ISDIR(mode) && !(mode & 0111) ? -EACCES : 0;
}

int inode_permission(const struct inode *inode, unsigned may)
{
	const struct process *process = current_process();
	const struct credentials *credentials;

	if (!process) /* the kernel itself, at boot */
		return 0;
	credentials = &process->credentials;
	return permission_of(inode, may, credentials, credentials->fsuid, credentials->fsgid,
			     credentials->capabilities.effective);
}

int inode_permission_real(const struct inode *inode, unsigned may)
{
	const struct credentials *credentials = &current_process()->credentials;

	return permission_of(inode, may, credentials, credentials->uid, credentials->gid,
			     capabilities_of_real_ids(credentials));
}

void split_time(int64_t time[2], int64_t ns)
{
	int64_t seconds = ns / (int64_t)NS_PER_SEC, rest = ns % (int64_t)NS_PER_SEC;

	time[0] = rest < 0 ? seconds - 1 : seconds;
	time[1] = rest < 0 ? rest + (int64_t)NS_PER_SEC : rest;
}

void inode_stat(const struct inode *inode, struct stat *stat)
{
	uint64_t blocks = S_ISREG(inode->mode) && inode->file_ops == &tmpfs_file_ops
				  ? inode->cache.pages * (PAGE_SIZE / 512)
				  : 0;

	*stat = (struct stat){
		.device = inode->mount->device,
		.number = inode->number,
		.links = inode->links,
		.mode = inode->mode,
		.uid = inode->uid,
		.gid = inode->gid,
		.rdevice = inode->device,
		.size = (int64_t)inode->size,
		.block_size = PAGE_SIZE,
		.blocks = (int64_t)blocks,
	};
	split_time(stat->accessed, inode->accessed_ns);
	split_time(stat->modified, inode->modified_ns);
	split_time(stat->changed, inode->changed_ns);
}
