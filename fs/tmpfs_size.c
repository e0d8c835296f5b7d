/*
 * tmpfs_size.c -- how large a tmpfs's file is and where it has pages: truncate, fallocate, holes.
 *
 * Locks: inode->lock, held by the caller; the page cache's for its size and each page. Page faults
 * take the latter alone, so the size goes down before the pages go.
 * Source: truncate(2), fallocate(2), lseek(2).
 */
#include "internal.h"

int tmpfs_check_limit(uint64_t size)
{
	struct process *process = current_process();

	if (process && size > process->limits[RLIMIT_FSIZE].current) {
		signal_send_current(SIGXFSZ);
		return -EFBIG;
	}
	return size > FILE_SIZE_MAX ? -EFBIG : 0;
}

void tmpfs_set_size(struct inode *inode, uint64_t size)
{
	spin_lock(&inode->cache.lock);
	inode->size = size;
	spin_unlock(&inode->cache.lock);
}

void tmpfs_drop_pages(struct inode *inode, uint64_t first, uint64_t end)
{
	size_t dropped = page_cache_drop(&inode->cache, first, end);

	if (dropped)
		tmpfs_pages_dropped(inode, dropped);
}

/* Bytes [start, end) of one page. */
static void zero_in_page(struct inode *inode, uint64_t start, uint64_t end)
{
	struct frame *frame = page_cache_peek(&inode->cache, start >> PAGE_SHIFT);

	if (frame)
		memset((char *)frame_memory(frame) + start % PAGE_SIZE, 0, end - start);
}

void tmpfs_punch(struct inode *inode, uint64_t offset, uint64_t size)
{
	uint64_t end = offset + size;
	uint64_t first = page_round_up(offset), last = page_round_down(end);

	if (first > last) {
		zero_in_page(inode, offset, end);
	} else {
		if (offset < first)
			zero_in_page(inode, offset, first);
		if (last < end)
			zero_in_page(inode, last, end);
		first >>= PAGE_SHIFT;
		last >>= PAGE_SHIFT;
		tmpfs_drop_pages(inode, first, last);
		mappings_unmap(&inode->cache.mappings, first, last, false);
	}
	inode_touch(inode);
}

/*
 * What is cut off goes from all mappings too. What is cut off the last page is zeroed, so that it
 * does not come back when the file grows.
 */
int tmpfs_resize(struct inode *inode, uint64_t size)
{
	uint64_t end = page_round_up(size);
	int error;

	if (size > inode->size) {
		error = tmpfs_check_limit(size);
		if (error)
			return error;
	}
	if (size < inode->size) {
		tmpfs_set_size(inode, size);
		tmpfs_drop_pages(inode, end >> PAGE_SHIFT, UINT64_MAX);
		mappings_unmap(&inode->cache.mappings, end >> PAGE_SHIFT, UINT64_MAX, true);
		if (size < end)
			zero_in_page(inode, size, end);
	}
	tmpfs_set_size(inode, size);
	inode_touch(inode);
	return 0;
}

static size_t count_holes(struct inode *inode, uint64_t first, uint64_t last)
{
	size_t holes = last - first + 1;
	uint64_t index = first;

	while ((index = page_cache_next(&inode->cache, index, true)) <= last) {
		holes--;
		index++;
	}
	return holes;
}

/*
 * Pages for a range. All are asked for at once before the first is taken, so that what does not
 * fit leaves nothing behind.
 */
static int fill_range(struct inode *inode, uint64_t offset, uint64_t end)
{
	uint64_t first = offset >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT;
	size_t holes = count_holes(inode, first, last);
	struct mount *mount = inode->mount;
	size_t used = READ_ONCE(mount->pages);
	int error;

	if (holes > mount->pages_max - MIN(used, mount->pages_max) || commit_charge(holes))
		return -ENOSPC;
	commit_release(holes);
	for (uint64_t index = first; index <= last; index++) {
		error = tmpfs_fill_hole(inode, index);
		if (error)
			return error;
	}
	return 0;
}

int tmpfs_allocate(struct inode *inode, unsigned mode, uint64_t offset, uint64_t size)
{
	bool grows = !(mode & FALLOC_KEEP_SIZE) && offset + size > inode->size;
	int error;

	if (mode & FALLOC_PUNCH_HOLE) {
		tmpfs_punch(inode, offset, size);
		return 0;
	}
	error = grows ? tmpfs_check_limit(offset + size) : 0;
	if (!error)
		error = fill_range(inode, offset, offset + size);
	if (error)
		return error;
	if (grows)
		tmpfs_set_size(inode, offset + size);
	inode_changed(inode);
	return 0;
}

/* The end of the file counts as a hole, and there is no data behind it. */
int64_t tmpfs_seek(struct inode *inode, uint64_t offset, bool hole)
{
	uint64_t index = offset >> PAGE_SHIFT;
	uint64_t found = page_cache_next(&inode->cache, index, !hole);

	if (found > (inode->size - 1) >> PAGE_SHIFT)
		return hole ? (int64_t)inode->size : -ENXIO;
	return (int64_t)MAX(offset, found << PAGE_SHIFT);
}
