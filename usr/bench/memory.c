/*
 * Memory: the first touch of a page, of anonymous memory or a file; mapping, unmapping, protection.
 */
#include "bench.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <usr.h>

#define FILE_PATH "/tmp/bench.mapped"

enum { FAULT_PAGES = 256, MAPS = 100 };

static char *map(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		give_up("mmap");
	return memory;
}

/* The first write to each page of fresh anonymous memory. */
static uint64_t first_touch(unsigned long parameter)
{
	volatile char *memory = map(FAULT_PAGES * PAGE);
	uint64_t start = window_start(), each;

	(void)parameter;
	for (size_t i = 0; i < FAULT_PAGES; i++)
		memory[i * PAGE] = 1;
	each = window_each(start, FAULT_PAGES);
	munmap((void *)memory, FAULT_PAGES * PAGE);
	return each;
}

/* The first read of each: the kernel may show the same page of zeroes everywhere. */
static uint64_t first_read(unsigned long parameter)
{
	volatile char *memory = map(FAULT_PAGES * PAGE);
	uint64_t start = window_start(), each;

	(void)parameter;
	for (size_t i = 0; i < FAULT_PAGES; i++)
		(void)memory[i * PAGE];
	each = window_each(start, FAULT_PAGES);
	munmap((void *)memory, FAULT_PAGES * PAGE);
	return each;
}

/* A file of as many pages, in memory. */
static int file = -1;

static bool make_file(unsigned long parameter)
{
	static const char page[PAGE];
	bool done;

	(void)parameter;
	file = open(FILE_PATH, O_RDWR | O_CREAT | O_TRUNC, 0600);
	done = file >= 0;
	for (size_t i = 0; i < FAULT_PAGES && done; i++)
		done = write_all(file, page, PAGE);
	return done;
}

static void remove_file(unsigned long parameter)
{
	(void)parameter;
	close(file);
	unlink(FILE_PATH);
}

/* The first access to each page of a private mapping of it: a copy is made if that is a write. */
static uint64_t file_fault(unsigned long write)
{
	volatile char *memory = mmap(NULL, FAULT_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE,
				     file, 0);
	uint64_t start, each;

	if (memory == MAP_FAILED)
		give_up("mmap");
	start = window_start();
	for (size_t i = 0; i < FAULT_PAGES; i++) {
		if (write)
			memory[i * PAGE] = 1;
		else
			(void)memory[i * PAGE];
	}
	each = window_each(start, FAULT_PAGES);
	munmap((void *)memory, FAULT_PAGES * PAGE);
	return each;
}

/* mmap and munmap of a page, which is written to in between if `touched`. */
static uint64_t map_unmap(unsigned long touched)
{
	uint64_t start = window_start();

	for (int i = 0; i < MAPS; i++) {
		volatile char *memory = map(PAGE);

		if (touched)
			*memory = 1;
		munmap((void *)memory, PAGE);
	}
	return window_each(start, MAPS);
}

/* One mprotect of a page in use, by turns to read-only and back. */
static uint64_t protect(unsigned long parameter)
{
	char *memory = map(PAGE);
	uint64_t start, each;

	(void)parameter;
	*memory = 1;
	start = window_start();
	for (int i = 0; i < MAPS; i++) {
		mprotect(memory, PAGE, PROT_READ);
		mprotect(memory, PAGE, PROT_READ | PROT_WRITE);
	}
	each = window_each(start, 2 * MAPS);
	munmap(memory, PAGE);
	return each;
}

static const struct measure table[] = {
	{ .name = "first_touch",
	  .what = "first write to an anonymous page",
	  .rounds = ROUNDS,
	  .round = first_touch },
	{ .name = "first_read",
	  .what = "first read of an anonymous page",
	  .rounds = ROUNDS,
	  .round = first_read },
	{ .name = "file_first_read",
	  .what = "first read of a page of a mapped file",
	  .rounds = ROUNDS,
	  .set_up = make_file,
	  .tear_down = remove_file,
	  .round = file_fault,
	  .parameter = 0 },
	{ .name = "file_first_write",
	  .what = "first write to a page of a mapped file, private",
	  .rounds = ROUNDS,
	  .set_up = make_file,
	  .tear_down = remove_file,
	  .round = file_fault,
	  .parameter = 1 },
	{ .name = "mmap_munmap",
	  .what = "mmap and munmap of a page",
	  .rounds = ROUNDS,
	  .round = map_unmap,
	  .parameter = 0 },
	{ .name = "mmap_touch_munmap",
	  .what = "the same with a write to it",
	  .rounds = ROUNDS,
	  .round = map_unmap,
	  .parameter = 1 },
	{ .name = "mprotect",
	  .what = "mprotect of a page in use",
	  .rounds = ROUNDS,
	  .round = protect },
};

const struct measures memory_measures = MEASURES("memory", table);
