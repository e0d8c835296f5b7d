/*
 * cpu.h -- on the host: no feature that only the kernel may use, and no page table is ever loaded.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <facet/types.h>

struct cpu_features {
	bool smap;
};

extern struct cpu_features cpu_features;

static inline uint64_t read_cr3(void)
{
	return UINT64_MAX;
}

static inline void write_cr3(uint64_t root)
{
	(void)root;
}

#endif
