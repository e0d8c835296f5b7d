/*
 * frames.h -- physical pages: who owns each, and how many refer to it.
 *
 * A buddy allocator of blocks of 2^order pages, with a per-CPU store of single pages in front,
 * which is guarded by preemption being off (interrupt handlers do not allocate). Every frame has a
 * reference count and an owner kind: after all users are gone and the stores are drained, the free
 * count is what it was.
 */
#ifndef FACET_FRAMES_H
#define FACET_FRAMES_H

#include <arch/layout.h>
#include <facet/list.h>
#include <facet/types.h>

#define FRAME_ORDER_MAX 10 /* 4 MiB */

enum frame_owner {
	FRAME_RESERVED, /* firmware's, the image's; or inside a block */
	FRAME_FREE,     /* first page of a free block, on the buddy's lists */
	FRAME_STORED,   /* free, in a per-CPU store */
	FRAME_KERNEL,   /* boot-time structures, per-kind stores */
	FRAME_SLAB,
	FRAME_STACK,     /* kernel stacks */
	FRAME_TABLE,     /* page tables of user spaces */
	FRAME_ANONYMOUS, /* private user pages */
	FRAME_CACHE,     /* a file's pages */
	FRAME_OWNERS,
};

/* All zeros is a reserved page without references. A block's first page speaks for all of it. */
struct frame {
	uint32_t count;   /* references; atomic */
	uint8_t owner;    /* enum frame_owner */
	uint8_t order;    /* of the block that starts here */
	uint16_t used;    /* FRAME_TABLE: entries not 0; FRAME_SLAB: objects */
	struct list link; /* free: the buddy's list; else the owner's */
	union {
		uint64_t private; /* the owner's own; 0 when the page is new */
		struct {
			uint32_t slab_cache; /* FRAME_SLAB: the cache's number, */
			uint32_t slab_free;  /*   and the offset of its first free object */
		};
	};
};

_Static_assert(sizeof(struct frame) == 32, "frame_of() is a shift, and 1/128 of memory is enough");

/* The array is virtually contiguous from FRAMES_BASE; only the entries of RAM are mapped. */
static inline struct frame *frame_of(paddr_t address)
{
	return (struct frame *)FRAMES_BASE + (address >> PAGE_SHIFT);
}

static inline paddr_t frame_address(const struct frame *frame)
{
	return (paddr_t)(frame - (const struct frame *)FRAMES_BASE) << PAGE_SHIFT;
}

static inline void *frame_memory(const struct frame *frame)
{
	return phys_to_virt(frame_address(frame));
}

static inline struct frame *frame_of_memory(const void *pointer)
{
	return frame_of(virt_to_phys(pointer));
}

/* At boot, after kernel_map_init(): takes what is left of the early memory. */
void frames_init(void);

/*
 * One page, count 1. NULL when none is left, after the stores were drained. The content is
 * undefined, or zero for the second form. Context: thread, or preemption off; takes RANK_SLAB and
 * below, since the last resort is to empty other rooms' stores.
 */
struct frame *frame_alloc(enum frame_owner owner);
struct frame *frame_alloc_zeroed(enum frame_owner owner);

/* 2^order pages, aligned to their size, one count for the block. */
struct frame *frames_alloc(unsigned order, enum frame_owner owner);

static inline void frame_get(struct frame *frame)
{
	__atomic_fetch_add(&frame->count, 1, __ATOMIC_RELAXED);
}

/* The last put frees the page, or the block. Context: as above. */
void frame_put(struct frame *frame);

/*
 * Hands the allocator RAM that was in use since boot (the archive, modules). Page-aligned inwards.
 * Panics if a page of it is the allocator's already.
 */
void frames_release(paddr_t start, paddr_t end);

/* Pages that are free, the per-CPU stores' included; all RAM ever handed to the allocator. */
size_t frames_free_count(void);
size_t frames_total_count(void);
/* Pages in use by one kind of owner, what rooms keep in stores of their own included. */
size_t frames_owned_count(enum frame_owner owner);
/* Pages in use that cannot be promised to processes: all owners' but FRAME_ANONYMOUS. */
size_t frames_kept_count(void);

/* Empties this CPU's stores, and through shrink_register other rooms', into the buddy lists. */
void frames_drain(void);

/*
 * Rooms that keep free pages in a store of their own (stacks, table pages, slabs) register how to
 * empty it. Called with no lock held, also before an allocation fails. Context of registration:
 * boot.
 */
void shrink_register(void (*shrink)(void));

/* The page of zeros that untouched private memory reads. Counted like any other. */
extern struct frame *zero_frame;

void page_zero(void *page);
void page_copy(void *to, const void *from);

/* --- commitment: memory promised to processes, kept in pages ------------------------------- */

/*
 * Promises `pages` more. Returns 0, or -ENOMEM when the mode does not allow it.
 * Context: as frame_alloc().
 */
int commit_charge(size_t pages);
void commit_release(size_t pages);
size_t commit_used(void);

/* What may be promised now: all RAM but what the kernel and files occupy, and a reserve. */
size_t commit_limit(void);

/* The numbers of /proc/sys/vm/overcommit_memory. */
enum commit_mode {
	COMMIT_GUESS,  /* what is larger than all RAM is refused, one promise at a time */
	COMMIT_ALWAYS, /* promises are counted and never refused: overcommit=1 */
	COMMIT_STRICT, /* all promises together fit into what there is: the default */
};

void commit_set_mode(enum commit_mode mode);
enum commit_mode commit_mode(void);

#endif
