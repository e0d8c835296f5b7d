/*
 * process.c -- whom a file below /proc/<pid> is about, and those that say one thing of it: comm,
 * limits, the out-of-memory killer's score.
 *
 * Everything is read and formatted under the tree's lock, into text that has room already: so it is
 * one moment, the process cannot go meanwhile, and nothing is allocated there.
 * Source: proc(5).
 */
#include "proc.h"

#include <facet/capability.h>
#include <facet/sched.h>
#include <facet/space.h>

#define ROOM 2048 /* for any of these texts, of which that of the limits is the longest */

#define OOM_ADJUSTMENT_MAX 1000

struct process *proc_find(pid_t pid)
{
	struct process *process = process_find(pid);
	const struct thread *thread = process ? NULL : thread_find(pid);

	return thread ? thread->process : process;
}

bool proc_exists(pid_t pid)
{
	bool exists;

	spin_lock(&process_tree_lock);
	exists = proc_find(pid);
	spin_unlock(&process_tree_lock);
	return exists;
}

int proc_may_look(pid_t pid)
{
	const struct process *process;
	int error = -ESRCH;

	spin_lock(&process_tree_lock);
	process = proc_find(pid);
	if (process)
		error = process_may_trace(process, FILE_IDS) ? 0 : -EACCES;
	spin_unlock(&process_tree_lock);
	return error;
}

int proc_subject_lock(struct text *text, pid_t pid, struct subject *subject)
{
	if (!text_reserve(text, ROOM))
		return -ENOMEM;
	spin_lock(&process_tree_lock);
	subject->process = proc_find(pid);
	if (!subject->process) {
		spin_unlock(&process_tree_lock);
		return -ESRCH;
	}
	subject->thread = thread_find(pid);
	return 0;
}

void proc_subject_unlock(void)
{
	spin_unlock(&process_tree_lock);
}

void proc_subject_whole(struct subject *subject)
{
	if (!subject->thread)
		subject->thread = list_first_entry(&subject->process->threads, struct thread,
						   process_link);
}

char proc_state(const struct subject *subject)
{
	const struct thread *thread = subject->thread;

	if (subject->process->zombie || !thread)
		return 'Z';
	if (subject->process->stopped)
		return 'T';
	if (thread->state != THREAD_BLOCKED)
		return 'R';
	return thread->sleep_state == SLEEP_INTERRUPTIBLE ? 'S' : 'D';
}

pid_t proc_parent_pid(const struct process *process)
{
	return process->parent ? process->parent->pid : 0;
}

const char *proc_comm(const struct subject *subject)
{
	return subject->thread ? thread_comm(subject->thread) : subject->process->comm;
}

int proc_show_comm(struct text *text, pid_t pid)
{
	struct subject subject;
	int error = proc_subject_lock(text, pid, &subject);

	if (error)
		return error;
	text_printf(text, "%s\n", proc_comm(&subject));
	proc_subject_unlock();
	return 0;
}

/* A process names its own threads alone. */
int proc_store_comm(pid_t pid, const char *text)
{
	struct thread *thread;
	int error = -EINVAL;

	spin_lock(&process_tree_lock);
	thread = thread_find(pid);
	if (thread && thread->process == current_process()) {
		strlcpy(thread_comm(thread), text, COMM_SIZE);
		error = 0;
	}
	spin_unlock(&process_tree_lock);
	return error;
}

/* There is one group, version 2's root: whoever looks for limits in it finds none. */
define_constant(proc_show_cgroup, "0::/\n")

/* The functions of the kernel are nobody's business but the kernel's. */
define_constant(proc_show_wait_place, "0")

int proc_show_personality(struct text *text, pid_t pid)
{
	struct subject subject;
	int error = proc_subject_lock(text, pid, &subject);

	if (error)
		return error;
	proc_subject_whole(&subject);
	text_printf(text, "%08x\n", subject.thread ? subject.thread->attributes.personality : 0);
	proc_subject_unlock();
	return 0;
}

int proc_show_login_uid(struct text *text, pid_t pid)
{
	struct subject subject;
	int error = proc_subject_lock(text, pid, &subject);

	if (error)
		return error;
	text_printf(text, "%u", subject.process->login_uid);
	proc_subject_unlock();
	return 0;
}

/* Once it is set, CAP_AUDIT_CONTROL changes it: pam_loginuid(8). */
int proc_store_login_uid(pid_t pid, const char *text)
{
	struct process *process = current_process();
	uint64_t uid;
	int error = -EPERM;

	if (parse_u64(text, 10, &uid) || uid > UINT32_MAX)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	if (proc_find(pid) == process &&
	    (process->login_uid == (uid_t)-1 || capable(CAP_AUDIT_CONTROL))) {
		process->login_uid = (uid_t)uid;
		error = 0;
	}
	spin_unlock(&process_tree_lock);
	return error;
}

/* What a process occupies in thousandths of all memory, and what its owner says of it. */
int proc_show_oom_score(struct text *text, pid_t pid)
{
	struct subject subject;
	int64_t total = (int64_t)frames_total_count(), points = 0, score;
	int error = proc_subject_lock(text, pid, &subject);

	if (error)
		return error;
	if (subject.process->space)
		points = (int64_t)(subject.process->space->resident_pages +
				   subject.process->space->table.tables);
	score = (1000 + points * 1000 / total + subject.process->oom_adjustment) * 2 / 3;
	if (!subject.process->space || subject.process->oom_adjustment == -OOM_ADJUSTMENT_MAX)
		score = 0;
	text_printf(text, "%ld\n", MAX(score, 0l));
	proc_subject_unlock();
	return 0;
}

int proc_show_oom_adjustment(struct text *text, pid_t pid)
{
	struct subject subject;
	int error = proc_subject_lock(text, pid, &subject);

	if (error)
		return error;
	text_printf(text, "%d\n", subject.process->oom_adjustment);
	proc_subject_unlock();
	return 0;
}

static int parse_adjustment(const char *text, int *value)
{
	bool negative = *text == '-';
	uint64_t magnitude;

	if (parse_u64(text + negative, 10, &magnitude) || magnitude > OOM_ADJUSTMENT_MAX)
		return -EINVAL;
	*value = negative ? -(int)magnitude : (int)magnitude;
	return 0;
}

/* Only root goes below what root has set last. */
int proc_store_oom_adjustment(pid_t pid, const char *text)
{
	struct process *process;
	int value, error = parse_adjustment(text, &value);

	if (error)
		return error;
	spin_lock(&process_tree_lock);
	process = proc_find(pid);
	if (!process) {
		error = -ESRCH;
	} else if (value < process->oom_adjustment_least && !capable(CAP_SYS_RESOURCE)) {
		error = -EACCES;
	} else {
		process->oom_adjustment = (int16_t)value;
		if (capable(CAP_SYS_RESOURCE))
			process->oom_adjustment_least = (int16_t)value;
	}
	spin_unlock(&process_tree_lock);
	return error;
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
	struct subject subject;
	int error = proc_subject_lock(text, pid, &subject);

	if (error)
		return error;
	text_printf(text, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit",
		    "Units");
	for (unsigned i = 0; i < RLIMITS; i++) {
		text_printf(text, "%-25s ", limit_names[i].name);
		show_limit(text, subject.process->limits[i].current);
		show_limit(text, subject.process->limits[i].maximum);
		text_printf(text, "%-10s\n", limit_names[i].unit);
	}
	proc_subject_unlock();
	return 0;
}
