/*
 * bootinfo.c -- the pieces of struct bootinfo that are filled alike for both protocols.
 *
 * Pure: tested on the host.
 */
#include <facet/string.h>

#include "tables.h"

void cmdline_append(struct bootinfo *info, const char *text, size_t size)
{
	size_t length = strlen(info->cmdline), room;

	size = strnlen(text, size);
	if (!size)
		return;
	if (length && length + 1 < BOOT_CMDLINE_MAX)
		info->cmdline[length++] = ' ';
	room = BOOT_CMDLINE_MAX - 1 - length;
	size = MIN(size, room);
	memcpy(info->cmdline + length, text, size);
	info->cmdline[length + size] = '\0';
}

void module_add(struct bootinfo *info, paddr_t base, uint64_t size)
{
	if (!size || size > UINT64_MAX - base || info->module_count == BOOT_MODULES_MAX)
		return;
	info->modules[info->module_count++] = (struct boot_module){ base, size };
}
