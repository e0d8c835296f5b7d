/*
 * Memory of a space that is not loaded, through the direct map: exec fills a new stack, /proc reads
 * an argument vector. The areas' rights hold as they do for the process itself.
 *
 * Lock: the space's. The other side of each copy is kernel memory.
 */
#include <facet/errno.h>
#include <facet/file.h>
#include <facet/futex.h>
#include <facet/string.h>

#include "mm_private.h"

/* The page behind `address`, filled like a fault would. Locked. NULL with *error set. */
static struct frame *page_at(struct space *space, vaddr_t address, enum fault_access access,
			     int *error)
{
	struct area *area = area_find(space, address);

	if (!area || area->start > address || !access_allowed(area, access)) {
		*error = -EFAULT;
		return NULL;
	}
	*error = area_fill(space, area, address, access);
	return *error ? NULL : frame_of(pte_address(*page_table_find(&space->table, address)));
}

int space_write(struct space *space, vaddr_t address, const void *data, size_t size)
{
	int error = 0;

	mutex_lock(&space->lock);
	while (size && !error) {
		size_t offset = address & ~PAGE_MASK, part = MIN(size, PAGE_SIZE - offset);
		struct frame *frame = page_at(space, address, FAULT_WRITE, &error);

		if (!frame)
			break;
		memcpy((char *)frame_memory(frame) + offset, data, part);
		data = (const char *)data + part;
		address += part;
		size -= part;
	}
	mutex_unlock(&space->lock);
	return error;
}

ssize_t space_read(struct space *space, vaddr_t address, void *data, size_t size)
{
	size_t done = 0;
	int error = 0;

	mutex_lock(&space->lock);
	while (done < size) {
		size_t offset = address & ~PAGE_MASK, part = MIN(size - done, PAGE_SIZE - offset);
		struct frame *frame = page_at(space, address, FAULT_READ, &error);

		if (!frame)
			break;
		memcpy((char *)data + done, (char *)frame_memory(frame) + offset, part);
		address += part;
		done += part;
	}
	mutex_unlock(&space->lock);
	return done || !error ? (ssize_t)done : error;
}

int space_futex_key(struct space *space, vaddr_t address, struct futex_key *key)
{
	struct area *area;
	uint64_t device, inode;
	int error = 0;

	mutex_lock(&space->lock);
	area = area_find(space, address);
	if (!area || area->start > address || !(area->flags & (AREA_READ | AREA_WRITE))) {
		error = -EFAULT;
	} else if (area->flags & AREA_SHARED && area->file) {
		file_identity(area->file, &device, &inode);
		*key = (struct futex_key){ device << 32 ^ inode,
					   area->offset + (address - area->start) };
	} else {
		*key = (struct futex_key){ (uint64_t)space, address };
	}
	mutex_unlock(&space->lock);
	return error;
}
