/*
 * space.h -- an address space: areas say what a user range is, the page table caches it.
 *
 * A fault that an area allows is filled on demand (zero, file, copy); one that none allows is a
 * signal. Everything that changes areas or entries holds `lock` (RANK_SPACE), and copies nothing
 * from or to user memory meanwhile.
 * Source: mmap(2), brk(2), mprotect(2), proc(5) for the accounting.
 */
#ifndef FACET_SPACE_H
#define FACET_SPACE_H

#include <arch/page_table.h>
#include <facet/frames.h>
#include <facet/list.h>
#include <facet/mutex.h>
#include <facet/tree.h>
#include <facet/types.h>

struct file;
struct process;

/* Rights and kinds of an area. */
enum area_flags {
	AREA_READ = 1 << 0,
	AREA_WRITE = 1 << 1,
	AREA_EXEC = 1 << 2,
	AREA_RIGHTS = AREA_READ | AREA_WRITE | AREA_EXEC,
	AREA_SHARED = 1 << 3,        /* writes are seen by all who map it */
	AREA_STACK = 1 << 4,         /* grows downwards to RLIMIT_STACK */
	AREA_HEAP = 1 << 5,          /* brk's */
	AREA_COMMITTED = 1 << 6,     /* its pages are promised: private, and was writable once */
	AREA_LOCKED = 1 << 7,        /* mlock(2): counted, and filled at once */
	AREA_LOCK_ON_FAULT = 1 << 8, /* of a locked one: filled when touched */
	AREA_NOT_FORKED = 1 << 9,    /* MADV_DONTFORK */
	AREA_FORKED_EMPTY = 1 << 10, /* MADV_WIPEONFORK */
	AREA_GROWS_DOWN = 1 << 11,   /* MAP_GROWSDOWN: as the stack does */
	AREA_NO_RESERVE = 1 << 13,   /* MAP_NORESERVE: nothing is promised */
	AREA_TRACKED = 1 << 12,      /* on its file's list: mappings.h */
	AREA_LOCKS = AREA_LOCKED | AREA_LOCK_ON_FAULT,
	/* A child gets none of its entries: it has no such area, or fills it by faults. */
	AREA_ENTRIES_NOT_FORKED = AREA_SHARED | AREA_NOT_FORKED | AREA_FORKED_EMPTY,
	AREA_DOWNWARDS = AREA_STACK | AREA_GROWS_DOWN,
};

/*
 * [start, end), page-aligned; areas do not overlap. Neighbours that continue each other are merged.
 */
struct area {
	struct tree_node node; /* space->areas, by start */
	vaddr_t start, end;
	uint32_t flags;
	struct space *space;
	struct file *file; /* a counted reference; NULL: anonymous */
	uint64_t offset;   /* in the file, of `start`; a multiple of the page size */
	/* Its file's mappings; on its way out: the file is put when the space is unlocked. */
	struct list link;
};

struct space {
	uint32_t users; /* processes; the last one tears the areas down; atomic */
	uint32_t count; /* all users together count 1, each CPU that has it loaded 1; atomic */
	struct mutex lock;
	struct tree areas;
	struct area *recent; /* the last one a fault found; NULL after areas change */
	struct page_table table;
	size_t area_count;
	size_t mapped_pages; /* of all areas: RLIMIT_AS */
	size_t committed_pages;
	size_t locked_pages;   /* of areas with AREA_LOCKED: RLIMIT_MEMLOCK */
	bool withholds;        /* an area was kept from children, and may still be */
	uint32_t locks_of_new; /* AREA_LOCKS of all that is mapped from now on: MCL_FUTURE */
	size_t resident_pages, shared_pages; /* entries in use; those of files and shared areas */
	size_t peak_pages; /* most resident_pages before any went; see space_peak() */
	vaddr_t brk_start, brk;
	vaddr_t stack_top;
	vaddr_t mmap_top, mmap_hint; /* mmap places below the one, looks first at the other */
	vaddr_t arg_start, arg_end, env_start, env_end; /* for /proc */
	vaddr_t auxiliary_start, auxiliary_end;         /* the same */
};

/* An entry was filled with `page` (change 1) or emptied of it (-1). Locked. */
static inline void space_account(struct space *space, const struct frame *page, long change)
{
	space->resident_pages += (size_t)change;
	if (page->owner == FRAME_CACHE)
		space->shared_pages += (size_t)change;
}

/* The most pages that were ever resident at once. */
static inline size_t space_peak(const struct space *space)
{
	return MAX(space->peak_pages, space->resident_pages);
}

#define SPACE_AREAS_MAX 65530 /* as Linux's vm.max_map_count */

/* At boot. */
void space_init(void);

/* space_release()'s alone. */
void space_destroy(struct space *space);

/* An empty space with one user. NULL: no memory. */
struct space *space_create(void);
void space_get(struct space *space);
/* The last user's put tears it down. Context: thread, no lock held. */
void space_put(struct space *space);

/*
 * Loads the space's root on this CPU, if it is not loaded: the only place that does. Interrupts or
 * preemption off. Returns the space that was loaded and whose reference the caller has to drop by
 * space_release() once it holds no spinlock; NULL: none.
 */
static inline struct space *space_activate(struct space *space)
{
	struct space *loaded = cpu_get(space);

	if (space == loaded)
		return NULL;
	__atomic_fetch_add(&space->count, 1, __ATOMIC_RELAXED);
	cpu_set(space, space);
	page_table_load(&space->table);
	return loaded;
}

/* The last one's root and struct are freed. Takes RANK_SLAB, RANK_FRAMES. */
static inline void space_release(struct space *space)
{
	if (!__atomic_sub_fetch(&space->count, 1, __ATOMIC_ACQ_REL))
		space_destroy(space);
}

/*
 * A copy of `parent` for fork, by the configured policy. Returns NULL with *error set, nothing left
 * behind.
 */
struct space *space_fork(struct space *parent, int *error);

/* The area that contains `address`, or the first above it. Locked. */
struct area *area_find(struct space *space, vaddr_t address);

/*
 * mmap's heart. `address` 0: a free place is found; else the range must be free (`fixed` false:
 * taken as a hint) or is replaced (`fixed` true). `file` gets a reference of its own. Locked by the
 * function. Returns the address, or -ENOMEM, -EAGAIN (RLIMIT_MEMLOCK), -EINVAL, -EEXIST
 * (no_replace).
 */
enum map_place { MAP_ANYWHERE, MAP_LOW, MAP_REPLACE, MAP_NO_REPLACE };
int64_t space_map(struct space *space, vaddr_t address, size_t size, uint32_t flags,
		  enum map_place place, struct file *file, uint64_t offset);
int space_unmap(struct space *space, vaddr_t address, size_t size);

/* The range alone, or from where the area begins that grows downwards (PROT_GROWSDOWN). */
enum protect_range { PROTECT_RANGE, PROTECT_DOWNWARDS, PROTECT_UPWARDS };
int space_protect(struct space *space, vaddr_t address, size_t size, uint32_t rights,
		  enum protect_range range);

/* brk(2): the new end, or the old one when it cannot be had. */
vaddr_t space_brk(struct space *space, vaddr_t brk);

/*
 * Cleared by `wx=0` on the kernel's command line: then no page is both written and executed,
 * wherever a mapping comes from. It is refused with -EACCES, and programs that compile while they
 * run have to change rights in between.
 */
extern bool space_allows_wx;

static inline bool area_breaks_wx(uint32_t flags)
{
	return (flags & (AREA_WRITE | AREA_EXEC)) == (AREA_WRITE | AREA_EXEC) && !space_allows_wx;
}

enum fault_access { FAULT_READ, FAULT_WRITE, FAULT_EXEC };

/*
 * Fills or breaks the page at `address`. Locks the space.
 * Returns 0; -EFAULT: no area, or not its rights (SIGSEGV; *mapped says which); -ENXIO: beyond the
 * file's end (SIGBUS); -ENOMEM: no frame (the process is killed).
 */
int space_fault(struct space *space, vaddr_t address, enum fault_access access, bool *mapped);

/*
 * Writes to memory of a space that is not loaded: exec fills the new stack. Pages are made as a
 * fault would. Returns 0, -EFAULT or -ENOMEM.
 */
int space_write(struct space *space, vaddr_t address, const void *data, size_t size);
/*
 * Reads what is there; never-touched pages read as zero. For /proc/<pid>/cmdline. Returns bytes or
 * -errno.
 */
ssize_t space_read(struct space *space, vaddr_t address, void *data, size_t size);

struct futex_key;
/* What the word at `address` is known by in all spaces that share it. 0 or -EFAULT. */
int space_futex_key(struct space *space, vaddr_t address, struct futex_key *key);

/* The trap from entry/: resolves, fixes up, signals or panics. */
struct trap_frame;
void page_fault(struct trap_frame *frame);

#endif
