/*
 * descriptors.c -- links of /proc/<pid> that lead to files whatever their names: fd/, exe, cwd,
 * root.
 *
 * Opening one opens the file anew; a pipe's end is opened as a FIFO would be. Source: proc(5).
 */
#include "proc.h"

struct descriptors *proc_descriptors(pid_t pid)
{
	const struct process *process;
	struct descriptors *descriptors = NULL;

	spin_lock(&process_tree_lock);
	process = process_find(pid);
	if (process && process->descriptors) {
		descriptors = process->descriptors;
		descriptors_get(descriptors);
	}
	spin_unlock(&process_tree_lock);
	return descriptors;
}

struct fs_context *proc_context(pid_t pid)
{
	const struct process *process;
	struct fs_context *fs = NULL;

	spin_lock(&process_tree_lock);
	process = process_find(pid);
	if (process && process->fs) {
		fs = process->fs;
		fs_context_get(fs);
	}
	spin_unlock(&process_tree_lock);
	return fs;
}

struct file *proc_executable(pid_t pid)
{
	const struct process *process;
	struct file *file = NULL;

	spin_lock(&process_tree_lock);
	process = process_find(pid);
	if (process && process->executable) {
		file = process->executable;
		file_get(file);
	}
	spin_unlock(&process_tree_lock);
	return file;
}

/* Consumes the file's count. */
static struct dentry *dentry_of_file(struct file *file)
{
	struct dentry *dentry;

	if (!file)
		return ERR_PTR(-ENOENT);
	dentry = dentry_get(file->dentry);
	file_put(file);
	return dentry;
}

struct dentry *proc_follow_executable(pid_t pid, int fd)
{
	(void)fd;
	return dentry_of_file(proc_executable(pid));
}

static struct dentry *follow_context(pid_t pid, struct dentry *(*which)(struct fs_context *))
{
	struct fs_context *fs = proc_context(pid);
	struct dentry *dentry;

	if (!fs)
		return ERR_PTR(-ENOENT);
	dentry = which(fs);
	fs_context_put(fs);
	return dentry;
}

struct dentry *proc_follow_root(pid_t pid, int fd)
{
	(void)fd;
	return follow_context(pid, context_root);
}

struct dentry *proc_follow_working(pid_t pid, int fd)
{
	(void)fd;
	return follow_context(pid, context_working);
}

/* The file at `*fd` or the next one above, counted; NULL. */
static struct file *next_file(pid_t pid, unsigned *fd)
{
	struct descriptors *descriptors = proc_descriptors(pid);
	struct file *file;

	if (!descriptors)
		return NULL;
	file = descriptors_next(descriptors, fd);
	descriptors_put(descriptors);
	return file;
}

static struct dentry *follow_descriptor(pid_t pid, int fd)
{
	unsigned found = (unsigned)fd;
	struct file *file = next_file(pid, &found);

	if (file && found != (unsigned)fd) {
		file_put(file);
		file = NULL;
	}
	return dentry_of_file(file);
}

static const struct proc_entry descriptor_entry = {
	.mode = S_IFLNK | 0700,
	.follow = follow_descriptor,
	.private = true,
};

struct dentry *proc_lookup_descriptor(struct dentry *directory, const char *name, size_t length,
				      int fd)
{
	pid_t pid = directory->inode->proc.pid;
	struct dentry *there;
	int error = proc_may_look(pid);

	if (error)
		return ERR_PTR(error == -ESRCH ? -ENOENT : error);
	there = follow_descriptor(pid, fd);
	if (IS_ERR(there))
		return there;
	dentry_put(there);
	return proc_dentry(directory, &descriptor_entry, name, length, pid, fd);
}

int proc_list_descriptors(struct file *file, struct listing *listing)
{
	pid_t pid = file->inode->proc.pid;
	int error = proc_may_look(pid);

	while (!error) {
		unsigned fd = (unsigned)file->offset - 2;
		struct file *open = next_file(pid, &fd);
		char name[12];
		int length;

		if (!open)
			break;
		file_put(open);
		length = snprintf(name, sizeof(name), "%u", fd);
		if (!listing_add(listing, name, (size_t)length, fd + 1, S_IFLNK, fd + 3))
			break;
		file->offset = fd + 3;
	}
	return error;
}
