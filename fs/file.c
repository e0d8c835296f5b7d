/*
 * file.c -- open files: their counts, and what mappings and exec ask of them.
 *
 * How a file comes to be opened is in open.c. Source: open(2), execve(2) (ETXTBSY), mmap(2).
 */
#include "internal.h"

#include <facet/panic.h>

static struct slab_cache *file_cache;

void file_init_caches(void)
{
	file_cache = slab_cache_create("file", sizeof(struct file), 8);
}

void file_get(struct file *file)
{
	__atomic_fetch_add(&file->count, 1, __ATOMIC_RELAXED);
}

/* One more that writes to it, or (step -1) one more that runs it: never both. */
static int writers_add(struct inode *inode, int step)
{
	int32_t writers = READ_ONCE(inode->writers);

	if (!step)
		return 0;
	do {
		if (step > 0 ? writers < 0 : writers > 0)
			return -ETXTBSY;
	} while (!__atomic_compare_exchange_n(&inode->writers, &writers, writers + step, false,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	if (step > 0)
		__atomic_fetch_add(&inode->mount->writers, 1, __ATOMIC_RELAXED);
	return 0;
}

static void writers_take_back(struct inode *inode, int step)
{
	__atomic_fetch_sub(&inode->writers, step, __ATOMIC_RELAXED);
	if (step > 0)
		__atomic_fetch_sub(&inode->mount->writers, 1, __ATOMIC_RELAXED);
}

/* What `access` means to inode->writers. */
static int writers_step(const struct file *file)
{
	if (!S_ISREG(file->inode->mode))
		return 0;
	if (file->access & FILE_EXECUTES)
		return -1;
	return file->access & FILE_WRITE ? 1 : 0;
}

static void file_free(struct file *file)
{
	mount_unuse(file->inode->mount);
	dentry_put(file->dentry);
	slab_free(file_cache, file);
}

static void file_close(struct file *file)
{
	if (unlikely(file->inode->locks))
		locks_release_file(file);
	if (file->ops->release)
		file->ops->release(file);
	if (file->access & FILE_COUNTED)
		writers_take_back(file->inode, writers_step(file));
	file_free(file);
}

void file_put(struct file *file)
{
	if (__atomic_sub_fetch(&file->count, 1, __ATOMIC_ACQ_REL) == 0)
		file_close(file);
}

struct file *file_create(struct dentry *dentry, const struct file_ops *ops, int flags)
{
	struct file *file = slab_alloc(file_cache);

	if (!file) {
		dentry_put(dentry);
		return ERR_PTR(-ENOMEM);
	}
	*file = (struct file){
		.count = 1,
		.flags = (uint32_t)flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC),
		/* O_RDONLY, O_WRONLY and O_RDWR are one less than the bits; 3 is neither. */
		.access = (flags + 1) & O_ACCMODE,
		.ops = ops,
		.inode = dentry->inode,
		.dentry = dentry,
	};
	mount_use(dentry->inode->mount);
	return file;
}

static unsigned path_poll(struct file *file, struct poll_table *table)
{
	(void)file, (void)table;
	return POLLNVAL;
}

/* O_PATH: a place in the tree and nothing to do with it. */
static const struct file_ops path_ops = { .poll = path_poll };

static const struct file_ops *ops_of(const struct inode *inode)
{
	switch (inode->mode & S_IFMT) {
	case S_IFCHR:
		return device_ops(inode->device);
	case S_IFIFO:
		return &pipe_ops;
	case S_IFREG:
	case S_IFDIR:
		return inode->file_ops;
	default:
		return NULL;
	}
}

/* Steps of an open that may fail once there is a file. */
static int file_start(struct file *file, int access_extra)
{
	int step, error;

	file->access |= access_extra;
	step = writers_step(file);
	error = writers_add(file->inode, step);
	if (error)
		return error;
	if (file->ops->open)
		error = file->ops->open(file);
	if (error)
		writers_take_back(file->inode, step);
	else
		file->access |= FILE_COUNTED;
	return error;
}

static struct file *open_with(struct dentry *dentry, int flags, int access_extra)
{
	const struct file_ops *ops = flags & O_PATH ? &path_ops : ops_of(dentry->inode);
	struct file *file;
	int error;

	if (!ops) {
		dentry_put(dentry);
		return ERR_PTR(-ENXIO);
	}
	file = file_create(dentry, ops, flags);
	if (IS_ERR(file))
		return file;
	if (flags & O_PATH) {
		file->access = 0;
		return file;
	}
	error = file_start(file, access_extra);
	if (error) {
		file_free(file);
		return ERR_PTR(error);
	}
	return file;
}

struct file *file_open_dentry(struct dentry *dentry, int flags)
{
	return open_with(dentry, flags, 0);
}

struct file *file_open_executable(int dirfd, const char *path, int flags)
{
	unsigned lookup = lookup_flags_at(flags);
	struct dentry *dentry = path_lookup(dirfd, path, lookup);
	int error;

	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	error = inode_permission(dentry->inode, MAY_EXEC);
	if (!S_ISREG(dentry->inode->mode) || (dentry->inode->mount->flags & MS_NOEXEC))
		error = -EACCES;
	if (S_ISLNK(dentry->inode->mode))
		error = -ELOOP;
	if (error) {
		dentry_put(dentry);
		return ERR_PTR(error);
	}
	return open_with(dentry, O_RDONLY, FILE_EXECUTES);
}

void file_allow_writing(struct file *file)
{
	writers_take_back(file->inode, writers_step(file));
	file->access &= (uint8_t)~FILE_EXECUTES;
}

bool file_sets_uid(const struct file *file, uid_t *uid)
{
	*uid = file->inode->uid;
	return file->inode->mode & S_ISUID && !(file->inode->mount->flags & MS_NOSUID);
}

/* Without the group's right to execute, the bit means something else: see stat(2), S_ISGID. */
bool file_sets_gid(const struct file *file, gid_t *gid)
{
	*gid = file->inode->gid;
	return (file->inode->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
	       !(file->inode->mount->flags & MS_NOSUID);
}

bool file_may_be_read(const struct file *file)
{
	return !inode_permission(file->inode, MAY_READ);
}

uint64_t file_size(const struct file *file)
{
	return READ_ONCE(file->inode->size);
}

bool file_is_readable(const struct file *file)
{
	return file->access & FILE_READ;
}

bool file_is_writable(const struct file *file)
{
	return file->access & FILE_WRITE;
}

bool file_may_execute(const struct file *file)
{
	return !(file->inode->mount->flags & MS_NOEXEC);
}

int file_page(struct file *file, uint64_t index, struct frame **frame)
{
	return file->ops->page ? file->ops->page(file, index, frame) : -ENODEV;
}

struct mappings *file_mappings(struct file *file)
{
	if (file->ops != &tmpfs_file_ops || file->access & FILE_EXECUTES)
		return NULL;
	return &file->inode->cache.mappings;
}

int file_punch(struct file *file, uint64_t offset, uint64_t size)
{
	struct inode *inode = file->inode;

	if (file->ops != &tmpfs_file_ops)
		return -EOPNOTSUPP;
	if (!file_is_writable(file))
		return -EBADF;
	mutex_lock(&inode->lock);
	tmpfs_punch(inode, offset, size);
	mutex_unlock(&inode->lock);
	return 0;
}

bool file_has_page(struct file *file, uint64_t index)
{
	struct frame *frame;

	if (file->ops != &tmpfs_file_ops)
		return false;
	frame = page_cache_find(&file->inode->cache, index);
	if (frame)
		frame_put(frame);
	return frame;
}

int file_may_map(struct file *file, bool *anonymous)
{
	*anonymous = file->ops->maps_as_anonymous;
	if (file->flags & O_PATH)
		return -EBADF;
	if (!file->ops->page && !*anonymous)
		return -ENODEV;
	return 0;
}

void file_identity(const struct file *file, uint64_t *device, uint64_t *inode)
{
	*device = file->inode->mount->device;
	*inode = file->inode->number;
}

ssize_t file_path(const struct file *file, char *buffer, size_t size)
{
	return dentry_name(file->dentry, buffer, size);
}
