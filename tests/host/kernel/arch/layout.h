/*
 * layout.h -- on the host: physical memory is a mapping at a fixed address, made by the test.
 */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#include <facet/types.h>

#define USER_END 0x00007ffffffff000ul
#define DIRECT_MAP_BASE 0x200000000000ul
#define FRAMES_BASE 0x210000000000ul

static inline void *phys_to_virt(paddr_t address)
{
	return (void *)(address + DIRECT_MAP_BASE);
}

static inline paddr_t virt_to_phys(const void *pointer)
{
	return (vaddr_t)pointer - DIRECT_MAP_BASE;
}

#endif
