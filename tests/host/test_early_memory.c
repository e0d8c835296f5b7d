// sources: mm/early_memory.c
// flags: -Itests/host/kernel -Iarch/x86_64/include -DCONFIG_HZ=100
// Early memory against an array of pages.
#include "tap.h"

#include <facet/early_memory.h>
#include <facet/panic.h>

#include <stdlib.h>
#include <string.h>

#define PAGES 8192ul /* 32 MiB */

static bool is_free[PAGES];

noreturn void panic(const char *format, ...)
{
	printf("# panic: %s\n", format);
	abort();
}

static void set(paddr_t start, paddr_t end, bool value)
{
	for (size_t page = start / PAGE_SIZE; page < end / PAGE_SIZE && page < PAGES; page++)
		is_free[page] = value;
}

/* The highest place for an allocation, or 0. */
static paddr_t model_place(size_t size, size_t align, paddr_t ceiling)
{
	paddr_t place = (MIN(ceiling, PAGES * PAGE_SIZE) - size) & -align;

	for (; place; place -= align) {
		size_t page = place / PAGE_SIZE;

		while (page < (place + size) / PAGE_SIZE && is_free[page])
			page++;
		if (page == (place + size) / PAGE_SIZE)
			return place;
	}
	return 0;
}

static void random_map(struct bootinfo *info)
{
	paddr_t at = 0;

	memset(info, 0, sizeof(*info));
	memset(is_free, 0, sizeof(is_free));
	while (info->region_count < 20) {
		struct boot_region *region = &info->regions[info->region_count++];

		region->base = at + (1 + tap_below(20)) * PAGE_SIZE;
		region->size = (1 + tap_below(700)) * PAGE_SIZE;
		region->kind = tap_below(5) ? REGION_RAM : REGION_ACPI_RECLAIM;
		if (region->kind == REGION_RAM)
			set(region->base, region->base + region->size, true);
		at = region->base + region->size;
	}
	for (size_t i = 0; i < 3; i++) {
		struct boot_module *module = &info->modules[info->module_count++];
		paddr_t end;

		module->base = tap_below(PAGES) * PAGE_SIZE + tap_below(2) * 100;
		module->size = tap_below(1000000);
		end = module->base + module->size;
		set(page_round_down(module->base), page_round_up(end), false);
	}
}

TEST(allocations_are_free_memory_and_the_highest)
{
	static struct bootinfo info;

	for (int round = 0; round < 200; round++) {
		paddr_t start, end;

		random_map(&info);
		early_memory_init(&info, PAGES * PAGE_SIZE);
		early_memory_reserve(0, 0x100000);
		set(0, 0x100000, false);
		for (int i = 0; i < 100; i++) {
			size_t size = (1 + tap_below(tap_below(10) ? 3 : 512)) * PAGE_SIZE;
			size_t align = tap_below(20) ? PAGE_SIZE : 512 * PAGE_SIZE;
			paddr_t ceiling = (PAGES / 2 + tap_below(PAGES)) * PAGE_SIZE;
			paddr_t expected = model_place(size, align, ceiling);

			if (!expected)
				continue;
			start = early_alloc(size, align, ceiling);
			CHECK(start == expected);
			set(start, start + size, false);
		}
		while (early_memory_take(&start, &end))
			for (; start < end; start += PAGE_SIZE)
				if (CHECK(is_free[start / PAGE_SIZE]))
					is_free[start / PAGE_SIZE] = false;
		for (size_t page = 0; page < PAGES; page++)
			CHECK(!is_free[page]); /* all of it came back */
	}
}

TEST(memory_above_the_limit_is_not_used)
{
	static struct bootinfo info = {
		.region_count = 2,
		.regions = {
			{ 0x100000, 0x700000, REGION_RAM },
			{ 0x900000, 0x100000, REGION_RAM },
		},
	};
	paddr_t start, end;

	early_memory_init(&info, 0x400000);
	CHECK(early_memory_take(&start, &end) && start == 0x100000 && end == 0x400000);
	CHECK(!early_memory_take(&start, &end));
}
