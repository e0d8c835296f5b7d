/*
 * page_table.h -- the four-level page table.
 *
 * A table page has a struct frame with owner FRAME_TABLE, whose `used` counts the entries in use: a table
 * whose count falls to 0 is freed, and walks go along entries in use. Table pages come zeroed and go back
 * zeroed to a per-CPU store, so a fork does not zero them again.
 * All functions: the space that owns the table is locked.
 * Source: Intel SDM volume 3, 4.5 (4-level paging).
 */
#ifndef ARCH_PAGE_TABLE_H
#define ARCH_PAGE_TABLE_H

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

struct page_table {
	pte_t *root;			/* in the direct map */
	size_t tables;			/* pages of tables, root included */
};

static inline paddr_t pte_address(pte_t pte)
{
	return pte & PTE_ADDRESS;
}

/* A new root with the kernel's half in place. Returns 0 or -ENOMEM. */
int page_table_init(struct page_table *table);

/* Frees the root; no user entry may be left. The table must not be loaded. */
void page_table_destroy(struct page_table *table);

/* The last-level entry of a user address, or NULL where there is no last-level table. */
pte_t *page_table_find(const struct page_table *table, vaddr_t address);

/* The same, with missing tables made. NULL: no memory. */
pte_t *page_table_make(struct page_table *table, vaddr_t address);

/*
 * Walks the last-level tables that exist in [*address, end): returns the entry of the first address at or
 * after *address that has a table, sets *address to it and *stop to the end of that table or `end`,
 * whichever comes first. NULL: none left. The next call starts at *stop.
 */
pte_t *page_table_next(const struct page_table *table, vaddr_t *address, vaddr_t end, vaddr_t *stop);

/*
 * Fill, change and empty an entry that page_table_make or _next returned; they keep `used` and flush
 * nothing. pte_clear returns what was there.
 */
void pte_set(pte_t *entry, pte_t value);
pte_t pte_clear(pte_t *entry);

/* Frees the tables in [start, end) that have no entry in use. After pte_clear over that range. */
void page_table_prune(struct page_table *table, vaddr_t start, vaddr_t end);

/* Loads it. Called by space_activate() only. */
void page_table_load(const struct page_table *table);

/* After entries of the loaded table lost rights: one page, or all user pages. */
void tlb_flush_page(vaddr_t address);
void tlb_flush_user(void);

/* --- the kernel's half --- */

/*
 * At boot: direct map of all RAM, kernel image with W^X (text RX, rodata R, rest RW NX; also through the
 * direct map), second-level tables of every kernel region, the array of frames.
 */
struct bootinfo;
void kernel_map_init(const struct bootinfo *info);

/* Maps one page of a kernel region whose upper tables exist. Returns 0 or -ENOMEM. */
int kernel_map_page(vaddr_t address, paddr_t frame, pte_t flags);
/* Returns the physical address that was mapped there; flushes it. */
paddr_t kernel_unmap_page(vaddr_t address);

/* Maps device registers, uncached, for ever. NULL: no memory. Context: boot. */
void *device_map(paddr_t base, size_t size);

/* Whether a kernel address is mapped: for panic's backtrace, which must not fault. Takes no lock. */
bool kernel_address_mapped(vaddr_t address);

#endif
