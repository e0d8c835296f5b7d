// sources: arch/x86_64/boot/bootinfo.c arch/x86_64/boot/regions.c
// sources: arch/x86_64/boot/multiboot2.c arch/x86_64/boot/pvh.c
// flags: -Iarch/x86_64/include -Iarch/x86_64/boot
// Loaders' tables: whole ones, and damaged ones, which may be refused but never read beyond.
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#include "tables.h"

#define FUZZ_ROUNDS 20000

#define RAM 1
#define RESERVED 2
#define ACPI 3

/* The loader's memory: WINDOW_SIZE bytes at WINDOW, on the heap so that ASan sees its ends. */
#define WINDOW 0x10000u
#define WINDOW_SIZE 8192u

static uint8_t *window;
static size_t used;

static struct bootinfo info;

const void *table_map(paddr_t base, size_t size)
{
	if (base < WINDOW || base > WINDOW + WINDOW_SIZE || size > WINDOW + WINDOW_SIZE - base)
		return NULL;
	return window + (base - WINDOW);
}

static void start_tables(void)
{
	free(window);
	window = calloc(1, WINDOW_SIZE);
	used = 0;
	memset(&info, 0, sizeof(info));
}

static uint64_t put(const void *bytes, size_t size)
{
	uint64_t at = WINDOW + used;

	memcpy(window + used, bytes, size);
	used += size;
	return at;
}

static void align(size_t to)
{
	used = (used + to - 1) / to * to;
}

/* --- regions --- */

struct entry {
	uint64_t base, size;
	uint32_t type, padding;
};

static uint64_t sweep(const struct entry *entries, size_t count)
{
	struct memory_map map = { (const uint8_t *)entries, count, sizeof(*entries) };

	memset(&info, 0, sizeof(info));
	return regions_build(&map, &info);
}

static bool region_is(size_t index, uint64_t base, uint64_t end, enum boot_region_kind kind)
{
	const struct boot_region *region = &info.regions[index];

	return index < info.region_count && region->kind == kind && region->base == base &&
	       region->base + region->size == end;
}

TEST(regions_are_sorted_and_merged)
{
	const struct entry map[] = {
		{ 0x200000, 0x100000, RAM, 0 }, { 0x100000, 0x100000, RAM, 0 },
		{ 0, 0x9f000, RAM, 0 },         { 0x300000, 0x1000, ACPI, 0 },
		{ 0x301000, 0, RAM, 0 },
	};

	CHECK(sweep(map, 5) == 0);
	CHECK(info.region_count == 3);
	CHECK(region_is(0, 0, 0x9f000, REGION_RAM));
	CHECK(region_is(1, 0x100000, 0x300000, REGION_RAM));
	CHECK(region_is(2, 0x300000, 0x301000, REGION_ACPI_RECLAIM));
}

TEST(regions_reserved_wins_over_ram)
{
	const struct entry map[] = {
		{ 0x100000, 0x400000, RAM, 0 },
		{ 0x200000, 0x1000, RESERVED, 0 },
		{ 0x300800, 0x100, 77, 0 },
		{ 0x200000, 0x100000, RAM, 0 },
	};

	sweep(map, 4);
	CHECK(region_is(0, 0x100000, 0x200000, REGION_RAM));
	CHECK(region_is(1, 0x200000, 0x201000, REGION_RESERVED));
	CHECK(region_is(2, 0x201000, 0x300000, REGION_RAM));
	CHECK(region_is(3, 0x300800, 0x300900, REGION_RESERVED));
	CHECK(region_is(4, 0x301000, 0x500000, REGION_RAM));
}

TEST(regions_ram_is_cut_to_whole_pages)
{
	const struct entry map[] = {
		{ 0x100001, 0x2ffe, RAM, 0 },
		{ 0x200001, 0xffe, RAM, 0 },
	};

	sweep(map, 2);
	CHECK(info.region_count == 1);
	CHECK(region_is(0, 0x101000, 0x102000, REGION_RAM));
}

TEST(regions_entries_that_wrap_end_with_memory)
{
	const struct entry map[] = {
		{ 0x100000, UINT64_MAX, RAM, 0 },
		{ UINT64_MAX - 10, UINT64_MAX, RAM, 0 },
	};

	sweep(map, 2);
	CHECK(info.region_count == 1);
	CHECK(region_is(0, 0x100000, 1ull << 46, REGION_RAM));
}

/* Too many pieces: reserved ones go first, then the smallest. */
TEST(regions_too_many_lose_the_smallest)
{
	static struct entry map[2 * BOOT_REGIONS_MAX + 10];
	size_t pieces = BOOT_REGIONS_MAX + 5;
	uint64_t lost;

	for (size_t i = 0; i < pieces; i++) {
		map[2 * i] = (struct entry){ i << 24, (i + 1) << 12, RAM, 0 };
		map[2 * i + 1] = (struct entry){ (i << 24) + 0x800000, 0x1000, RESERVED, 0 };
	}
	lost = sweep(map, 2 * pieces);
	CHECK(info.region_count == BOOT_REGIONS_MAX);
	CHECK(lost == (1 + 2 + 3 + 4 + 5) * 4096);
	for (size_t i = 0; i < info.region_count; i++)
		CHECK(info.regions[i].kind == REGION_RAM && info.regions[i].base == (i + 5) << 24);
}

/* What an address is, by looking at all entries. */
static int truth(const struct entry *map, size_t count, uint64_t address)
{
	int kind = -1;

	for (size_t i = 0; i < count; i++) {
		int says = map[i].type == RAM    ? REGION_RAM
			   : map[i].type == ACPI ? REGION_ACPI_RECLAIM
						 : REGION_RESERVED;

		if (address >= map[i].base && address - map[i].base < map[i].size)
			kind = says > kind ? says : kind;
	}
	return kind;
}

TEST(regions_of_random_maps_are_what_entries_say)
{
	for (int round = 0; round < 500; round++) {
		struct entry map[12];
		size_t count = 1 + tap_below(12);

		for (size_t i = 0; i < count; i++)
			map[i] = (struct entry){ tap_below(64) * 1024, tap_below(32) * 1024,
						 1 + tap_below(4), 0 };
		sweep(map, count);
		for (size_t i = 0; i < info.region_count; i++) {
			const struct boot_region *region = &info.regions[i];

			CHECK(region->size > 0);
			CHECK(i == 0 || region[-1].base + region[-1].size <= region->base);
			for (uint64_t at = 0; at < region->size; at += 1024)
				CHECK(truth(map, count, region->base + at) == (int)region->kind);
		}
	}
}

/* --- the command line --- */

TEST(cmdline_is_appended_and_cut)
{
	static char long_line[2 * BOOT_CMDLINE_MAX];

	memset(&info, 0, sizeof(info));
	cmdline_append(&info, "", 10);
	cmdline_append(&info, "quiet", 6);
	cmdline_append(&info, "init=/bin/sh", 5);
	CHECK(strcmp(info.cmdline, "quiet init=") == 0);
	memset(long_line, 'x', sizeof(long_line));
	cmdline_append(&info, long_line, sizeof(long_line));
	cmdline_append(&info, "y", 2);
	CHECK(strlen(info.cmdline) == BOOT_CMDLINE_MAX - 1);
}

/* --- Multiboot2 --- */

static void put_tag(uint32_t type, const void *payload, uint32_t size)
{
	uint32_t header[2] = { type, size + 8 };

	align(8);
	put(header, sizeof(header));
	put(payload, size);
}

static void finish_multiboot2(void)
{
	uint32_t total;

	put_tag(0, "", 0);
	total = (uint32_t)used;
	memcpy(window, &total, sizeof(total));
}

/* What GRUB passes on a PC, more or less. */
static void make_multiboot2(void)
{
	const struct {
		uint32_t entry_size, version;
		struct entry entries[3];
	} map = { 24,
		  0,
		  { { 0, 0x9f000, RAM, 0 },
		    { 0x100000, 0x7f00000, RAM, 0 },
		    { 0x7fe0000, 0x20000, RESERVED, 0 } } };
	const uint32_t module[3] = { 0x800000, 0x812345, 0 };

	start_tables();
	used = 8;
	put_tag(1, "console=ttyS0 quiet", 20);
	put_tag(3, module, sizeof(module));
	put_tag(6, &map, sizeof(map));
	put_tag(14, "RSD PTR old.........", 20);
	put_tag(15, "RSD PTR new.........................", 36);
	put_tag(14, "RSD PTR old.........", 20);
}

TEST(multiboot2_is_read)
{
	make_multiboot2();
	finish_multiboot2();
	CHECK(multiboot2_parse(WINDOW, &info) == NULL);
	CHECK(strcmp(info.protocol, "multiboot2") == 0);
	CHECK(strcmp(info.cmdline, "console=ttyS0 quiet") == 0);
	CHECK(info.module_count == 1 && info.modules[0].base == 0x800000);
	CHECK(info.modules[0].size == 0x12345);
	CHECK(info.region_count == 3 && region_is(1, 0x100000, 0x7fe0000, REGION_RAM));
	CHECK(info.acpi_rsdp != 0);
	CHECK(info.console == BOOT_CONSOLE_TEXT);
}

TEST(multiboot2_screens_are_told_apart)
{
	struct {
		uint64_t base;
		uint32_t pitch, width, height;
		uint8_t bits, type, reserved[2], colors[6];
	} screen = { 0xe0000000, 4096, 1024, 768, 32, 1, { 0 }, { 16, 8, 8, 8, 0, 8 } };

	make_multiboot2();
	put_tag(8, &screen, 30);
	finish_multiboot2();
	CHECK(multiboot2_parse(WINDOW, &info) == NULL);
	CHECK(info.console == BOOT_CONSOLE_FRAMEBUFFER && info.framebuffer.width == 1024);
	CHECK(info.framebuffer.base == 0xe0000000 && info.framebuffer.red_shift == 16);

	screen.type = 2;
	make_multiboot2();
	put_tag(8, &screen, 24);
	finish_multiboot2();
	multiboot2_parse(WINDOW, &info);
	CHECK(info.console == BOOT_CONSOLE_TEXT);

	make_multiboot2();
	put_tag(12, "pointer", 8);
	finish_multiboot2();
	multiboot2_parse(WINDOW, &info);
	CHECK(info.console == BOOT_CONSOLE_NONE);
}

TEST(multiboot2_without_memory_map_is_refused)
{
	start_tables();
	used = 8;
	put_tag(1, "x", 2);
	finish_multiboot2();
	CHECK(multiboot2_parse(WINDOW, &info) != NULL);
	CHECK(multiboot2_parse(0, &info) != NULL);
	CHECK(multiboot2_parse(WINDOW + WINDOW_SIZE - 4, &info) != NULL);
}

/* The window is cut to what the tables claim to be, so that ASan sees a read behind them. */
static void damage_and_parse(const char *(*parse)(paddr_t, struct bootinfo *))
{
	for (uint64_t i = 1 + tap_below(8); i--;)
		window[tap_below(used)] = (uint8_t)tap_random();
	memset(&info, 0, sizeof(info));
	parse(WINDOW, &info);
	CHECK(info.region_count <= BOOT_REGIONS_MAX && info.module_count <= BOOT_MODULES_MAX);
	CHECK(memchr(info.cmdline, '\0', sizeof(info.cmdline)) != NULL);
}

TEST(multiboot2_damaged_tables_are_survived)
{
	for (int round = 0; round < FUZZ_ROUNDS; round++) {
		make_multiboot2();
		finish_multiboot2();
		damage_and_parse(multiboot2_parse);
	}
}

/* --- PVH --- */

static void make_pvh(uint32_t version)
{
	const struct entry map[] = { { 0, 0x9f000, RAM, 0 }, { 0x100000, 0x700000, RAM, 0 } };
	uint64_t module[4] = { 0x700000, 0x1234, 0, 0 };
	struct {
		uint32_t magic, version, flags, module_count;
		uint64_t modules, cmdline, rsdp, map;
		uint32_t map_count, reserved;
	} start = { PVH_BOOT_MAGIC, version, 0, 1, 0, 0, 0xf59d0, 0, 2, 0 };

	start_tables();
	used = sizeof(start);
	start.modules = put(module, sizeof(module));
	start.map = put(map, sizeof(map));
	start.cmdline = put("init=/bin/testrun", 18);
	memcpy(window, &start, sizeof(start));
}

TEST(pvh_is_read)
{
	make_pvh(1);
	CHECK(pvh_parse(WINDOW, &info) == NULL);
	CHECK(strcmp(info.protocol, "pvh") == 0);
	CHECK(strcmp(info.cmdline, "init=/bin/testrun") == 0);
	CHECK(info.module_count == 1 && info.modules[0].base == 0x700000);
	CHECK(info.acpi_rsdp == 0xf59d0);
	CHECK(info.region_count == 2 && region_is(1, 0x100000, 0x800000, REGION_RAM));
	make_pvh(0);
	CHECK(pvh_parse(WINDOW, &info) != NULL);
}

TEST(pvh_damaged_tables_are_survived)
{
	for (int round = 0; round < FUZZ_ROUNDS; round++) {
		make_pvh(1);
		damage_and_parse(pvh_parse);
	}
}
