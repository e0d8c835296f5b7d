/*
 * pidfd.c -- descriptors that stand for processes: pidfd_open(2), pidfd_getfd(2).
 *
 * One goes on meaning its process when that has been waited for and its number is another's: then
 * it means none. So each is on a list of its process, which process_reap() empties.
 * Lock: process_tree_lock. Source: pidfd_open(2), clone(2) (CLONE_PIDFD).
 */
#include "internal.h"

#include <facet/pidfd.h>
#include <facet/syscalls.h>

struct pidfd {
	struct list link; /* process->pidfds */
	struct process *process;
	struct wait_queue ended;
};

static unsigned pidfd_poll(struct file *file, struct poll_table *table)
{
	struct pidfd *pidfd = file->private;
	unsigned ready;

	poll_watch(table, &pidfd->ended);
	spin_lock(&process_tree_lock);
	ready = pidfd->process && !pidfd->process->zombie ? 0 : POLL_READABLE;
	spin_unlock(&process_tree_lock);
	return ready;
}

static void pidfd_release(struct file *file)
{
	struct pidfd *pidfd = file->private;

	spin_lock(&process_tree_lock);
	list_remove(&pidfd->link);
	spin_unlock(&process_tree_lock);
	kfree(pidfd);
}

static const struct file_ops pidfd_ops = {
	.poll = pidfd_poll,
	.release = pidfd_release,
};

bool file_is_pidfd(const struct file *file)
{
	return file->ops == &pidfd_ops;
}

struct process *pidfd_process(const struct file *file)
{
	return ((const struct pidfd *)file->private)->process;
}

struct file *pidfd_get(int fd)
{
	struct file *file = descriptor_get(fd);

	if (!file || file_is_pidfd(file))
		return file;
	file_put(file);
	return NULL;
}

/* Of no process yet. */
static struct file *pidfd_create(int flags)
{
	struct pidfd *pidfd = kzalloc(sizeof(*pidfd));
	struct file *file;

	if (!pidfd)
		return ERR_PTR(-ENOMEM);
	list_init(&pidfd->link);
	wait_queue_init(&pidfd->ended);
	file = anonymous_file(ANONYMOUS_PIDFD, &pidfd_ops, O_RDWR | flags);
	if (IS_ERR(file))
		kfree(pidfd);
	else
		file->private = pidfd;
	return file;
}

/* Tree lock held. */
static void pidfd_attach(struct file *file, struct process *process)
{
	struct pidfd *pidfd = file->private;

	pidfd->process = process;
	list_push_back(&process->pidfds, &pidfd->link);
}

void pidfds_wake(struct process *process)
{
	struct pidfd *pidfd;

	list_for_each_entry(pidfd, &process->pidfds, link)
		wait_wake_all(&pidfd->ended);
}

void pidfds_forget(struct process *process)
{
	struct pidfd *pidfd, *next;

	list_for_each_entry_safe(pidfd, next, &process->pidfds, link) {
		list_remove(&pidfd->link);
		pidfd->process = NULL;
	}
}

int pidfd_reserve(struct process *child, struct file **file)
{
	int fd = descriptor_reserve(0, true);

	if (fd < 0)
		return fd;
	*file = pidfd_create(0);
	if (IS_ERR(*file)) {
		descriptor_cancel(fd);
		return (int)PTR_ERR(*file);
	}
	spin_lock(&process_tree_lock);
	pidfd_attach(*file, child);
	spin_unlock(&process_tree_lock);
	return fd;
}

void pidfd_install(int fd, struct file *file)
{
	descriptor_install(fd, file);
}

void pidfd_cancel(int fd, struct file *file)
{
	descriptor_cancel(fd);
	file_put(file);
}

long sys_pidfd_open(pid_t pid, unsigned flags)
{
	struct process *process;
	struct file *file;
	long error = 0;

	if (flags & ~(unsigned)O_NONBLOCK || pid <= 0)
		return -EINVAL;
	file = pidfd_create((int)flags);
	if (IS_ERR(file))
		return PTR_ERR(file);
	spin_lock(&process_tree_lock);
	process = process_find(pid);
	if (process)
		pidfd_attach(file, process);
	else
		error = thread_find(pid) ? -EINVAL : -ESRCH;
	spin_unlock(&process_tree_lock);
	if (!error)
		return descriptor_add(file, 0, true);
	file_put(file);
	return error;
}

/* The descriptors of a process into which the caller may look, counted, or ERR_PTR. */
static struct descriptors *descriptors_of(const struct file *pidfd)
{
	struct descriptors *descriptors = ERR_PTR(-ESRCH);
	const struct process *process;

	spin_lock(&process_tree_lock);
	process = pidfd_process(pidfd);
	if (process && !process_may_trace(process, REAL_IDS)) {
		descriptors = ERR_PTR(-EPERM);
	} else if (process && process->descriptors) {
		descriptors = process->descriptors;
		descriptors_get(descriptors);
	}
	spin_unlock(&process_tree_lock);
	return descriptors;
}

static long take_descriptor(const struct file *pidfd, unsigned fd)
{
	struct descriptors *descriptors = descriptors_of(pidfd);
	bool closes_on_exec;
	struct file *file;

	if (IS_ERR(descriptors))
		return PTR_ERR(descriptors);
	file = descriptors_at(descriptors, fd, &closes_on_exec);
	descriptors_put(descriptors);
	return file ? descriptor_add(file, 0, true) : -EBADF;
}

long sys_pidfd_getfd(int fd, int wanted, unsigned flags)
{
	struct file *pidfd;
	long result;

	if (flags)
		return -EINVAL;
	pidfd = pidfd_get(fd);
	if (!pidfd)
		return -EBADF;
	result = take_descriptor(pidfd, (unsigned)wanted);
	file_put(pidfd);
	return result;
}
