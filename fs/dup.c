/*
 * dup.c -- one more number for an open file.
 *
 * Locks: descriptors.h. Source: dup(2), fcntl(2) (F_DUPFD).
 */
#include "descriptors.h"

#include <facet/syscalls.h>

int descriptor_duplicate(int fd, unsigned lowest, bool close_on_exec)
{
	struct file *file = descriptor_get(fd);

	return file ? descriptor_add(file, lowest, close_on_exec) : -EBADF;
}

long sys_dup(int fd)
{
	return descriptor_duplicate(fd, 0, false);
}

/* Takes over the count of `file`. What was open at `to` is closed in the same step. */
static int install_at(struct file *file, unsigned to, bool close_on_exec)
{
	struct descriptors *table = current_process()->descriptors;
	struct file *old;
	int error = 0;

	while (!error && to >= READ_ONCE(table->size))
		error = descriptors_grow(table, table->size, to);
	if (error) {
		file_put(file);
		return error == -EMFILE ? -EBADF : error;
	}
	spin_lock(&table->lock);
	old = table->files[to];
	if (!old && bitmap_test(table->used, to)) {
		spin_unlock(&table->lock);
		file_put(file);
		return -EBUSY; /* another thread's open is about to install it */
	}
	table->files[to] = file;
	bitmap_set(table->used, to);
	descriptors_set_bit(table->close_on_exec, to, close_on_exec);
	spin_unlock(&table->lock);
	if (old)
		descriptors_close_file(table, old);
	return (int)to;
}

long sys_dup3(int from, int to, int flags)
{
	struct file *file;

	if ((flags & ~O_CLOEXEC) || from == to)
		return -EINVAL;
	if (to < 0 || (uint64_t)to >= current_process()->limits[RLIMIT_NOFILE].current)
		return -EBADF;
	file = descriptor_get(from);
	return file ? install_at(file, (unsigned)to, flags & O_CLOEXEC) : -EBADF;
}

long sys_dup2(int from, int to)
{
	struct file *file;

	if (from != to)
		return sys_dup3(from, to, 0);
	file = descriptor_get(from);
	if (!file)
		return -EBADF;
	file_put(file);
	return to;
}
