/*
 * eventfd.c -- eventfd(2): a counter behind a descriptor, to wait for and to wake by.
 *
 * Writing adds to it. Reading takes all of it, or 1 of a semaphore, and waits while it is 0.
 *
 * Locks: eventfd->lock (RANK_FILE) guards the count and is the lock of the condition; user copies
 * are made under it, so a bad pointer takes nothing.
 */
#include "internal.h"

#include <facet/syscalls.h>

#define EFD_SEMAPHORE 1
#define COUNT_MAX (UINT64_MAX - 1)

struct eventfd {
	struct mutex lock;
	uint64_t count;
	bool semaphore;
	struct wait_queue readable, writable;
};

static int eventfd_wait(struct file *file, struct wait_queue *queue)
{
	struct eventfd *event = file->private;

	if (file->flags & O_NONBLOCK)
		return -EAGAIN;
	return wait_sleep_mutex(queue, &event->lock, SLEEP_INTERRUPTIBLE);
}

static ssize_t eventfd_read(struct file *file, struct transfer *to, uint64_t offset)
{
	struct eventfd *event = file->private;
	uint64_t value;
	int error = 0;

	(void)offset;
	if (to->left < sizeof(value))
		return -EINVAL;
	mutex_lock(&event->lock);
	while (!event->count && !error)
		error = eventfd_wait(file, &event->readable);
	if (!error) {
		value = event->semaphore ? 1 : event->count;
		if (transfer_out(to, &value, sizeof(value)) < sizeof(value))
			error = -EFAULT;
		else
			event->count -= value;
		wait_wake_all(&event->writable);
	}
	mutex_unlock(&event->lock);
	return error ? error : (ssize_t)sizeof(value);
}

static ssize_t eventfd_write(struct file *file, struct transfer *from, uint64_t offset)
{
	struct eventfd *event = file->private;
	uint64_t value;
	int error = 0;

	(void)offset;
	if (from->left < sizeof(value))
		return -EINVAL;
	if (transfer_in(from, &value, sizeof(value)) < sizeof(value))
		return -EFAULT;
	if (value > COUNT_MAX)
		return -EINVAL;
	mutex_lock(&event->lock);
	while (value > COUNT_MAX - event->count && !error)
		error = eventfd_wait(file, &event->writable);
	if (!error) {
		event->count += value;
		wait_wake_all(&event->readable);
	}
	mutex_unlock(&event->lock);
	return error ? error : (ssize_t)sizeof(value);
}

static unsigned eventfd_poll(struct file *file, struct poll_table *table)
{
	struct eventfd *event = file->private;
	unsigned ready;

	mutex_lock(&event->lock);
	poll_watch(table, &event->readable);
	poll_watch(table, &event->writable);
	ready = (event->count ? POLLIN : 0) | (event->count < COUNT_MAX ? POLLOUT : 0);
	mutex_unlock(&event->lock);
	return ready;
}

static void eventfd_release(struct file *file)
{
	kfree(file->private);
}

static const struct file_ops eventfd_ops = {
	.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
	.release = eventfd_release,
};

static struct file *eventfd_create(unsigned count, int flags)
{
	struct eventfd *event = kzalloc(sizeof(*event));
	struct file *file;

	if (!event)
		return ERR_PTR(-ENOMEM);
	mutex_init(&event->lock, RANK_FILE);
	event->count = count;
	event->semaphore = flags & EFD_SEMAPHORE;
	wait_queue_init(&event->readable);
	wait_queue_init(&event->writable);
	file = anonymous_file(ANONYMOUS_EVENTFD, &eventfd_ops, O_RDWR | (flags & O_NONBLOCK));
	if (IS_ERR(file))
		kfree(event);
	else
		file->private = event;
	return file;
}

long sys_eventfd2(unsigned count, int flags)
{
	struct file *file;

	if (flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	file = eventfd_create(count, flags);
	return IS_ERR(file) ? PTR_ERR(file) : descriptor_add(file, 0, flags & O_CLOEXEC);
}

long sys_eventfd(unsigned count)
{
	return sys_eventfd2(count, 0);
}
