/*
 * efault.h -- a wild pointer in place of each argument that is one, for the tests of EFAULT.
 *
 * A table has one row a pointer; test_row() goes through all that can be wrong with it: not mapped,
 * not canonical, the kernel's, closed, read-only, or a structure that runs out of its mapping.
 * OUT is written by the kernel, IN is read, BOTH is read and then written, TEXT is a string.
 * WORD and WORD_OUT are numbers that are EINVAL at any odd place.
 */
#pragma once

#include "tap.h"

#include <sys/mman.h>

enum kind { IN, OUT, BOTH, TEXT, WORD, WORD_OUT };

#define P (-77777)        /* the pointer in question */
#define PATH (-77778)     /* a path that is there */
#define FOLDER (-77779)   /* a descriptor of a folder */
#define ZERO (-77780)     /* one of /dev/zero */
#define PIPE_OUT (-77781) /* the end of a pipe to write to, and the one to read from */
#define PIPE_IN (-77782)
#define SPACE (-77783)  /* memory that may be written */
#define VECTOR (-77784) /* an argument vector */
#define NAME (-77785)   /* of an extended attribute */
#define LINK (-77786)   /* the path of a symbolic link */
#define FILE (-77787)   /* descriptors of files to read and write */
#define OTHER (-77788)
#define TMPFS (-77789)        /* a type of file systems */
#define SELF (-77790)         /* this process */
#define TIMER (-77791)        /* a timer */
#define BLOCK (-77792)        /* a page's address */
#define TERMINAL (-77793)     /* a descriptor of a terminal */
#define LONG (-77794)         /* a time of an hour */
#define USR1 (-77795)         /* a set of signals */
#define CAPABILITIES (-77796) /* a header that asks for this process's */
#define PIDFD (-77797)        /* a descriptor of this process */

struct row {
	const char *name;
	int nr;
	long args[6];
	enum kind kind;
	bool null_is_bad; /* NULL is EFAULT too */
	bool whole;       /* what runs into nothing is EFAULT, not a short count */
};

static int folder, zero, file, other, timer, terminal, pidfd, fds[2];
static char *read_only, *closed, *edge; /* edge: the end of a mapping */
static char space[1024];
static char *no_vector[] = { NULL };
static const struct timespec hour = { 3600, 0 };
static uint32_t capabilities[] = { 0x20080522, 0 };
static const uint64_t usr1 = 1UL << (SIGUSR1 - 1);
static void (*before)(void); /* makes what a call must find */

static long argument(long value, char *pointer)
{
	switch (value) {
	case P:
		return (long)pointer;
	case PATH:
		return (long)self_path();
	case FOLDER:
		return folder;
	case ZERO:
		return zero;
	case PIPE_OUT:
		return fds[1];
	case PIPE_IN:
		return fds[0];
	case SPACE:
		return (long)space;
	case VECTOR:
		return (long)no_vector;
	case LINK:
		return (long)"/proc/self/exe";
	case FILE:
		return file;
	case OTHER:
		return other;
	case TMPFS:
		return (long)"tmpfs";
	case SELF:
		return getpid();
	case TIMER:
		return timer;
	case BLOCK:
		return (long)read_only;
	case TERMINAL:
		return terminal;
	case PIDFD:
		return pidfd;
	case LONG:
		return (long)&hour;
	case CAPABILITIES:
		return (long)capabilities;
	case USR1:
		return (long)&usr1;
	case NAME:
		return (long)"user.name";
	}
	return value;
}

static long call(const struct row *row, char *pointer)
{
	long a[6];

	memset(space, 0, sizeof(space));
	if (before)
		before();
	for (int i = 0; i < 6; i++)
		a[i] = argument(row->args[i], pointer);
	return sys6(row->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static bool faults(const struct row *row, unsigned long pointer, const char *what)
{
	long result;

	memset(edge - 64, 'x', 64);
	result = call(row, (char *)pointer);
	if (result == -EFAULT)
		return true;
	diag("%s with %s (0x%lx): %ld", row->name, what, pointer, result);
	return false;
}

static inline void test_row(const struct row *row)
{
	/* clang-format off */
	static const unsigned long wild[] = {
		8, 0x1000, 0x7ffffffff000, 0x7fffffffffff, 0x800000000000, 0x8000000000000000,
		0xffff7fffffffffff, 0xffff800000000000, 0xffff888000000000, 0xffffffff80000000,
		0xffffffff80100000, 0xfffffffffffff000, 0xfffffffffffffff8, 0xffffffffffffffff,
	};
	/* clang-format on */
	bool word = row->kind == WORD || row->kind == WORD_OUT;
	bool good = true;

	if (call(row, (char *)8) == -ENOSYS) {
		skip("%s is not there", row->name);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++)
		if (!word || wild[i] % 4 == 0)
			good = faults(row, wild[i], "a wild address") && good;
	if (row->null_is_bad)
		good = faults(row, 0, "NULL") && good;
	good = faults(row, (unsigned long)closed, "a page without rights") && good;
	good = faults(row, (unsigned long)edge, "a page that is not mapped") && good;
	if (row->kind == OUT || row->kind == BOTH || row->kind == WORD_OUT)
		good = faults(row, (unsigned long)read_only, "a read-only page") && good;
	if (row->kind == OUT)
		good = faults(row, (unsigned long)self_path & ~7UL, "the program's text") && good;
	if (row->whole)
		good = faults(row, (unsigned long)edge - 1, "the last byte of a mapping") && good;
	if (row->kind == TEXT)
		good = faults(row, (unsigned long)edge - 50, "a string without end") && good;
	ok(good, "%s", row->name);
}

/* Before the first row. */
static inline void prepare(void)
{
	char *block = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);

	folder = (int)must(open("/", O_RDONLY | O_DIRECTORY));
	zero = (int)must(open("/dev/zero", O_RDONLY));
	file = (int)must(sys(SYS_memfd_create, "file", 0));
	other = (int)must(sys(SYS_memfd_create, "other", 0));
	must(write(file, space, 64));
	must(sys(SYS_timer_create, CLOCK_MONOTONIC, NULL, &timer));
	pidfd = (int)must(sys(SYS_pidfd_open, getpid(), 0));
	must(pipe2(fds, O_NONBLOCK));
	must(write(fds[1], space, 256));
	read_only = block;
	must(mprotect(read_only, PAGE, PROT_READ));
	closed = block + 2 * PAGE;
	must(mprotect(closed, PAGE, PROT_NONE));
	edge = block + 4 * PAGE;
	must(munmap(edge, PAGE));
}
