/*
 * What a process has used: getrusage, times, and the same for /proc.
 *
 * A thread's time is measured at its switches to the nanosecond; how it divides into user and
 * system time is the ticks' sample. Lock: process_tree_lock where another process is read.
 * Source: getrusage(2), times(2).
 */
#include <arch/uaccess.h>
#include <facet/clock.h>
#include <facet/errno.h>
#include <facet/sched.h>
#include <facet/space.h>
#include <facet/syscalls.h>

#include "process_private.h"

#define RUSAGE_SELF 0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD 1
#define CLOCK_TICKS_PER_SEC 100 /* USER_HZ */

/* Linux's struct rusage. */
struct rusage {
	int64_t user_time[2], system_time[2]; /* seconds, microseconds */
	int64_t max_resident_kib, text_kib, data_kib, stack_kib;
	int64_t minor_faults, major_faults, swaps, blocks_in, blocks_out, messages_out, messages_in,
		signals;
	int64_t voluntary_switches, involuntary_switches;
};

void usage_add(struct usage *sum, const struct usage *usage)
{
	sum->user_ns += usage->user_ns;
	sum->system_ns += usage->system_ns;
	sum->minor_faults += usage->minor_faults;
	sum->major_faults += usage->major_faults;
	sum->voluntary_switches += usage->voluntary_switches;
	sum->involuntary_switches += usage->involuntary_switches;
	sum->max_resident_pages = MAX(sum->max_resident_pages, usage->max_resident_pages);
}

static void add_thread(struct usage *usage, struct thread *thread)
{
	uint64_t ran = sched_ran_ns(thread);
	uint64_t ticks = thread->user_ticks + thread->system_ticks;
	uint64_t user = ticks ? ran / ticks * thread->user_ticks : ran;

	usage->user_ns += user;
	usage->system_ns += ran - user;
	usage->voluntary_switches += thread->voluntary_switches;
	usage->involuntary_switches += thread->involuntary_switches;
}

/* Faults are counted for the whole process. */
void thread_usage(struct thread *thread, struct usage *usage)
{
	const struct space *space = thread->process->space;

	*usage = (struct usage){ .max_resident_pages = space ? space_peak(space) : 0 };
	add_thread(usage, thread);
}

void usage_charge_thread(struct process *process, struct thread *thread)
{
	add_thread(&process->usage, thread);
}

void process_usage(struct process *process, struct usage *usage)
{
	struct thread *thread;

	*usage = process->usage;
	list_for_each_entry(thread, &process->threads, process_link)
		add_thread(usage, thread);
	if (process->space)
		usage->max_resident_pages = MAX(usage->max_resident_pages,
						space_peak(process->space));
}

static void to_timeval(int64_t time[2], uint64_t ns)
{
	time[0] = (int64_t)(ns / NS_PER_SEC);
	time[1] = (int64_t)(ns % NS_PER_SEC / 1000);
}

int usage_to_user(void __user *to, const struct usage *usage)
{
	struct rusage rusage = {
		.max_resident_kib = (int64_t)(usage->max_resident_pages * (PAGE_SIZE / 1024)),
		.minor_faults = (int64_t)usage->minor_faults,
		.major_faults = (int64_t)usage->major_faults,
		.voluntary_switches = (int64_t)usage->voluntary_switches,
		.involuntary_switches = (int64_t)usage->involuntary_switches,
	};

	to_timeval(rusage.user_time, usage->user_ns);
	to_timeval(rusage.system_time, usage->system_ns);
	return copy_to_user(to, &rusage, sizeof(rusage));
}

long sys_getrusage(int who, void __user *to)
{
	struct process *process = current_process();
	struct usage usage;

	if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != RUSAGE_THREAD)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	if (who == RUSAGE_CHILDREN)
		usage = process->children_usage;
	else if (who == RUSAGE_THREAD)
		thread_usage(current_thread(), &usage);
	else
		process_usage(process, &usage);
	spin_unlock(&process_tree_lock);
	return usage_to_user(to, &usage);
}

long sys_times(void __user *to)
{
	const uint64_t ns_per_tick = NS_PER_SEC / CLOCK_TICKS_PER_SEC;
	struct process *process = current_process();
	struct usage own, children;
	uint64_t times[4];

	spin_lock(&process_tree_lock);
	process_usage(process, &own);
	children = process->children_usage;
	spin_unlock(&process_tree_lock);
	times[0] = own.user_ns / ns_per_tick;
	times[1] = own.system_ns / ns_per_tick;
	times[2] = children.user_ns / ns_per_tick;
	times[3] = children.system_ns / ns_per_tick;
	if (to && copy_to_user(to, times, sizeof(times)))
		return -EFAULT;
	return (long)(clock_ns() / ns_per_tick);
}
