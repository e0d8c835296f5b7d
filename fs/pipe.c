/*
 * pipe.c -- pipes and FIFOs: bytes in order from writers to readers.
 *
 * A ring of pages that get their memory when bytes are written into them and give it back when
 * these have been read. It has two slots for each page of capacity, so that the newest bytes of a
 * full pipe never lie in the page of the oldest. When the pipe runs empty it starts over at
 * the first byte of the first page, which it keeps: bytes that go to and fro stay in one page and
 * cost no allocation.
 *
 * Locks: inode->lock (RANK_PIPE) guards everything, user copies are made under it, and it is the
 * lock of the condition that readers and writers wait for. A woken thread that leaves something
 * wakes the next one.
 * Source: pipe(7), fifo(7). How pipes are made and resized: pipe_make.c.
 */
#include "pipe.h"

#include <arch/uaccess.h>
#include <facet/restart.h>

#define PIPE_BUF 4096

struct pipe *pipe_create(void)
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
 * Whoever reads or writes has linked itself under inode->lock, which the caller holds. A poller
 * links itself without it and looks then, so the pipe must have changed before this looks.
 */
static void wake_next(struct wait_queue *queue)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!list_empty(&queue->waiters))
		wait_wake_one(queue);
}

/* Nothing is in it: begin with the page that is kept, and give back the one it stopped in. */
static void start_over(struct pipe *pipe)
{
	struct frame **page = page_of(pipe, pipe->tail);

	if (page != pipe->pages && *page) {
		frame_put(*page);
		*page = NULL;
	}
	WRITE_ONCE(pipe->ends, 0);
}

/* Sleeps with the lock released. 0, or why the call ends. */
static int pipe_wait(struct file *file, struct wait_queue *queue)
{
	if (file->flags & O_NONBLOCK)
		return -EAGAIN;
	return wait_sleep_mutex(queue, &file->inode->lock, SLEEP_INTERRUPTIBLE);
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
			done = pipe_take(pipe, to);
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
 * A pipe's first page comes out of the kernel's reserve, so that processes can talk when all memory
 * is promised. More is not taken from what is promised: the owners' faults must find it. NULL: no
 * memory.
 */
struct frame *pipe_page_alloc(const struct pipe *pipe, struct frame **slot)
{
	if (slot != pipe->pages) {
		if (commit_charge(1))
			return NULL;
		commit_release(1);
	}
	return frame_alloc(FRAME_KERNEL);
}

void pipe_changed(struct pipe *pipe)
{
	if (bytes_in(pipe))
		wake_next(&pipe->readable);
	else
		start_over(pipe);
	if (room_in(pipe))
		wake_next(&pipe->writable);
}

int pipe_broken(void)
{
	signal_send_current(SIGPIPE);
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
			error = pipe_broken();
		} else if (room_in(pipe) < wanted) {
			error = pipe_wait(file, &pipe->writable);
		} else {
			done += pipe_put(pipe, from, MIN(from->left, room_in(pipe)), &error);
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

	if (pipe_is_nameless(file->inode) || file->access == (FILE_READ | FILE_WRITE) ||
	    (reads ? pipe->writers : pipe->readers))
		return 0;
	if (file->flags & O_NONBLOCK)
		return reads ? 0 : -ENXIO;
	while (*opens == before)
		if (wait_sleep_mutex(reads ? &pipe->readable : &pipe->writable, &file->inode->lock,
				     SLEEP_INTERRUPTIBLE))
			return -ERESTARTSYS;
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
			/* How often it was opened for writing, but for a writer who is there. */
			file->private = (void *)(uintptr_t)(pipe->writer_opens - !!pipe->writers);
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

static unsigned opens_seen(const struct file *file)
{
	return (unsigned)(uintptr_t)file->private;
}

/*
 * A FIFO that nobody has written to yet is not at its end. A writer who comes counts as one before
 * it counts as an open.
 */
static inline bool has_hung_up(const struct file *file, const struct pipe *pipe)
{
	unsigned opens;

	if (likely(READ_ONCE(pipe->writers)))
		return false;
	opens = READ_ONCE(pipe->writer_opens);
	return !READ_ONCE(pipe->writers) && opens != opens_seen(file);
}

/* Without the lock: see wake_next(). */
static inline unsigned pipe_ready(const struct file *file, const struct pipe *pipe)
{
	const struct pipe seen = { .ends = READ_ONCE(pipe->ends) };
	size_t bytes = bytes_in(&seen);
	unsigned ready = 0;

	if (file->access & FILE_READ) {
		ready |= bytes ? POLL_READABLE : 0;
		ready |= has_hung_up(file, pipe) ? POLLHUP : 0;
	}
	if (file->access & FILE_WRITE) {
		ready |= bytes + PIPE_BUF <= READ_ONCE(pipe->capacity_pages) * PAGE_SIZE
				 ? POLL_WRITABLE
				 : 0;
		ready |= READ_ONCE(pipe->readers) ? 0 : POLLERR;
	}
	return ready;
}

/* Kept out of pipe_poll(), whose short path would pay for its registers. */
static out_of_line unsigned pipe_poll_and_watch(struct file *file, struct poll_table *table)
{
	struct pipe *pipe = file->inode->pipe;

	if (file->access & FILE_READ)
		poll_watch(table, &pipe->readable);
	if (file->access & FILE_WRITE)
		poll_watch(table, &pipe->writable);
	return pipe_ready(file, pipe);
}

static unsigned pipe_poll(struct file *file, struct poll_table *table)
{
	return table ? pipe_poll_and_watch(file, table) : pipe_ready(file, file->inode->pipe);
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
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.open = pipe_open,
	.release = pipe_release,
};
