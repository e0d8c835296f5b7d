/*
 * settings.c -- /proc/sys: what programs ask about limits, and the one thing that they may do.
 *
 * Source: proc(5); the kernel's documentation of sysctl vm (drop_caches).
 */
#include "proc.h"

#include <facet/bitmap.h>
#include <facet/version.h>

/* What Linux drops by 1 to 3 is one thing here: every store of free pages in the kernel. */
static int store_drop_caches(const char *text)
{
	uint64_t value;
	int error = parse_u64(text, 10, &value);

	if (error)
		return -EINVAL;
	if (value < 1 || value > 4)
		return -EINVAL;
	frames_drain();
	return 0;
}

static int show_zero(struct text *text, pid_t pid)
{
	(void)pid;
	text_printf(text, "0\n");
	return 0;
}

static int show_pipe_max_size(struct text *text, pid_t pid)
{
	(void)pid;
	text_printf(text, "%u\n", pipe_size_max());
	return 0;
}

static int show_pid_max(struct text *text, pid_t pid)
{
	(void)pid;
	text_printf(text, "%u\n", IDMAP_LIMIT_MAX);
	return 0;
}

static int show_system(struct text *text, pid_t pid)
{
	(void)pid;
	text_printf(text, "Linux\n");
	return 0;
}

static int show_release(struct text *text, pid_t pid)
{
	(void)pid;
	text_printf(text, "%s\n", FACET_RELEASE);
	return 0;
}

static int show_host(struct text *text, pid_t pid)
{
	(void)pid;
	text_printf(text, "facet\n");
	return 0;
}

static const struct proc_entry fs_entries[] = {
	{ .name = "pipe-max-size", .mode = S_IFREG | 0444, .show = show_pipe_max_size },
};

static const struct proc_entry kernel_entries[] = {
	{ .name = "hostname", .mode = S_IFREG | 0444, .show = show_host },
	{ .name = "osrelease", .mode = S_IFREG | 0444, .show = show_release },
	{ .name = "ostype", .mode = S_IFREG | 0444, .show = show_system },
	{ .name = "pid_max", .mode = S_IFREG | 0444, .show = show_pid_max },
};

static const struct proc_entry vm_entries[] = {
	{ .name = "drop_caches",
	  .mode = S_IFREG | 0644,
	  .show = show_zero,
	  .store = store_drop_caches },
};

const struct proc_entry proc_settings[PROC_SETTING_COUNT] = {
	{ .name = "fs", proc_directory(fs_entries) },
	{ .name = "kernel", proc_directory(kernel_entries) },
	{ .name = "vm", proc_directory(vm_entries) },
};
