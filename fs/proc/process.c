/*
 * process.c -- what /proc/<pid> says of a process: stat, status, comm, limits.
 *
 * Everything is read and formatted under the tree's lock, into text that has room already: so it is
 * one moment, the process cannot go meanwhile, and nothing is allocated there.
 * Source: proc(5).
 */
#include "proc.h"

#include <facet/kernel_stack.h>
#include <facet/panic.h>
#include <facet/sched.h>
#include <facet/space.h>
#include <facet/tty.h>

#define CLOCK_TICKS_NS (NS_PER_SEC / 100)
#define ROOM 2048 /* for any of these texts */

bool proc_exists(pid_t pid)
{
	bool exists;

	spin_lock(&process_tree_lock);
	exists = process_find(pid);
	spin_unlock(&process_tree_lock);
	return exists;
}

int proc_may_look(pid_t pid)
{
	const struct process *process;
	int error = -ESRCH;

	spin_lock(&process_tree_lock);
	process = process_find(pid);
	if (process)
		error = process == current_process() || process_may_control(process) ? 0 : -EACCES;
	spin_unlock(&process_tree_lock);
	return error;
}

/* The process with the tree's lock held, or NULL without. */
static struct process *process_lock(struct text *text, pid_t pid, int *error)
{
	struct process *process;

	*error = -ENOMEM;
	if (!text_reserve(text, ROOM))
		return NULL;
	*error = -ESRCH;
	spin_lock(&process_tree_lock);
	process = process_find(pid);
	if (!process)
		spin_unlock(&process_tree_lock);
	return process;
}

static int process_unlock(void)
{
	spin_unlock(&process_tree_lock);
	return 0;
}

static const struct thread *first_thread(const struct process *process)
{
	return list_first_entry(&process->threads, struct thread, process_link);
}

static char state_of(const struct process *process)
{
	const struct thread *thread = first_thread(process);

	if (process->zombie || !thread)
		return 'Z';
	if (process->stopped)
		return 'T';
	if (thread->state != THREAD_BLOCKED)
		return 'R';
	return thread->sleep_state == SLEEP_INTERRUPTIBLE ? 'S' : 'D';
}

static const char *state_name(char state)
{
	switch (state) {
	case 'R':
		return "running";
	case 'S':
		return "sleeping";
	case 'D':
		return "disk sleep";
	case 'T':
		return "stopped";
	default:
		return "zombie";
	}
}

static int parent_pid(const struct process *process)
{
	return process->parent ? process->parent->pid : 0;
}

static uint64_t ticks(uint64_t ns)
{
	return ns / CLOCK_TICKS_NS;
}

/* Fields 4 to 22: relations and times. */
static void stat_times(struct text *text, struct process *process)
{
	const struct group *group = process->group;
	const struct tty *tty = group ? group->session->tty : NULL;
	const struct thread *thread = first_thread(process);
	struct sched_params params = thread ? thread->sched.params : (struct sched_params){ 0 };
	int priority = params.rt_priority ? -1 - params.rt_priority : 20 + params.nice;
	struct usage usage;

	process_usage(process, &usage);
	text_printf(text, " %d %d %d %lu %d 0 %lu %lu %lu %lu", parent_pid(process),
		    group ? group->id : 0, group ? group->session->id : 0, tty_device(tty),
		    tty_foreground(tty), usage.minor_faults, process->children_usage.minor_faults,
		    usage.major_faults, process->children_usage.major_faults);
	text_printf(text, " %lu %lu %lu %lu %d %d %u 0 %lu", ticks(usage.user_ns),
		    ticks(usage.system_ns), ticks(process->children_usage.user_ns),
		    ticks(process->children_usage.system_ns), priority, params.nice,
		    process->thread_count, ticks(process->start_ns));
}

/* Fields 23 to 52: memory, signals, scheduling. */
static void stat_rest(struct text *text, const struct process *process)
{
	const struct space *space = process->space;
	const struct thread *thread = first_thread(process);
	struct sched_params params = thread ? thread->sched.params : (struct sched_params){ 0 };

	text_printf(text, " %lu %lu %lu 0 0 %lu 0 0", space ? space->mapped_pages * PAGE_SIZE : 0,
		    space ? space->resident_pages : 0, process->limits[RLIMIT_RSS].current,
		    space ? space->stack_top : 0);
	text_printf(text, " %lu %lu %lu %lu 0 0 0 %d 0 %u %u 0 0 0", process->signals.pending.set,
		    thread ? thread->blocked : 0, process->signals.ignored, process->signals.caught,
		    process->exit_signal, params.rt_priority, params.class);
	text_printf(text, " 0 0 %lu %lu %lu %lu %lu %d\n", space ? space->brk_start : 0,
		    space ? space->arg_start : 0, space ? space->arg_end : 0,
		    space ? space->env_start : 0, space ? space->env_end : 0,
		    process->zombie ? process->exit_status : 0);
}

int proc_show_process_stat(struct text *text, pid_t pid)
{
	int error;
	struct process *process = process_lock(text, pid, &error);

	if (!process)
		return error;
	text_printf(text, "%d (%s) %c", process->pid, process->comm, state_of(process));
	stat_times(text, process);
	stat_rest(text, process);
	return process_unlock();
}

static void status_identity(struct text *text, const struct process *process)
{
	const struct credentials *credentials = &process->credentials;
	char state = state_of(process);

	text_printf(text, "Name:\t%s\nUmask:\t%04o\nState:\t%c (%s)\n", process->comm,
		    process->fs ? process->fs->umask : 0, state, state_name(state));
	text_printf(text, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", process->pid,
		    process->pid, parent_pid(process));
	text_printf(text, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", credentials->uid,
		    credentials->euid, credentials->suid, credentials->fsuid, credentials->gid,
		    credentials->egid, credentials->sgid, credentials->fsgid);
	text_printf(text, "Groups:\t");
	for (uint32_t i = 0; i < credentials->group_count; i++)
		text_printf(text, "%u ", credentials->groups[i]);
	text_printf(text, "\n");
}

/* What the kernel itself keeps for a process, but for its page tables and files. */
static size_t kernel_bytes(const struct process *process)
{
	return sizeof(*process) + sizeof(*process->space) +
	       process->thread_count * (sizeof(struct thread) + KERNEL_STACK_SIZE) +
	       process->space->area_count * sizeof(struct area);
}

static void status_memory(struct text *text, const struct process *process)
{
	const struct space *space = process->space;
	const uint64_t kib = PAGE_SIZE / 1024;

	if (!space)
		return;
	text_printf(text, "VmSize:\t%8lu kB\nVmHWM:\t%8lu kB\nVmRSS:\t%8lu kB\n",
		    space->mapped_pages * kib,
		    MAX(process->usage.max_resident_pages, space_peak(space)) * kib,
		    space->resident_pages * kib);
	text_printf(text, "RssAnon:\t%8lu kB\nRssFile:\t%8lu kB\nRssShmem:\t%8lu kB\n",
		    (space->resident_pages - MIN(space->shared_pages, space->resident_pages)) * kib,
		    space->shared_pages * kib, 0ul);
	text_printf(text, "VmData:\t%8lu kB\nVmPTE:\t%8lu kB\nVmSwap:\t%8lu kB\n",
		    space->committed_pages * kib, space->table.tables * kib, 0ul);
	text_printf(text, "VmKernel:\t%8lu kB\n", kernel_bytes(process) / 1024); /* not Linux's */
}

static void status_signals(struct text *text, struct process *process)
{
	const struct thread *thread = first_thread(process);
	struct usage usage;

	process_usage(process, &usage);
	text_printf(text, "Threads:\t%u\nSigQ:\t%u/%lu\nSigPnd:\t%016lx\nShdPnd:\t%016lx\n",
		    process->thread_count, process->signals.queued,
		    process->limits[RLIMIT_SIGPENDING].current, thread ? thread->pending.set : 0,
		    process->signals.pending.set);
	text_printf(text, "SigBlk:\t%016lx\nSigIgn:\t%016lx\nSigCgt:\t%016lx\n",
		    thread ? thread->blocked : 0, process->signals.ignored,
		    process->signals.caught);
	text_printf(text, "Cpus_allowed:\t1\nCpus_allowed_list:\t0\n");
	text_printf(text, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n",
		    usage.voluntary_switches, usage.involuntary_switches);
}

int proc_show_process_status(struct text *text, pid_t pid)
{
	int error;
	struct process *process = process_lock(text, pid, &error);

	if (!process)
		return error;
	status_identity(text, process);
	status_memory(text, process);
	status_signals(text, process);
	return process_unlock();
}

int proc_show_comm(struct text *text, pid_t pid)
{
	int error;
	struct process *process = process_lock(text, pid, &error);

	if (!process)
		return error;
	text_printf(text, "%s\n", process->comm);
	return process_unlock();
}

/* In the order of the numbers. */
static const struct {
	const char *name, *unit;
} limit_names[RLIMITS] = {
	[RLIMIT_CPU] = { "Max cpu time", "seconds" },
	[RLIMIT_FSIZE] = { "Max file size", "bytes" },
	[RLIMIT_DATA] = { "Max data size", "bytes" },
	[RLIMIT_STACK] = { "Max stack size", "bytes" },
	[RLIMIT_CORE] = { "Max core file size", "bytes" },
	[RLIMIT_RSS] = { "Max resident set", "bytes" },
	[RLIMIT_NPROC] = { "Max processes", "processes" },
	[RLIMIT_NOFILE] = { "Max open files", "files" },
	[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
	[RLIMIT_AS] = { "Max address space", "bytes" },
	[RLIMIT_LOCKS] = { "Max file locks", "locks" },
	[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
	[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
	[RLIMIT_NICE] = { "Max nice priority", "" },
	[RLIMIT_RTPRIO] = { "Max realtime priority", "" },
	[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
};

static void show_limit(struct text *text, uint64_t limit)
{
	if (limit == RLIM_INFINITY)
		text_printf(text, "%-20s ", "unlimited");
	else
		text_printf(text, "%-20lu ", limit);
}

int proc_show_limits(struct text *text, pid_t pid)
{
	int error;
	const struct process *process = process_lock(text, pid, &error);

	if (!process)
		return error;
	text_printf(text, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit",
		    "Units");
	for (unsigned i = 0; i < RLIMITS; i++) {
		text_printf(text, "%-25s ", limit_names[i].name);
		show_limit(text, process->limits[i].current);
		show_limit(text, process->limits[i].maximum);
		text_printf(text, "%-10s\n", limit_names[i].unit);
	}
	return process_unlock();
}
