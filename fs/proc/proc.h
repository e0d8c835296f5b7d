/*
 * proc.h -- how /proc is put together.
 *
 * The tree is made of constant tables of entries, sorted by name. Those below /proc/<pid> mean one
 * process; no inode or dentry of them exists but while somebody uses it. A file's text is made
 * whole, in kernel memory, when it is read from the beginning, and copied from there.
 */
#ifndef FS_PROC_H
#define FS_PROC_H

#include "../internal.h"

/* Text that grows. After a failed allocation the rest is dropped, and `failed` says so. */
struct text {
	char *bytes;
	size_t size, capacity;
	bool failed;
};

__printf(2, 3) void text_printf(struct text *text, const char *format, ...);
void text_add(struct text *text, const void *bytes, size_t size);
/* Blanks up to a column of the line that began at `line_start`. */
void text_pad(struct text *text, size_t line_start, size_t column);
/* Room for `size` bytes more, so that adding them allocates nothing. */
bool text_reserve(struct text *text, size_t size);
void text_free(struct text *text);

struct proc_entry {
	const char *name;
	mode_t mode;

	/* A file: makes its text. -ESRCH when the process has gone. `pid` 0 where it means none. */
	int (*show)(struct text *text, pid_t pid);
	/* What is too large to be made whole, in place of show: reads it piece by piece. */
	ssize_t (*read)(struct transfer *to, uint64_t offset);
	/* What was written, ended by a NUL and without the newline. Returns 0 or -errno. */
	int (*store)(const char *text);

	/* A directory of further entries. */
	const struct proc_entry *entries;
	size_t entry_count;

	/* A link. `follow` where it leads to a file whatever its name. */
	ssize_t (*readlink)(pid_t pid, int fd, char *buffer, size_t size);
	struct dentry *(*follow)(pid_t pid, int fd);

	bool processes;   /* the root: numbers are processes */
	bool descriptors; /* /proc/<pid>/fd: numbers are descriptors */
	bool private;     /* only who may control the process may look */
};

#define proc_directory(table) \
	.mode = S_IFDIR | 0555, .entries = table, .entry_count = ARRAY_SIZE(table)

extern const struct file_ops proc_file_ops, proc_directory_ops;

/* An inode and a dentry for an entry below `directory`; counted, or ERR_PTR. */
struct dentry *proc_dentry(struct dentry *directory, const struct proc_entry *entry,
			   const char *name, size_t length, pid_t pid, int fd);

/* Whether there is such a process. */
bool proc_exists(pid_t pid);
/* 0, -ESRCH, or -EACCES where the caller may not look into it. */
int proc_may_look(pid_t pid);

/* Counted, or NULL: the process has gone, or has none any more. */
struct space *proc_space(pid_t pid);
struct descriptors *proc_descriptors(pid_t pid);
struct fs_context *proc_context(pid_t pid);
struct file *proc_executable(pid_t pid);

/* --- what files say: system.c, cpuinfo.c, settings.c --- */

int proc_show_boot(struct text *text, pid_t pid);
int proc_show_cmdline(struct text *text, pid_t pid);
int proc_show_config(struct text *text, pid_t pid);
int proc_show_defconfig(struct text *text, pid_t pid);
int proc_show_cpuinfo(struct text *text, pid_t pid);
int proc_show_filesystems(struct text *text, pid_t pid);
int proc_show_loadavg(struct text *text, pid_t pid);
int proc_show_meminfo(struct text *text, pid_t pid);
int proc_show_mounts(struct text *text, pid_t pid);
int proc_show_stat(struct text *text, pid_t pid);
int proc_show_uptime(struct text *text, pid_t pid);
int proc_show_version(struct text *text, pid_t pid);

/* Entries that depend on an option. */
#ifdef CONFIG_COUNTERS
#define PROC_COUNTERS { .name = "counters", .mode = S_IFREG | 0444, .show = proc_show_counters },
#else
#define PROC_COUNTERS
#endif
int proc_show_counters(struct text *text, pid_t pid);

#ifdef CONFIG_TRACE
#define PROC_TRACE                 \
	{ .name = "trace",         \
	  .mode = S_IFREG | 0600,  \
	  .read = proc_read_trace, \
	  .store = proc_store_trace },
#else
#define PROC_TRACE
#endif
ssize_t proc_read_trace(struct transfer *to, uint64_t offset);
int proc_store_trace(const char *text);

#define PROC_SETTING_COUNT 3
extern const struct proc_entry proc_settings[PROC_SETTING_COUNT];

/* --- process.c, memory.c, descriptors.c --- */

int proc_show_process_stat(struct text *text, pid_t pid);
int proc_show_process_status(struct text *text, pid_t pid);
int proc_show_comm(struct text *text, pid_t pid);
int proc_show_limits(struct text *text, pid_t pid);
int proc_show_arguments(struct text *text, pid_t pid);
int proc_show_environment(struct text *text, pid_t pid);
int proc_show_maps(struct text *text, pid_t pid);
int proc_show_statm(struct text *text, pid_t pid);

struct dentry *proc_follow_executable(pid_t pid, int fd);
struct dentry *proc_follow_root(pid_t pid, int fd);
struct dentry *proc_follow_working(pid_t pid, int fd);

struct dentry *proc_lookup_descriptor(struct dentry *directory, const char *name, size_t length,
				      int fd);
int proc_list_descriptors(struct file *file, struct listing *listing);

#endif
