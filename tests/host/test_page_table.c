// sources: arch/x86_64/mm/page_table.c mm/frames.c mm/buddy.c mm/early_memory.c
// flags: -Itests/host/kernel -Iarch/x86_64/include -DCONFIG_HZ=100 -DCONFIG_DEBUG_CHECKS=1
// User page tables against a list of addresses.
#include "tap.h"
#include "machine.h"

#include <arch/page_table.h>

#include "../../arch/x86_64/mm/tables.h"

#define PAGES 2000

static struct page_table table;
static pte_t fake_kernel_root[TABLE_ENTRIES];
pte_t *kernel_root = fake_kernel_root;

static vaddr_t addresses[PAGES];
static size_t free_before;

static pte_t value_of(vaddr_t address)
{
	return (address << 1 & PTE_ADDRESS) | PTE_PRESENT;
}

static void fresh(void)
{
	if (!zero_frame) {
		machine_boot();
		shrink_register(page_table_shrink);
		for (size_t i = 256; i < TABLE_ENTRIES; i++)
			fake_kernel_root[i] = i;
	}
	frames_drain();
	free_before = frames_free_count();
	CHECK(page_table_init(&table) == 0);
}

static void finished(void)
{
	CHECK(table.tables == 1);
	for (size_t i = 0; i < TABLE_ENTRIES; i++)
		CHECK(table.root[i] == fake_kernel_root[i]);
	page_table_destroy(&table);
	frames_drain();
	CHECK(frames_free_count() == free_before);
}

/* Near others, on the edges of tables, or anywhere. */
static vaddr_t random_address(void)
{
	static const vaddr_t places[] = {
		0x400000,       0x3fffe000,     0x7fffffd000,
		0x7fffffe00000, 0x555555554000, USER_END - 0x40000,
	};

	if (tap_below(5) == 0)
		return tap_below(USER_END) & PAGE_MASK;
	return places[tap_below(ARRAY_SIZE(places))] + tap_below(60) * PAGE_SIZE;
}

static int compare(const void *left, const void *right)
{
	vaddr_t a = *(const vaddr_t *)left, b = *(const vaddr_t *)right;

	return a < b ? -1 : a > b;
}

static size_t fill(size_t count)
{
	size_t unique = 0;

	for (size_t i = 0; i < count; i++) {
		pte_t *entry;

		addresses[i] = random_address();
		entry = page_table_make(&table, addresses[i]);
		if (!CHECK(entry))
			return i;
		pte_set(entry, value_of(addresses[i]));
		CHECK(page_table_find(&table, addresses[i]) == entry);
	}
	qsort(addresses, count, sizeof(addresses[0]), compare);
	for (size_t i = 0; i < count; i++)
		if (unique == 0 || addresses[i] != addresses[unique - 1])
			addresses[unique++] = addresses[i];
	return unique;
}

/* Clears [start, end) along the tables that exist. Returns how many entries were in use. */
static size_t clear(vaddr_t start, vaddr_t end)
{
	vaddr_t at = start, stop;
	size_t found = 0;
	pte_t *entry;

	for (; (entry = page_table_next(&table, &at, end, &stop)); at = stop) {
		CHECK(at >= start && at < stop && stop <= end);
		for (vaddr_t page = at; page < stop; page += PAGE_SIZE, entry++) {
			pte_t old = pte_clear(entry);

			CHECK(old == 0 || old == value_of(page));
			found += old != 0;
		}
	}
	return found;
}

TEST(a_walk_finds_every_entry_and_pruning_frees_every_table)
{
	for (int round = 0; round < 20; round++) {
		size_t count;

		fresh();
		count = fill(1 + tap_below(300));
		CHECK(clear(0, USER_END) == count);
		page_table_prune(&table, 0, USER_END);
		finished();
	}
}

TEST(parts_are_cleared_and_pruned_alone)
{
	for (int round = 0; round < 20; round++) {
		size_t count, cleared = 0;

		fresh();
		count = fill(300);
		for (int part = 0; part < 50; part++) {
			vaddr_t start = random_address();
			size_t pages = tap_below(4) ? 1 + tap_below(80) : tap_below(1ul << 27);
			vaddr_t end = MIN(start + pages * PAGE_SIZE, USER_END);

			if (start >= end)
				continue;
			cleared += clear(start, end);
			page_table_prune(&table, start, end);
			for (size_t i = 0; i < count; i++) {
				pte_t *entry = page_table_find(&table, addresses[i]);

				if (addresses[i] >= start && addresses[i] < end)
					CHECK(!entry || *entry == 0);
				else if (entry && *entry)
					CHECK(*entry == value_of(addresses[i]));
			}
		}
		CHECK(clear(0, USER_END) == count - cleared);
		page_table_prune(&table, 0, USER_END);
		finished();
	}
}

TEST(tables_without_entries_are_pruned_too)
{
	fresh();
	CHECK(page_table_make(&table, 0x400000) && page_table_make(&table, USER_END - PAGE_SIZE));
	CHECK(table.tables == 7);
	page_table_prune(&table, 0x400000, 0x401000);
	CHECK(table.tables == 4);
	page_table_prune(&table, USER_END - PAGE_SIZE, USER_END);
	finished();
}

TEST(no_memory_leaves_what_pruning_frees)
{
	static struct frame *taken[MACHINE_PAGES];
	size_t count = 0;

	fresh();
	while ((taken[count] = frame_alloc(FRAME_KERNEL)))
		count++;
	frame_put(taken[--count]);
	frame_put(taken[--count]);
	CHECK(!page_table_make(&table, 0x400000));
	CHECK(table.tables == 3 && frames_free_count() == 0);
	page_table_prune(&table, 0x400000, 0x401000);
	CHECK(table.tables == 1);
	while (count > 0)
		frame_put(taken[--count]);
	finished();
}
