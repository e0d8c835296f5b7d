/*
 * stat.c -- /proc/<pid>/stat, and the same of one thread.
 *
 * The line is read by each ps and top for each process, so it has its 52 fields put one after the
 * other, without a format to be parsed. A field that this kernel does not count is 0.
 * Source: proc(5), whose numbers the comments have.
 */
#include "proc.h"

#include <facet/sched.h>
#include <facet/space.h>
#include <facet/tty.h>

#define CLOCK_TICKS_NS (NS_PER_SEC / 100)
#define FLAG_EXITING 0x04u
#define FLAG_FORKED 0x40u       /* it has not called execve since */
#define OLD_SIGNALS 0x7fffffffu /* the 31 signals that these fields have room for */

static uint64_t ticks(uint64_t ns)
{
	return ns / CLOCK_TICKS_NS;
}

/* 4 to 9 */
static void put_relations(struct text *text, const struct process *process)
{
	const struct group *group = process->group;
	const struct tty *tty = group ? session_terminal(group->session) : NULL;

	text_signed_field(text, proc_parent_pid(process));
	text_signed_field(text, group ? group->id : 0);
	text_signed_field(text, group ? group->session->id : 0);
	text_signed_field(text, (int64_t)tty_device(tty));
	text_signed_field(text, tty_foreground(tty));
	text_field(text,
		   (process->exiting ? FLAG_EXITING : 0) | (process->executed ? 0 : FLAG_FORKED));
}

/* 10 to 17 */
static void put_usage(struct text *text, const struct process *process, const struct usage *usage)
{
	const struct usage *children = &process->children_usage;

	text_field(text, usage->minor_faults);
	text_field(text, children->minor_faults);
	text_field(text, usage->major_faults);
	text_field(text, children->major_faults);
	text_field(text, ticks(usage->user_ns));
	text_field(text, ticks(usage->system_ns));
	text_field(text, ticks(children->user_ns));
	text_field(text, ticks(children->system_ns));
}

/* 18 to 22 */
static void put_priority(struct text *text, const struct process *process,
			 const struct sched_params *params)
{
	text_signed_field(text, params->rt_priority ? -1 - params->rt_priority : 20 + params->nice);
	text_signed_field(text, params->nice);
	text_field(text, process->thread_count);
	text_field(text, 0);
	text_field(text, ticks(process->start_ns));
}

/* 23 to 30 */
static void put_memory(struct text *text, const struct process *process)
{
	static const struct space none;
	const struct space *space = process->space ? process->space : &none;

	text_field(text, space->mapped_pages * PAGE_SIZE);
	text_field(text, space->resident_pages);
	text_field(text, process->limits[RLIMIT_RSS].current);
	text_field(text, 0);
	text_field(text, 0);
	text_field(text, space->stack_top);
	text_field(text, 0);
	text_field(text, 0);
}

/* 31 to 44 */
static void put_signals(struct text *text, const struct subject *subject,
			const struct sched_params *params)
{
	const struct process *process = subject->process;
	const struct thread *thread = subject->thread;

	text_field(text, (thread ? thread->pending.set : 0) & OLD_SIGNALS);
	text_field(text, (thread ? thread->blocked : 0) & OLD_SIGNALS);
	text_field(text, process->signals.ignored & OLD_SIGNALS);
	text_field(text, process->signals.caught & OLD_SIGNALS);
	text_field(text, thread && thread->state == THREAD_BLOCKED); /* wchan */
	text_field(text, 0);
	text_field(text, 0);
	text_signed_field(text, process->exit_signal);
	text_field(text, 0); /* the processor */
	text_field(text, params->rt_priority);
	text_field(text, params->class);
	text_field(text, 0);
	text_field(text, 0);
	text_field(text, 0);
}

/* 45 to 52 */
static void put_places(struct text *text, const struct process *process)
{
	static const struct space none;
	const struct space *space = process->space ? process->space : &none;

	text_field(text, 0);
	text_field(text, 0);
	text_field(text, space->brk_start);
	text_field(text, space->arg_start);
	text_field(text, space->arg_end);
	text_field(text, space->env_start);
	text_field(text, space->env_end);
	text_field(text, process->zombie ? (unsigned)process->exit_status : 0);
}

static void put_stat(struct text *text, const struct subject *subject, pid_t id,
		     const struct usage *usage)
{
	static const struct sched_params none;
	const struct sched_params *params = subject->thread ? &subject->thread->sched.params
							    : &none;
	char state[] = { ')', ' ', proc_state(subject), ' ' };

	text_field(text, (unsigned)id);
	text_add(text, "(", 1);
	text_add(text, proc_comm(subject), strlen(proc_comm(subject)));
	text_add(text, state, sizeof(state));
	put_relations(text, subject->process);
	put_usage(text, subject->process, usage);
	put_priority(text, subject->process, params);
	put_memory(text, subject->process);
	put_signals(text, subject, params);
	put_places(text, subject->process);
	text->bytes[text->size - 1] = '\n';
}

int proc_show_process_stat(struct text *text, pid_t pid)
{
	struct subject subject;
	struct usage usage;
	int error = proc_subject_lock(text, pid, &subject);

	if (error)
		return error;
	proc_subject_whole(&subject);
	process_usage(subject.process, &usage);
	put_stat(text, &subject, pid, &usage);
	proc_subject_unlock();
	return 0;
}

int proc_show_thread_stat(struct text *text, pid_t pid)
{
	struct subject subject;
	struct usage usage = { 0 };
	int error = proc_subject_lock(text, pid, &subject);

	if (error)
		return error;
	if (subject.thread)
		thread_usage(subject.thread, &usage);
	put_stat(text, &subject, pid, &usage);
	proc_subject_unlock();
	return 0;
}
