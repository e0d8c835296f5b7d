/*
 * kernel_stack.c -- stacks in slots of KERNEL_STACKS_BASE, a page of each left unmapped below the
 * stack.
 *
 * A stack that is freed stays mapped in a per-CPU store, so a fork after an exit maps nothing and
 * flushes nothing. Emptying the store gives back the pages, and with the last stack of a page table
 * that table. Slots are taken from the lowest on, which keeps the tables few.
 *
 * Locks: slots_lock (RANK_SLAB) for the slots; the store by preemption being off.
 */
#include <arch/page_table.h>
#include <arch/percpu.h>
#include <facet/bitmap.h>
#include <facet/frames.h>
#include <facet/kernel_stack.h>
#include <facet/panic.h>
#include <facet/spinlock.h>

#define STORE_MAX (256 * 1024 / KERNEL_STACK_SIZE) /* 256 KiB of stacks may lie idle */
#define SLOT_SIZE (PAGE_SIZE + KERNEL_STACK_SIZE)
#define SLOTS (CONFIG_PROCESSES_MAX + STORE_MAX + 32) /* threads, free ones, idle ones */

_Static_assert(SLOTS <= (KERNEL_STACKS_END - KERNEL_STACKS_BASE) / SLOT_SIZE, "they do not fit");

struct stack_store {
	size_t count;
	vaddr_t tops[STORE_MAX];
};

static PER_CPU(struct stack_store, store);

static struct spinlock slots_lock = SPINLOCK_INIT(RANK_SLAB);
static uint64_t slots_taken[BITMAP_WORDS(SLOTS)];
static size_t slots_lowest; /* none below it is free */

static vaddr_t slot_bottom(size_t slot)
{
	return KERNEL_STACKS_BASE + slot * SLOT_SIZE + PAGE_SIZE;
}

/* SLOTS: none is free. */
static size_t slot_take(void)
{
	size_t slot;

	spin_lock(&slots_lock);
	slot = bitmap_find_zero(slots_taken, SLOTS, slots_lowest);
	if (slot < SLOTS)
		bitmap_set(slots_taken, slot);
	slots_lowest = slot;
	spin_unlock(&slots_lock);
	return slot;
}

static void slot_free(size_t slot)
{
	spin_lock(&slots_lock);
	assert(bitmap_test(slots_taken, slot));
	bitmap_clear(slots_taken, slot);
	slots_lowest = MIN(slots_lowest, slot);
	spin_unlock(&slots_lock);
}

/* Unmaps [bottom, end), the mapped part of a slot, and frees the slot. */
static void stack_destroy(vaddr_t bottom, vaddr_t end)
{
	for (vaddr_t page = bottom; page < end; page += PAGE_SIZE)
		frame_put(frame_of(kernel_unmap_page(page)));
	slot_free((bottom - KERNEL_STACKS_BASE) / SLOT_SIZE);
}

static vaddr_t stack_create(void)
{
	size_t slot = slot_take();
	vaddr_t bottom = slot_bottom(slot);
	vaddr_t page;

	if (slot == SLOTS)
		return 0;
	for (page = bottom; page < bottom + KERNEL_STACK_SIZE; page += PAGE_SIZE) {
		struct frame *frame = frame_alloc(FRAME_STACK);

		if (!frame)
			goto undo;
		if (kernel_map_page(page, frame_address(frame), KERNEL_PAGE_DATA)) {
			frame_put(frame);
			goto undo;
		}
	}
	return page;

undo:
	stack_destroy(bottom, page);
	return 0;
}

vaddr_t kernel_stack_alloc(void)
{
	struct stack_store *here;
	vaddr_t top = 0;

	preempt_disable();
	here = this_cpu(store);
	if (likely(here->count > 0))
		top = here->tops[--here->count];
	preempt_enable();
	return top ? top : stack_create();
}

void kernel_stack_free(vaddr_t top)
{
	struct stack_store *here;
	bool stored = false;

	preempt_disable();
	here = this_cpu(store);
	if (likely(here->count < STORE_MAX)) {
		here->tops[here->count++] = top;
		stored = true;
	}
	preempt_enable();
	if (!stored)
		stack_destroy(top - KERNEL_STACK_SIZE, top);
}

bool kernel_stack_is_guard(vaddr_t address)
{
	return address >= KERNEL_STACKS_BASE && address < KERNEL_STACKS_BASE + SLOTS * SLOT_SIZE &&
	       (address - KERNEL_STACKS_BASE) % SLOT_SIZE < PAGE_SIZE;
}

static void kernel_stack_shrink(void)
{
	struct stack_store *here;

	preempt_disable();
	here = this_cpu(store);
	while (here->count > 0) {
		vaddr_t top = here->tops[--here->count];

		stack_destroy(top - KERNEL_STACK_SIZE, top);
	}
	preempt_enable();
}

void kernel_stack_init(void)
{
	shrink_register(kernel_stack_shrink);
}
