/*
 * exec_private.h -- between the files of this room.
 */
#ifndef EXEC_PRIVATE_H
#define EXEC_PRIVATE_H

#include <facet/exec.h>

struct process;

/* The part of a file that says what it is: an ELF header, or a #! line. */
#define EXEC_HEADER_SIZE 256

/* What the new stack must tell the program about its image. */
struct elf_loaded {
	vaddr_t start; /* the first instruction: the interpreter's, if there is one */
	vaddr_t entry; /* the program's own */
	vaddr_t phdr_address;
	size_t phdr_count;
	vaddr_t end;              /* brk starts behind it */
	vaddr_t interpreter_base; /* 0: there is none */
	bool stack_executable;
};

/* arguments.c. */
int exec_arguments_copy(struct exec_arguments *arguments, const vaddr_t __user *argv,
			const vaddr_t __user *envp);
int exec_strings_add_front(struct exec_strings *strings, const char *string);
void exec_strings_drop_front(struct exec_strings *strings);
/* Strings and pointers together may take a quarter of the stack, and no more than Linux allows. */
bool exec_arguments_fit(const struct exec_arguments *arguments);

/*
 * elf.c: fills a space, of which nothing but mmap's place has been laid out, from an ELF file and
 * from the interpreter that it names. Returns 0, -ENOEXEC, -ENOMEM, -EIO; for the interpreter also
 * -ELIBBAD and what opening it returns.
 */
int elf_load(struct file *file, const void *header, size_t header_size, struct space *space,
	     struct elf_loaded *loaded);

/* identity.c: whom the program in the image runs as. */
void identity_prepare(struct exec_image *image);
/* The same, once it runs. Tree lock held. */
void identity_commit(struct process *process, const struct exec_image *image);

/* stack.c: decides where the stack ends and where mmap begins. */
void stack_place(struct space *space);
/* Maps the stack, writes strings, vectors and the auxiliary vector. Sets image->stack. */
int stack_build(const char *path, const struct exec_arguments *arguments,
		const struct elf_loaded *loaded, struct exec_image *image);

/*
 * script.c: takes a #! line apart. `interpreter` gets its path, `*argument` points at the optional
 * argument in `header`, which is changed, or is NULL. Returns 0 or -ENOEXEC.
 */
int script_parse(char *header, size_t size, char **interpreter, char **argument);

#endif
