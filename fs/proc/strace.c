/*
 * strace.c -- /proc/facet/strace: whose system calls are traced.
 *
 * Written: "PID" follows a process and the children that it will have, "-PID" ends that; "all" and
 * "off" mean everybody. Read: the traced processes, a line each.
 */
#include "proc.h"

#include <facet/strace.h>

#define LINE_SIZE 12

int proc_show_strace(struct text *text, pid_t pid)
{
	struct process *process;

	(void)pid;
	if (!text_reserve(text, process_count() * LINE_SIZE))
		return -ENOMEM;
	spin_lock(&process_tree_lock);
	for (process = process_next(1); process; process = process_next(process->pid + 1))
		if (process->straced)
			text_printf(text, "%d\n", process->pid);
	spin_unlock(&process_tree_lock);
	return 0;
}

int proc_store_strace(pid_t pid, const char *text)
{
	bool off = *text == '-';
	uint64_t value;

	(void)pid;
	if (!strcmp(text, "all") || !strcmp(text, "off"))
		return strace_follow(STRACE_ALL, *text == 'a');
	if (parse_u64(text + off, 10, &value) || value > INT32_MAX)
		return -EINVAL;
	return strace_follow((pid_t)value, !off);
}
