/*
 * pipe.c -- pipes and FIFOs: bytes in order from writers to readers.
 *
 * A ring of pages that get their memory when bytes are written into them and give it back when
 * these have been read. It has two slots for each page of capacity, so that the newest bytes of a
 * full pipe never lie in the page of the oldest. When the pipe runs empty it starts over at
 * the first byte of the first page, which it keeps: bytes that go to and fro stay in one page and
 * cost no allocation.
 *
 * Locks: inode->lock (RANK_FILE) guards everything, user copies are made under it, and it is the
 * lock of the condition that readers and writers wait for. A woken thread that leaves something
 * wakes the next one.
 * Source: pipe(7), fifo(7), fcntl(2) (F_SETPIPE_SZ).
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/panic.h>
#include <facet/syscalls.h>

#define PIPE_BUF 4096
#define PAGES_DEFAULT 16u		/* 64 KiB */
#define PAGES_MAX 256u			/* 1 MiB, as /proc/sys/fs/pipe-max-size says */

struct pipe {
	uint64_t head, tail;		/* bytes written and read since it was empty last */
	unsigned capacity_pages;	/* a power of two */
	struct frame **pages;		/* byte n is in pages[n / PAGE_SIZE % slots()] */
	unsigned readers, writers;	/* open files */
	unsigned reader_opens, writer_opens;	/* since the beginning: FIFOs wait for a change */
	struct wait_queue readable, writable;
	struct frame *first_pages[2 * PAGES_DEFAULT];
};

static struct mount *pipe_mount;	/* where st_dev and the inode numbers of pipes come from */

static const struct fs_type pipe_type = { .name = "pipefs", .no_device = true };

void pipe_init(void)
{
	pipe_mount = mount_create(&pipe_type, "none", NULL, 0);
	assert(!IS_ERR(pipe_mount));
}

unsigned pipe_size_max(void)
{
	return PAGES_MAX * PAGE_SIZE;
}

static size_t bytes_in(const struct pipe *pipe)
{
	return pipe->head - pipe->tail;
}

static size_t room_in(const struct pipe *pipe)
{
	return pipe->capacity_pages * PAGE_SIZE - bytes_in(pipe);
}

static unsigned slots(const struct pipe *pipe)
{
	return 2 * pipe->capacity_pages;
}

static struct frame **page_of(const struct pipe *pipe, uint64_t position)
{
	return &pipe->pages[position >> PAGE_SHIFT & (slots(pipe) - 1)];
}

static struct pipe *pipe_create(void)
{
	struct pipe *pipe = kzalloc(sizeof(*pipe));

	if (!pipe)
		return NULL;
	pipe->capacity_pages = PAGES_DEFAULT;
	pipe->pages = pipe->first_pages;
	wait_queue_init(&pipe->readable);
	wait_queue_init(&pipe->writable);
	return pipe;
}

static void pipe_free(struct pipe *pipe)
{
	for (unsigned i = 0; i < slots(pipe); i++)
		if (pipe->pages[i])
			frame_put(pipe->pages[i]);
	if (pipe->pages != pipe->first_pages)
		kfree(pipe->pages);
	kfree(pipe);
}

void pipe_inode_release(struct inode *inode)
{
	if (inode->pipe)
		pipe_free(inode->pipe);
}

/*
 * Whoever waits has linked itself under inode->lock, which the caller holds: the look needs no
 * other.
 */
static void wake_next(struct wait_queue *queue)
{
	if (!list_empty(&queue->waiters))
		wait_wake_one(queue);
}

/*
 * Moves what is there, up to what is asked. Returns bytes, or -EFAULT if there were none to move
 * to.
 */
static ssize_t take_bytes(struct pipe *pipe, struct transfer *to)
{
	size_t done = 0;

	while (to->left && bytes_in(pipe)) {
		size_t in_page = pipe->tail % PAGE_SIZE;
		size_t size = MIN(MIN(to->left, PAGE_SIZE - in_page), bytes_in(pipe));
		struct frame **page = page_of(pipe, pipe->tail);
		size_t moved = transfer_out(to, (char *)frame_memory(*page) + in_page, size);

		pipe->tail += moved;
		done += moved;
		if (pipe->tail % PAGE_SIZE == 0 && moved && page != pipe->pages) {
			frame_put(*page);
			*page = NULL;
		}
		if (moved < size)
			return done ? (ssize_t)done : -EFAULT;
	}
	return (ssize_t)done;
}

/* Nothing is in it: begin with the page that is kept, and give back the one it stopped in. */
static void start_over(struct pipe *pipe)
{
	struct frame **page = page_of(pipe, pipe->tail);

	if (page != pipe->pages && *page) {
		frame_put(*page);
		*page = NULL;
	}
	pipe->head = pipe->tail = 0;
}

/* Sleeps with the lock released. 0, or why the call ends. */
static int pipe_wait(struct file *file, struct wait_queue *queue)
{
	if (file->flags & O_NONBLOCK)
		return -EAGAIN;
	return wait_sleep_mutex(queue, &file->inode->lock, SLEEP_INTERRUPTIBLE) ? -EINTR : 0;
}

static ssize_t pipe_read(struct file *file, struct transfer *to, uint64_t offset)
{
	struct inode *inode = file->inode;
	struct pipe *pipe = inode->pipe;
	ssize_t done = 0;

	(void)offset;
	if (!to->left)
		return 0;
	mutex_lock(&inode->lock);
	while (!done && !bytes_in(pipe) && pipe->writers)
		done = pipe_wait(file, &pipe->readable);
	if (bytes_in(pipe)) {
		if (!done) {
			done = take_bytes(pipe, to);
			wake_next(&pipe->writable);
		}
		if (bytes_in(pipe))
			wake_next(&pipe->readable);
		else
			start_over(pipe);
	}
	mutex_unlock(&inode->lock);
	return done;
}

/*
 * A pipe's first page comes out of the kernel's reserve, so that processes can talk when all memory is
 * promised. More is not taken from what is promised: the owners' faults must find it. NULL: no memory.
 */
static struct frame *page_alloc(const struct pipe *pipe, struct frame **slot)
{
	if (slot != pipe->pages) {
		if (commit_charge(1))
			return NULL;
		commit_release(1);
	}
	return frame_alloc(FRAME_KERNEL);
}

/* Fills the room there is. Returns bytes; 0 or less than asked only with *error set. */
static size_t put_bytes(struct pipe *pipe, struct transfer *from, size_t size, int *error)
{
	size_t done = 0;

	while (done < size) {
		size_t in_page = pipe->head % PAGE_SIZE;
		size_t part = MIN(size - done, PAGE_SIZE - in_page), moved;
		struct frame **page = page_of(pipe, pipe->head);

		if (!*page)
			*page = page_alloc(pipe, page);
		if (!*page) {
			*error = -ENOMEM;
			break;
		}
		moved = transfer_in(from, (char *)frame_memory(*page) + in_page, part);
		pipe->head += moved;
		done += moved;
		if (moved < part) {
			*error = -EFAULT;
			break;
		}
	}
	return done;
}

static int broken_pipe(void)
{
	signal_send(current_process(), SIGPIPE);
	return -EPIPE;
}

static ssize_t pipe_write(struct file *file, struct transfer *from, uint64_t offset)
{
	struct inode *inode = file->inode;
	struct pipe *pipe = inode->pipe;
	size_t done = 0;
	int error = 0;

	(void)offset;
	if (!from->left)
		return 0;
	mutex_lock(&inode->lock);
	while (from->left && !error) {
		/* Up to PIPE_BUF bytes go in as one piece: not before there is room for all. */
		size_t wanted = done || from->left > PIPE_BUF ? 1 : from->left;

		if (unlikely(!pipe->readers)) {
			error = broken_pipe();
		} else if (room_in(pipe) < wanted) {
			error = pipe_wait(file, &pipe->writable);
		} else {
			done += put_bytes(pipe, from, MIN(from->left, room_in(pipe)), &error);
			wake_next(&pipe->readable);
		}
	}
	if (room_in(pipe))
		wake_next(&pipe->writable);
	if (!bytes_in(pipe))
		start_over(pipe);
	mutex_unlock(&inode->lock);
	return done ? (ssize_t)done : error;
}

/* A FIFO's end waits for the other one; a pipe's, opened by /proc/<pid>/fd, takes it as it is. */
static int wait_for_other_end(struct file *file, struct pipe *pipe)
{
	bool reads = file->access & FILE_READ;
	const unsigned *opens = reads ? &pipe->writer_opens : &pipe->reader_opens;
	unsigned before = *opens;

	if (file->inode->mount == pipe_mount || file->access == (FILE_READ | FILE_WRITE) ||
	    (reads ? pipe->writers : pipe->readers))
		return 0;
	if (file->flags & O_NONBLOCK)
		return reads ? 0 : -ENXIO;
	while (*opens == before)
		if (wait_sleep_mutex(reads ? &pipe->readable : &pipe->writable, &file->inode->lock,
				     SLEEP_INTERRUPTIBLE))
			return -EINTR;
	return 0;
}

static void end_closed(struct inode *inode, unsigned access)
{
	struct pipe *pipe = inode->pipe;

	pipe->readers -= access & FILE_READ ? 1 : 0;
	pipe->writers -= access & FILE_WRITE ? 1 : 0;
	if (!pipe->readers && !pipe->writers) {
		inode->pipe = NULL;
		pipe_free(pipe);
		return;
	}
	if (!pipe->readers)
		wait_wake_all(&pipe->writable);
	if (!pipe->writers)
		wait_wake_all(&pipe->readable);
}

static int pipe_open(struct file *file)
{
	struct inode *inode = file->inode;
	struct pipe *pipe;
	int error = -ENOMEM;

	mutex_lock(&inode->lock);
	if (!inode->pipe)
		inode->pipe = pipe_create();
	pipe = inode->pipe;
	if (pipe) {
		if (file->access & FILE_READ) {
			pipe->readers++;
			pipe->reader_opens++;
			wait_wake_all(&pipe->writable);
		}
		if (file->access & FILE_WRITE) {
			pipe->writers++;
			pipe->writer_opens++;
			wait_wake_all(&pipe->readable);
		}
		error = wait_for_other_end(file, pipe);
		if (error)
			end_closed(inode, file->access);
	}
	mutex_unlock(&inode->lock);
	return error;
}

static void pipe_release(struct file *file)
{
	mutex_lock(&file->inode->lock);
	end_closed(file->inode, file->access);
	mutex_unlock(&file->inode->lock);
}

static long pipe_ioctl(struct file *file, unsigned request, unsigned long argument)
{
	size_t bytes;

	if (request != FIONREAD)
		return -ENOTTY;
	mutex_lock(&file->inode->lock);
	bytes = bytes_in(file->inode->pipe);
	mutex_unlock(&file->inode->lock);
	return put_user_u32((uint32_t)bytes, (uint32_t *)argument);
}

const struct file_ops pipe_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.ioctl = pipe_ioctl,
	.open = pipe_open,
	.release = pipe_release,
};

long pipe_get_size(struct file *file)
{
	return file->ops == &pipe_ops ? (long)(file->inode->pipe->capacity_pages * PAGE_SIZE)
				      : -EBADF;
}

/* Moves the pages that hold bytes, in order, to the front of a new ring. Lock held. */
static int change_ring(struct pipe *pipe, struct frame **pages, unsigned count)
{
	uint64_t start = pipe->tail & PAGE_MASK;
	unsigned filled = (unsigned)((page_round_up(pipe->head) - start) >> PAGE_SHIFT);

	if (bytes_in(pipe) > count * PAGE_SIZE)
		return -EBUSY;
	for (unsigned i = 0; i < filled; i++) {
		pages[i] = *page_of(pipe, start + i * PAGE_SIZE);
		*page_of(pipe, start + i * PAGE_SIZE) = NULL;
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
	if (size > PAGES_MAX * PAGE_SIZE)
		return size > INT32_MAX ? -EINVAL : -EPERM;
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
