/*
 * page_table.c -- user page tables: made on the way down, freed on the way up.
 *
 * Tables are emptied entry by entry before they are freed, so a freed table is a page of zeros, and
 * the per-CPU store keeps it as that. Roots are kept apart, with the kernel's half in place, which
 * is the same in all of them for ever.
 *
 * Locks: the space that owns a table guards it; the store is guarded by preemption being off.
 */
#include <arch/page_table.h>
#include <arch/percpu.h>
#include <facet/errno.h>
#include <facet/panic.h>
#include <facet/string.h>

#include "tables.h"

#define TABLES_MAX 64
#define ROOTS_MAX 16

#define USER_ENTRIES (TABLE_ENTRIES / 2) /* of a root */

/* Accessed from the start, so the CPU never writes an entry above the last level. */
#define TABLE_ENTRY (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED)

struct table_store {
	size_t table_count, root_count;
	pte_t *tables[TABLES_MAX]; /* zeros */
	pte_t *roots[ROOTS_MAX];   /* zeros and the kernel's half */
};

static PER_CPU(struct table_store, store);

/* A page of zeros, `used` 0. NULL: no memory. */
static pte_t *table_alloc(void)
{
	struct table_store *here;
	struct frame *frame;
	pte_t *table = NULL;

	preempt_disable();
	here = this_cpu(store);
	if (likely(here->table_count > 0))
		table = here->tables[--here->table_count];
	preempt_enable();
	if (likely(table))
		return table;
	frame = frame_alloc_zeroed(FRAME_TABLE);
	return frame ? frame_memory(frame) : NULL;
}

static void table_free(pte_t *table)
{
	struct table_store *here;

	preempt_disable();
	here = this_cpu(store);
	if (likely(here->table_count < TABLES_MAX)) {
		here->tables[here->table_count++] = table;
		table = NULL;
	}
	preempt_enable();
	if (table)
		frame_put(pte_frame(table));
}

int page_table_init(struct page_table *table)
{
	struct table_store *here;
	pte_t *root = NULL;

	preempt_disable();
	here = this_cpu(store);
	if (likely(here->root_count > 0))
		root = here->roots[--here->root_count];
	preempt_enable();
	if (!root) {
		root = table_alloc();
		if (!root)
			return -ENOMEM;
		memcpy(root + USER_ENTRIES, kernel_root + USER_ENTRIES,
		       USER_ENTRIES * sizeof(*root));
	}
	table->root = root;
	table->tables = 1;
	return 0;
}

void page_table_destroy(struct page_table *table)
{
	struct table_store *here;
	pte_t *root = table->root;

	assert(pte_frame(root)->used == 0);
	table->root = NULL;
	table->tables = 0;
	preempt_disable();
	here = this_cpu(store);
	if (likely(here->root_count < ROOTS_MAX)) {
		here->roots[here->root_count++] = root;
		root = NULL;
	}
	preempt_enable();
	if (root)
		frame_put(pte_frame(root));
}

pte_t *page_table_extend(struct page_table *table, vaddr_t address)
{
	pte_t *entries = table->root;

	for (unsigned level = TABLE_ROOT; level > 0; level--) {
		pte_t *entry = &entries[table_index(address, level)];

		if (*entry) {
			entries = pte_table(*entry);
			continue;
		}
		entries = table_alloc();
		if (!entries)
			return NULL;
		pte_set(entry, virt_to_phys(entries) | TABLE_ENTRY);
		table->tables++;
	}
	return &entries[table_index(address, 0)];
}

/*
 * Goes down towards `at`. Where an entry is missing, `at` moves to the next entry that is not, and
 * the way down starts anew when it left the table.
 */
static pte_t *find_next(const struct page_table *table, vaddr_t *address, vaddr_t end)
{
	vaddr_t at = *address;

again:
	while (at < end) {
		pte_t *entries = table->root;

		for (unsigned level = TABLE_ROOT; level > 0; level--) {
			size_t index = table_index(at, level);

			while (!entries[index]) {
				at = table_end(at, level);
				if (at >= end || ++index == TABLE_ENTRIES)
					goto again;
			}
			entries = pte_table(entries[index]);
		}
		*address = at;
		return &entries[table_index(at, 0)];
	}
	return NULL;
}

pte_t *page_table_next(const struct page_table *table, vaddr_t *address, vaddr_t end, vaddr_t *stop)
{
	pte_t *entry;

	if (*address >= end)
		return NULL;
	entry = page_table_find(table, *address);
	if (unlikely(!entry)) {
		entry = find_next(table, address, end);
		if (!entry)
			return NULL;
	}
	*stop = MIN(end, table_end(*address, 1));
	return entry;
}

/*
 * Any invlpg forgets all entries above the last level that the CPU remembers (Intel SDM volume 3,
 * 4.10.4.1). It comes before the table can be anybody else's page: another thread of the space may
 * run next, without a load of its root.
 */
static void forget_table(const struct page_table *table, vaddr_t address)
{
	if (read_cr3() == virt_to_phys(table->root))
		tlb_flush_page(address);
}

/*
 * Goes down to the lowest table of `address`, and up again, freeing tables as long as they are
 * empty. Returns the level of the lowest one left.
 */
static unsigned prune_at(struct page_table *table, vaddr_t address)
{
	pte_t *path[TABLE_ROOT]; /* the entry that points to the table of a level */
	pte_t *entries = table->root;
	unsigned level;

	for (level = TABLE_ROOT; level > 0; level--) {
		pte_t *entry = &entries[table_index(address, level)];

		if (!*entry)
			break;
		path[level - 1] = entry;
		entries = pte_table(*entry);
	}
	for (; level < TABLE_ROOT; level++) {
		entries = pte_table(*path[level]);
		if (pte_frame(entries)->used > 0)
			break;
		pte_clear(path[level]);
		forget_table(table, address);
		table_free(entries);
		table->tables--;
	}
	return level;
}

void page_table_prune(struct page_table *table, vaddr_t start, vaddr_t end)
{
	for (vaddr_t at = start; at < end;) {
		unsigned level = prune_at(table, at);

		at = table_end(at, MAX(level, 1));
	}
}

void page_table_shrink(void)
{
	struct table_store *here;

	preempt_disable();
	here = this_cpu(store);
	while (here->table_count > 0)
		frame_put(pte_frame(here->tables[--here->table_count]));
	while (here->root_count > 0)
		frame_put(pte_frame(here->roots[--here->root_count]));
	preempt_enable();
}
