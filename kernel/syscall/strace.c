/*
 * The tracing of system calls: whom it follows, and the lines that it prints to the kernel's log.
 *
 * A line is begun when a call is made, for its arguments may have changed when it returns, and is
 * printed when it does; a process that calls exec, forks or waits for another is followed so too.
 * Lock: process_tree_lock for who is traced; a line is the thread's own. Source: strace(1).
 */
#include <arch/trap_frame.h>
#include <facet/bootinfo.h>
#include <facet/cmdline.h>
#include <facet/errno.h>
#include <facet/format.h>
#include <facet/printk.h>
#include <facet/process.h>
#include <facet/slab.h>
#include <facet/strace.h>
#include <facet/string.h>

#include "strace_private.h"

/* To be traced from its beginning; STRACE_ALL: everybody. Tree lock, or boot. */
static pid_t wanted;

static void print(const struct strace_line *line)
{
	pr_info("strace: %d: %s\n", current_thread()->tid, line->text);
}

static void begin(struct strace_line *line, const struct trap_frame *frame)
{
	line->call = strace_call((uint32_t)frame->orig_rax);
	line->arguments[0] = frame->rdi;
	line->arguments[1] = frame->rsi;
	line->arguments[2] = frame->rdx;
	line->arguments[3] = frame->r10;
	line->arguments[4] = frame->r8;
	line->arguments[5] = frame->r9;
	line->next = 0;
	line->length = 0;
	if (line->call->name)
		strace_put(line, "%s(", line->call->name);
	else
		strace_put(line, "syscall_0x%lx(", frame->orig_rax & UINT32_MAX);
	strace_put_arguments(line, false, 0);
}

void strace_enter(const struct trap_frame *frame)
{
	struct thread *thread = current_thread();
	struct strace_line *line;

	if (likely(!thread->process->straced))
		return;
	line = kmalloc(sizeof(*line));
	if (!line)
		return; /* a call that is not shown is better than one that fails */
	begin(line, frame);
	if (line->call->result == STRACE_NEVER) {
		strace_put_result(line, 0);
		print(line);
		kfree(line);
	} else {
		thread->strace.line = line;
	}
}

void strace_leave(const struct trap_frame *frame)
{
	struct thread *thread = current_thread();
	struct strace_line *line = thread->strace.line;
	int64_t result = (int64_t)frame->rax;

	if (likely(!line))
		return;
	thread->strace.line = NULL;
	strace_put_arguments(line, true, result);
	strace_put_result(line, result);
	print(line);
	kfree(line);
}

static void put_signal(struct strace_line *line, int signal)
{
	line->length = 0;
	strace_put_signal(line, (uint64_t)signal);
}

void strace_process_end(const struct process *process, int status)
{
	struct strace_line name;

	if (!process->straced)
		return;
	put_signal(&name, status & 0x7f);
	if (status & 0x7f)
		pr_info("strace: %d: +++ killed by %s +++\n", process->pid, name.text);
	else
		pr_info("strace: %d: +++ exited with %d +++\n", process->pid, status >> 8);
}

void strace_signal(const struct siginfo *info)
{
	struct strace_line name;

	if (!current_process()->straced)
		return;
	put_signal(&name, info->signal);
	pr_info("strace: %d: --- %s {si_code=%d, si_pid=%d} ---\n", current_thread()->tid,
		name.text, info->code, info->pid);
}

void strace_boot(void)
{
	char value[16];
	uint64_t pid;

	if (cmdline_get(boot_info.cmdline, "strace", value, sizeof(value)) <= 0)
		return;
	if (!strcmp(value, "all"))
		wanted = STRACE_ALL;
	else if (!parse_u64(value, 10, &pid) && pid && pid < INT32_MAX)
		wanted = (pid_t)pid;
	else
		pr_warn("strace=%s: neither a pid nor all\n", value);
}

void strace_inherit(struct process *child, const struct process *parent)
{
	child->straced = (parent && parent->straced) || wanted == STRACE_ALL ||
			 wanted == child->pid;
}

int strace_follow(pid_t pid, bool follow)
{
	struct process *process;
	int error = 0;

	spin_lock(&process_tree_lock);
	if (pid == STRACE_ALL) {
		wanted = follow ? STRACE_ALL : 0;
		for (process = process_next(1); process; process = process_next(process->pid + 1))
			process->straced = follow;
	} else {
		process = process_find(pid);
		if (process)
			process->straced = follow;
		else
			error = -ESRCH;
	}
	spin_unlock(&process_tree_lock);
	return error;
}
