/*
 * exec.h -- replacing what a process runs.
 *
 * The new space is built aside from a kernel copy of the arguments and published last: a failed
 * exec leaves the caller as it was. Source: execve(2), System V ABI (initial process stack),
 * ELF-64.
 */
#ifndef FACET_EXEC_H
#define FACET_EXEC_H

#include <facet/types.h>

struct file;
struct space;
struct thread;

#define EXEC_STRING_MAX (32 * PAGE_SIZE) /* one argument, as Linux's MAX_ARG_STRLEN */
#define EXEC_INTERPRETERS_MAX 4          /* #! that leads to #! */

/* Strings packed one behind the other, each with its NUL. */
struct exec_strings {
	char *bytes;           /* kmalloc'd */
	size_t size, capacity; /* bytes in use, and there */
	size_t count;
	size_t limit; /* bytes; E2BIG beyond */
};

struct exec_arguments {
	struct exec_strings arguments, environment;
};

/* Returns 0, -E2BIG or -ENOMEM. */
int exec_strings_add(struct exec_strings *strings, const char *string);
void exec_arguments_free(struct exec_arguments *arguments);

/* Which program: as execveat(2) names it. */
struct exec_target {
	int dirfd;
	const char *path;
	int flags;        /* AT_ */
	const char *name; /* under which others find it: AT_EXECFN, and what a script is told */
	bool hidden;      /* the name leads nowhere once the program runs */
};

/* A program ready to run: built aside, not yet anybody's. */
struct exec_image {
	struct file *file;
	struct space *space;
	vaddr_t entry, stack;
	bool no_new_privileges;
	bool sets_uid, sets_gid; /* the caller gets these: */
	uid_t euid;
	gid_t egid;
	bool secret; /* the caller may run the program and not read it */
	char comm[16];
};

/*
 * Builds the image of `target`, through scripts' interpreters; `arguments` is the caller's to free,
 * and may get an interpreter's name in front. Returns 0 or -errno, nothing left behind.
 */
int exec_prepare(const struct exec_target *target, struct exec_arguments *arguments,
		 struct exec_image *image);

/* Makes the image what `thread` runs: the current one, or one that has never run. Cannot fail. */
void exec_commit(struct thread *thread, struct exec_image *image);

#endif
