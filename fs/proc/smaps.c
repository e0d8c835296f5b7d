/*
 * smaps.c -- /proc/<pid>/smaps: what each area of a process has in memory, and who shares it.
 *
 * Every page in use is looked at, with the space locked. A page's share (Pss) is its size divided
 * by those who use it: the references to its frame, but for the page cache's own.
 * Source: proc(5).
 */
#include "proc.h"

#include <facet/space.h>

#define SHARE_SHIFT 12 /* shares are summed up in 1/4096 of a byte, as on Linux */

struct page_sums {
	size_t pages, referenced, anonymous, locked;
	size_t of_kind[2][2]; /* shared, dirty */
	uint64_t share, dirty_share;
	vaddr_t start, end;
};

static void sum_page(struct page_sums *sums, pte_t entry)
{
	const struct frame *frame = frame_of(pte_address(entry));
	bool cached = frame->owner == FRAME_CACHE;
	uint32_t users = READ_ONCE(frame->count) - cached;
	bool dirty = entry & PTE_DIRTY;
	uint64_t share = (PAGE_SIZE << SHARE_SHIFT) / MAX(users, 1u);

	sums->pages++;
	sums->referenced += !!(entry & PTE_ACCESSED);
	sums->anonymous += !cached;
	sums->of_kind[users > 1][dirty]++;
	sums->share += share;
	sums->dirty_share += dirty ? share : 0;
}

static void sum_area(struct page_sums *sums, const struct space *space, const struct area *area)
{
	vaddr_t address = area->start, stop;
	const pte_t *entry;

	while ((entry = page_table_next(&space->table, &address, area->end, &stop)))
		for (; address < stop; address += PAGE_SIZE, entry++)
			if (*entry)
				sum_page(sums, *entry);
	if (area->flags & AREA_LOCKED)
		sums->locked = sums->pages;
}

static void add_sums(struct page_sums *total, const struct page_sums *sums)
{
	if (!total->end)
		total->start = sums->start;
	total->end = sums->end;
	total->pages += sums->pages;
	total->referenced += sums->referenced;
	total->anonymous += sums->anonymous;
	total->locked += sums->locked;
	for (unsigned i = 0; i < 4; i++)
		total->of_kind[i / 2][i % 2] += sums->of_kind[i / 2][i % 2];
	total->share += sums->share;
	total->dirty_share += sums->dirty_share;
}

static void put_kib(struct text *text, const char *name, size_t kib)
{
	text_kib(text, name, 24, kib);
}

static void put_pages(struct text *text, const char *name, size_t pages)
{
	put_kib(text, name, pages * (PAGE_SIZE / 1024));
}

static void put_sums(struct text *text, const struct page_sums *sums)
{
	put_pages(text, "Rss:", sums->pages);
	put_kib(text, "Pss:", sums->share >> SHARE_SHIFT >> 10);
	put_kib(text, "Pss_Dirty:", sums->dirty_share >> SHARE_SHIFT >> 10);
	put_pages(text, "Shared_Clean:", sums->of_kind[1][0]);
	put_pages(text, "Shared_Dirty:", sums->of_kind[1][1]);
	put_pages(text, "Private_Clean:", sums->of_kind[0][0]);
	put_pages(text, "Private_Dirty:", sums->of_kind[0][1]);
	put_pages(text, "Referenced:", sums->referenced);
	put_pages(text, "Anonymous:", sums->anonymous);
	put_pages(text, "AnonHugePages:", 0);
	put_pages(text, "Swap:", 0);
	put_pages(text, "SwapPss:", 0);
	put_pages(text, "Locked:", sums->locked);
}

static void put_flags(struct text *text, const struct area *area)
{
	static const struct {
		uint32_t flag;
		char name[4];
	} names[] = {
		{ AREA_READ, "rd" },   { AREA_WRITE, "wr" }, { AREA_EXEC, "ex" },
		{ AREA_SHARED, "sh" }, { AREA_STACK, "gd" }, { AREA_COMMITTED, "ac" },
		{ AREA_LOCKED, "lo" },
	};

	text_printf(text, "VmFlags:");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (area->flags & names[i].flag)
			text_printf(text, " %s", names[i].name);
	text_printf(text, " \n");
}

static void put_area(struct text *text, const struct area *area, const struct page_sums *sums,
		     char *path)
{
	proc_text_area(text, area, path);
	put_pages(text, "Size:", (area->end - area->start) >> PAGE_SHIFT);
	put_kib(text, "KernelPageSize:", PAGE_SIZE / 1024);
	put_kib(text, "MMUPageSize:", PAGE_SIZE / 1024);
	put_sums(text, sums);
	put_flags(text, area);
}

/* `total` NULL: area by area. */
static void show_areas(struct text *text, struct space *space, char *path, struct page_sums *total)
{
	const struct area *area;

	mutex_lock(&space->lock);
	tree_for_each_entry(area, &space->areas, node) {
		struct page_sums sums = { .start = area->start, .end = area->end };

		sum_area(&sums, space, area);
		if (total)
			add_sums(total, &sums);
		else
			put_area(text, area, &sums, path);
	}
	mutex_unlock(&space->lock);
}

static int show_smaps(struct text *text, pid_t pid, struct page_sums *total)
{
	struct space *space = proc_space(pid);
	char *path = kmalloc(PATH_MAX);

	if (space && path)
		show_areas(text, space, path, total);
	if (space)
		space_put(space);
	kfree(path);
	return path ? 0 : -ENOMEM;
}

int proc_show_smaps(struct text *text, pid_t pid)
{
	return show_smaps(text, pid, NULL);
}

int proc_show_smaps_rollup(struct text *text, pid_t pid)
{
	struct page_sums total = { 0 };
	int error = show_smaps(text, pid, &total);

	if (error || !total.end)
		return error;
	text_printf(text, "%08lx-%08lx ---p 00000000 00:00 0 ", total.start, total.end);
	text_pad(text, 0, MAPS_PATH_COLUMN);
	text_printf(text, "[rollup]\n");
	put_sums(text, &total);
	return 0;
}
