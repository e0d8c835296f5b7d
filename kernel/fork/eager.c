/*
 * Eager copy: fork copies every private page at once.
 *
 * The simplest fork, and the base that others are compared with. The child costs as much memory as
 * the parent has touched, and the call as long as copying that takes; after it neither has a fault
 * because of the other. Pages of zeros and unwritten pages of files stay shared: they have no
 * content of their own.
 *
 * fork_memory: the parent's space locked, the child's not yet published. Alternative: cow.c.
 */
#include <facet/counters.h>
#include <facet/errno.h>
#include <facet/fork_memory.h>
#include <facet/frames.h>
#include <facet/space.h>

const char fork_memory_name[] = "eager";

/* The child's page for a parent's entry, counted. NULL: no memory. */
static struct frame *child_page(struct frame *page)
{
	struct frame *copy;

	if (page->owner != FRAME_ANONYMOUS) {
		count_event(COUNT_fork_frames_shared);
		frame_get(page);
		return page;
	}
	copy = frame_alloc(FRAME_ANONYMOUS);
	count_event(COUNT_fork_frames_copied);
	if (copy)
		page_copy(frame_memory(copy), frame_memory(page));
	return copy;
}

static int fork_area(struct space *child, struct space *parent, const struct area *area)
{
	vaddr_t address = area->start, stop;
	pte_t *from;

	while ((from = page_table_next(&parent->table, &address, area->end, &stop))) {
		for (; address < stop; address += PAGE_SIZE, from++) {
			struct frame *page;
			pte_t *to;

			if (!*from)
				continue;
			to = page_table_make(&child->table, address);
			page = to ? child_page(frame_of(pte_address(*from))) : NULL;
			if (!page)
				return -ENOMEM;
			pte_set(to, frame_address(page) | (*from & ~PTE_ADDRESS));
			space_account(child, page, 1);
		}
	}
	return 0;
}

int fork_memory(struct space *child, struct space *parent)
{
	struct area *area;
	int error = 0;

	tree_for_each_entry(area, &parent->areas, node) {
		if (!(area->flags & AREA_ENTRIES_NOT_FORKED))
			error = fork_area(child, parent, area);
		if (error)
			break;
	}
	return error;
}

int fork_own_tables(struct space *space, vaddr_t start, vaddr_t end)
{
	(void)space;
	(void)start;
	(void)end;
	return 0;
}
