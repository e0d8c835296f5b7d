/*
 * rw.c -- read, write and their relatives: from a descriptor to the file's own operation.
 * One buffer is the short path; the vectors of readv and its kin are below it.
 *
 * Here are the rules that hold for every file: access mode, limits, the file's offset. The offset
 * of a file that has one is guarded by the inode's lock, so a read and a write of the same bytes
 * are one after the other, and two processes that share an open file do not read the same bytes
 * twice.
 * Source: read(2), write(2), readv(2) (with preadv2), lseek(2).
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/syscalls.h>

#define IOV_MAX 1024

/* preadv2(2) and pwritev2(2) */
#define RWF_HIPRI 0x01u
#define RWF_DSYNC 0x02u
#define RWF_SYNC 0x04u
#define RWF_APPEND 0x10u
/* What is in memory needs no device's polling, and is as safe as it can be when it is written. */
#define RWF_ACCEPTED (RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_APPEND)

/* Out of line for the sake of pipes and devices, as is the next one. */
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
	bool own = offset == OWN_OFFSET || offset == OWN_OFFSET_AT_END;
	ssize_t done;

	mutex_lock(&inode->lock);
	if ((file->flags & O_APPEND) || offset == OWN_OFFSET_AT_END || offset == AT_END)
		offset = inode->size;
	else if (own)
		offset = file->offset;
	done = file->ops->write(file, from, offset);
	if (done > 0 && own)
		file->offset = offset + (uint64_t)done;
	mutex_unlock(&inode->lock);
	return done;
}

ssize_t file_read(struct file *file, struct transfer *to, uint64_t offset)
{
	if (!(file->access & FILE_READ))
		return -EBADF;
	if (!file->ops->read)
		return S_ISDIR(file->inode->mode) ? -EISDIR : -EINVAL;
	if (file->ops->positioned)
		return read_positioned(file, to, offset);
	return file->ops->read(file, to, 0);
}

ssize_t file_write(struct file *file, struct transfer *from, uint64_t offset)
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

bool file_has_offset(const struct file *file)
{
	return file->ops->positioned || file->ops->positions_mean_nothing;
}

/* What pread and its kin say of a file that has no offsets. */
static int no_offset_error(const struct file *file)
{
	return file->flags & O_PATH ? -EBADF : -ESPIPE;
}

typedef ssize_t (*mover)(struct file *file, struct transfer *transfer, uint64_t offset);

/* pread and pwrite: the offset is the caller's, the file's own stays. */
static ssize_t transfer_at(int fd, const void __user *buffer, size_t size, off_t offset, mover move)
{
	struct transfer transfer;
	struct file *file;
	ssize_t done;

	if (offset < 0)
		return -EINVAL;
	file = descriptor_get(fd);
	if (!file)
		return -EBADF;
	if (!file_has_offset(file)) {
		done = no_offset_error(file);
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

int vector_copy(struct vector *vector, const struct iovec __user *from, size_t count)
{
	vector->all = vector->few;
	if (count > IOV_MAX)
		return -EINVAL;
	if (count > ARRAY_SIZE(vector->few))
		vector->all = kmalloc(count * sizeof(*from));
	if (!vector->all)
		return -ENOMEM;
	if (!copy_from_user(vector->all, from, count * sizeof(*from)))
		return 0;
	vector_free(vector);
	return -EFAULT;
}

void vector_free(struct vector *vector)
{
	if (vector->all != vector->few)
		kfree(vector->all);
}

/* Checks a vector that has been copied, and adds it up; what exceeds MAX_RW_COUNT is cut off. */
static int check_vector(struct transfer *transfer, const struct iovec *vector, size_t count)
{
	size_t total = 0;

	for (size_t i = 0; i < count; i++) {
		if ((int64_t)vector[i].size < 0)
			return -EINVAL;
		if (!user_range_ok(vector[i].base, vector[i].size))
			return -EFAULT;
		total += MIN(vector[i].size, MAX_RW_COUNT - total);
	}
	*transfer = (struct transfer){ .left = total, .next = vector };
	return 0;
}

int vector_from_user(struct vector *vector, const struct iovec __user *from, size_t count,
		     struct transfer *transfer)
{
	int error = vector_copy(vector, from, count);

	if (error)
		return error;
	error = check_vector(transfer, vector->all, count);
	if (error)
		vector_free(vector);
	return error;
}

static ssize_t move_vector(struct file *file, const struct iovec __user *from, size_t count,
			   uint64_t offset, mover move)
{
	struct transfer transfer;
	struct vector vector;
	ssize_t done = vector_from_user(&vector, from, count, &transfer);

	if (!done) {
		done = move(file, &transfer, offset);
		vector_free(&vector);
	}
	return done;
}

static ssize_t transfer_vector(int fd, const struct iovec __user *vector, size_t count, mover move)
{
	struct file *file = descriptor_get(fd);
	ssize_t done;

	if (!file)
		return -EBADF;
	done = move_vector(file, vector, count, OWN_OFFSET, move);
	file_put(file);
	return done;
}

long sys_readv(int fd, const struct iovec __user *vector, unsigned count)
{
	return transfer_vector(fd, vector, count, file_read);
}

long sys_writev(int fd, const struct iovec __user *vector, unsigned count)
{
	return transfer_vector(fd, vector, count, file_write);
}

/* An offset of -1 is the file's own, for the calls with flags. */
static ssize_t transfer_vector_at(int fd, const struct iovec __user *vector, size_t count,
				  off_t offset, unsigned flags, mover move)
{
	uint64_t place = (uint64_t)offset;
	struct file *file = descriptor_get(fd);
	ssize_t done;

	if (!file)
		return -EBADF;
	if (place != OWN_OFFSET && !file_has_offset(file))
		done = no_offset_error(file);
	else if (flags & ~RWF_ACCEPTED)
		done = -EOPNOTSUPP;
	else if (flags & RWF_APPEND && move == file_write)
		done = move_vector(file, vector, count,
				   place == OWN_OFFSET ? OWN_OFFSET_AT_END : AT_END, move);
	else
		done = move_vector(file, vector, count, place, move);
	file_put(file);
	return done;
}

long sys_preadv(int fd, const struct iovec __user *vector, unsigned count, off_t offset)
{
	return offset < 0 ? -EINVAL : transfer_vector_at(fd, vector, count, offset, 0, file_read);
}

long sys_pwritev(int fd, const struct iovec __user *vector, unsigned count, off_t offset)
{
	return offset < 0 ? -EINVAL : transfer_vector_at(fd, vector, count, offset, 0, file_write);
}

/* The offset comes in two halves, for machines of 32 bits; here the first one is all of it. */
long sys_preadv2(int fd, const struct iovec __user *vector, unsigned count, off_t offset,
		 unsigned long upper, unsigned flags)
{
	(void)upper;
	return offset < -1 ? -EINVAL
			   : transfer_vector_at(fd, vector, count, offset, flags, file_read);
}

long sys_pwritev2(int fd, const struct iovec __user *vector, unsigned count, off_t offset,
		  unsigned long upper, unsigned flags)
{
	(void)upper;
	return offset < -1 ? -EINVAL
			   : transfer_vector_at(fd, vector, count, offset, flags, file_write);
}

/* Where nobody says otherwise all is data, and the one hole is the end of the file. */
static int64_t seek_contents(struct inode *inode, off_t offset, bool hole)
{
	if (offset < 0 || (uint64_t)offset >= inode->size)
		return -ENXIO;
	if (inode->ops->seek && S_ISREG(inode->mode))
		return inode->ops->seek(inode, (uint64_t)offset, hole);
	return hole ? (int64_t)inode->size : offset;
}

static int64_t seek_target(const struct file *file, off_t offset, int whence)
{
	int64_t base = 0, target;

	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		base = (int64_t)file->offset;
		break;
	case SEEK_END:
		base = (int64_t)file->inode->size;
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		return seek_contents(file->inode, offset, whence == SEEK_HOLE);
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &target) || target < 0)
		return -EINVAL;
	return target;
}

long sys_lseek(int fd, off_t offset, int whence)
{
	struct file *file = descriptor_get(fd);
	int64_t target;

	if (!file)
		return -EBADF;
	target = no_offset_error(file);
	if (file->ops->positions_mean_nothing) {
		target = 0;
	} else if (file->ops->seek) {
		target = file->ops->seek(file, offset, whence);
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
