/*
 * Page faults: an area says what the page is, and the entry is filled with it.
 *
 * Zero, file or copy: untouched private memory reads the shared page of zeros, and gets a page of
 * its own on the first write; a file's page is the one in its page cache until a private mapping
 * writes to it. A private page that is shared since a fork is copied on a write, or taken over when
 * its count says that this is the last owner. This is the same in every build; the fork policy
 * decides only what is shared.
 *
 * Lock: the space's (RANK_SPACE); page cache, slab and frames are taken under it.
 */
#include <arch/cpu.h>
#include <arch/irqflags.h>
#include <arch/trap_frame.h>
#include <arch/uaccess.h>
#include <facet/counters.h>
#include <facet/errno.h>
#include <facet/file.h>
#include <facet/fork_memory.h>
#include <facet/mappings.h>
#include <facet/panic.h>
#include <facet/printk.h>
#include <facet/process.h>
#include <facet/trace.h>

#include "mm_private.h"

#define ERROR_PRESENT (1u << 0)
#define ERROR_WRITE (1u << 1)
#define ERROR_USER (1u << 2)
#define ERROR_RESERVED (1u << 3)
#define ERROR_FETCH (1u << 4)

bool access_allowed(const struct area *area, enum fault_access access)
{
	switch (access) {
	case FAULT_WRITE:
		return area->flags & AREA_WRITE;
	case FAULT_EXEC:
		return area->flags & AREA_EXEC;
	default:
		/* The processor cannot allow one without reading. */
		return area->flags & AREA_RIGHTS;
	}
}

/* Counters and events of faults have one order. */
static inline void note(enum counter what, vaddr_t address)
{
	count_event(what);
	trace_event(TRACE_fault_zero_page + (what - COUNT_fault_zero_page), address >> PAGE_SHIFT);
}

/* A page with the content of `source`, for one owner. */
static struct frame *copy_of(const struct frame *source)
{
	struct frame *copy;

	if (source == zero_frame)
		return frame_alloc_zeroed(FRAME_ANONYMOUS);
	copy = frame_alloc(FRAME_ANONYMOUS);
	if (copy)
		page_copy(frame_memory(copy), frame_memory(source));
	return copy;
}

/* A write to a page that is there, but not writable: it is shared with somebody. */
static int break_sharing(struct space *space, const struct area *area, vaddr_t address,
			 pte_t *entry)
{
	struct frame *old = frame_of(pte_address(*entry)), *copy;
	pte_t flags = area_pte_flags(area, true) | PTE_ACCESSED | PTE_DIRTY;

	if (area->flags & AREA_SHARED ||
	    (old->owner == FRAME_ANONYMOUS && READ_ONCE(old->count) == 1)) {
		note(COUNT_fault_reused, address);
		pte_set(entry, frame_address(old) | flags); /* the last owner: no copy */
		return 0;
	}
	copy = copy_of(old);
	if (!copy)
		return -ENOMEM;
	note(COUNT_fault_copied, address);
	space_account(space, old, -1);
	space_account(space, copy, 1);
	pte_set(entry, frame_address(copy) | flags);
	tlb_flush_page(address);
	frame_put(old);
	return 0;
}

/* The page for an entry that is empty, counted for it. *writable: whether writes may go to it. */
static int page_for(struct area *area, vaddr_t address, enum fault_access access,
		    struct frame **frame, bool *writable)
{
	bool write = access == FAULT_WRITE;
	struct frame *cached;
	int error;

	if (!area->file) {
		*writable = write;
		if (write) {
			note(COUNT_fault_new_page, address);
			*frame = frame_alloc_zeroed(FRAME_ANONYMOUS);
		} else {
			note(COUNT_fault_zero_page, address);
			*frame = zero_frame;
			frame_get(zero_frame);
		}
		return *frame ? 0 : -ENOMEM;
	}
	error = file_page(area->file, (area->offset + (address - area->start)) >> PAGE_SHIFT,
			  &cached);
	if (error)
		return error;
	*writable = area->flags & AREA_SHARED;
	*frame = cached;
	note(write && !*writable ? COUNT_fault_file_copied : COUNT_fault_file_page, address);
	if (write && !*writable) {
		*frame = copy_of(cached);
		*writable = true;
		frame_put(cached);
	}
	return *frame ? 0 : -ENOMEM;
}

int area_fill(struct space *space, struct area *area, vaddr_t address, enum fault_access access)
{
	struct frame *frame;
	bool writable;
	pte_t *entry;
	int error;

	address = page_round_down(address);
	error = fork_own_tables(space, address, address + PAGE_SIZE);
	if (error)
		return error;
	entry = page_table_make(&space->table, address);
	if (!entry)
		return -ENOMEM;
	if (*entry) {
		if (access == FAULT_WRITE && !(*entry & PTE_WRITE))
			return break_sharing(space, area, address, entry);
		note(COUNT_fault_present, address);
		return 0; /* filled meanwhile, or a stale translation */
	}
	error = page_for(area, address, access, &frame, &writable);
	if (error) {
		page_table_prune(&space->table, address, address + PAGE_SIZE);
		return error;
	}
	pte_set(entry, frame_address(frame) | area_pte_flags(area, writable) | PTE_ACCESSED);
	space_account(space, frame, 1);
	return 0;
}

/*
 * A touch below the stack's area grows it, if the limits allow and it stays clear of what is below.
 */
static int grow_stack(struct space *space, struct area *area, vaddr_t address)
{
	vaddr_t start = page_round_down(address);
	size_t pages = (area->start - start) >> PAGE_SHIFT;
	struct area *below = area_previous(area);

	if (!(area->flags & AREA_DOWNWARDS) || area->end - start > limit_of(RLIMIT_STACK))
		return -EFAULT;
	if (start < (below ? below->end : USER_START) + STACK_GAP)
		return -EFAULT;
	if (area->file && area->offset < pages << PAGE_SHIFT)
		return -EFAULT;
	if (space_charge(space, pages, area->flags))
		return -EFAULT; /* as setrlimit(2) has it: SIGSEGV */
	space->mapped_pages += pages;
	area->start = start;
	if (area->file)
		area->offset -= pages << PAGE_SHIFT;
	if (area->flags & AREA_TRACKED)
		mappings_append(area);
	return 0;
}

static int fault_locked(struct space *space, vaddr_t address, enum fault_access access,
			bool *mapped)
{
	struct area *area = space->recent;
	int error;

	if (!area || address < area->start || address >= area->end) {
		area = area_find(space, address);
		if (!area)
			return -EFAULT;
		if (address < area->start) {
			error = grow_stack(space, area, address);
			if (error)
				return error;
		}
		space->recent = area;
	}
	*mapped = true;
	if (!access_allowed(area, access))
		return -EFAULT;
	return area_fill(space, area, address, access);
}

int space_fault(struct space *space, vaddr_t address, enum fault_access access, bool *mapped)
{
	int error;

	*mapped = false;
	mutex_lock(&space->lock);
	error = fault_locked(space, address, access, mapped);
	mutex_unlock(&space->lock);
	return error;
}

/* What a user fault that no area allows does to the process. */
static void fault_signal(struct trap_frame *frame, vaddr_t address, int error, bool mapped)
{
	struct process *process = current_process();

	switch (error) {
	case -ENOMEM:
		pr_warn("%s[%d]: out of memory at %lx, killed\n", process->comm, process->pid,
			address);
		signal_force(SIGKILL, SI_KERNEL, 0);
		break;
	case -ENXIO:
		signal_force(SIGBUS, BUS_ADRERR, address);
		break;
	default:
		pr_debug("%s[%d]: segfault at %lx ip %lx sp %lx error %lx\n", process->comm,
			 process->pid, address, frame->rip, frame->rsp, frame->orig_rax);
		signal_force(SIGSEGV, mapped ? SEGV_ACCERR : SEGV_MAPERR, address);
	}
}

static const char *const access_names[] = {
	[FAULT_READ] = "read",
	[FAULT_WRITE] = "wrote",
	[FAULT_EXEC] = "ran code at",
};

void page_fault(struct trap_frame *frame)
{
	vaddr_t address = read_cr2();
	uint64_t code = frame->orig_rax;
	enum fault_access access = code & ERROR_FETCH   ? FAULT_EXEC
				   : code & ERROR_WRITE ? FAULT_WRITE
							: FAULT_READ;
	bool from_user = trap_from_user(frame), mapped = false;
	vaddr_t fixup = from_user ? 0 : uaccess_fixup(frame->rip);
	int error = -EFAULT;

	if (unlikely(code & ERROR_RESERVED))
		panic_at(frame, "page table of a user space is corrupt at %lx", address);
	/* The kernel's own faults: only in a user copy, with a fix-up, of a user address. */
	if (unlikely(!from_user && (!fixup || !(frame->rflags & RFLAGS_IF))))
		panic_at(frame, "page fault: the kernel %s %lx", access_names[access], address);
	if (unlikely(!from_user && uaccess_is_resident_only(frame->rip))) {
		frame->rip = fixup;
		return;
	}
	irq_enable();
	/*
	 * From user mode with U clear the processor itself read a table, for a far return say: not
	 * memory's.
	 */
	if (likely(address < USER_END && (!from_user || code & ERROR_USER)))
		error = space_fault(current_process()->space, address, access, &mapped);
	if (likely(!error)) {
		current_process()->usage.minor_faults++;
		return;
	}
	note(COUNT_fault_refused, address);
	if (from_user)
		fault_signal(frame, address, error, mapped);
	else
		frame->rip = fixup;
}
