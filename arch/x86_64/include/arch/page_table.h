/*
 * page_table.h -- the four-level page table.
 *
 * A table page has a struct frame with owner FRAME_TABLE, whose `used` counts the entries that are
 * not zero: a table whose count falls to 0 is freed by page_table_prune(), and walks go along
 * entries in use. Table pages come zeroed and go back zeroed to a per-CPU store, and so do roots
 * with the kernel's half in place, so a fork zeroes and copies none of them.
 * All functions: the space that owns the table is locked.
 * Source: Intel SDM volume 3, 4.5 (4-level paging).
 */
#ifndef ARCH_PAGE_TABLE_H
#define ARCH_PAGE_TABLE_H

#include <arch/cpu.h>
#include <arch/layout.h>
#include <facet/counters.h>
#include <facet/frames.h>
#include <facet/types.h>

typedef uint64_t pte_t;

#define PTE_PRESENT (1ull << 0)
#define PTE_WRITE (1ull << 1)
#define PTE_USER (1ull << 2)
#define PTE_WRITE_THROUGH (1ull << 3)
#define PTE_CACHE_DISABLE (1ull << 4)
#define PTE_ACCESSED (1ull << 5)
#define PTE_DIRTY (1ull << 6)
#define PTE_LARGE (1ull << 7)
#define PTE_GLOBAL (1ull << 8)
#define PTE_NX (1ull << 63)
#define PTE_ADDRESS 0x000ffffffffff000ull

/* Of the kernel's pages. Accessed and dirty from the start, so the CPU never writes the entries. */
#define KERNEL_PAGE (PTE_PRESENT | PTE_GLOBAL | PTE_ACCESSED | PTE_DIRTY)
#define KERNEL_PAGE_TEXT KERNEL_PAGE
#define KERNEL_PAGE_RODATA (KERNEL_PAGE | PTE_NX)
#define KERNEL_PAGE_DATA (KERNEL_PAGE | PTE_WRITE | PTE_NX)
#define KERNEL_PAGE_DEVICE (KERNEL_PAGE_DATA | PTE_WRITE_THROUGH | PTE_CACHE_DISABLE)

/*
 * Writes gather in the CPU's buffers and reach the device in bursts, in any order. Bit 3 alone is
 * entry 1 of the PAT, which cpu_init() has set to that.
 */
#define KERNEL_PAGE_WRITE_COMBINING (KERNEL_PAGE_DATA | PTE_WRITE_THROUGH)

/* Levels of tables: 3 is the root, 0 the last, whose entries are pages. */
#define TABLE_ENTRIES 512
#define TABLE_ROOT 3

/*
 * The bytes that an entry of a level stands for, the index of an address in a table of that level,
 * and the first address of the next entry.
 */
#define table_span(level) (1ul << (PAGE_SHIFT + 9 * (level)))
#define table_index(address, level) ((address) >> (PAGE_SHIFT + 9 * (level)) & (TABLE_ENTRIES - 1))
#define table_end(address, level) (((address) & -table_span(level)) + table_span(level))

struct page_table {
	pte_t *root;   /* in the direct map */
	size_t tables; /* pages of tables, root included */
};

static inline paddr_t pte_address(pte_t pte)
{
	return pte & PTE_ADDRESS;
}

/* The table that an entry above the last level points to. */
static inline pte_t *pte_table(pte_t pte)
{
	return phys_to_virt(pte_address(pte));
}

/* The frame of the table that an entry lies in. */
static inline struct frame *pte_frame(const pte_t *entry)
{
	return frame_of_memory(entry);
}

/* A new root with the kernel's half in place. Returns 0 or -ENOMEM. */
int page_table_init(struct page_table *table);

/* Frees the root; no user entry may be left. The table must not be loaded. */
void page_table_destroy(struct page_table *table);

/* The last-level entry of a user address, or NULL where there is no last-level table. */
static inline pte_t *page_table_find(const struct page_table *table, vaddr_t address)
{
	pte_t *entries = table->root;
	pte_t entry;

	for (unsigned level = TABLE_ROOT; level > 0; level--) {
		entry = entries[table_index(address, level)];
		if (unlikely(!entry))
			return NULL;
		entries = pte_table(entry);
	}
	return &entries[table_index(address, 0)];
}

/* Makes what is missing; else as page_table_make(). */
pte_t *page_table_extend(struct page_table *table, vaddr_t address);

/*
 * The same as page_table_find(), with missing tables made. NULL: no memory; then tables may have
 * been made that have no entry in use, until the range is pruned.
 */
static inline pte_t *page_table_make(struct page_table *table, vaddr_t address)
{
	pte_t *entry = page_table_find(table, address);

	return likely(entry) ? entry : page_table_extend(table, address);
}

/*
 * Walks the last-level tables that exist in [*address, end): returns the entry of the first address
 * at or after *address that has a table, sets *address to it and *stop to the end of that table or
 * `end`, whichever comes first. NULL: none left. The next call starts at *stop.
 */
pte_t *page_table_next(const struct page_table *table, vaddr_t *address, vaddr_t end,
		       vaddr_t *stop);

/*
 * Fill, change and empty an entry that page_table_make or _next returned; they keep `used` and
 * flush nothing. A value that is set is not zero. pte_clear returns what was there.
 */
static inline void pte_set(pte_t *entry, pte_t value)
{
	if (*entry == 0)
		pte_frame(entry)->used++;
	*entry = value;
}

static inline pte_t pte_clear(pte_t *entry)
{
	pte_t old = *entry;

	if (old) {
		*entry = 0;
		pte_frame(entry)->used--;
	}
	return old;
}

/*
 * Frees the tables in [start, end) that have no entry in use, and flushes what the CPU remembers of
 * them. After pte_clear over that range.
 */
void page_table_prune(struct page_table *table, vaddr_t start, vaddr_t end);

/* Loads it. Called by space_activate() only. */
static inline void page_table_load(const struct page_table *table)
{
	count_event(COUNT_space_loads);
	write_cr3(virt_to_phys(table->root));
}

/* After entries of the loaded table lost rights: one page, or all user pages. */
static inline void tlb_flush_page(vaddr_t address)
{
	count_event(COUNT_tlb_page_flushes);
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline void tlb_flush_user(void)
{
	count_event(COUNT_tlb_flushes);
	write_cr3(read_cr3()); /* the kernel's pages are global and stay */
}

/* --- the kernel's half --- */

struct bootinfo;

/*
 * At boot, after cpu_init() and on the boot page tables: direct map of all RAM, kernel image with
 * W^X (text RX, rodata R, rest RW NX; also through the direct map), second-level tables of every
 * kernel region, the array of frames. The archive in the image is mapped by the direct map alone.
 */
void kernel_map_init(const struct bootinfo *info);

/* A user root's upper half, to be copied. */
extern pte_t *kernel_root;

/*
 * Maps one page of KERNEL_STACKS or DEVICE; tables are made, and freed with their last page.
 * `flags` is one of KERNEL_PAGE_*. Returns 0 or -ENOMEM. Context: as frame_alloc().
 */
int kernel_map_page(vaddr_t address, paddr_t frame, pte_t flags);
/* Returns the physical address that was mapped there; flushes it. */
paddr_t kernel_unmap_page(vaddr_t address);

/* Maps device registers uncached, for ever. NULL: no memory. Context: boot, after frames_init(). */
void *device_map(paddr_t base, size_t size);
/* The same for a device's memory that is only written to, and in no order: a framebuffer. */
void *device_map_write_combining(paddr_t base, size_t size);

/* Whether a kernel address is mapped: for a backtrace, which must not fault. Takes no lock. */
bool kernel_address_mapped(vaddr_t address);

#endif
