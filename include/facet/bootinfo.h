/*
 * bootinfo.h -- what the boot loader said, in one form for both protocols.
 *
 * Filled by arch/x86_64/boot/multiboot2.c or pvh.c from tables in low memory, by copies: after that
 * nobody looks at the loader's own tables. Read-only from then on.
 */
#ifndef FACET_BOOTINFO_H
#define FACET_BOOTINFO_H

#include <facet/types.h>

#define BOOT_REGIONS_MAX 128
#define BOOT_MODULES_MAX 8
#define BOOT_CMDLINE_MAX 2048

/* Some bytes of physical or virtual memory; base NULL means none. */
struct slice {
	const void *base;
	size_t size;
};

enum boot_region_kind {
	REGION_RAM,          /* free for use, except what the kernel and modules occupy */
	REGION_ACPI_RECLAIM, /* tables: kept, read through the direct map */
	REGION_RESERVED,
};

struct boot_region {
	paddr_t base;
	uint64_t size;
	enum boot_region_kind kind;
};

struct boot_module {
	paddr_t base;
	uint64_t size;
};

enum boot_console {
	BOOT_CONSOLE_NONE, /* only the serial line */
	BOOT_CONSOLE_TEXT, /* VGA text, 80 x 25, at 0xb8000 */
	BOOT_CONSOLE_FRAMEBUFFER,
};

struct boot_framebuffer {
	paddr_t base;
	uint32_t pitch, width, height; /* bytes a line, pixels */
	uint8_t bits_per_pixel;
	uint8_t red_shift, red_bits, green_shift, green_bits, blue_shift, blue_bits;
};

struct bootinfo {
	const char *protocol;           /* "multiboot2" or "pvh" */
	char cmdline[BOOT_CMDLINE_MAX]; /* CONFIG_CMDLINE's words, then what the loader passed */
	size_t region_count; /* sorted by base, merged, not overlapping, page-aligned for RAM */
	struct boot_region regions[BOOT_REGIONS_MAX];
	size_t module_count;
	struct boot_module modules[BOOT_MODULES_MAX];
	uint64_t lost_bytes; /* of RAM, in a map of more regions than fit above */
	paddr_t acpi_rsdp;   /* 0: unknown, the BIOS areas are searched */
	enum boot_console console;
	struct boot_framebuffer framebuffer;
};

/* For what has no other way to it: how to end the machine, and how panic ends. */
extern struct bootinfo boot_info;

/* init/main.c: the rest of the boot, on the boot stack. */
noreturn void kernel_main(const struct bootinfo *info);

#endif
