/*
 * descriptors.c -- the table from small numbers to open files.
 *
 * A number is first reserved and then installed, so that an open that fails later has nothing to
 * take back that another thread may have seen. The table doubles when it is full.
 *
 * Locks: descriptors->lock (RANK_DESCRIPTORS) guards everything in it; a file that leaves the table
 * is released after it. Copies: dup.c; closing: close.c. Source: open(2), getrlimit(2)
 * (RLIMIT_NOFILE).
 */
#include "descriptors.h"

#define SIZE_MAX_TABLE (1u << 18) /* 2 MiB of pointers */

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

void descriptors_free_arrays(const struct descriptors *table, struct file **files)
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

int descriptors_grow(struct descriptors *table, unsigned size, unsigned wanted)
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
	descriptors_free_arrays(table, files);
	return 0;
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
		error = descriptors_grow(table, size, fd);
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

struct file *descriptors_take_out(struct descriptors *table, unsigned fd)
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
	descriptors_take_out(table, (unsigned)fd);
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

int descriptor_add(struct file *file, unsigned lowest, bool close_on_exec)
{
	int fd = descriptor_reserve(lowest, close_on_exec);

	if (fd < 0)
		file_put(file);
	else
		descriptor_install(fd, file);
	return fd;
}

bool descriptor_is(int fd, const struct file *file)
{
	struct descriptors *table = current_process()->descriptors;
	bool is;

	spin_lock(&table->lock);
	is = (unsigned)fd < table->size && table->files[fd] == file;
	spin_unlock(&table->lock);
	return is;
}

int descriptor_flags(int fd, bool change, bool close_on_exec)
{
	struct descriptors *table = current_process()->descriptors;
	int result = -EBADF;

	spin_lock(&table->lock);
	if ((unsigned)fd < table->size && table->files[fd]) {
		if (change)
			descriptors_set_bit(table->close_on_exec, (unsigned)fd, close_on_exec);
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
		if (descriptors_grow(table, table->size, size - 1)) {
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

/* Table locked. NULL: a hole, or a descriptor that is only reserved. */
static struct file *counted_at(const struct descriptors *table, unsigned fd, bool *closes_on_exec)
{
	struct file *file = fd < table->size ? table->files[fd] : NULL;

	if (file) {
		file_get(file);
		*closes_on_exec = bitmap_test(table->close_on_exec, fd);
	}
	return file;
}

struct file *descriptors_at(struct descriptors *table, unsigned fd, bool *closes_on_exec)
{
	struct file *file;

	spin_lock(&table->lock);
	file = counted_at(table, fd, closes_on_exec);
	spin_unlock(&table->lock);
	return file;
}

struct file *descriptors_next(struct descriptors *table, unsigned *fd, bool *closes_on_exec)
{
	struct file *file = NULL;

	spin_lock(&table->lock);
	for (; *fd < table->size; ++*fd) {
		*fd = (unsigned)bitmap_find_set(table->used, table->size, *fd);
		file = counted_at(table, *fd, closes_on_exec);
		if (file)
			break;
	}
	spin_unlock(&table->lock);
	return file;
}

unsigned descriptors_size(const struct descriptors *table)
{
	return READ_ONCE(table->size);
}
