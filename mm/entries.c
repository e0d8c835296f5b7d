/*
 * Page-table entries in bulk: emptying a range, and taking rights off it.
 *
 * Pages are collected in batches: entries are emptied, translations flushed, and only then are the
 * pages dropped, so that no CPU writes to a page that has a new owner. Context: the space locked.
 */
#include "mm_private.h"

#define BATCH_PAGES 32
#define FLUSH_ALL_ABOVE 8 /* pages: one reload of CR3 is cheaper than so many invlpg */

struct batch {
	unsigned count;
	struct {
		vaddr_t address;
		struct frame *frame;
	} pages[BATCH_PAGES];
};

static void batch_flush(struct batch *batch)
{
	if (batch->count > FLUSH_ALL_ABOVE) {
		tlb_flush_user();
		return;
	}
	for (unsigned i = 0; i < batch->count; i++)
		tlb_flush_page(batch->pages[i].address);
}

static void batch_release(struct batch *batch, bool loaded)
{
	if (loaded)
		batch_flush(batch);
	for (unsigned i = 0; i < batch->count; i++)
		frame_put(batch->pages[i].frame);
	batch->count = 0;
}

static inline __attribute__((always_inline)) void clear(struct space *space, vaddr_t start,
							vaddr_t end, bool loaded, bool cached_only)
{
	struct batch batch;
	vaddr_t address = start, stop;
	pte_t *entry;

	batch.count = 0;
	space->peak_pages = space_peak(space);
	while ((entry = page_table_next(&space->table, &address, end, &stop))) {
		for (; address < stop; address += PAGE_SIZE, entry++) {
			struct frame *frame;

			if (!*entry)
				continue;
			frame = frame_of(pte_address(*entry));
			if (cached_only && frame->owner != FRAME_CACHE)
				continue;
			pte_clear(entry);
			space_account(space, frame, -1);
			batch.pages[batch.count].address = address;
			batch.pages[batch.count].frame = frame;
			if (++batch.count == BATCH_PAGES)
				batch_release(&batch, loaded);
		}
	}
	batch_release(&batch, loaded);
	page_table_prune(&space->table, start, end);
}

void entries_clear(struct space *space, vaddr_t start, vaddr_t end, bool loaded)
{
	clear(space, start, end, loaded, false);
}

void entries_clear_cached(struct space *space, vaddr_t start, vaddr_t end)
{
	clear(space, start, end, true, true);
}

void entries_protect(struct space *space, const struct area *area)
{
	const pte_t managed = PTE_PRESENT | PTE_NX;
	vaddr_t address = area->start, stop;
	pte_t rights = area_pte_flags(area, true);
	bool changed = false;
	pte_t *entry;

	while ((entry = page_table_next(&space->table, &address, area->end, &stop))) {
		for (; address < stop; address += PAGE_SIZE, entry++) {
			pte_t value = *entry;

			if (!value)
				continue;
			/*
			 * The right to write is given back by the fault, which knows who shares the
			 * page.
			 */
			value = (value & ~managed) | (rights & managed);
			if (!(rights & PTE_WRITE))
				value &= ~PTE_WRITE;
			if (value == *entry)
				continue;
			pte_set(entry, value);
			changed = true;
		}
	}
	if (changed)
		tlb_flush_user();
}
