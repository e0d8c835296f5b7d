/*
 * system.c -- what /proc says of the whole machine.
 *
 * Numbers that this kernel does not count are left out where programs accept that, and 0 where the
 * format has a place for them. Source: proc(5).
 */
#include "proc.h"

#include <facet/boot_stages.h>
#include <facet/bootinfo.h>
#include <facet/config_text.h>
#include <facet/kernel_stack.h>
#include <facet/sched.h>
#include <facet/tick.h>
#include <facet/version.h>

#define CLOCK_TICKS_PER_SEC 100 /* USER_HZ, whatever CONFIG_HZ is */

static uint64_t kib(size_t pages)
{
	return pages * (PAGE_SIZE / 1024);
}

static void meminfo_line(struct text *text, const char *name, size_t pages)
{
	text_printf(text, "%-15s %8lu kB\n", name, kib(pages));
}

/* Nothing of a tmpfs can be dropped, so what is available is what is free. */
int proc_show_meminfo(struct text *text, pid_t pid)
{
	size_t free = frames_free_count(), cached = frames_owned_count(FRAME_CACHE);

	(void)pid;
	meminfo_line(text, "MemTotal:", frames_total_count());
	meminfo_line(text, "MemFree:", free);
	meminfo_line(text, "MemAvailable:", free);
	meminfo_line(text, "Buffers:", 0);
	meminfo_line(text, "Cached:", cached);
	meminfo_line(text, "SwapCached:", 0);
	meminfo_line(text, "SwapTotal:", 0);
	meminfo_line(text, "SwapFree:", 0);
	meminfo_line(text, "AnonPages:", frames_owned_count(FRAME_ANONYMOUS));
	meminfo_line(text, "Shmem:", cached);
	meminfo_line(text, "Slab:", frames_owned_count(FRAME_SLAB));
	meminfo_line(text, "SReclaimable:", 0);
	meminfo_line(text, "SUnreclaim:", frames_owned_count(FRAME_SLAB));
	meminfo_line(text, "KernelStack:", frames_owned_count(FRAME_STACK));
	meminfo_line(text, "PageTables:", frames_owned_count(FRAME_TABLE));
	meminfo_line(text, "CommitLimit:", commit_limit());
	meminfo_line(text, "Committed_AS:", commit_used());
	return 0;
}

int proc_show_config(struct text *text, pid_t pid)
{
	(void)pid;
	text_add(text, config_text, config_text_size);
	return 0;
}

int proc_show_defconfig(struct text *text, pid_t pid)
{
	(void)pid;
	text_add(text, config_chosen, config_chosen_size);
	return 0;
}

int proc_show_cmdline(struct text *text, pid_t pid)
{
	(void)pid;
	text_printf(text, "%s\n", boot_info.cmdline);
	return 0;
}

int proc_show_version(struct text *text, pid_t pid)
{
	(void)pid;
	text_printf(text, "Linux version %s (facet) (gcc) " FACET_VERSION_FORMAT "\n",
		    FACET_RELEASE, config_hash);
	return 0;
}

/* A stage of the boot a line: its name, and when it was done, in ns since the kernel's entry. */
int proc_show_boot(struct text *text, pid_t pid)
{
	const struct boot_stage *stage;

	(void)pid;
	for (unsigned i = 0; (stage = boot_stage_get(i)); i++)
		text_printf(text, "%s %lu\n", stage->name, clock_cycles_to_ns(stage->cycles));
	return 0;
}

static uint64_t idle_ns(void)
{
	struct thread *idle = cpu_get(idle);

	return sched_ran_ns(idle);
}

int proc_show_uptime(struct text *text, pid_t pid)
{
	uint64_t now = clock_ns(), up = now / (NS_PER_SEC / 100);
	uint64_t idle = MIN(idle_ns(), now) / (NS_PER_SEC / 100);

	(void)pid;
	text_printf(text, "%lu.%02lu %lu.%02lu\n", up / 100, up % 100, idle / 100, idle % 100);
	return 0;
}

/* Nobody samples the load, so its averages are 0; threads and the newest pid are real. */
int proc_show_loadavg(struct text *text, pid_t pid)
{
	const struct process *process;
	pid_t newest = 0;

	(void)pid;
	spin_lock(&process_tree_lock);
	while ((process = process_next(newest + 1)))
		newest = process->pid;
	spin_unlock(&process_tree_lock);
	text_printf(text, "0.00 0.00 0.00 %u/%u %d\n", sched_running_count(), process_count(),
		    newest);
	return 0;
}

static uint64_t clock_ticks_of(uint64_t ns)
{
	return ns / (NS_PER_SEC / CLOCK_TICKS_PER_SEC);
}

int proc_show_stat(struct text *text, pid_t pid)
{
	uint64_t now = clock_ns(), idle = MIN(idle_ns(), now), busy = now - idle;
	uint64_t user = MIN(cpu_get(user_ticks) * TICK_NS, busy);
	uint64_t boot = (clock_realtime_ns() - now) / NS_PER_SEC;

	(void)pid;
	for (unsigned line = 0; line < 2; line++)
		text_printf(text, "%s %lu 0 %lu %lu 0 0 0 0 0 0\n", line ? "cpu0" : "cpu ",
			    clock_ticks_of(user), clock_ticks_of(busy - user),
			    clock_ticks_of(idle));
	text_printf(text, "intr %lu\nctxt %lu\nbtime %lu\nprocesses %lu\nprocs_running %u\n",
		    cpu_get(ticks) + cpu_get(interrupts), sched_switch_count(), boot,
		    process_published_count(), sched_running_count());
	return 0;
}

int proc_show_filesystems(struct text *text, pid_t pid)
{
	const struct fs_type *type;

	(void)pid;
	list_for_each_entry(type, &fs_types, link)
		text_printf(text, "%s\t%s\n", type->no_device ? "nodev" : "", type->name);
	return 0;
}

/* The mount behind `previous`, NULL for the first. Mounts are never freed. */
static struct mount *next_mount(struct mount *previous)
{
	struct list *next;

	spin_lock(&names_lock);
	next = previous ? previous->link.next : mounts.next;
	spin_unlock(&names_lock);
	return next == &mounts ? NULL : list_entry(next, struct mount, link);
}

int proc_show_mounts(struct text *text, pid_t pid)
{
	struct dentry *root = current_root();
	struct mount *mount = NULL;
	char *path = kmalloc(PATH_MAX);
	ssize_t length;

	(void)pid;
	while (path && (mount = next_mount(mount))) {
		length = dentry_path(mount->root, root, path, PATH_MAX, false);
		if (length < 0)
			continue;
		text_printf(text, "%s %s %s %s%s%s%s,relatime 0 0\n", mount->source, path,
			    mount->type->name, mount->flags & MS_RDONLY ? "ro" : "rw",
			    mount->flags & MS_NOSUID ? ",nosuid" : "",
			    mount->flags & MS_NODEV ? ",nodev" : "",
			    mount->flags & MS_NOEXEC ? ",noexec" : "");
	}
	dentry_put(root);
	kfree(path);
	return path ? 0 : -ENOMEM;
}
