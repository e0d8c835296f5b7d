/*
 * pipe_make.c -- making pipes, and changing their size.
 *
 * Locks: inode->lock (RANK_PIPE) of a pipe that is there already.
 * Source: pipe(2), fcntl(2) (F_SETPIPE_SZ).
 */
#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/panic.h>
#include <facet/syscalls.h>

#include "pipe.h"

static struct mount *pipe_mount; /* where st_dev and the inode numbers of pipes come from */

static const struct fs_type pipe_type = { .name = "pipefs", .magic = 0x50495045 };

void pipe_init(void)
{
	pipe_mount = mount_create(&pipe_type, "none", NULL, 0);
	assert(!IS_ERR(pipe_mount));
}

unsigned pipe_size_max(void)
{
	return PAGES_MAX * PAGE_SIZE;
}

bool pipe_is_nameless(const struct inode *inode)
{
	return inode->mount == pipe_mount;
}

long pipe_get_size(struct file *file)
{
	return file->ops == &pipe_ops ? (long)(file->inode->pipe->capacity_pages * PAGE_SIZE)
				      : -EBADF;
}

/* Moves the pages that hold bytes, in order, to the front of a new ring. Lock held. */
static int change_ring(struct pipe *pipe, struct frame **pages, unsigned count)
{
	uint32_t start = pipe->tail & (uint32_t)PAGE_MASK;
	uint32_t filled = (uint32_t)(page_round_up(pipe->head) - start) >> PAGE_SHIFT;

	if (bytes_in(pipe) > count * PAGE_SIZE)
		return -EBUSY;
	for (unsigned i = 0; i < filled; i++) {
		pages[i] = *page_of(pipe, start + i * (uint32_t)PAGE_SIZE);
		*page_of(pipe, start + i * (uint32_t)PAGE_SIZE) = NULL;
	}
	for (unsigned i = 0; i < slots(pipe); i++)
		if (pipe->pages[i])
			frame_put(pipe->pages[i]);
	if (pipe->pages != pipe->first_pages)
		kfree(pipe->pages);
	pipe->pages = pages;
	pipe->capacity_pages = count;
	pipe->head -= start;
	pipe->tail -= start;
	return 0;
}

long pipe_set_size(struct file *file, unsigned long size)
{
	struct frame **pages;
	unsigned count = 1;
	int error;

	if (file->ops != &pipe_ops)
		return -EBADF;
	if (size > INT32_MAX)
		return -EINVAL;
	if (size > PAGES_MAX * PAGE_SIZE && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	while (count * PAGE_SIZE < size)
		count *= 2;
	pages = kzalloc(2 * count * sizeof(*pages));
	if (!pages)
		return -ENOMEM;
	mutex_lock(&file->inode->lock);
	error = change_ring(file->inode->pipe, pages, count);
	wait_wake_all(&file->inode->pipe->writable);
	mutex_unlock(&file->inode->lock);
	if (error) {
		kfree(pages);
		return error;
	}
	return (long)(count * PAGE_SIZE);
}

static const struct inode_ops pipe_inode_ops = { .release = pipe_inode_release };

/* Two files on one new inode; ends[0] reads, ends[1] writes. */
static int make_pipe(struct file *ends[2], int flags)
{
	struct inode *inode = inode_create(pipe_mount, S_IFIFO | 0600);
	struct dentry *dentry;

	if (!inode)
		return -ENOMEM;
	inode->ops = &pipe_inode_ops;
	inode->pipe = pipe_create();
	dentry = dentry_create(NULL, "", 0, inode);
	if (!dentry)
		return -ENOMEM;
	ends[0] = ends[1] = ERR_PTR(-ENOMEM);
	if (inode->pipe) {
		inode->pipe->readers = inode->pipe->writers = 1;
		inode->pipe->reader_opens = inode->pipe->writer_opens = 1;
		flags &= O_NONBLOCK;
		ends[0] = file_create(dentry_get(dentry), &pipe_ops, flags | O_RDONLY);
		ends[1] = file_create(dentry_get(dentry), &pipe_ops, flags | O_WRONLY);
	}
	dentry_put(dentry);
	if (!IS_ERR(ends[0]) && !IS_ERR(ends[1]))
		return 0;
	for (unsigned i = 0; i < 2; i++)
		if (!IS_ERR(ends[i]))
			file_put(ends[i]);
	return -ENOMEM;
}

long sys_pipe2(int __user *fds, int flags)
{
	struct file *ends[2];
	int numbers[2], error;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	numbers[0] = descriptor_reserve(0, flags & O_CLOEXEC);
	if (numbers[0] < 0)
		return numbers[0];
	numbers[1] = descriptor_reserve(0, flags & O_CLOEXEC);
	error = numbers[1] < 0 ? numbers[1] : 0;
	if (!error && copy_to_user(fds, numbers, sizeof(numbers)))
		error = -EFAULT;
	if (!error)
		error = make_pipe(ends, flags);
	for (unsigned i = 0; i < 2; i++) {
		if (!error)
			descriptor_install(numbers[i], ends[i]);
		else if (numbers[i] >= 0)
			descriptor_cancel(numbers[i]);
	}
	return error;
}

long sys_pipe(int __user *fds)
{
	return sys_pipe2(fds, 0);
}
