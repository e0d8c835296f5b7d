/*
 * map.c -- how the readers of ACPI's tables see memory.
 *
 * Tables may lie anywhere: in RAM set aside for them, in reserved memory, in the BIOS's areas.
 * Where the kernel's direct map has them they are read there; others are mapped for it. Boot only.
 */
#include <arch/cpu.h>
#include <arch/layout.h>
#include <arch/page_table.h>

#include "tables.h"

bool acpi_reachable(paddr_t base, size_t size)
{
	paddr_t end = base + size;

	return base && end > base && end - 1 < 1ul << cpu_features.physical_bits &&
	       end < KERNEL_STACKS_BASE - DIRECT_MAP_BASE;
}

const void *acpi_map(paddr_t base, size_t size)
{
	vaddr_t start = (vaddr_t)phys_to_virt(base);

	if (!acpi_reachable(base, size))
		return NULL;
	for (vaddr_t page = page_round_down(start); page < start + size; page += PAGE_SIZE)
		if (!kernel_address_mapped(page))
			return device_map(base, size);
	return phys_to_virt(base);
}
