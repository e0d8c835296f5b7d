/*
 * descriptors.c -- what a process has open: fd/, fdinfo/, and the other links of /proc/<pid> that
 * lead to files whatever their names: exe, cwd, root.
 *
 * Opening one opens the file anew; a pipe's end is opened as a FIFO would be. Source: proc(5).
 */
#include "proc.h"

#include <facet/pidfd.h>

#define LINK_SIZE 64 /* st_size, which Linux says whatever the name's length is */

struct descriptors *proc_descriptors(pid_t pid)
{
	const struct process *process;
	struct descriptors *descriptors = NULL;

	spin_lock(&process_tree_lock);
	process = proc_find(pid);
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
	process = proc_find(pid);
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
	process = proc_find(pid);
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
static struct file *next_file(pid_t pid, unsigned *fd, bool *closes_on_exec)
{
	struct descriptors *descriptors = proc_descriptors(pid);
	struct file *file;

	if (!descriptors)
		return NULL;
	file = descriptors_next(descriptors, fd, closes_on_exec);
	descriptors_put(descriptors);
	return file;
}

/* The file at `fd` itself, counted; NULL. */
static struct file *file_at(pid_t pid, int fd, bool *closes_on_exec)
{
	struct descriptors *descriptors = proc_descriptors(pid);
	struct file *file;

	if (!descriptors)
		return NULL;
	file = descriptors_at(descriptors, (unsigned)fd, closes_on_exec);
	descriptors_put(descriptors);
	return file;
}

static struct dentry *follow_descriptor(pid_t pid, int fd)
{
	bool closes_on_exec;

	return dentry_of_file(file_at(pid, fd, &closes_on_exec));
}

/* -1: of a process that has been waited for. */
static pid_t pid_of(const struct file *pidfd)
{
	const struct process *process;
	pid_t pid;

	spin_lock(&process_tree_lock);
	process = pidfd_process(pidfd);
	pid = process ? process->pid : -1;
	spin_unlock(&process_tree_lock);
	return pid;
}

static int show_descriptor_info(struct text *text, pid_t pid, int fd)
{
	bool closes_on_exec;
	struct file *file = file_at(pid, fd, &closes_on_exec);

	if (!file)
		return -ENOENT;
	text_printf(text, "pos:\t%lu\nflags:\t0%o\nmnt_id:\t%u\nino:\t%lu\n", file->offset,
		    file->flags | (closes_on_exec ? O_CLOEXEC : 0), mount_id(file->inode->mount),
		    file->inode->number);
	if (file_is_pidfd(file)) {
		pid_t process = pid_of(file);

		text_printf(text, "Pid:\t%d\nNSpid:\t%d\n", process, process);
	}
	file_put(file);
	return 0;
}

const struct proc_entry proc_descriptor = {
	.mode = S_IFLNK,
	.follow = follow_descriptor,
	.private = true,
};

const struct proc_entry proc_descriptor_info = {
	.mode = S_IFREG | 0400,
	.show_descriptor = show_descriptor_info,
	.private = true,
};

/* A link's rights tell how the file is open. */
static mode_t rights_of(const struct file *file)
{
	return (file->access & FILE_READ ? 0500u : 0) | (file->access & FILE_WRITE ? 0300u : 0);
}

struct dentry *proc_lookup_descriptor(struct dentry *directory, const char *name, size_t length,
				      int fd)
{
	const struct proc_entry *kind = directory->inode->proc.entry->descriptors;
	pid_t pid = directory->inode->proc.pid;
	int error = proc_may_look(pid);
	struct dentry *dentry;
	bool closes_on_exec;
	struct file *file;

	if (error)
		return ERR_PTR(error == -ESRCH ? -ENOENT : error);
	file = file_at(pid, fd, &closes_on_exec);
	if (!file)
		return ERR_PTR(-ENOENT);
	dentry = proc_dentry(directory, kind, name, length, pid, fd);
	if (!IS_ERR(dentry) && S_ISLNK(kind->mode)) {
		dentry->inode->mode |= rights_of(file);
		dentry->inode->size = LINK_SIZE;
	}
	file_put(file);
	return dentry;
}

int proc_list_descriptors(struct file *file, struct listing *listing)
{
	const struct proc_entry *kind = file->inode->proc.entry->descriptors;
	pid_t pid = file->inode->proc.pid;
	int error = proc_may_look(pid);

	while (!error) {
		unsigned fd = (unsigned)file->offset - 2;
		bool closes_on_exec;
		struct file *open = next_file(pid, &fd, &closes_on_exec);
		char name[12];
		int length;

		if (!open)
			break;
		file_put(open);
		length = snprintf(name, sizeof(name), "%u", fd);
		if (!listing_add(listing, name, (size_t)length, proc_number(kind, pid, (int)fd),
				 kind->mode, fd + 3))
			break;
		file->offset = fd + 3;
	}
	return error;
}
