/*
 * multiboot2.c -- a Multiboot2 loader's tables (GRUB2) into struct bootinfo.
 *
 * The tables are a list of tags, each with its size. A tag that is too short for what it should
 * hold is passed over; one that reaches beyond the list ends it. Alternative: pvh.c.
 *
 * Pure: tested on the host. Source: Multiboot2 specification 2.0, section 3.6.
 */
#include <arch/layout.h>
#include <facet/string.h>

#include "tables.h"

enum {
	TAG_END = 0,
	TAG_CMDLINE = 1,
	TAG_MODULE = 3,
	TAG_MEMORY_MAP = 6,
	TAG_FRAMEBUFFER = 8,
	TAG_EFI32 = 11,
	TAG_EFI64 = 12,
	TAG_ACPI_1 = 14,
	TAG_ACPI_2 = 15,
};

#define FRAMEBUFFER_RGB 1
#define FRAMEBUFFER_TEXT 2

#define ENTRY_SIZE_MIN 20 /* base, size, type */

struct tag {
	uint32_t type, size; /* size: this header included, the padding to 8 not */
};

struct tag_module {
	struct tag tag;
	uint32_t start, end;
};

struct tag_memory_map {
	struct tag tag;
	uint32_t entry_size, entry_version;
};

struct tag_framebuffer {
	struct tag tag;
	uint64_t base;
	uint32_t pitch, width, height;
	uint8_t bits_per_pixel, type;
	uint16_t reserved;
	uint8_t red_shift, red_bits, green_shift, green_bits, blue_shift, blue_bits;
} __attribute__((packed));

/* ACPI's root pointer comes as a copy among the tags, whose memory is going to be reused. */
static uint8_t rsdp_copy[36] __attribute__((aligned(16)));

static void take_framebuffer(const struct tag_framebuffer *tag, struct bootinfo *info)
{
	if (tag->type == FRAMEBUFFER_TEXT) {
		info->console = BOOT_CONSOLE_TEXT;
		return;
	}
	info->console = tag->type == FRAMEBUFFER_RGB ? BOOT_CONSOLE_FRAMEBUFFER : BOOT_CONSOLE_NONE;
	info->framebuffer = (struct boot_framebuffer){
		.base = tag->base,
		.pitch = tag->pitch,
		.width = tag->width,
		.height = tag->height,
		.bits_per_pixel = tag->bits_per_pixel,
		.red_shift = tag->red_shift,
		.red_bits = tag->red_bits,
		.green_shift = tag->green_shift,
		.green_bits = tag->green_bits,
		.blue_shift = tag->blue_shift,
		.blue_bits = tag->blue_bits,
	};
}

static void take_rsdp(const struct tag *tag, struct bootinfo *info)
{
	memset(rsdp_copy, 0, sizeof(rsdp_copy));
	memcpy(rsdp_copy, tag + 1, MIN(tag->size - sizeof(*tag), sizeof(rsdp_copy)));
	info->acpi_rsdp = kernel_image_phys(rsdp_copy);
}

static void take_memory_map(const struct tag_memory_map *tag, struct memory_map *map)
{
	if (tag->entry_size < ENTRY_SIZE_MIN)
		return;
	map->entries = (const uint8_t *)(tag + 1);
	map->stride = tag->entry_size;
	map->count = (tag->tag.size - sizeof(*tag)) / tag->entry_size;
}

/* Everything that one tag says. `map` is only found here: what it means is the sweep's affair. */
static void take_tag(const struct tag *tag, struct bootinfo *info, struct memory_map *map)
{
	const struct tag_module *module = (const struct tag_module *)tag;

	switch (tag->type) {
	case TAG_CMDLINE:
		cmdline_append(info, (const char *)(tag + 1), tag->size - sizeof(*tag));
		break;
	case TAG_MODULE:
		if (tag->size >= sizeof(*module) && module->end > module->start)
			module_add(info, module->start, module->end - module->start);
		break;
	case TAG_MEMORY_MAP:
		if (tag->size >= sizeof(struct tag_memory_map))
			take_memory_map((const struct tag_memory_map *)tag, map);
		break;
	case TAG_FRAMEBUFFER:
		/* A text screen's tag ends before the colours. */
		if (tag->size >= offsetof(struct tag_framebuffer, reserved))
			take_framebuffer((const struct tag_framebuffer *)tag, info);
		break;
	case TAG_ACPI_1:
		if (!info->acpi_rsdp)
			take_rsdp(tag, info);
		break;
	case TAG_ACPI_2:
		take_rsdp(tag, info);
		break;
	}
}

static bool is_efi(const struct tag *tag)
{
	return tag->type == TAG_EFI32 || tag->type == TAG_EFI64;
}

const char *multiboot2_parse(paddr_t tables, struct bootinfo *info)
{
	const uint32_t *total = table_map(tables, 2 * sizeof(*total));
	const uint8_t *start = total ? table_map(tables, *total) : NULL;
	struct memory_map map = { .count = 0 };
	bool efi = false, screen_named = false;
	const struct tag *tag;

	if (!start || tables % 8)
		return "the loader's tables are out of reach";

	info->protocol = "multiboot2";
	for (size_t at = 8; at + sizeof(*tag) <= *total; at += (tag->size + 7ul) & ~7ul) {
		tag = (const struct tag *)(start + at);
		if (tag->type == TAG_END || tag->size < sizeof(*tag) || tag->size > *total - at)
			break;
		efi |= is_efi(tag);
		screen_named |= tag->type == TAG_FRAMEBUFFER;
		take_tag(tag, info, &map);
	}
	/* Without a word about it a BIOS has left its text screen; EFI has none. */
	if (!screen_named)
		info->console = efi ? BOOT_CONSOLE_NONE : BOOT_CONSOLE_TEXT;
	if (!map.count)
		return "the loader passed no memory map";
	info->lost_bytes = regions_build(&map, info);
	return NULL;
}
