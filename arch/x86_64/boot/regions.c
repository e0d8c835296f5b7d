/*
 * regions.c -- the memory map: from what firmware and loader list, in any order and overlapping, to
 * sorted regions that do not.
 *
 * A sweep from address 0 upwards. At each step all entries are looked at: which kind covers this
 * address, and where is the next border. That is quadratic in the entries, of which there are some
 * twenty, and needs no memory but the result's.
 *
 * Pure: tested on the host. Source: ACPI specification 6.5, 15.4 (the types).
 */
#include <facet/string.h>

#include "tables.h"

#define E820_RAM 1
#define E820_ACPI_RECLAIM 3

/* More than the direct map holds, or a processor of four-level paging addresses, is no use. */
#define PHYSICAL_END (1ull << 46)

/* No entry covers this address. Lower than every kind in caution. */
#define NO_KIND (-1)

struct entry {
	uint64_t base, end;
	int kind;
};

static struct entry entry_read(const struct memory_map *map, size_t index)
{
	const uint8_t *at = map->entries + index * map->stride;
	struct entry entry;
	uint64_t size;
	uint32_t type;

	memcpy(&entry.base, at, sizeof(entry.base));
	memcpy(&size, at + 8, sizeof(size));
	memcpy(&type, at + 16, sizeof(type));

	entry.base = MIN(entry.base, PHYSICAL_END);
	entry.end = entry.base + MIN(size, PHYSICAL_END - entry.base);
	entry.kind = type == E820_RAM            ? REGION_RAM
		     : type == E820_ACPI_RECLAIM ? REGION_ACPI_RECLAIM
						 : REGION_RESERVED;
	return entry;
}

/* The kind that covers `address` (the numbers rise with caution), and the first border above it. */
static int kind_at(const struct memory_map *map, uint64_t address, uint64_t *border)
{
	int kind = NO_KIND;

	*border = PHYSICAL_END;
	for (size_t i = 0; i < map->count; i++) {
		struct entry entry = entry_read(map, i);

		if (entry.base > address)
			*border = MIN(*border, entry.base);
		else if (entry.end > address) {
			*border = MIN(*border, entry.end);
			kind = MAX(kind, entry.kind);
		}
	}
	return kind;
}

/* What is missed least: a reserved region, else the smallest. */
static size_t least_useful(const struct bootinfo *info)
{
	const struct boot_region *regions = info->regions;
	size_t found = 0;

	for (size_t i = 0; i < info->region_count; i++) {
		if (regions[i].kind == REGION_RESERVED)
			return i;
		if (regions[i].size < regions[found].size)
			found = i;
	}
	return found;
}

static void remove_region(struct bootinfo *info, size_t index)
{
	info->region_count--;
	for (size_t i = index; i < info->region_count; i++)
		info->regions[i] = info->regions[i + 1];
}

static uint64_t ram_of(const struct boot_region *region)
{
	return region->kind == REGION_RAM ? region->size : 0;
}

/* Appends a region that lies above all that are there. Returns the bytes of RAM that it cost. */
static uint64_t add_region(struct bootinfo *info, struct boot_region region)
{
	uint64_t lost = 0;

	if (info->region_count == BOOT_REGIONS_MAX) {
		size_t index = least_useful(info);
		const struct boot_region *victim = &info->regions[index];

		if (region.kind == REGION_RESERVED ||
		    (victim->kind != REGION_RESERVED && region.size <= victim->size))
			return ram_of(&region);
		lost = ram_of(victim);
		remove_region(info, index);
	}
	info->regions[info->region_count++] = region;
	return lost;
}

/* The piece of one kind in [start, end), as a region. */
static uint64_t add_piece(struct bootinfo *info, uint64_t start, uint64_t end, int kind)
{
	if (kind == REGION_RAM) {
		start = page_round_up(start);
		end = page_round_down(end);
	}
	if (kind == NO_KIND || start >= end)
		return 0;
	return add_region(info, (struct boot_region){ start, end - start, kind });
}

uint64_t regions_build(const struct memory_map *map, struct bootinfo *info)
{
	uint64_t start = 0, end = 0, border, lost = 0;
	int kind = NO_KIND;

	info->region_count = 0;
	/* [start, end) is the piece of one kind that grows until another kind begins. */
	for (; end < PHYSICAL_END; end = border) {
		int next = kind_at(map, end, &border);

		if (next == kind)
			continue;
		lost += add_piece(info, start, end, kind);
		start = end;
		kind = next;
	}
	return lost + add_piece(info, start, end, kind);
}
