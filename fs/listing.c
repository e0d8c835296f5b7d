/*
 * listing.c -- the names of a directory, in the two forms that programs ask for them.
 *
 * The file system adds one name after the other; here is what a record looks like and where it
 * goes. Source: getdents(2).
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/syscalls.h>

/* Linux's struct linux_dirent64: this header, the name with its NUL, padding to 8. */
struct directory_record {
	uint64_t number;
	uint64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
} __attribute__((packed));

/* getdents(2)'s: the type is the record's last byte. */
struct old_directory_record {
	uint64_t number;
	uint64_t next;
	uint16_t size;
	char name[];
} __attribute__((packed));

struct listing {
	uint8_t *bytes;
	size_t size, used;
	bool full; /* a name did not fit */
	bool old;  /* for getdents */
};

bool listing_add(struct listing *listing, const char *name, size_t length, ino_t number,
		 mode_t mode, uint64_t next)
{
	/* The old form has the type behind the name, the new one before it: as many bytes. */
	size_t size = (sizeof(struct directory_record) + length + 1 + 7) & ~7ul;
	uint8_t *at = listing->bytes + listing->used, type = (mode & S_IFMT) >> 12;
	struct directory_record *record = (void *)at;
	struct old_directory_record *old = (void *)at;

	if (size > listing->size - listing->used) {
		listing->full = true;
		return false;
	}
	memset(at, 0, size);
	record->number = number;
	record->next = next;
	record->size = (uint16_t)size;
	if (listing->old)
		at[size - 1] = type;
	else
		record->type = type;
	memcpy(listing->old ? old->name : record->name, name, length);
	listing->used += size;
	return true;
}

/* A page full of names at most: whoever wants more asks again. A size is signed, as on Linux. */
static long list_names(struct file *file, void __user *buffer, size_t size, bool old)
{
	struct listing listing = { .size = size > INT32_MAX ? 0 : MIN(size, PAGE_SIZE),
				   .old = old };
	struct inode *inode = file->inode;
	uint64_t before;
	long result;

	listing.bytes = kmalloc(MAX(listing.size, 1ul));
	if (!listing.bytes)
		return -ENOMEM;
	mutex_lock(&inode->lock);
	before = file->offset;
	result = inode->links ? file->ops->list(file, &listing) : -ENOENT;
	if (!result && listing.full && !listing.used)
		result = -EINVAL; /* not even one fits */
	if (!result && copy_to_user(buffer, listing.bytes, listing.used)) {
		file->offset = before;
		result = -EFAULT;
	}
	inode_read_now(inode);
	mutex_unlock(&inode->lock);
	kfree(listing.bytes);
	return result ? result : (long)listing.used;
}

static long list_descriptor(int fd, void __user *buffer, unsigned size, bool old)
{
	struct file *file = descriptor_get(fd);
	long result = -ENOTDIR;

	if (!file)
		return -EBADF;
	if (file->flags & O_PATH)
		result = -EBADF;
	else if (file->ops->list)
		result = list_names(file, buffer, size, old);
	file_put(file);
	return result;
}

long sys_getdents64(int fd, void __user *buffer, unsigned size)
{
	return list_descriptor(fd, buffer, size, false);
}

long sys_getdents(int fd, void __user *buffer, unsigned size)
{
	return list_descriptor(fd, buffer, size, true);
}
