/*
 * threads.c -- /proc/<pid>/task: the threads of a process.
 *
 * Who reads the directory from its beginning gets the threads of that moment, without those that
 * have ended before their turn comes: none is listed twice, and none that lives on is left out,
 * whatever comes and goes. The ids are kept with the open directory.
 *
 * A process's first thread stays listed after its end, as on Linux: a zombie.
 * Source: proc(5).
 */
#include "proc.h"

bool proc_is_thread(pid_t pid, pid_t tid)
{
	const struct process *process;
	bool is;

	spin_lock(&process_tree_lock);
	process = proc_find(pid);
	is = process && (tid == process->pid || proc_find(tid) == process);
	spin_unlock(&process_tree_lock);
	return is;
}

/* Tree lock held. There is room. */
static void add_ids(struct text *ids, const struct process *process)
{
	const struct thread *thread;

	text_add(ids, &process->pid, sizeof(pid_t));
	list_for_each_entry(thread, &process->threads, process_link)
		if (thread->tid != process->pid)
			text_add(ids, &thread->tid, sizeof(pid_t));
}

/* Asks for room without the lock, and again if more threads have come meanwhile. */
static int take_ids(struct text *ids, pid_t pid)
{
	size_t wanted = 0, room;

	text_free(ids);
	do {
		const struct process *process;

		room = wanted;
		if (room && !text_reserve(ids, room))
			return -ENOMEM;
		spin_lock(&process_tree_lock);
		process = proc_find(pid);
		wanted = process ? (process->thread_count + 1) * sizeof(pid_t) : 0;
		if (process && wanted <= room)
			add_ids(ids, process);
		spin_unlock(&process_tree_lock);
		if (!process)
			return -ENOENT;
	} while (wanted > room);
	return 0;
}

static int threads_list(struct file *file, struct listing *listing)
{
	pid_t pid = file->inode->proc.pid, tid;
	struct text *ids = file->private;
	int error = proc_exists(pid) ? 0 : -ENOENT;

	if (error || !listing_add_dots(listing, file))
		return error;
	if (file->offset == 2 || !ids->bytes)
		error = take_ids(ids, pid);
	for (; !error && file->offset - 2 < ids->size / sizeof(tid); file->offset++) {
		char name[12];
		int length;

		memcpy(&tid, ids->bytes + (file->offset - 2) * sizeof(tid), sizeof(tid));
		if (!proc_is_thread(pid, tid))
			continue;
		length = snprintf(name, sizeof(name), "%d", tid);
		if (!listing_add(listing, name, (size_t)length, proc_number(&proc_thread, tid, -1),
				 S_IFDIR, file->offset + 1))
			break;
	}
	return error;
}

static int threads_open(struct file *file)
{
	file->private = kzalloc(sizeof(struct text));
	return file->private ? 0 : -ENOMEM;
}

static void threads_release(struct file *file)
{
	text_free(file->private);
	kfree(file->private);
}

const struct file_ops proc_threads_ops = {
	.open = threads_open,
	.release = threads_release,
	.list = threads_list,
	.positioned = true,
};
