/*
 * ELF executables into a space: elf_image.c says what goes where, this maps it.
 *
 * Pages of a file are mapped and come on demand from its page cache; a page that is part file and
 * part zeros is filled now. A dynamically linked program comes with its interpreter, ld.so, which
 * maps the libraries and then jumps to the program. Context: the space is nobody's yet.
 * Source: ELF-64; System V ABI, AMD64 supplement, "Program Loading".
 */
#include <facet/elf_image.h>
#include <facet/err.h>
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
		error = space_protect(space, mapping->start, size, rights, PROTECT_RANGE);
	return error;
}

/* An ELF file whose headers have been read and checked. */
struct elf_object {
	struct file *file;
	struct elf_phdr *phdrs; /* kmalloc'd */
	struct elf_image image;
};

/* object->phdrs is the caller's to free, whatever this returns. */
static int object_read(struct elf_object *object, struct file *file, const void *header,
		       size_t header_size)
{
	struct elf_image *image = &object->image;
	size_t size;
	int error = elf_image_parse(image, header, header_size, file_size(file));

	object->file = file;
	object->phdrs = NULL;
	if (error)
		return error;
	size = image->phdr_count * sizeof(*object->phdrs);
	object->phdrs = kmalloc(size);
	if (!object->phdrs)
		return -ENOMEM;
	if (file_read_at(file, object->phdrs, size, image->phdr_offset) != (ssize_t)size)
		return -ENOEXEC;
	return elf_image_segments(image, object->phdrs);
}

/* The interpreter's file, by the name in the program. */
static struct file *interpreter_open(const struct elf_object *program)
{
	size_t size = program->image.interp_size;
	char *path = kmalloc(size);
	struct file *file;

	if (!path)
		return ERR_PTR(-ENOMEM);
	if (file_read_at(program->file, path, size, program->image.interp_offset) != (ssize_t)size)
		file = ERR_PTR(-EIO);
	else if (path[size - 1])
		file = ERR_PTR(-ENOEXEC);
	else
		file = file_open_executable(AT_FDCWD, path, AT_EMPTY_PATH); /* "" is a folder */
	kfree(path);
	return file;
}

static int interpreter_read(struct elf_object *interpreter, struct file *file)
{
	struct elf_ehdr header;
	ssize_t got = file_read_at(file, &header, sizeof(header), 0);
	int error;

	if (got != (ssize_t)sizeof(header))
		return got < 0 ? (int)got : -EIO;
	error = object_read(interpreter, file, &header, sizeof(header));
	return error == -ENOEXEC ? -ELIBBAD : error;
}

static int object_load(struct elf_object *object, struct space *space, vaddr_t lowest)
{
	struct elf_mapping mapping = { .start = 0 };
	int error = elf_image_place(&object->image, lowest);

	while (!error && elf_image_next(&object->image, &mapping))
		error = map_one(object->file, &object->image, &mapping, space);
	return error;
}

/* As high as mmap would place it, so that the heap above the program has room to grow. */
static int interpreter_load(struct elf_object *interpreter, struct space *space)
{
	const struct elf_image *image = &interpreter->image;
	vaddr_t base = 0;
	int error;

	if (image->end < space->mmap_top)
		base = (space->mmap_top - image->end) & ~(image->alignment - 1);
	error = object_load(interpreter, space, MAX(base + image->start, ELF_LOWEST));
	return error == -ENOEXEC ? -ELIBBAD : error;
}

/* A program's interpreter is what starts; the rest is for it to find in the auxiliary vector. */
static int load_interpreter_of(const struct elf_object *program, struct space *space,
			       struct elf_loaded *loaded)
{
	struct elf_object interpreter = { .file = NULL };
	struct file *file = interpreter_open(program);
	int error;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	error = interpreter_read(&interpreter, file);
	/* Only the program is protected while it runs: execve(2), ETXTBSY. */
	file_allow_writing(file);
	if (!error)
		error = interpreter_load(&interpreter, space);
	file_put(file);
	kfree(interpreter.phdrs);
	loaded->interpreter_base = interpreter.image.base;
	loaded->start = interpreter.image.base + interpreter.image.entry;
	return error;
}

int elf_load(struct file *file, const void *header, size_t header_size, struct space *space,
	     struct elf_loaded *loaded)
{
	struct elf_object program;
	const struct elf_image *image = &program.image;
	int error = object_read(&program, file, header, header_size);

	if (!error)
		error = object_load(&program, space, USER_PIE_BASE);
	if (error) {
		kfree(program.phdrs);
		return error;
	}
	*loaded = (struct elf_loaded){
		.start = image->base + image->entry,
		.entry = image->base + image->entry,
		.phdr_address = image->phdr_address ? image->base + image->phdr_address : 0,
		.phdr_count = image->phdr_count,
		.end = image->base + image->end,
		.stack_executable = image->stack_executable,
	};
	if (image->interp_size)
		error = load_interpreter_of(&program, space, loaded);
	kfree(program.phdrs);
	return error;
}
