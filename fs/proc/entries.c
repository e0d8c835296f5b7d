/*
 * entries.c -- which names there are in /proc, and what each of them is.
 *
 * The tables are sorted by name, bytewise. Modes are Linux's. Source: proc(5).
 */
#include "proc.h"

#define file_entry(file, bits, function)                                 \
	{                                                                \
		.name = file, .mode = S_IFREG | (bits), .show = function \
	}
#define private_entry(file, bits, function)                                               \
	{                                                                                 \
		.name = file, .mode = S_IFREG | (bits), .show = function, .private = true \
	}
#define writable_entry(file, function, take)                                          \
	{                                                                             \
		.name = file, .mode = S_IFREG | 0644, .show = function, .store = take \
	}
#define magic_entry(file, function)                                                       \
	{                                                                                 \
		.name = file, .mode = S_IFLNK | 0777, .follow = function, .private = true \
	}
#define descriptors_entry(file, bits, kind)                                                  \
	{                                                                                    \
		.name = file, .mode = S_IFDIR | (bits), .descriptors = kind, .private = true \
	}

static ssize_t put_link(char *buffer, size_t size, const char *text)
{
	size_t length = MIN(size, strlen(text));

	memcpy(buffer, text, length);
	return (ssize_t)length;
}

static ssize_t self_readlink(pid_t pid, int fd, char *buffer, size_t size)
{
	char text[12];

	(void)pid, (void)fd;
	snprintf(text, sizeof(text), "%d", current_process()->pid);
	return put_link(buffer, size, text);
}

static ssize_t thread_self_readlink(pid_t pid, int fd, char *buffer, size_t size)
{
	char text[32];

	(void)pid, (void)fd;
	snprintf(text, sizeof(text), "%d/task/%d", current_process()->pid, current_thread()->tid);
	return put_link(buffer, size, text);
}

static ssize_t mounts_readlink(pid_t pid, int fd, char *buffer, size_t size)
{
	(void)pid, (void)fd;
	return put_link(buffer, size, "self/mounts");
}

/* What belongs to the process is the same below each of its threads. */
#define process_and_thread_entries(show_stat, show_status)                                       \
	private_entry("auxv", 0400, proc_show_auxiliary),                                        \
		file_entry("cgroup", 0444, proc_show_cgroup),                                    \
		file_entry("cmdline", 0444, proc_show_arguments),                                \
		writable_entry("comm", proc_show_comm, proc_store_comm),                         \
		magic_entry("cwd", proc_follow_working),                                         \
		private_entry("environ", 0400, proc_show_environment),                           \
		magic_entry("exe", proc_follow_executable),                                      \
		descriptors_entry("fd", 0500, &proc_descriptor),                                 \
		descriptors_entry("fdinfo", 0555, &proc_descriptor_info),                        \
		file_entry("limits", 0444, proc_show_limits),                                    \
		writable_entry("loginuid", proc_show_login_uid, proc_store_login_uid),           \
		private_entry("maps", 0444, proc_show_maps),                                     \
		file_entry("mountinfo", 0444, proc_show_mountinfo),                              \
		file_entry("mounts", 0444, proc_show_mounts),                                    \
		file_entry("oom_score", 0444, proc_show_oom_score),                              \
		writable_entry("oom_score_adj", proc_show_oom_adjustment,                        \
			       proc_store_oom_adjustment),                                       \
		private_entry("personality", 0400, proc_show_personality),                       \
		magic_entry("root", proc_follow_root),                                           \
		private_entry("smaps", 0444, proc_show_smaps),                                   \
		private_entry("smaps_rollup", 0444, proc_show_smaps_rollup),                     \
		file_entry("stat", 0444, show_stat), file_entry("statm", 0444, proc_show_statm), \
		file_entry("status", 0444, show_status)

static const struct proc_entry process_entries[] = {
	process_and_thread_entries(proc_show_process_stat, proc_show_process_status),
	{ .name = "task", .mode = S_IFDIR | 0555, .threads = true },
	file_entry("wchan", 0444, proc_show_wait_place),
};

static const struct proc_entry thread_entries[] = {
	process_and_thread_entries(proc_show_thread_stat, proc_show_thread_status),
	file_entry("wchan", 0444, proc_show_wait_place),
};

/* What other systems do not have. */
static const struct proc_entry facet_entries[] = {
	file_entry("boot", 0444, proc_show_boot), file_entry("clock", 0444, proc_show_clock),
	PROC_COUNTERS PROC_LAST_LOG PROC_STRACE PROC_TRACE
};

static const struct proc_entry root_entries[] = {
	file_entry("cmdline", 0444, proc_show_cmdline),
	file_entry("config", 0444, proc_show_config),
	file_entry("cpuinfo", 0444, proc_show_cpuinfo),
	file_entry("defconfig", 0444, proc_show_defconfig),
	file_entry("devices", 0444, proc_show_devices),
	file_entry("diskstats", 0444, proc_show_nothing),
	{ .name = "facet", proc_directory(facet_entries) },
	file_entry("filesystems", 0444, proc_show_filesystems),
	file_entry("interrupts", 0444, proc_show_interrupts),
	file_entry("loadavg", 0444, proc_show_loadavg),
	file_entry("locks", 0444, proc_show_locks),
	file_entry("meminfo", 0444, proc_show_meminfo),
	{ .name = "mounts", .mode = S_IFLNK | 0777, .readlink = mounts_readlink },
	file_entry("partitions", 0444, proc_show_partitions),
	{ .name = "self", .mode = S_IFLNK | 0777, .readlink = self_readlink },
	file_entry("stat", 0444, proc_show_stat),
	file_entry("swaps", 0444, proc_show_swaps),
	{ .name = "sys",
	  .mode = S_IFDIR | 0555,
	  .entries = proc_settings,
	  .entry_count = PROC_SETTING_COUNT },
	{ .name = "thread-self", .mode = S_IFLNK | 0777, .readlink = thread_self_readlink },
	file_entry("uptime", 0444, proc_show_uptime),
	file_entry("version", 0444, proc_show_version),
	file_entry("vmstat", 0444, proc_show_vmstat),
};

const struct proc_entry proc_root = { proc_directory(root_entries), .processes = true };
const struct proc_entry proc_process = { proc_directory(process_entries) };
const struct proc_entry proc_thread = { proc_directory(thread_entries) };
