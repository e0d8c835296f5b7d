/*
 * status.c -- /proc/<pid>/status, and the same of one thread: what stat says, and more, for people.
 *
 * A line that tells of what this kernel does not have (seccomp, NUMA nodes) is there where Linux
 * built without it has it as well. Source: proc(5).
 */
#include "proc.h"

#include <facet/kernel_stack.h>
#include <facet/sched.h>
#include <facet/space.h>

#define ROOM 3500 /* with as many supplementary groups as there may be */

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

/* A name, with what would break the line escaped. */
static void put_name(struct text *text, const char *name)
{
	for (; *name; name++) {
		if (*name == '\n')
			text_add(text, "\\n", 2);
		else if (*name == '\\')
			text_add(text, "\\\\", 2);
		else
			text_add(text, name, 1);
	}
}

static void put_ids(struct text *text, const struct credentials *credentials)
{
	text_printf(text, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", credentials->uid,
		    credentials->euid, credentials->suid, credentials->fsuid, credentials->gid,
		    credentials->egid, credentials->sgid, credentials->fsgid);
}

static void put_identity(struct text *text, const struct subject *subject, pid_t id)
{
	const struct process *process = subject->process;
	const struct credentials *credentials = &process->credentials;
	const struct group *group = process->group;
	char state = proc_state(subject);

	text_printf(text, "Name:\t");
	put_name(text, proc_comm(subject));
	text_printf(text, "\nUmask:\t%04o\nState:\t%c (%s)\n", process->fs ? process->fs->umask : 0,
		    state, state_name(state));
	text_printf(text, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", process->pid,
		    id, proc_parent_pid(process));
	put_ids(text, credentials);
	text_printf(text, "FDSize:\t%u\nGroups:\t",
		    process->descriptors ? descriptors_size(process->descriptors) : 0);
	for (uint32_t i = 0; i < credentials->group_count; i++)
		text_printf(text, "%u ", credentials->groups[i]);
	text_printf(text, "\nNStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\nKthread:\t0\n",
		    process->pid, id, group ? group->id : 0, group ? group->session->id : 0);
}

/* What the kernel itself keeps for a process, but for its page tables and files. */
static size_t kernel_bytes(const struct process *process)
{
	return sizeof(*process) + sizeof(*process->space) +
	       process->thread_count * (sizeof(struct thread) + KERNEL_STACK_SIZE) +
	       process->space->area_count * sizeof(struct area);
}

static void put_pages(struct text *text, const char *name, size_t pages)
{
	text_kib(text, name, strlen(name) + 8, pages * (PAGE_SIZE / 1024));
}

static void put_memory(struct text *text, const struct process *process,
		       const struct space_sums *sums)
{
	const struct space *space = process->space;
	size_t resident, of_files;

	if (!space)
		return;
	resident = space->resident_pages;
	of_files = MIN(space->shared_pages, resident);
	put_pages(text, "VmSize:\t", space->mapped_pages);
	put_pages(text, "VmLck:\t", space->locked_pages);
	put_pages(text, "VmPin:\t", 0);
	put_pages(text, "VmHWM:\t", MAX(process->usage.max_resident_pages, space_peak(space)));
	put_pages(text, "VmRSS:\t", resident);
	put_pages(text, "RssAnon:\t", resident - of_files);
	put_pages(text, "RssFile:\t", of_files);
	put_pages(text, "RssShmem:\t", 0);
	put_pages(text, "VmData:\t", sums->data);
	put_pages(text, "VmStk:\t", sums->stack);
	put_pages(text, "VmExe:\t", sums->code);
	put_pages(text, "VmLib:\t", sums->library);
	put_pages(text, "VmPTE:\t", space->table.tables);
	put_pages(text, "VmSwap:\t", 0);
	text_printf(text, "VmKernel:\t%8lu kB\n", kernel_bytes(process) / 1024); /* not Linux's */
	text_printf(text, "CoreDumping:\t0\nTHP_enabled:\t0\n");
}

static void put_signals(struct text *text, const struct subject *subject)
{
	const struct process *process = subject->process;
	const struct signals *signals = &process->signals;
	const struct thread *thread = subject->thread;

	text_printf(text, "Threads:\t%u\nSigQ:\t%u/%lu\n", process->thread_count, signals->queued,
		    process->limits[RLIMIT_SIGPENDING].current);
	text_printf(text, "SigPnd:\t%016lx\nShdPnd:\t%016lx\n", thread ? thread->pending.set : 0,
		    signals->pending.set);
	text_printf(text, "SigBlk:\t%016lx\nSigIgn:\t%016lx\nSigCgt:\t%016lx\n",
		    thread ? thread->blocked : 0, signals->ignored, signals->caught);
}

static void put_rights(struct text *text, const struct subject *subject)
{
	const struct capabilities *own = &subject->process->credentials.capabilities;
	const struct thread *thread = subject->thread;

	text_printf(text, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\n", own->inheritable,
		    own->permitted, own->effective);
	text_printf(text, "CapBnd:\t%016lx\nCapAmb:\t%016lx\n", own->bounding, own->ambient);
	text_printf(text, "NoNewPrivs:\t%d\nSeccomp:\t0\n",
		    thread && thread->attributes.no_new_privileges);
	text_printf(text, "Cpus_allowed:\t1\nCpus_allowed_list:\t0\n");
	text_printf(text, "Mems_allowed:\t1\nMems_allowed_list:\t0\n");
}

/* Before the tree's lock, under which no mutex is taken. */
static void sum_space(pid_t pid, struct space_sums *sums)
{
	struct space *space = proc_space(pid);
	struct file *executable = proc_executable(pid);

	*sums = (struct space_sums){ 0 };
	if (space) {
		mutex_lock(&space->lock);
		proc_space_sums(space, executable, sums);
		mutex_unlock(&space->lock);
		space_put(space);
	}
	if (executable)
		file_put(executable);
}

static int show_status(struct text *text, pid_t pid, bool whole)
{
	struct usage usage = { 0 };
	struct space_sums sums;
	struct subject subject;
	int error;

	sum_space(pid, &sums);
	if (!text_reserve(text, ROOM))
		return -ENOMEM;
	error = proc_subject_lock(text, pid, &subject);
	if (error)
		return error;
	if (whole) {
		proc_subject_whole(&subject);
		process_usage(subject.process, &usage);
	} else if (subject.thread) {
		thread_usage(subject.thread, &usage);
	}
	put_identity(text, &subject, pid);
	put_memory(text, subject.process, &sums);
	put_signals(text, &subject);
	put_rights(text, &subject);
	text_printf(text, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n",
		    usage.voluntary_switches, usage.involuntary_switches);
	proc_subject_unlock();
	return 0;
}

int proc_show_process_status(struct text *text, pid_t pid)
{
	return show_status(text, pid, true);
}

int proc_show_thread_status(struct text *text, pid_t pid)
{
	return show_status(text, pid, false);
}
