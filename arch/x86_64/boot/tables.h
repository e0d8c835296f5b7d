/*
 * tables.h -- between the parts of boot/: reading a loader's tables, which may be anything.
 *
 * The parsers are pure: they see the loader's memory only through `table_map`, so the host's tests
 * run them on tables of their own (tests/host/test_boot.c).
 */
#ifndef BOOT_TABLES_H
#define BOOT_TABLES_H

#include <facet/bootinfo.h>

#define MULTIBOOT2_BOOT_MAGIC 0x36d76289u /* what the loader leaves in eax */
#define PVH_BOOT_MAGIC 0x336ec578u

/*
 * A memory map as the loader keeps it. Both protocols' entries begin with base, size (64 bits each)
 * and type (32 bits), whose numbers are those of the BIOS's E820.
 */
struct memory_map {
	const uint8_t *entries;
	size_t count;
	size_t stride; /* bytes from one entry to the next */
};

/*
 * The loader's memory at [base, base + size), readable; NULL where it lies outside of what the
 * boot page tables map.
 */
const void *table_map(paddr_t base, size_t size);

/* Both return NULL, or what is wrong with the tables; `info` is then half filled. */
const char *multiboot2_parse(paddr_t tables, struct bootinfo *info);
const char *pvh_parse(paddr_t tables, struct bootinfo *info);

/*
 * Fills info->regions: sorted, merged, without overlaps. Where entries overlap the more cautious
 * kind wins. RAM is cut to whole pages, and what does not fit into the table is left out, reserved
 * areas first, then the smallest RAM: what is in no region is not used. Returns how many bytes of
 * RAM that cost.
 */
uint64_t regions_build(const struct memory_map *map, struct bootinfo *info);

/* Appends a command line of at most `size` bytes to the words that are there, cut to what fits. */
void cmdline_append(struct bootinfo *info, const char *text, size_t size);

/* Adds a module; those of no bytes and those beyond BOOT_MODULES_MAX are passed over. */
void module_add(struct bootinfo *info, paddr_t base, uint64_t size);

#endif
