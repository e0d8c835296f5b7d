/*
 * kernel_map.c -- the upper half: built once at boot, and the same in every address space.
 *
 * The boot page tables map 4 GiB everywhere, writable and executable. This builds what replaces
 * them, from early memory: each range with the largest pages that fit. The kernel's text and rodata
 * are read-only in the direct map too, and break up only the large page that they lie in.
 *
 * Afterwards only the regions of stacks and devices change, below their second-level tables, which
 * stay. Their tables count their entries as user tables do; the others never change.
 *
 * Locks: map_lock (RANK_SLAB), not held while a page is allocated.
 */
#include <arch/cpu.h>
#include <arch/layout.h>
#include <arch/page_table.h>
#include <facet/bootinfo.h>
#include <facet/early_memory.h>
#include <facet/errno.h>
#include <facet/panic.h>
#include <facet/spinlock.h>
#include <facet/string.h>

#include "tables.h"

#define BOOT_MAPPED (4ul << 30) /* what the boot page tables reach */
#define LOW_MEMORY_END 0x100000ul

/* The frames of a block of the largest order exist all or not at all: buddy.h. */
#define FRAMES_GRAIN (PAGE_SIZE << FRAME_ORDER_MAX)

#define KERNEL_TABLE (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED)
#define KERNEL_PDPT_LEVEL 2

extern char __kernel_end[], __text_start[], __text_end[];
extern char __rodata_start[], __rodata_end[], __data_start[], __data_end[];
extern char __bss_start[], __boot_bss_start[], __boot_bss_end[];

pte_t *kernel_root;

/* Early memory above this is not mapped yet. */
static paddr_t early_ceiling = BOOT_MAPPED;

static struct spinlock map_lock = SPINLOCK_INIT(RANK_SLAB);
static vaddr_t device_next = DEVICE_BASE;

/* --- boot: ranges, by the largest pages ---------------------------------------------------- */

static pte_t *early_table(void)
{
	pte_t *table = phys_to_virt(early_alloc(PAGE_SIZE, PAGE_SIZE, early_ceiling));

	page_zero(table);
	return table;
}

/* The entry of `address` in a table of `level`, with the tables above it made. */
static pte_t *early_entry(vaddr_t address, unsigned level)
{
	pte_t *table = kernel_root;

	for (unsigned above = TABLE_ROOT; above > level; above--) {
		pte_t *entry = &table[table_index(address, above)];

		if (!*entry)
			*entry = virt_to_phys(early_table()) | KERNEL_TABLE;
		table = pte_table(*entry);
	}
	return &table[table_index(address, level)];
}

static unsigned largest_page(uint64_t address_bits, uint64_t size, unsigned level)
{
	while (level > 0 && (size < table_span(level) || (address_bits & (table_span(level) - 1))))
		level--;
	return level;
}

/* Maps with pages of `level_max` (0: 4 KiB, 1: 2 MiB, 2: 1 GiB) and smaller ones. */
static void early_map(vaddr_t address, paddr_t target, uint64_t size, pte_t flags,
		      unsigned level_max)
{
	while (size > 0) {
		unsigned level = largest_page(address | target, size, level_max);
		uint64_t span = table_span(level);
		pte_t *entry = early_entry(address, level);

		/* a run of pages of one size in one table */
		do {
			*entry++ = target | flags | (level > 0 ? PTE_LARGE : 0);
			address += span;
			target += span;
			size -= span;
		} while (size >= span && table_index(address, level) != 0 &&
			 largest_page(address | target, size, level_max) == level);
	}
}

static void map_direct(paddr_t start, paddr_t end, pte_t flags)
{
	early_map(DIRECT_MAP_BASE + start, start, end - start, flags,
		  cpu_features.gib_pages ? 2 : 1);
}

static void map_image(const char *start, const char *end, pte_t flags)
{
	early_map((vaddr_t)start, kernel_image_phys(start), page_round_up((uint64_t)(end - start)),
		  flags, 0);
}

/* What the direct map must reach: all RAM, the ACPI tables, and what devices have below 4 GiB. */
static paddr_t memory_end(const struct bootinfo *info, paddr_t limit)
{
	paddr_t end = BOOT_MAPPED;

	for (size_t i = 0; i < info->region_count; i++) {
		const struct boot_region *region = &info->regions[i];

		if (region->kind != REGION_RESERVED)
			end = MAX(end, region->base + region->size);
	}
	return MIN(page_round_up(end), limit);
}

/* --- boot: the array of frames ------------------------------------------------------------- */

/* Maps a part of the array, in pieces that lie in one large page each. */
static void map_frames(vaddr_t start, vaddr_t end)
{
	while (start < end) {
		vaddr_t next = MIN(end, table_end(start, 1));
		size_t size = next - start;
		size_t align = size == table_span(1) ? size : PAGE_SIZE;
		paddr_t memory = early_alloc(size, align, early_ceiling);

		early_map(start, memory, size, KERNEL_PAGE_DATA, 1);
		memset((void *)start, 0, size); /* reserved, no references */
		start = next;
	}
}

/* The frames of [start, end), rounded outwards, except those below *mapped_end. */
static void map_frames_of(paddr_t start, paddr_t end, paddr_t limit, paddr_t *mapped_end)
{
	start = MAX(start & ~(FRAMES_GRAIN - 1), *mapped_end);
	end = (MIN(end, limit) + FRAMES_GRAIN - 1) & ~(FRAMES_GRAIN - 1);
	if (start >= end)
		return;
	map_frames((vaddr_t)frame_of(start), (vaddr_t)frame_of(end));
	*mapped_end = end;
}

/* Regions are sorted. Modules lie in RAM. */
static void map_all_frames(const struct bootinfo *info, paddr_t limit)
{
	paddr_t mapped_end = 0;

	for (size_t i = 0; i < info->region_count; i++)
		if (info->regions[i].kind == REGION_RAM)
			map_frames_of(info->regions[i].base,
				      info->regions[i].base + info->regions[i].size, limit,
				      &mapped_end);
}

/* --- boot: the whole ----------------------------------------------------------------------- */

/* The boot tables' entries go too, be they global or not. */
static void load_root(void)
{
	uint64_t cr4 = read_cr4();

	write_cr4(cr4 & ~CR4_PGE);
	write_cr3(virt_to_phys(kernel_root));
	write_cr4(cr4);
}

void kernel_map_init(const struct bootinfo *info)
{
	paddr_t limit = 1ul << cpu_features.physical_bits;
	paddr_t end = memory_end(info, limit);
	paddr_t text = kernel_image_phys(__text_start);
	paddr_t rodata_end = kernel_image_phys(__rodata_end);

	early_memory_init(info, limit);
	early_memory_reserve(0, LOW_MEMORY_END);
	early_memory_reserve(LOW_MEMORY_END, kernel_image_phys(__kernel_end)); /* .boot included */

	kernel_root = early_table();
	map_direct(0, text, KERNEL_PAGE_DATA);
	map_direct(text, rodata_end, KERNEL_PAGE_RODATA);
	map_direct(rodata_end, end, KERNEL_PAGE_DATA);
	map_image(__text_start, __text_end, KERNEL_PAGE_TEXT);
	map_image(__rodata_start, __rodata_end, KERNEL_PAGE_RODATA);
	map_image(__data_start, __data_end, KERNEL_PAGE_DATA);
	map_image(__bss_start, __boot_bss_start, KERNEL_PAGE_DATA);
	early_entry(KERNEL_STACKS_BASE, KERNEL_PDPT_LEVEL);
	early_entry(DEVICE_BASE, KERNEL_PDPT_LEVEL);
	early_entry(FRAMES_BASE, KERNEL_PDPT_LEVEL);
	load_root();

	/* the 32-bit code and its page tables have done their work */
	early_memory_release(LOW_MEMORY_END, text);
	early_memory_release(kernel_image_phys(__boot_bss_start),
			     kernel_image_phys(__boot_bss_end));
	early_ceiling = end;
	map_all_frames(info, limit);
	shrink_register(page_table_shrink);
}

/* --- stacks and devices -------------------------------------------------------------------- */

/*
 * The last-level entry of `address`; a missing table is made of *spare, which then is NULL. NULL: a
 * table is missing and there is no spare. map_lock is held.
 */
static pte_t *kernel_entry(vaddr_t address, struct frame **spare)
{
	pte_t *table = kernel_root;

	for (unsigned level = TABLE_ROOT; level > 0; level--) {
		pte_t *entry = &table[table_index(address, level)];

		if (!*entry) {
			if (!*spare)
				return NULL;
			pte_set(entry, frame_address(*spare) | KERNEL_TABLE);
			*spare = NULL;
		}
		table = pte_table(*entry);
	}
	return &table[table_index(address, 0)];
}

/* Frees the empty tables on the way to `address`, below the second level. map_lock is held. */
static void free_empty_tables(vaddr_t address)
{
	pte_t *path[TABLE_ROOT];
	pte_t *table = kernel_root;
	unsigned level = TABLE_ROOT;

	while (level > 0 && table[table_index(address, level)]) {
		path[level - 1] = &table[table_index(address, level)];
		table = pte_table(*path[level - 1]);
		level--;
	}
	for (; level < KERNEL_PDPT_LEVEL; level++) {
		struct frame *frame = frame_of(pte_address(*path[level]));

		if (frame->used > 0)
			return;
		pte_clear(path[level]);
		tlb_flush_page(address);
		frame_put(frame);
	}
}

int kernel_map_page(vaddr_t address, paddr_t frame, pte_t flags)
{
	struct frame *spare = NULL;
	pte_t *entry;

	for (;;) {
		spin_lock(&map_lock);
		entry = kernel_entry(address, &spare);
		if (entry) {
			assert(*entry == 0);
			pte_set(entry, frame | flags);
		}
		spin_unlock(&map_lock);
		if (entry)
			break;
		spare = frame_alloc_zeroed(FRAME_KERNEL);
		if (!spare) {
			spin_lock(&map_lock);
			free_empty_tables(address);
			spin_unlock(&map_lock);
			return -ENOMEM;
		}
	}
	if (spare)
		frame_put(spare);
	return 0;
}

paddr_t kernel_unmap_page(vaddr_t address)
{
	struct frame *none = NULL;
	pte_t *entry, old;

	spin_lock(&map_lock);
	entry = kernel_entry(address, &none);
	assert(entry && *entry);
	old = pte_clear(entry);
	tlb_flush_page(address);
	if (pte_frame(entry)->used == 0)
		free_empty_tables(address);
	spin_unlock(&map_lock);
	return pte_address(old);
}

static void *map_device(paddr_t base, size_t size, pte_t flags)
{
	paddr_t first = page_round_down(base);
	size_t pages = (page_round_up(base + size) - first) >> PAGE_SHIFT;
	vaddr_t start = device_next;

	if (pages > (DEVICE_END - device_next) >> PAGE_SHIFT)
		return NULL;
	for (size_t offset = 0; offset < pages << PAGE_SHIFT; offset += PAGE_SIZE)
		if (kernel_map_page(start + offset, first + offset, flags))
			return NULL;
	device_next = start + pages * PAGE_SIZE;
	return (void *)(start + (base - first));
}

void *device_map(paddr_t base, size_t size)
{
	return map_device(base, size, KERNEL_PAGE_DEVICE);
}

void *device_map_write_combining(paddr_t base, size_t size)
{
	return map_device(base, size, KERNEL_PAGE_WRITE_COMBINING);
}

bool kernel_address_mapped(vaddr_t address)
{
	const pte_t *table = kernel_root;
	pte_t entry;

	if (!table || address < DIRECT_MAP_BASE)
		return false;
	for (unsigned level = TABLE_ROOT;; level--) {
		entry = table[table_index(address, level)];
		if (!(entry & PTE_PRESENT))
			return false;
		if (level == 0 || entry & PTE_LARGE)
			return true;
		table = pte_table(entry);
	}
}
