/*
 * ELF executables into a space: elf_image.c says what goes where, this maps it.
 *
 * Pages of a file are mapped and come on demand from its page cache; a page that is part file and
 * part zeros is filled now. Context: the space is nobody's yet.
 * Source: ELF-64; System V ABI, AMD64 supplement, "Program Loading".
 */
#include <facet/elf_image.h>
#include <facet/errno.h>
#include <facet/file.h>
#include <facet/slab.h>
#include <facet/space.h>

#include "exec_private.h"

static uint32_t area_rights(unsigned prot)
{
	return (prot & ELF_READ ? AREA_READ : 0) | (prot & ELF_WRITE ? AREA_WRITE : 0) |
	       (prot & ELF_EXEC ? AREA_EXEC : 0);
}

/* Writes the parts of the file that belong into one page. */
static int fill_page(struct file *file, const struct elf_image *image,
		     const struct elf_mapping *page, struct space *space)
{
	struct elf_piece piece;
	size_t index = 0;
	int error = 0;
	char *buffer = kmalloc(PAGE_SIZE);

	if (!buffer)
		return -ENOMEM;
	while (!error && elf_image_piece(image, page, &index, &piece)) {
		ssize_t got = file_read_at(file, buffer, piece.size, piece.file_offset);

		if (got != (ssize_t)piece.size)
			error = got < 0 ? (int)got : -EIO;
		else
			error = space_write(space, piece.address, buffer, piece.size);
	}
	kfree(buffer);
	return error;
}

static int map_one(struct file *file, const struct elf_image *image,
		   const struct elf_mapping *mapping, struct space *space)
{
	uint32_t rights = area_rights(mapping->prot), first = rights;
	size_t size = mapping->end - mapping->start;
	bool from_file = mapping->kind == ELF_FILE;
	int64_t result;
	int error;

	if (area_breaks_wx(rights))
		return -ENOEXEC;
	if (mapping->kind == ELF_FILLED)
		first = AREA_READ | AREA_WRITE; /* until it is filled */
	result = space_map(space, mapping->start, size, first, MAP_NO_REPLACE,
			   from_file ? file : NULL, from_file ? mapping->file_offset : 0);
	if (result < 0)
		return (int)result;
	if (mapping->kind != ELF_FILLED)
		return 0;
	error = fill_page(file, image, mapping, space);
	if (!error && first != rights)
		error = space_protect(space, mapping->start, size, rights);
	return error;
}

static int load_segments(struct file *file, struct elf_image *image, struct space *space)
{
	struct elf_mapping mapping = { .start = 0 };
	int error = elf_image_place(image, USER_PIE_BASE);

	while (!error && elf_image_next(image, &mapping))
		error = map_one(file, image, &mapping, space);
	return error;
}

int elf_load(struct file *file, const void *header, size_t header_size, struct space *space,
	     struct elf_loaded *loaded)
{
	struct elf_image image;
	struct elf_phdr *phdrs;
	size_t size;
	int error = elf_image_parse(&image, header, header_size, file_size(file));

	if (error)
		return error;
	size = image.phdr_count * sizeof(*phdrs);
	phdrs = kmalloc(size);
	if (!phdrs)
		return -ENOMEM;
	if (file_read_at(file, phdrs, size, image.phdr_offset) != (ssize_t)size)
		error = -ENOEXEC;
	if (!error)
		error = elf_image_segments(&image, phdrs);
	if (!error && image.interp_size)
		error = -ENOEXEC; /* dynamic linking is not offered */
	if (!error)
		error = load_segments(file, &image, space);
	loaded->entry = image.base + image.entry;
	loaded->phdr_address = image.phdr_address ? image.base + image.phdr_address : 0;
	loaded->phdr_count = image.phdr_count;
	loaded->end = image.base + image.end;
	kfree(phdrs);
	return error;
}
