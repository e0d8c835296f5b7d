/*
 * cpio.h -- reading an archive in cpio's "newc" format, which is what a root archive is.
 *
 * The format: an entry is a header of 110 characters ("070701" and 13 numbers of 8 hexadecimal
 * digits), the name with its NUL, zeros up to a multiple of 4, the contents, zeros again. An entry
 * called TRAILER!!! ends the archive. As on Linux, more archives may follow behind any number of
 * zeros, and all of them count.
 */
#ifndef FACET_CPIO_H
#define FACET_CPIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpio_reader {
	const char *start;
	size_t size;
	size_t position;  /* of the next header, or of zeros before it */
	unsigned archive; /* how many archives have ended before it */
	bool inside;      /* an archive has begun and its trailer is to come */
};

struct cpio_entry {
	const char *name; /* in the archive itself, ended by a NUL, not empty */
	const void *data; /* `size` bytes; the target, without a NUL, of a symbolic link */
	uint32_t size;
	uint32_t mode; /* type and permissions, as st_mode */
	uint32_t uid;
	uint32_t gid;
	uint32_t mtime; /* seconds since 1970 */
	uint32_t rdev_major;
	uint32_t rdev_minor;

	/*
	 * Entries of one archive that agree in these four are names of one file if nlink is more
	 * than 1. All but one of them have size 0; usually the last has the contents.
	 */
	uint32_t ino;
	uint32_t nlink;
	uint32_t dev_major;
	uint32_t dev_minor;
	unsigned archive; /* counts from 0 */

	size_t end; /* from here on the reader reads next: all before is free */
};

/* The memory stays the caller's, who may free what lies before `end` of an entry that is done. */
void cpio_init(struct cpio_reader *reader, const void *archive, size_t size);

/*
 * Read the next entry. Returns 1; 0 at the end; -EINVAL if what follows is not an archive or has
 * been cut off (also if only its trailer is missing). Never reads outside the archive.
 */
int cpio_next(struct cpio_reader *reader, struct cpio_entry *entry);

#endif
