/*
 * Memory: first touch of pages, mapping, unmapping and protection.
 */
#include "bench.h"
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, FAULT_PAGES = 1024, MAPS = 100 };

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
