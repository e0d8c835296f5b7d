/*
 * tmpfs_file.c -- the bytes of a tmpfs's files: read, write, and pages for mappings. How files grow
 * and shrink is in tmpfs_size.c.
 *
 * A page that was never written is a hole: it reads as zeros and takes no memory. A new page is
 * filled before it goes into the page cache, so no mapping ever sees what was in the frame before.
 *
 * Each page is counted against the mount's limit, and none is taken that is promised to a process.
 *
 * Locks: inode->lock for read and write, held across the user copies; the page cache's lock
 * inside for each page. Page faults (tmpfs_page) take that one alone. Source: tmpfs(5), write(2).
 */
#include "internal.h"

#include <facet/frames.h>

static struct mount *nameless_mount; /* of files without a name */

/* Takes one of the pages that were promised to the file when it was made. */
static bool take_promised(struct inode *inode)
{
	size_t promised = READ_ONCE(inode->promised);

	while (promised && !__atomic_compare_exchange_n(&inode->promised, &promised, promised - 1,
							false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	return promised;
}

/*
 * 0, -ENOSPC when the mount is full or all memory is promised to processes, -ENOMEM when there is
 * no page. The promise lasts until there is a frame: what files have is no longer there to be
 * promised.
 */
static int page_alloc(struct inode *inode, bool zeroed, struct frame **frame)
{
	struct mount *mount = inode->mount;

	*frame = NULL;
	if (__atomic_add_fetch(&mount->pages, 1, __ATOMIC_RELAXED) > mount->pages_max ||
	    (!take_promised(inode) && commit_charge(1))) {
		__atomic_fetch_sub(&mount->pages, 1, __ATOMIC_RELAXED);
		return -ENOSPC;
	}
	*frame = zeroed ? frame_alloc_zeroed(FRAME_CACHE) : frame_alloc(FRAME_CACHE);
	commit_release(1);
	if (*frame)
		return 0;
	__atomic_fetch_sub(&mount->pages, 1, __ATOMIC_RELAXED);
	return -ENOMEM;
}

static void pages_give_back(struct mount *mount, size_t pages)
{
	__atomic_fetch_sub(&mount->pages, pages, __ATOMIC_RELAXED);
}

void tmpfs_pages_dropped(struct inode *inode, size_t pages)
{
	pages_give_back(inode->mount, pages);
	/* What was promised when the file was made is promised again. */
	if (inode->mount == nameless_mount && inode->count && !commit_charge(pages))
		__atomic_fetch_add(&inode->promised, pages, __ATOMIC_RELAXED);
}

/* Puts a filled frame into its hole, or frees it. See page_cache_insert(). */
static int page_publish(struct inode *inode, uint64_t index, struct frame *frame,
			const uint64_t *size, struct frame **there)
{
	int error = page_cache_insert(&inode->cache, index, frame, size, there);

	if (error) {
		frame_put(frame);
		pages_give_back(inode->mount, 1);
	}
	return error;
}

static ssize_t tmpfs_read(struct file *file, struct transfer *to, uint64_t offset)
{
	struct inode *inode = file->inode;
	size_t done = 0;

	while (to->left && offset + done < inode->size) {
		uint64_t at = offset + done;
		size_t in_page = at % PAGE_SIZE;
		size_t size = MIN(MIN(to->left, PAGE_SIZE - in_page), inode->size - at);
		struct frame *frame = page_cache_peek(&inode->cache, at >> PAGE_SHIFT);
		size_t moved;

		if (frame)
			moved = transfer_out(to, (char *)frame_memory(frame) + in_page, size);
		else
			moved = transfer_out_zeros(to, size);
		done += moved;
		if (moved < size)
			return done ? (ssize_t)done : -EFAULT;
	}
	if (!(file->flags & O_NOATIME))
		inode_read_now(inode);
	return (ssize_t)done;
}

/* Bytes into a hole: the page is complete before anybody finds it. */
static ssize_t write_hole(struct inode *inode, struct transfer *from, uint64_t at, size_t size)
{
	size_t in_page = at % PAGE_SIZE, moved;
	struct frame *frame, *there;
	char *memory;
	int error = page_alloc(inode, size < PAGE_SIZE, &frame);

	if (error)
		return error;
	memory = frame_memory(frame);
	moved = transfer_in(from, memory + in_page, size);
	if (!moved) {
		frame_put(frame);
		pages_give_back(inode->mount, 1);
		return 0;
	}
	if (size == PAGE_SIZE && moved < size)
		memset(memory + moved, 0, size - moved);
	frame_get(frame);
	error = page_publish(inode, at >> PAGE_SHIFT, frame, NULL, &there);
	if (error == -EEXIST) { /* a mapping's fault came first, with zeros */
		memcpy((char *)frame_memory(there) + in_page, memory + in_page, moved);
		frame_put(there);
		error = 0;
	}
	frame_put(frame);
	return error ? error : (ssize_t)moved;
}

/* At most to the end of the page. Returns bytes, 0 for a bad user pointer, or -errno. */
static ssize_t write_page(struct inode *inode, struct transfer *from, uint64_t at)
{
	size_t in_page = at % PAGE_SIZE, size = MIN(from->left, PAGE_SIZE - in_page);
	struct frame *frame = page_cache_peek(&inode->cache, at >> PAGE_SHIFT);

	if (!frame)
		return write_hole(inode, from, at, size);
	return (ssize_t)transfer_in(from, (char *)frame_memory(frame) + in_page, size);
}

static ssize_t tmpfs_write(struct file *file, struct transfer *from, uint64_t offset)
{
	struct inode *inode = file->inode;
	struct process *process = current_process();
	uint64_t limit = process ? process->limits[RLIMIT_FSIZE].current : RLIM_INFINITY;
	size_t wanted = from->left, done = 0;
	ssize_t moved = 0;

	if (!wanted)
		return 0;
	if (tmpfs_check_limit(offset + 1))
		return -EFBIG;
	if (unlikely(inode->mode & (S_ISUID | S_ISGID)))
		inode_drop_privileges(inode);
	from->left = MIN(wanted, MIN(limit, (uint64_t)FILE_SIZE_MAX) - offset);
	while (from->left) {
		moved = write_page(inode, from, offset + done);
		if (moved <= 0)
			break;
		done += (size_t)moved;
	}
	if (!done)
		return moved ? moved : -EFAULT;
	if (offset + done > inode->size)
		tmpfs_set_size(inode, offset + done);
	inode_touch(inode);
	return (ssize_t)done;
}

/*
 * Holes are filled for readers too: what is written later must show in a mapping that is there
 * already.
 */
static int tmpfs_page(struct file *file, uint64_t index, struct frame **frame)
{
	struct inode *inode = file->inode;
	struct frame *fresh;
	int error;

	if (index >= page_round_up(READ_ONCE(inode->size)) >> PAGE_SHIFT)
		return -ENXIO;
	*frame = page_cache_find(&inode->cache, index);
	if (*frame)
		return 0;
	error = page_alloc(inode, true, &fresh);
	if (error)
		return error == -ENOSPC ? -ENOMEM : error;
	frame_get(fresh);
	*frame = fresh;
	/* A truncation may have come by meanwhile: it would not find a page that goes in now. */
	error = page_publish(inode, index, fresh, &inode->size, frame);
	if (error)
		frame_put(fresh);
	return error == -EEXIST ? 0 : error;
}

int tmpfs_fill_hole(struct inode *inode, uint64_t index)
{
	struct frame *frame, *there;
	int error;

	if (page_cache_peek(&inode->cache, index))
		return 0;
	error = page_alloc(inode, true, &frame);
	if (!error)
		error = page_publish(inode, index, frame, NULL, &there);
	if (error != -EEXIST)
		return error;
	frame_put(there);
	return 0;
}

int tmpfs_fill(struct inode *inode, const void *bytes, size_t size)
{
	struct transfer from;
	ssize_t moved;

	transfer_init_kernel(&from, (void *)(uintptr_t)bytes, size);
	for (size_t done = 0; done < size; done += (size_t)moved) {
		moved = write_page(inode, &from, done);
		if (moved < 0)
			return (int)moved;
		tmpfs_set_size(inode, done + (size_t)moved);
	}
	return 0;
}

/* --- files without a name --- */

static const struct fs_type nameless_type = { .name = "tmpfs", .magic = TMPFS_MAGIC };

static struct mount *mount_of_nameless(void)
{
	struct mount *mount = READ_ONCE(nameless_mount), *none = NULL;

	if (mount)
		return mount;
	mount = mount_create(&nameless_type, "none", NULL, 0);
	if (IS_ERR(mount))
		return NULL;
	mount->pages_max = SIZE_MAX;
	if (!__atomic_compare_exchange_n(&nameless_mount, &none, mount, false, __ATOMIC_RELEASE,
					 __ATOMIC_ACQUIRE)) {
		mount_destroy(mount);
		mount = none;
	}
	return mount;
}

struct file *file_create_anonymous(const char *name, uint64_t size)
{
	size_t pages = page_round_up(size) >> PAGE_SHIFT;
	struct mount *mount = mount_of_nameless();
	struct inode *inode = mount ? tmpfs_inode(mount, S_IFREG | 0600, 0) : ERR_PTR(-ENOMEM);
	struct dentry *dentry;
	struct file *file;

	if (IS_ERR(inode))
		return NULL;
	inode->links = 0;
	inode->size = size;
	dentry = dentry_create(NULL, name, strlen(name), inode);
	if (!dentry)
		return NULL;
	if (commit_charge(pages)) {
		dentry_put(dentry);
		return NULL;
	}
	inode->promised = pages;
	file = file_create(dentry, &tmpfs_file_ops, O_RDWR);
	return IS_ERR(file) ? NULL : file;
}

const struct file_ops tmpfs_file_ops = {
	.read = tmpfs_read,
	.write = tmpfs_write,
	.page = tmpfs_page,
	.positioned = true,
};
