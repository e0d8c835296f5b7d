/*
 * descriptors.c -- the table from small numbers to open files.
 *
 * A number is first reserved and then installed, so that an open that fails later has nothing to
 * take back that another thread may have seen. The table doubles when it is full.
 *
 * Locks: descriptors->lock (RANK_DESCRIPTORS) guards everything in it; a file that leaves the table
 * is released after it. Source: open(2), dup(2), getrlimit(2) (RLIMIT_NOFILE).
 */
#include "internal.h"

#include <facet/bitmap.h>
#include <facet/syscalls.h>

#define SIZE_FIRST 32u            /* what fits into the structure itself */
#define SIZE_MAX_TABLE (1u << 18) /* 2 MiB of pointers */

struct descriptors {
	struct spinlock lock;
	uint32_t count; /* processes, and readers in /proc; atomic */
	unsigned size;
	unsigned lowest_free; /* all below are used */
	struct file **files;  /* NULL: free, or reserved */
	uint64_t *used;
	uint64_t *close_on_exec;
	struct file *files_first[SIZE_FIRST];
	uint64_t used_first, close_first;
};

static struct descriptors *table_create(void)
{
	struct descriptors *table = kzalloc(sizeof(*table));

	if (!table)
		return NULL;
	spin_init(&table->lock, RANK_DESCRIPTORS);
	table->count = 1;
	table->size = SIZE_FIRST;
	table->files = table->files_first;
	table->used = &table->used_first;
	table->close_on_exec = &table->close_first;
	return table;
}

static void free_arrays(const struct descriptors *table, struct file **files)
{
	if (files != table->files_first)
		kfree(files);
}

/* The three arrays are one piece of memory. Returns the old one, to be freed without the lock. */
static struct file **use_arrays(struct descriptors *table, struct file **files, unsigned size)
{
	struct file **old = table->files;
	uint64_t *used = (uint64_t *)(files + size), *close = used + BITMAP_WORDS(size);

	memcpy(files, old, table->size * sizeof(*old));
	memcpy(used, table->used, BITMAP_WORDS(table->size) * sizeof(*used));
	memcpy(close, table->close_on_exec, BITMAP_WORDS(table->size) * sizeof(*close));
	table->files = files;
	table->used = used;
	table->close_on_exec = close;
	table->size = size;
	return old;
}

/* Until there is room for more than `size` descriptors. No lock held. */
static int grow(struct descriptors *table, unsigned size, unsigned wanted)
{
	struct file **files;

	while (size <= wanted)
		size *= 2;
	if (size > SIZE_MAX_TABLE)
		return -EMFILE;
	files = kzalloc(size * sizeof(*files) + 2 * BITMAP_WORDS(size) * sizeof(uint64_t));
	if (!files)
		return -ENOMEM;
	spin_lock(&table->lock);
	if (size > table->size)
		files = use_arrays(table, files, size);
	spin_unlock(&table->lock);
	free_arrays(table, files);
	return 0;
}

static void change_bit(uint64_t *map, unsigned bit, bool value)
{
	if (value)
		bitmap_set(map, bit);
	else
		bitmap_clear(map, bit);
}

int descriptor_reserve(unsigned lowest, bool close_on_exec)
{
	struct process *process = current_process();
	struct descriptors *table = process->descriptors;

	for (;;) {
		uint64_t limit = process->limits[RLIMIT_NOFILE].current;
		unsigned size, fd;
		int error;

		spin_lock(&table->lock);
		size = table->size;
		fd = MAX(lowest, table->lowest_free);
		if (fd < size && bitmap_test(table->used, fd))
			fd = (unsigned)bitmap_find_zero(table->used, size, fd);
		if (fd < size && fd < limit) {
			bitmap_set(table->used, fd);
			if (close_on_exec)
				bitmap_set(table->close_on_exec, fd);
			if (lowest <= table->lowest_free)
				table->lowest_free = fd + 1;
		}
		spin_unlock(&table->lock);
		if (fd >= limit)
			return -EMFILE;
		if (fd < size)
			return (int)fd;
		error = grow(table, size, fd);
		if (error)
			return error;
	}
}

void descriptor_install(int fd, struct file *file)
{
	struct descriptors *table = current_process()->descriptors;

	spin_lock(&table->lock);
	table->files[fd] = file;
	spin_unlock(&table->lock);
}

/* Lock held. Returns the file, whose count is the caller's now. */
static struct file *take_out(struct descriptors *table, unsigned fd)
{
	struct file *file = table->files[fd];

	table->files[fd] = NULL;
	bitmap_clear(table->used, fd);
	bitmap_clear(table->close_on_exec, fd);
	table->lowest_free = MIN(table->lowest_free, fd);
	return file;
}

void descriptor_cancel(int fd)
{
	struct descriptors *table = current_process()->descriptors;

	spin_lock(&table->lock);
	take_out(table, (unsigned)fd);
	spin_unlock(&table->lock);
}

struct file *descriptor_get(int fd)
{
	struct descriptors *table = current_process()->descriptors;
	struct file *file = NULL;

	spin_lock(&table->lock);
	if ((unsigned)fd < table->size)
		file = table->files[fd];
	if (file)
		__atomic_fetch_add(&file->count, 1, __ATOMIC_RELAXED);
	spin_unlock(&table->lock);
	return file;
}

long sys_close(int fd)
{
	struct descriptors *table = current_process()->descriptors;
	struct file *file = NULL;

	spin_lock(&table->lock);
	if ((unsigned)fd < table->size && table->files[fd])
		file = take_out(table, (unsigned)fd);
	spin_unlock(&table->lock);
	if (!file)
		return -EBADF;
	file_put(file);
	return 0;
}

/* Takes over the count of `file`. */
static int install_lowest(struct file *file, unsigned lowest, bool close_on_exec)
{
	int fd = descriptor_reserve(lowest, close_on_exec);

	if (fd < 0)
		file_put(file);
	else
		descriptor_install(fd, file);
	return fd;
}

int descriptor_duplicate(int fd, unsigned lowest, bool close_on_exec)
{
	struct file *file = descriptor_get(fd);

	return file ? install_lowest(file, lowest, close_on_exec) : -EBADF;
}

long sys_dup(int fd)
{
	return descriptor_duplicate(fd, 0, false);
}

/* Takes over the count of `file`. What was open at `to` is closed in the same step. */
static int install_at(struct file *file, unsigned to, bool close_on_exec)
{
	struct descriptors *table = current_process()->descriptors;
	struct file *old = NULL;
	int error = 0;

	while (!error && to >= READ_ONCE(table->size))
		error = grow(table, table->size, to);
	if (error) {
		file_put(file);
		return error == -EMFILE ? -EBADF : error;
	}
	spin_lock(&table->lock);
	if (bitmap_test(table->used, to) && !table->files[to]) {
		error = -EBUSY; /* another thread's open is about to install it */
		old = file;
	} else {
		old = table->files[to];
		table->files[to] = file;
		bitmap_set(table->used, to);
		change_bit(table->close_on_exec, to, close_on_exec);
	}
	spin_unlock(&table->lock);
	if (old)
		file_put(old);
	return error ? error : (int)to;
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

int descriptor_flags(int fd, bool change, bool close_on_exec)
{
	struct descriptors *table = current_process()->descriptors;
	int result = -EBADF;

	spin_lock(&table->lock);
	if ((unsigned)fd < table->size && table->files[fd]) {
		if (change)
			change_bit(table->close_on_exec, (unsigned)fd, close_on_exec);
		result = bitmap_test(table->close_on_exec, (unsigned)fd);
	}
	spin_unlock(&table->lock);
	return result;
}

struct descriptors *descriptors_create(void)
{
	struct descriptors *table = table_create();
	struct file *file;

	if (!table)
		return NULL;
	file = file_open_console();
	if (IS_ERR(file)) {
		kfree(table);
		return NULL;
	}
	for (unsigned fd = 0; fd < 3; fd++) {
		file_get(file);
		table->files[fd] = file;
		bitmap_set(table->used, fd);
	}
	table->lowest_free = 3;
	file_put(file);
	return table;
}

/*
 * The child's table is as large as the parent's; a number that is only reserved there is free here.
 */
struct descriptors *descriptors_fork(struct descriptors *parent)
{
	struct descriptors *table = table_create();

	if (!table)
		return NULL;
	spin_lock(&parent->lock);
	while (table->size < parent->size) {
		unsigned size = parent->size;

		spin_unlock(&parent->lock);
		if (grow(table, table->size, size - 1)) {
			descriptors_put(table);
			return NULL;
		}
		spin_lock(&parent->lock);
	}
	for (size_t fd = bitmap_find_set(parent->used, parent->size, 0); fd < parent->size;
	     fd = bitmap_find_set(parent->used, parent->size, fd + 1)) {
		if (!parent->files[fd])
			continue;
		file_get(parent->files[fd]);
		table->files[fd] = parent->files[fd];
		bitmap_set(table->used, fd);
		if (bitmap_test(parent->close_on_exec, fd))
			bitmap_set(table->close_on_exec, fd);
	}
	table->lowest_free = 0;
	spin_unlock(&parent->lock);
	return table;
}

void descriptors_get(struct descriptors *descriptors)
{
	__atomic_fetch_add(&descriptors->count, 1, __ATOMIC_RELAXED);
}

static void close_those(struct descriptors *table, bool only_close_on_exec)
{
	for (unsigned fd = 0;; fd++) {
		struct file *file = NULL;

		spin_lock(&table->lock);
		fd = (unsigned)bitmap_find_set(
			only_close_on_exec ? table->close_on_exec : table->used, table->size, fd);
		if (fd < table->size)
			file = take_out(table, fd);
		spin_unlock(&table->lock);
		if (fd >= table->size)
			break;
		if (file)
			file_put(file);
	}
}

void descriptors_put(struct descriptors *table)
{
	if (__atomic_sub_fetch(&table->count, 1, __ATOMIC_ACQ_REL))
		return;
	close_those(table, false);
	free_arrays(table, table->files);
	kfree(table);
}

void descriptors_close_on_exec(struct descriptors *table)
{
	close_those(table, true);
}

struct file *descriptors_next(struct descriptors *table, unsigned *fd)
{
	struct file *file = NULL;

	spin_lock(&table->lock);
	for (; !file && *fd < table->size; ++*fd) {
		*fd = (unsigned)bitmap_find_set(table->used, table->size, *fd);
		if (*fd >= table->size)
			break;
		file = table->files[*fd];
		if (file) {
			file_get(file);
			break;
		}
	}
	spin_unlock(&table->lock);
	return file;
}
