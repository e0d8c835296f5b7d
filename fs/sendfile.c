/*
 * sendfile.c -- sendfile(2) and copy_file_range(2): bytes from one file to another; and the advice
 * that readahead(2) and posix_fadvise(2) give, which is checked, for a file is in memory already.
 *
 * The bytes go through a page of the kernel's, so that each file is locked for itself and there is
 * no order between two files to keep. The source has offsets: bytes that were read and could not be
 * written are still there.
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/restart.h>
#include <facet/syscalls.h>

struct copy {
	struct file *in, *out;
	uint64_t from, to; /* `to` may be OWN_OFFSET */
	void *buffer;
};

/* At most a page. Returns bytes, 0 at the end of the source, or -errno. */
static ssize_t copy_piece(struct copy *copy, size_t size)
{
	struct transfer transfer;
	ssize_t moved;

	transfer_init_kernel(&transfer, copy->buffer, MIN(size, PAGE_SIZE));
	moved = file_read(copy->in, &transfer, copy->from);
	if (moved <= 0)
		return moved;
	transfer_init_kernel(&transfer, copy->buffer, (size_t)moved);
	moved = file_write(copy->out, &transfer, copy->to);
	if (moved > 0) {
		copy->from += (uint64_t)moved;
		copy->to += copy->to == OWN_OFFSET ? 0 : (uint64_t)moved;
	}
	return moved;
}

/* A short write is not the end: the next one says why, unless it goes on. */
static ssize_t copy_bytes(struct copy *copy, size_t size)
{
	ssize_t moved = 0;
	size_t done = 0;

	copy->buffer = kmalloc(PAGE_SIZE);
	if (!copy->buffer)
		return -ENOMEM;
	while (done < size) {
		moved = copy_piece(copy, size - done);
		if (moved <= 0)
			break;
		done += (size_t)moved;
		if (signal_pending(current_thread()))
			break;
	}
	kfree(copy->buffer);
	return done ? (ssize_t)done : moved;
}

int offset_from_user(uint64_t *offset, const struct file *file, const uint64_t __user *from)
{
	if (!from)
		*offset = READ_ONCE(file->offset);
	else if (get_user_u64(offset, from))
		return -EFAULT;
	return 0;
}

int offset_to_user(struct file *file, uint64_t __user *to, uint64_t offset)
{
	if (to)
		return put_user_u64(offset, to);
	mutex_lock(&file->inode->lock);
	file->offset = file->ops->positioned ? offset : 0;
	mutex_unlock(&file->inode->lock);
	return 0;
}

static int check_send(const struct file *in, const struct file *out, uint64_t from, size_t size,
		      bool own_offset)
{
	if (!(in->access & FILE_READ) || !(out->access & FILE_WRITE))
		return -EBADF;
	if (!file_has_offset(in))
		return own_offset ? -EINVAL : -ESPIPE;
	if (!in->ops->read || from > FILE_SIZE_MAX || (ssize_t)size < 0 || (out->flags & O_APPEND))
		return -EINVAL;
	return 0;
}

static long send(struct file *in, struct file *out, uint64_t __user *offset, size_t size)
{
	struct copy copy = { .in = in, .out = out, .to = OWN_OFFSET };
	ssize_t done = offset_from_user(&copy.from, in, offset);

	if (!done)
		done = check_send(in, out, copy.from, size, !offset);
	if (done)
		return done;
	done = copy_bytes(&copy, MIN(size, MAX_RW_COUNT));
	return offset_to_user(in, offset, copy.from) ? -EFAULT : done;
}

static int check_range(const struct file *in, const struct file *out)
{
	if (S_ISDIR(in->inode->mode) || S_ISDIR(out->inode->mode))
		return -EISDIR;
	if (!S_ISREG(in->inode->mode) || !S_ISREG(out->inode->mode))
		return -EINVAL;
	if (!(in->access & FILE_READ) || !(out->access & FILE_WRITE) || (out->flags & O_APPEND))
		return -EBADF;
	return in->inode->mount == out->inode->mount ? 0 : -EXDEV;
}

/* The bytes that there are from the offset on, and at most `*size`. */
static int check_places(const struct copy *copy, size_t *size)
{
	uint64_t length = file_size(copy->in);

	if (copy->from + *size < copy->from || copy->to + *size < copy->to)
		return -EOVERFLOW;
	if (copy->from > FILE_SIZE_MAX || copy->to > FILE_SIZE_MAX)
		return -EINVAL;
	*size = MIN(*size, length - MIN(copy->from, length));
	if (copy->in->inode == copy->out->inode && copy->from < copy->to + *size &&
	    copy->to < copy->from + *size)
		return -EINVAL;
	return 0;
}

static long copy_range(struct copy *copy, uint64_t __user *from, uint64_t __user *to, size_t size)
{
	ssize_t done = offset_from_user(&copy->from, copy->in, from);

	if (!done)
		done = offset_from_user(&copy->to, copy->out, to);
	if (!done)
		done = check_range(copy->in, copy->out);
	if (!done)
		done = check_places(copy, &size);
	if (done)
		return done;
	done = copy_bytes(copy, MIN(size, MAX_RW_COUNT));
	if (offset_to_user(copy->in, from, copy->from) || offset_to_user(copy->out, to, copy->to))
		return -EFAULT;
	return done;
}

/* Both files, counted, or neither. */
static int get_files(struct copy *copy, int in, int out)
{
	copy->in = descriptor_get(in);
	copy->out = copy->in ? descriptor_get(out) : NULL;
	if (copy->out)
		return 0;
	if (copy->in)
		file_put(copy->in);
	return -EBADF;
}

long sys_sendfile(int out, int in, uint64_t __user *offset, size_t size)
{
	struct copy files;
	long done = get_files(&files, in, out);

	if (done)
		return done;
	done = send(files.in, files.out, offset, size);
	file_put(files.in);
	file_put(files.out);
	return done;
}

long sys_copy_file_range(int in, uint64_t __user *from, int out, uint64_t __user *to, size_t size,
			 unsigned flags)
{
	struct copy copy;
	long done = get_files(&copy, in, out);

	if (done)
		return done;
	done = flags ? -EINVAL : copy_range(&copy, from, to, size);
	file_put(copy.in);
	file_put(copy.out);
	return done;
}

/* --- advice --- */

#define POSIX_FADV_NOREUSE 5 /* the last one */

long sys_readahead(int fd, off_t offset, size_t size)
{
	struct file *file = descriptor_get(fd);
	long error = 0;

	(void)offset, (void)size;
	if (!file)
		return -EBADF;
	if (!(file->access & FILE_READ))
		error = -EBADF;
	else if (!S_ISREG(file->inode->mode))
		error = -EINVAL;
	file_put(file);
	return error;
}

long sys_fadvise64(int fd, off_t offset, off_t size, int advice)
{
	struct file *file = descriptor_get(fd);
	long error = 0;

	(void)offset;
	if (!file)
		return -EBADF;
	if (file->flags & O_PATH)
		error = -EBADF;
	else if (S_ISFIFO(file->inode->mode))
		error = -ESPIPE;
	else if (size < 0 || advice < 0 || advice > POSIX_FADV_NOREUSE)
		error = -EINVAL;
	file_put(file);
	return error;
}
