/*
 * machine_memory.c -- what /proc says of the machine's memory: meminfo, vmstat.
 *
 * Pages of files are all in the page cache of a tmpfs, for there is no disk: they are what Linux
 * calls Cached and Shmem at once, and none of them can be dropped, so what is available is what is
 * free. Linux's halves of memory in use, active and inactive, are not told apart: all is active.
 * Source: proc(5).
 */
#include "proc.h"

static void meminfo_line(struct text *text, const char *name, size_t pages)
{
	text_kib(text, name, 24, pages * (PAGE_SIZE / 1024));
}

int proc_show_meminfo(struct text *text, pid_t pid)
{
	size_t free = frames_free_count(), cached = frames_owned_count(FRAME_CACHE);
	size_t anonymous = frames_owned_count(FRAME_ANONYMOUS);
	size_t slab = frames_owned_count(FRAME_SLAB);

	(void)pid;
	meminfo_line(text, "MemTotal:", frames_total_count());
	meminfo_line(text, "MemFree:", free);
	meminfo_line(text, "MemAvailable:", free);
	meminfo_line(text, "Buffers:", 0);
	meminfo_line(text, "Cached:", cached);
	meminfo_line(text, "SwapCached:", 0);
	meminfo_line(text, "Active:", anonymous + cached);
	meminfo_line(text, "Inactive:", 0);
	meminfo_line(text, "Active(anon):", anonymous + cached);
	meminfo_line(text, "Inactive(anon):", 0);
	meminfo_line(text, "Active(file):", 0);
	meminfo_line(text, "Inactive(file):", 0);
	meminfo_line(text, "Unevictable:", 0);
	meminfo_line(text, "Mlocked:", 0);
	meminfo_line(text, "SwapTotal:", 0);
	meminfo_line(text, "SwapFree:", 0);
	meminfo_line(text, "Dirty:", 0);
	meminfo_line(text, "Writeback:", 0);
	meminfo_line(text, "AnonPages:", anonymous);
	meminfo_line(text, "Shmem:", cached);
	meminfo_line(text, "KReclaimable:", 0);
	meminfo_line(text, "Slab:", slab);
	meminfo_line(text, "SReclaimable:", 0);
	meminfo_line(text, "SUnreclaim:", slab);
	meminfo_line(text, "KernelStack:", frames_owned_count(FRAME_STACK));
	meminfo_line(text, "PageTables:", frames_owned_count(FRAME_TABLE));
	meminfo_line(text, "CommitLimit:", commit_limit());
	meminfo_line(text, "Committed_AS:", commit_used());
	return 0;
}

/* Nothing is read from a disk or swapped. */
int proc_show_vmstat(struct text *text, pid_t pid)
{
	(void)pid;
	text_printf(text, "nr_free_pages %lu\nnr_active_anon %lu\nnr_inactive_anon 0\n",
		    frames_free_count(),
		    frames_owned_count(FRAME_ANONYMOUS) + frames_owned_count(FRAME_CACHE));
	text_printf(text, "nr_anon_pages %lu\nnr_file_pages %lu\nnr_shmem %lu\n",
		    frames_owned_count(FRAME_ANONYMOUS), frames_owned_count(FRAME_CACHE),
		    frames_owned_count(FRAME_CACHE));
	text_printf(text, "nr_slab_reclaimable 0\nnr_slab_unreclaimable %lu\n",
		    frames_owned_count(FRAME_SLAB));
	text_printf(text, "nr_page_table_pages %lu\nnr_kernel_stack %lu\n",
		    frames_owned_count(FRAME_TABLE),
		    frames_owned_count(FRAME_STACK) * (PAGE_SIZE / 1024));
	text_printf(text, "pgpgin 0\npgpgout 0\npswpin 0\npswpout 0\n");
	return 0;
}
