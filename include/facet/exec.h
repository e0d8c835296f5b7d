/*
 * exec.h -- replacing what a process runs.
 *
 * The new space is built aside from a kernel copy of the arguments and published last: a failed exec
 * leaves the caller as it was. Source: execve(2), System V ABI (initial process stack), ELF-64.
 */
#ifndef FACET_EXEC_H
#define FACET_EXEC_H

#include <facet/types.h>

#define EXEC_STRING_MAX (32 * PAGE_SIZE)	/* one argument, as Linux's MAX_ARG_STRLEN */
#define EXEC_INTERPRETERS_MAX 4			/* #! that leads to #! */

/* Strings packed one behind the other, each with its NUL. */
struct exec_strings {
	char *bytes;			/* kmalloc'd */
	size_t size, capacity;
	size_t count;
};

struct exec_arguments {
	struct exec_strings arguments, environment;
};

/* Replaces the current process's program. Returns 0 (the trap frame is set) or -errno, nothing changed. */
int exec_program(const char *path, struct exec_arguments *arguments);

#endif
