/*
 * layout.h -- the map of virtual memory.
 *
 *   0000000000010000 .. 00007ffffffff000   user (the last page below the hole is never mapped)
 *   ffff800000000000 .. ffffbfffffffffff   the direct map of all physical memory, large pages
 *   ffffc00000000000 .. ffffc07fffffffff   kernel stacks, each with a guard page below it
 *   ffffd00000000000 .. ffffd07fffffffff   device registers (uncached)
 *   ffffe00000000000 .. ffffe07fffffffff   the array of struct frame, one for each physical page
 *   ffffffff80000000 .. ffffffffffffffff   the kernel's image
 *
 * Root entries 256 to 511 are filled at boot and the same in every address space for ever. Each
 * region but the direct map is one of them, 512 GiB. Also read by NASM, through offsets.c.
 */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#define USER_START 0x0000000000010000ul
#define USER_END 0x00007ffffffff000ul
#define USER_STACK_TOP USER_END
#define USER_PIE_BASE 0x0000555555554000ul /* of ET_DYN, as on Linux without ASLR */

#define DIRECT_MAP_BASE 0xffff800000000000ul
#define KERNEL_STACKS_BASE 0xffffc00000000000ul
#define KERNEL_STACKS_END 0xffffc08000000000ul
#define DEVICE_BASE 0xffffd00000000000ul
#define DEVICE_END 0xffffd08000000000ul
#define FRAMES_BASE 0xffffe00000000000ul
#define KERNEL_BASE 0xffffffff80000000ul

#ifndef __ASSEMBLER__
#include <facet/types.h>

static inline void *phys_to_virt(paddr_t address)
{
	return (void *)(address + DIRECT_MAP_BASE);
}

/* Of an address in the direct map; not of the kernel's image, see kernel_image_phys(). */
static inline paddr_t virt_to_phys(const void *pointer)
{
	return (vaddr_t)pointer - DIRECT_MAP_BASE;
}

static inline paddr_t kernel_image_phys(const void *pointer)
{
	return (vaddr_t)pointer - KERNEL_BASE;
}
#endif

#endif
