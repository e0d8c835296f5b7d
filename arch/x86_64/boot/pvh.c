/*
 * pvh.c -- the tables of a PVH boot (QEMU -kernel, Firecracker, Xen) into struct bootinfo.
 *
 * Alternative: multiboot2.c.
 *
 * Pure: tested on the host. Source: Xen's public header arch-x86/hvm/start_info.h.
 */
#include <facet/string.h>

#include "tables.h"

struct start_info {
	uint32_t magic, version, flags, module_count;
	paddr_t modules, cmdline, rsdp; /* 0: not there */
	/* From version 1 on: */
	paddr_t memory_map;
	uint32_t memory_map_count, reserved;
};

struct start_module {
	paddr_t base;
	uint64_t size;
	paddr_t cmdline;
	uint64_t reserved;
};

#define MEMORY_MAP_ENTRY_SIZE 24 /* base, size, type, reserved */

static void take_modules(const struct start_info *start, struct bootinfo *info)
{
	struct start_module module; /* copied: the list may lie on any address */
	const uint8_t *list = table_map(start->modules, start->module_count * sizeof(module));

	for (size_t i = 0; list && i < start->module_count; i++) {
		memcpy(&module, list + i * sizeof(module), sizeof(module));
		module_add(info, module.base, module.size);
	}
}

const char *pvh_parse(paddr_t tables, struct bootinfo *info)
{
	const struct start_info *start = table_map(tables, sizeof(*start));
	struct memory_map map;
	const char *cmdline;

	if (!start || tables % 8)
		return "the loader's tables are out of reach";
	if (start->magic != PVH_BOOT_MAGIC)
		return "the loader's tables have no PVH magic";
	info->protocol = "pvh";
	info->acpi_rsdp = start->rsdp;
	/* Nothing is said of a screen. If there is one it is a BIOS's, and vga.c tries that. */
	info->console = BOOT_CONSOLE_TEXT;
	cmdline = table_map(start->cmdline, BOOT_CMDLINE_MAX);
	if (cmdline)
		cmdline_append(info, cmdline, BOOT_CMDLINE_MAX);
	take_modules(start, info);

	if (start->version < 1)
		return "the loader passed no memory map";
	map.stride = MEMORY_MAP_ENTRY_SIZE;
	map.count = start->memory_map_count;
	map.entries = table_map(start->memory_map, map.count * map.stride);
	if (!map.entries || !map.count)
		return "the loader passed no memory map";
	info->lost_bytes = regions_build(&map, info);
	return NULL;
}
