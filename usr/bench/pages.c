/*
 * The memory that a workload forks or writes to.
 */
#include "bench.h"
#include <errno.h>
#include <sys/mman.h>
#include <usr.h>

/* For page tables, and for what else the kernel needs meanwhile. */
enum { SPARE_KIB = 4 * KIB };

char *memory;

bool map_memory(unsigned long kib)
{
	long room = meminfo_kib("MemAvailable");

	if (kib == 0)
		return true;
	if (room >= 0 && 2 * kib + SPARE_KIB > (unsigned long)room) {
		errno = ENOMEM;
		return false;
	}
	memory = mmap(NULL, kib * KIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory != MAP_FAILED;
}

void unmap_memory(unsigned long kib)
{
	if (kib > 0)
		munmap(memory, kib * KIB);
}

void touch_memory(unsigned long kib)
{
	for (size_t i = 0; i < kib * KIB; i += PAGE)
		memory[i]++;
}
