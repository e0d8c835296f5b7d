/*
 * Copy-on-write: fork shares every private page, and whoever writes first gets a copy.
 *
 * The call costs an entry a touched page, and memory only what is written afterwards; each first
 * write costs a fault (mm/fault.c), in the parent too. The last owner of a page writes without a
 * copy: what counts is the frame's count, so nothing has to be remembered about who shared with
 * whom.
 *
 * fork_memory: the parent's space locked, the child's not yet published. Alternative: eager.c.
 */
#include <facet/counters.h>
#include <facet/errno.h>
#include <facet/fork_memory.h>
#include <facet/frames.h>
#include <facet/space.h>

const char fork_memory_name[] = "cow";

/* *written: whether an entry of the parent lost its right to write. */
static int fork_area(struct space *child, struct space *parent, const struct area *area,
		     bool *written)
{
	vaddr_t address = area->start, stop;
	pte_t *from;

	while ((from = page_table_next(&parent->table, &address, area->end, &stop))) {
		pte_t *to = NULL;

		for (; address < stop; address += PAGE_SIZE, from++, to += !!to) {
			struct frame *page;

			if (!*from)
				continue;
			if (!to)
				to = page_table_make(&child->table, address);
			if (!to)
				return -ENOMEM;
			if (*from & PTE_WRITE) {
				pte_set(from, *from & ~PTE_WRITE);
				*written = true;
			}
			page = frame_of(pte_address(*from));
			frame_get(page);
			count_event(COUNT_fork_frames_shared);
			pte_set(to, *from & ~PTE_DIRTY);
			space_account(child, page, 1);
		}
	}
	return 0;
}

int fork_memory(struct space *child, struct space *parent)
{
	struct area *area;
	bool written = false;
	int error = 0;

	tree_for_each_entry(area, &parent->areas, node) {
		if (!(area->flags & AREA_ENTRIES_NOT_FORKED))
			error = fork_area(child, parent, area, &written);
		if (error)
			break;
	}
	if (written)
		tlb_flush_user();
	return error;
}

int fork_own_tables(struct space *space, vaddr_t start, vaddr_t end)
{
	(void)space;
	(void)start;
	(void)end;
	return 0;
}
