/*
 * settings.c -- /proc/sys: what programs ask about limits and names, and the little that they may
 * change.
 *
 * What a setting of Linux's would change and this kernel does not do is read-only here, with the
 * value that says so. Source: proc(5); the kernel's documentation of sysctl.
 */
#include "proc.h"

#include <facet/bitmap.h>
#include <facet/capability.h>
#include <facet/config_text.h>
#include <facet/printk.h>
#include <facet/sched.h>
#include <facet/space.h>
#include <facet/version.h>

#define UUID_SIZE 16

static define_constant(show_zero, "0\n")
static define_constant(show_pipe_max_size, "%u\n", pipe_size_max())
static define_constant(show_pid_max, "%u\n", IDMAP_LIMIT_MAX)
static define_constant(show_threads_max, "%u\n", CONFIG_PROCESSES_MAX)
static define_constant(show_groups_max, "%u\n", GROUPS_MAX)
static define_constant(show_last_capability, "%u\n", CAPABILITY_LAST)
static define_constant(show_nobody, "%u\n", 65534)
static define_constant(show_system, "Linux\n")
static define_constant(show_release, "%s\n", FACET_RELEASE)
static define_constant(show_version, FACET_VERSION_FORMAT "\n", config_hash)
static define_constant(show_host, "%s\n", system_names().node)
static define_constant(show_domain, "%s\n", system_names().domain)
static define_constant(show_core_pattern, "core\n")
static define_constant(show_entropy, "256\n")
static define_constant(show_areas_max, "%u\n", SPACE_AREAS_MAX)
static define_constant(show_lowest_address, "%lu\n", USER_START)
/* Nothing but memory limits how many files all processes have open together. */
static define_constant(show_file_max, "%ld\n", INT64_MAX)
static define_constant(show_descriptors_max, "%u\n", DESCRIPTORS_MAX)

/* What Linux drops by 1 to 3 is one thing here: every store of free pages in the kernel. */
static int store_drop_caches(pid_t pid, const char *text)
{
	uint64_t value;
	int error = parse_u64(text, 10, &value);

	(void)pid;
	if (error || value < 1 || value > 4)
		return -EINVAL;
	frames_drain();
	return 0;
}

static int store_host(pid_t pid, const char *text)
{
	(void)pid;
	return system_set_node(text, strlen(text));
}

static int store_domain(pid_t pid, const char *text)
{
	(void)pid;
	return system_set_domain(text, strlen(text));
}

static define_constant(show_overcommit, "%d\n", commit_mode())

static int store_overcommit(pid_t pid, const char *text)
{
	uint64_t mode;

	(void)pid;
	if (parse_u64(text, 10, &mode) || mode > COMMIT_STRICT)
		return -EINVAL;
	commit_set_mode((enum commit_mode)mode);
	return 0;
}

/* Levels: of the console, of messages that name none, the least and the default of the first. */
static define_constant(show_printk, "%d\t%d\t%d\t%d\n", printk_console_level(), LOG_WARNING, 1,
		       CONFIG_LOG_LEVEL + 1)

static int store_printk(pid_t pid, const char *text)
{
	uint64_t level;

	(void)pid;
	if (parse_u64(text, 10, &level) || level < 1 || level > LOG_DEBUG + 1)
		return -EINVAL;
	printk_set_console_level((int)level);
	return 0;
}

/* RFC 9562, version 4. */
static void random_uuid(uint8_t uuid[UUID_SIZE])
{
	struct transfer to;

	transfer_init_kernel(&to, uuid, UUID_SIZE);
	random_ops.read(NULL, &to, 0);
	uuid[6] = (uuid[6] & 0x0f) | 0x40;
	uuid[8] = (uuid[8] & 0x3f) | 0x80;
}

static void put_uuid(struct text *text, const uint8_t uuid[UUID_SIZE])
{
	for (unsigned i = 0; i < UUID_SIZE; i++)
		text_printf(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			    uuid[i]);
	text_printf(text, "\n");
}

static int show_uuid(struct text *text, pid_t pid)
{
	uint8_t uuid[UUID_SIZE];

	(void)pid;
	random_uuid(uuid);
	put_uuid(text, uuid);
	return 0;
}

/* Made when it is first asked for; who comes second waits, and gets the same. */
static int show_boot_id(struct text *text, pid_t pid)
{
	static struct mutex lock = MUTEX_INIT(lock, RANK_FILE);
	static uint8_t uuid[UUID_SIZE];

	(void)pid;
	mutex_lock_nested(&lock); /* after the inode that is read */
	if (!uuid[6])
		random_uuid(uuid);
	mutex_unlock(&lock);
	put_uuid(text, uuid);
	return 0;
}

#define fixed(file, function)                                          \
	{                                                              \
		.name = file, .mode = S_IFREG | 0444, .show = function \
	}
#define changing(file, bits, function, take)                                            \
	{                                                                               \
		.name = file, .mode = S_IFREG | (bits), .show = function, .store = take \
	}

static const struct proc_entry fs_entries[] = {
	fixed("file-max", show_file_max),           fixed("nr_open", show_descriptors_max),
	fixed("overflowgid", show_nobody),          fixed("overflowuid", show_nobody),
	fixed("pipe-max-size", show_pipe_max_size),
};

static const struct proc_entry random_entries[] = {
	fixed("boot_id", show_boot_id),
	fixed("entropy_avail", show_entropy),
	fixed("poolsize", show_entropy),
	fixed("uuid", show_uuid),
};

static const struct proc_entry kernel_entries[] = {
	fixed("cap_last_cap", show_last_capability),
	fixed("core_pattern", show_core_pattern),
	changing("domainname", 0644, show_domain, store_domain),
	changing("hostname", 0644, show_host, store_host),
	fixed("ngroups_max", show_groups_max),
	fixed("osrelease", show_release),
	fixed("ostype", show_system),
	fixed("overflowgid", show_nobody),
	fixed("overflowuid", show_nobody),
	fixed("panic", show_zero),
	fixed("pid_max", show_pid_max),
	changing("printk", 0644, show_printk, store_printk),
	{ .name = "random", proc_directory(random_entries) },
	fixed("randomize_va_space", show_zero),
	fixed("tainted", show_zero),
	fixed("threads-max", show_threads_max),
	fixed("version", show_version),
};

static const struct proc_entry vm_entries[] = {
	changing("drop_caches", 0200, show_zero, store_drop_caches),
	fixed("max_map_count", show_areas_max),
	fixed("mmap_min_addr", show_lowest_address),
	changing("overcommit_memory", 0644, show_overcommit, store_overcommit),
};

const struct proc_entry proc_settings[PROC_SETTING_COUNT] = {
	{ .name = "fs", proc_directory(fs_entries) },
	{ .name = "kernel", proc_directory(kernel_entries) },
	{ .name = "vm", proc_directory(vm_entries) },
};
