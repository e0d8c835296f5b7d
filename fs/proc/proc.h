/*
 * proc.h -- how /proc is put together.
 *
 * The tree is made of constant tables of entries, sorted by name (entries.c). Those below
 * /proc/<pid> mean one process, those below /proc/<pid>/task/<tid> one thread; no inode or dentry
 * of them exists but while somebody uses it. A file's text is made whole, in kernel memory, when it
 * is read from the beginning, and copied from there.
 *
 * `pid` is the id of a process or of one of its threads: what belongs to the process is found by
 * either.
 */
#ifndef FS_PROC_H
#define FS_PROC_H

#include "../internal.h"

struct area;

/* Text that grows. After a failed allocation the rest is dropped, and `failed` says so. */
struct text {
	char *bytes;
	size_t size, capacity;
	bool failed;
};

__printf(2, 3) void text_printf(struct text *text, const char *format, ...);
void text_add(struct text *text, const void *bytes, size_t size);
/* A number and a blank behind it. */
void text_field(struct text *text, uint64_t value);
void text_signed_field(struct text *text, int64_t value);
/* In hexadecimal, with at least so many digits, and a character behind it. */
void text_hex(struct text *text, uint64_t value, unsigned least, char behind);
/* Blanks up to a column of the line that began at `line_start`. */
void text_pad(struct text *text, size_t line_start, size_t column);
/* A line "name   123 kB", with the last digit in a column. */
void text_kib(struct text *text, const char *name, size_t column, uint64_t kib);
/* Room for `size` bytes more, so that adding them allocates nothing. */
bool text_reserve(struct text *text, size_t size);
void text_free(struct text *text);

/* Shows a file that says the same for every process. */
#define define_constant(function, ...)             \
	int function(struct text *text, pid_t pid) \
	{                                          \
		(void)pid;                         \
		text_printf(text, __VA_ARGS__);    \
		return 0;                          \
	}

struct proc_entry {
	const char *name;
	mode_t mode;

	/* A file: makes its text. -ESRCH when the process has gone. `pid` 0 where it means none. */
	int (*show)(struct text *text, pid_t pid);
	/* What is too large to be made whole, in place of show: reads it piece by piece. */
	ssize_t (*read)(struct transfer *to, uint64_t offset);
	/* What was written, ended by a NUL and without the newline. Returns 0 or -errno. */
	int (*store)(pid_t pid, const char *text);
	/* In place of show, where the file is about a descriptor: fdinfo/<fd>. */
	int (*show_descriptor)(struct text *text, pid_t pid, int fd);

	/* A directory of further entries. */
	const struct proc_entry *entries;
	size_t entry_count;

	/* A link. `follow` where it leads to a file whatever its name. */
	ssize_t (*readlink)(pid_t pid, int fd, char *buffer, size_t size);
	struct dentry *(*follow)(pid_t pid, int fd);

	const struct proc_entry *descriptors; /* fd, fdinfo: a number is one, of this kind */
	bool processes;                       /* the root: numbers are processes */
	bool threads;                         /* /proc/<pid>/task: numbers are threads */
	bool private;                         /* only who may trace the process may look */
};

#define proc_directory(table) \
	.mode = S_IFDIR | 0555, .entries = table, .entry_count = ARRAY_SIZE(table)

extern const struct file_ops proc_file_ops, proc_directory_ops, proc_threads_ops;
extern const struct proc_entry proc_root, proc_process, proc_thread;

/*
 * The same for the same file every time it is asked for, and no two alike: which entry, which
 * process or thread, which descriptor (-1: none).
 */
ino_t proc_number(const struct proc_entry *entry, pid_t pid, int fd);

/* An inode and a dentry for an entry below `directory`; counted, or ERR_PTR. */
struct dentry *proc_dentry(struct dentry *directory, const struct proc_entry *entry,
			   const char *name, size_t length, pid_t pid, int fd);

/* Whether there is such a process or thread; whether `tid` is a thread of the process of `pid`. */
bool proc_exists(pid_t pid);
bool proc_is_thread(pid_t pid, pid_t tid);
/* The process, by its id or a thread's. Tree lock held. NULL: none. */
struct process *proc_find(pid_t pid);
/* 0, -ESRCH, or -EACCES where the caller may not look into it. */
int proc_may_look(pid_t pid);

/* Counted, or NULL: the process has gone, or has none any more. */
struct space *proc_space(pid_t pid);
struct descriptors *proc_descriptors(pid_t pid);
struct fs_context *proc_context(pid_t pid);
struct file *proc_executable(pid_t pid);

/* --- what files say: system.c, machine_memory.c, cpuinfo.c, clock.c, settings.c, mounts.c --- */

int proc_show_nothing(struct text *text, pid_t pid);
int proc_show_clock(struct text *text, pid_t pid);
int proc_show_boot(struct text *text, pid_t pid);
int proc_show_cmdline(struct text *text, pid_t pid);
int proc_show_config(struct text *text, pid_t pid);
int proc_show_defconfig(struct text *text, pid_t pid);
int proc_show_cpuinfo(struct text *text, pid_t pid);
int proc_show_devices(struct text *text, pid_t pid);
int proc_show_filesystems(struct text *text, pid_t pid);
int proc_show_interrupts(struct text *text, pid_t pid);
int proc_show_loadavg(struct text *text, pid_t pid);
int proc_show_locks(struct text *text, pid_t pid);
int proc_show_meminfo(struct text *text, pid_t pid);
int proc_show_mountinfo(struct text *text, pid_t pid);
int proc_show_mounts(struct text *text, pid_t pid);
int proc_show_partitions(struct text *text, pid_t pid);
int proc_show_stat(struct text *text, pid_t pid);
uint64_t proc_device_interrupts(void);
int proc_show_swaps(struct text *text, pid_t pid);
int proc_show_uptime(struct text *text, pid_t pid);
int proc_show_version(struct text *text, pid_t pid);
int proc_show_vmstat(struct text *text, pid_t pid);

/* Entries that depend on an option. */
#ifdef CONFIG_COUNTERS
#define PROC_COUNTERS { .name = "counters", .mode = S_IFREG | 0444, .show = proc_show_counters },
#else
#define PROC_COUNTERS
#endif
int proc_show_counters(struct text *text, pid_t pid);

#ifdef CONFIG_LAST_LOG
#define PROC_LAST_LOG                                                               \
	{ .name = "last_log", .mode = S_IFREG | 0400, .show = proc_show_last_log }, \
		{ .name = "next_boot",                                              \
		  .mode = S_IFREG | 0600,                                           \
		  .show = proc_show_next_boot,                                      \
		  .store = proc_store_next_boot },
#else
#define PROC_LAST_LOG
#endif
int proc_show_last_log(struct text *text, pid_t pid);
int proc_show_next_boot(struct text *text, pid_t pid);
int proc_store_next_boot(pid_t pid, const char *text);

#ifdef CONFIG_TRACE
#define PROC_TRACE                 \
	{ .name = "trace",         \
	  .mode = S_IFREG | 0600,  \
	  .read = proc_read_trace, \
	  .store = proc_store_trace },
#else
#define PROC_TRACE
#endif
#ifdef CONFIG_STRACE
#define PROC_STRACE                 \
	{ .name = "strace",         \
	  .mode = S_IFREG | 0600,   \
	  .show = proc_show_strace, \
	  .store = proc_store_strace },
#else
#define PROC_STRACE
#endif
int proc_show_strace(struct text *text, pid_t pid);
int proc_store_strace(pid_t pid, const char *text);

ssize_t proc_read_trace(struct transfer *to, uint64_t offset);
int proc_store_trace(pid_t pid, const char *text);

#define PROC_SETTING_COUNT 3
extern const struct proc_entry proc_settings[PROC_SETTING_COUNT];

/* --- stat.c, status.c, process.c, memory.c, smaps.c, descriptors.c --- */

/* Whom a text is about, while the tree's lock is held. */
struct subject {
	struct process *process;
	struct thread *thread; /* of the id that was asked for; NULL: it has ended */
};

/*
 * By the id of a process or a thread. Makes room for a text first, so that nothing is allocated
 * under the lock. Returns 0 with the tree's lock held, or -errno without.
 */
int proc_subject_lock(struct text *text, pid_t pid, struct subject *subject);
void proc_subject_unlock(void);
/* Of a process whose first thread has ended: the oldest one there is. */
void proc_subject_whole(struct subject *subject);
/* The letter of stat's third field. */
char proc_state(const struct subject *subject);
pid_t proc_parent_pid(const struct process *process);
const char *proc_comm(const struct subject *subject);

int proc_show_process_stat(struct text *text, pid_t pid);
int proc_show_thread_stat(struct text *text, pid_t pid);
int proc_show_process_status(struct text *text, pid_t pid);
int proc_show_thread_status(struct text *text, pid_t pid);

int proc_show_cgroup(struct text *text, pid_t pid);
int proc_show_comm(struct text *text, pid_t pid);
int proc_show_limits(struct text *text, pid_t pid);
int proc_show_login_uid(struct text *text, pid_t pid);
int proc_show_oom_adjustment(struct text *text, pid_t pid);
int proc_show_oom_score(struct text *text, pid_t pid);
int proc_show_personality(struct text *text, pid_t pid);
int proc_show_wait_place(struct text *text, pid_t pid);
int proc_store_comm(pid_t pid, const char *text);
int proc_store_login_uid(pid_t pid, const char *text);
int proc_store_oom_adjustment(pid_t pid, const char *text);

int proc_show_arguments(struct text *text, pid_t pid);
int proc_show_auxiliary(struct text *text, pid_t pid);
int proc_show_environment(struct text *text, pid_t pid);
int proc_show_maps(struct text *text, pid_t pid);
int proc_show_smaps(struct text *text, pid_t pid);
int proc_show_smaps_rollup(struct text *text, pid_t pid);
int proc_show_statm(struct text *text, pid_t pid);

/* Pages of a space by what they are for; the space's lock is held. */
struct space_sums {
	size_t code;    /* of the executable itself */
	size_t library; /* executable, of other files */
	size_t data;    /* private and writable */
	size_t stack;
};

struct file;
void proc_space_sums(struct space *space, const struct file *executable, struct space_sums *sums);
#define MAPS_PATH_COLUMN 73
/* A line of maps. `path` has PATH_MAX bytes. */
void proc_text_area(struct text *text, const struct area *area, char *path);

extern const struct proc_entry proc_descriptor, proc_descriptor_info;

struct dentry *proc_follow_executable(pid_t pid, int fd);
struct dentry *proc_follow_root(pid_t pid, int fd);
struct dentry *proc_follow_working(pid_t pid, int fd);

struct dentry *proc_lookup_descriptor(struct dentry *directory, const char *name, size_t length,
				      int fd);
int proc_list_descriptors(struct file *file, struct listing *listing);

#endif
