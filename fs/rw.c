/*
 * rw.c -- read, write and their relatives: from a descriptor to the file's own operation.
 *
 * Here are the rules that hold for every file: access mode, limits, the file's offset. The offset
 * of a file that has one is guarded by the inode's lock, so a read and a write of the same bytes
 * are one after the other, and two processes that share an open file do not read the same bytes
 * twice.
 * Source: read(2), write(2), readv(2), lseek(2).
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/syscalls.h>

#define IOV_MAX 1024
#define IOV_ON_STACK 8

#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define SEEK_DATA 3
#define SEEK_HOLE 4

/* In place of an offset: the file's own. */
#define OWN_OFFSET UINT64_MAX

/*
 * Both are kept out of their callers, where they would make pipes and devices pay for their
 * registers.
 */
#define out_of_line __attribute__((noinline))

static out_of_line ssize_t read_positioned(struct file *file, struct transfer *to, uint64_t offset)
{
	struct inode *inode = file->inode;
	ssize_t done;

	mutex_lock(&inode->lock);
	if (offset != OWN_OFFSET) {
		done = file->ops->read(file, to, offset);
	} else {
		done = file->ops->read(file, to, file->offset);
		if (done > 0)
			file->offset += (uint64_t)done;
	}
	mutex_unlock(&inode->lock);
	return done;
}

static out_of_line ssize_t write_positioned(struct file *file, struct transfer *from,
					    uint64_t offset)
{
	struct inode *inode = file->inode;
	bool own = offset == OWN_OFFSET;
	ssize_t done;

	mutex_lock(&inode->lock);
	if (file->flags & O_APPEND)
		offset = inode->size;
	else if (own)
		offset = file->offset;
	done = file->ops->write(file, from, offset);
	if (done > 0 && own)
		file->offset = offset + (uint64_t)done;
	mutex_unlock(&inode->lock);
	return done;
}

static ssize_t file_read(struct file *file, struct transfer *to, uint64_t offset)
{
	if (!(file->access & FILE_READ))
		return -EBADF;
	if (!file->ops->read)
		return S_ISDIR(file->inode->mode) ? -EISDIR : -EINVAL;
	if (file->ops->positioned)
		return read_positioned(file, to, offset);
	return file->ops->read(file, to, 0);
}

static ssize_t file_write(struct file *file, struct transfer *from, uint64_t offset)
{
	if (!(file->access & FILE_WRITE))
		return -EBADF;
	if (!file->ops->write)
		return -EINVAL;
	if (file->ops->positioned)
		return write_positioned(file, from, offset);
	return file->ops->write(file, from, 0);
}

long sys_read(int fd, void __user *buffer, size_t size)
{
	struct file *file = descriptor_get(fd);
	struct transfer to;
	ssize_t done = -EFAULT;

	if (!file)
		return -EBADF;
	if (user_range_ok((vaddr_t)buffer, size)) {
		transfer_init_user(&to, buffer, MIN(size, MAX_RW_COUNT));
		done = file_read(file, &to, OWN_OFFSET);
	}
	file_put(file);
	return done;
}

long sys_write(int fd, const void __user *buffer, size_t size)
{
	struct file *file = descriptor_get(fd);
	struct transfer from;
	ssize_t done = -EFAULT;

	if (!file)
		return -EBADF;
	if (user_range_ok((vaddr_t)buffer, size)) {
		transfer_init_user(&from, buffer, MIN(size, MAX_RW_COUNT));
		done = file_write(file, &from, OWN_OFFSET);
	}
	file_put(file);
	return done;
}

static bool has_offset(const struct file *file)
{
	return file->ops->positioned || file->ops->positions_mean_nothing;
}

/* pread and pwrite: the offset is the caller's, the file's own stays. */
static ssize_t transfer_at(int fd, const void __user *buffer, size_t size, off_t offset,
			   ssize_t (*move)(struct file *, struct transfer *, uint64_t))
{
	struct transfer transfer;
	struct file *file;
	ssize_t done;

	if (offset < 0)
		return -EINVAL;
	file = descriptor_get(fd);
	if (!file)
		return -EBADF;
	if (!has_offset(file)) {
		done = -ESPIPE;
	} else if (!user_range_ok((vaddr_t)buffer, size)) {
		done = -EFAULT;
	} else {
		transfer_init_user(&transfer, buffer, MIN(size, MAX_RW_COUNT));
		done = move(file, &transfer, (uint64_t)offset);
	}
	file_put(file);
	return done;
}

long sys_pread64(int fd, void __user *buffer, size_t size, off_t offset)
{
	return transfer_at(fd, buffer, size, offset, file_read);
}

long sys_pwrite64(int fd, const void __user *buffer, size_t size, off_t offset)
{
	return transfer_at(fd, buffer, size, offset, file_write);
}

/* Checks a vector that has been copied, and adds it up; what exceeds MAX_RW_COUNT is cut off. */
static int check_vector(struct transfer *transfer, const struct iovec *vector, int count)
{
	size_t total = 0;

	for (int i = 0; i < count; i++) {
		if ((int64_t)vector[i].size < 0)
			return -EINVAL;
		if (!user_range_ok(vector[i].base, vector[i].size))
			return -EFAULT;
		total += MIN(vector[i].size, MAX_RW_COUNT - total);
	}
	*transfer = (struct transfer){ .left = total, .next = vector };
	return 0;
}

static ssize_t transfer_vector(int fd, const struct iovec __user *vector, int count,
			       ssize_t (*move)(struct file *, struct transfer *, uint64_t))
{
	struct iovec few[IOV_ON_STACK], *copy = few;
	struct file *file = descriptor_get(fd);
	struct transfer transfer;
	ssize_t done;

	if (!file)
		return -EBADF;
	if (count < 0 || count > IOV_MAX) {
		file_put(file);
		return -EINVAL;
	}
	if (count > IOV_ON_STACK)
		copy = kmalloc((size_t)count * sizeof(*copy));
	if (!copy) {
		file_put(file);
		return -ENOMEM;
	}
	done = copy_from_user(copy, vector, (size_t)count * sizeof(*copy));
	if (!done)
		done = check_vector(&transfer, copy, count);
	if (!done)
		done = move(file, &transfer, OWN_OFFSET);
	if (copy != few)
		kfree(copy);
	file_put(file);
	return done;
}

long sys_readv(int fd, const struct iovec __user *vector, int count)
{
	return transfer_vector(fd, vector, count, file_read);
}

long sys_writev(int fd, const struct iovec __user *vector, int count)
{
	return transfer_vector(fd, vector, count, file_write);
}

/* Only bytes count as data here: the one hole that SEEK_HOLE finds is the end of the file. */
static int64_t seek_target(const struct file *file, off_t offset, int whence)
{
	int64_t size = (int64_t)file->inode->size, target;

	switch (whence) {
	case SEEK_SET:
		return offset >= 0 ? offset : -EINVAL;
	case SEEK_CUR:
		size = (int64_t)file->offset;
		break;
	case SEEK_END:
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		if (offset < 0 || offset >= size)
			return -ENXIO;
		return whence == SEEK_DATA ? offset : size;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(size, offset, &target) || target < 0)
		return -EINVAL;
	return target;
}

long sys_lseek(int fd, off_t offset, int whence)
{
	struct file *file = descriptor_get(fd);
	int64_t target = -ESPIPE;

	if (!file)
		return -EBADF;
	if (file->ops->positions_mean_nothing) {
		target = 0;
	} else if (file->ops->positioned) {
		mutex_lock(&file->inode->lock);
		target = seek_target(file, offset, whence);
		if (target >= 0)
			file->offset = (uint64_t)target;
		mutex_unlock(&file->inode->lock);
	}
	file_put(file);
	return target;
}

ssize_t file_read_at(struct file *file, void *buffer, size_t size, uint64_t offset)
{
	struct transfer to;

	transfer_init_kernel(&to, buffer, size);
	return file_read(file, &to, offset);
}
