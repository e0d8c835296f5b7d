/*
 * exec_private.h -- between the files of this room.
 */
#ifndef EXEC_PRIVATE_H
#define EXEC_PRIVATE_H

#include <facet/exec.h>

/* The part of a file that says what it is: an ELF header, or a #! line. */
#define EXEC_HEADER_SIZE 256

/* What the new stack must tell the program about its image. */
struct elf_loaded {
	vaddr_t entry;
	vaddr_t phdr_address;
	size_t phdr_count;
	vaddr_t end; /* brk starts behind it */
};

/* elf.c: fills an empty space from an ELF file. Returns 0, -ENOEXEC, -ENOMEM, -EIO. */
int elf_load(struct file *file, const void *header, size_t header_size, struct space *space,
	     struct elf_loaded *loaded);

/* stack.c: maps the stack, writes strings, vectors and the auxiliary vector. Sets image->stack. */
int stack_build(const char *path, const struct exec_arguments *arguments,
		const struct elf_loaded *loaded, struct exec_image *image);

/*
 * script.c: takes a #! line apart. `interpreter` gets its path, `*argument` points at the optional
 * argument in `header`, which is changed, or is NULL. Returns 0 or -ENOEXEC.
 */
int script_parse(char *header, size_t size, char **interpreter, char **argument);

#endif
