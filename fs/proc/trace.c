/*
 * trace.c -- /proc/facet/trace: starts and stops the event trace, and gives what it has recorded.
 *
 * Written: "start BYTES KINDS" (KINDS has a bit for each enum trace_kind), "stop", "clear", and
 * "mark TEXT", which becomes an event. Read while stopped: a trace_header and its records, straight
 * from the buffer, for a copy of megabytes would not find room on a small machine.
 *
 * Lock: trace_lock, over the buffer's life. It is of the files' rank, as bytes are copied to the
 * user under it, and comes after the lock of the inode that is read or written.
 */
#include "proc.h"

#include <facet/trace.h>

static struct mutex trace_lock = MUTEX_INIT(trace_lock, RANK_FILE);

/* Forks and execs name those that come later. */
static void name_processes(void)
{
	const struct process *process;

	spin_lock(&process_tree_lock);
	for (pid_t pid = 1; (process = process_next(pid)); pid = process->pid + 1)
		trace_text(TRACE_process, process->pid, process->comm);
	spin_unlock(&process_tree_lock);
}

/* The next word of `text` as a number, or -EINVAL; *text behind it. */
static int take_number(const char **text, uint64_t *value)
{
	char word[24];
	size_t length = 0;

	while (**text == ' ')
		++*text;
	while (**text && **text != ' ' && length < sizeof(word) - 1)
		word[length++] = *(*text)++;
	word[length] = '\0';
	return parse_u64(word, 0, value) ? -EINVAL : 0;
}

static int start(const char *text)
{
	uint64_t bytes, kinds;
	int error = take_number(&text, &bytes);

	if (!error)
		error = take_number(&text, &kinds);
	if (error || *text)
		return -EINVAL;
	error = trace_start(bytes, kinds);
	if (!error)
		name_processes();
	return error;
}

static int store_locked(const char *text)
{
	if (!strncmp(text, "start ", 6))
		return start(text + 6);
	if (!strcmp(text, "stop"))
		trace_stop();
	else if (!strcmp(text, "clear"))
		trace_clear();
	else if (!strncmp(text, "mark ", 5))
		trace_text(TRACE_mark, current_process()->pid, text + 5);
	else
		return -EINVAL;
	return 0;
}

int proc_store_trace(pid_t pid, const char *text)
{
	int error;

	(void)pid;
	mutex_lock_nested(&trace_lock);
	error = store_locked(text);
	mutex_unlock(&trace_lock);
	return error;
}

static ssize_t read_locked(struct transfer *to, uint64_t offset)
{
	const struct trace_buffer *buffer = this_cpu(trace_buffer);
	const struct trace_header *header = &buffer->header;
	size_t size, moved;

	if (buffer->kinds)
		return -EBUSY;
	if (!buffer->records)
		return 0;
	if (offset < sizeof(*header)) {
		size = MIN(to->left, sizeof(*header) - offset);
		moved = transfer_out(to, (const char *)header + offset, size);
	} else {
		offset -= sizeof(*header);
		size = header->records * sizeof(struct trace_record);
		size = offset < size ? MIN(to->left, size - offset) : 0;
		moved = transfer_out(to, (const char *)buffer->records + offset, size);
	}
	return moved || !size ? (ssize_t)moved : -EFAULT;
}

ssize_t proc_read_trace(struct transfer *to, uint64_t offset)
{
	ssize_t moved;

	mutex_lock_nested(&trace_lock);
	moved = read_locked(to, offset);
	mutex_unlock(&trace_lock);
	return moved;
}
