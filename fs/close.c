/*
 * close.c -- descriptors go: one, a range, those that exec closes, all at the end of a process.
 *
 * Each is taken out under the table's lock and its file released after it, one by one: other
 * threads may open and close meanwhile. Locks: descriptors.h. Source: close(2), close_range(2).
 */
#include "descriptors.h"

#include <facet/syscalls.h>

#define CLOSE_RANGE_UNSHARE 2u
#define CLOSE_RANGE_CLOEXEC 4u

void descriptors_close_file(struct descriptors *table, struct file *file)
{
	if (unlikely(file->inode->locks))
		locks_release_process(file->inode, table);
	file_put(file);
}

long sys_close(int fd)
{
	struct descriptors *table = current_process()->descriptors;
	struct file *file = NULL;

	spin_lock(&table->lock);
	if ((unsigned)fd < table->size && table->files[fd])
		file = descriptors_take_out(table, (unsigned)fd);
	spin_unlock(&table->lock);
	if (!file)
		return -EBADF;
	descriptors_close_file(table, file);
	return 0;
}

/*
 * The first descriptor from *fd to `last` that is open, and is to be closed on exec if
 * `only_close_on_exec`: its file, taken out, or NULL. A number that another thread has reserved is
 * left to it.
 */
static struct file *take_next(struct descriptors *table, unsigned *fd, unsigned last,
			      bool only_close_on_exec)
{
	struct file *file = NULL;
	const uint64_t *map;

	spin_lock(&table->lock);
	map = only_close_on_exec ? table->close_on_exec : table->used;
	for (size_t at = *fd; !file; at++) {
		at = bitmap_find_set(map, table->size, at);
		if (at >= table->size || at > last)
			break;
		*fd = (unsigned)at;
		if (table->files[at])
			file = descriptors_take_out(table, (unsigned)at);
	}
	spin_unlock(&table->lock);
	return file;
}

static void close_those(struct descriptors *table, unsigned first, unsigned last,
			bool only_close_on_exec)
{
	struct file *file;

	for (; (file = take_next(table, &first, last, only_close_on_exec)); first++)
		descriptors_close_file(table, file);
}

static void mark_close_on_exec(struct descriptors *table, unsigned first, unsigned last)
{
	spin_lock(&table->lock);
	for (size_t fd = bitmap_find_set(table->used, table->size, first);
	     fd < table->size && fd <= last; fd = bitmap_find_set(table->used, table->size, fd + 1))
		if (table->files[fd])
			bitmap_set(table->close_on_exec, fd);
	spin_unlock(&table->lock);
}

/* A table belongs to one process: there is nothing to unshare it from but other threads. */
long sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	struct process *process = current_process();

	if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE && READ_ONCE(process->thread_count) > 1)
		return -EINVAL;
	if (flags & CLOSE_RANGE_CLOEXEC)
		mark_close_on_exec(process->descriptors, first, last);
	else
		close_those(process->descriptors, first, last, false);
	return 0;
}

void descriptors_put(struct descriptors *table)
{
	if (__atomic_sub_fetch(&table->count, 1, __ATOMIC_ACQ_REL))
		return;
	close_those(table, 0, UINT32_MAX, false);
	descriptors_free_arrays(table, table->files);
	kfree(table);
}

void descriptors_close_on_exec(struct descriptors *table)
{
	close_those(table, 0, UINT32_MAX, true);
}
