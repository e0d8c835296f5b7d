/*
 * proc.c -- the tree of /proc: how a name is found and a directory listed.
 *
 * Nothing is kept: a lookup makes a dentry and an inode, and the last user's leaving frees them.
 * Names are found by bisection of a sorted table; numbers are processes, threads
 * or descriptors. The names are entries.c's. Source: proc(5).
 */
#include "proc.h"

#include <facet/panic.h>

/* Offsets of the root's listing: its own entries, then processes at this and their pid. */
#define LIST_PROCESSES 0x10000

/* --- links --- */

static ssize_t proc_readlink(struct inode *inode, char *buffer, size_t size)
{
	const struct proc_entry *entry = inode->proc.entry;
	struct dentry *target;
	ssize_t length;
	char *name;

	if (entry->readlink)
		return entry->readlink(inode->proc.pid, inode->proc.fd, buffer, size);
	target = inode->ops->follow(inode);
	if (IS_ERR(target))
		return PTR_ERR(target);
	name = kmalloc(PATH_MAX);
	length = name ? dentry_name(target, name, PATH_MAX) : -ENOMEM;
	if (length > 0) {
		length = (ssize_t)MIN(size, (size_t)length);
		memcpy(buffer, name, (size_t)length);
	}
	kfree(name);
	dentry_put(target);
	return length;
}

static struct dentry *proc_follow(struct inode *inode)
{
	const struct proc_entry *entry = inode->proc.entry;
	int error = entry->private ? proc_may_look(inode->proc.pid) : 0;

	return error ? ERR_PTR(error) : entry->follow(inode->proc.pid, inode->proc.fd);
}

/* --- directories --- */

static const struct proc_entry *find_entry(const struct proc_entry *directory, const char *name,
					   size_t length)
{
	size_t low = 0, high = directory->entry_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct proc_entry *entry = &directory->entries[middle];
		int order = strncmp(name, entry->name, length);

		if (order == 0 && !entry->name[length])
			return entry;
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* A canonical decimal number, or -1. */
static int parse_number(const char *name, size_t length)
{
	int64_t number = 0;

	if (!length || length > 9 || (name[0] == '0' && length > 1))
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		number = number * 10 + name[i] - '0';
	}
	return (int)number;
}

/* What a number is the name of in this directory. */
static struct dentry *lookup_number(struct dentry *directory, const char *name, size_t length,
				    int number)
{
	const struct inode *inode = directory->inode;
	const struct proc_entry *here = inode->proc.entry;

	if (here->descriptors)
		return proc_lookup_descriptor(directory, name, length, number);
	if (here->processes && proc_exists(number))
		return proc_dentry(directory, &proc_process, name, length, number, -1);
	if (here->threads && proc_is_thread(inode->proc.pid, number))
		return proc_dentry(directory, &proc_thread, name, length, number, -1);
	return ERR_PTR(-ENOENT);
}

static struct dentry *proc_lookup(struct dentry *directory, const char *name, size_t length)
{
	const struct inode *inode = directory->inode;
	const struct proc_entry *entry;
	int number = parse_number(name, length);

	if (number >= 0)
		return lookup_number(directory, name, length, number);
	if (inode->proc.pid && !proc_exists(inode->proc.pid))
		return ERR_PTR(inode->proc.entry == &proc_process ? -ESRCH : -ENOENT);
	entry = find_entry(inode->proc.entry, name, length);
	return entry ? proc_dentry(directory, entry, name, length, inode->proc.pid, -1)
		     : ERR_PTR(-ENOENT);
}

static const struct inode_ops proc_ops = { .lookup = proc_lookup };
static const struct inode_ops proc_link_ops = { .readlink = proc_readlink };
static const struct inode_ops proc_magic_link_ops = {
	.readlink = proc_readlink,
	.follow = proc_follow,
};

ino_t proc_number(const struct proc_entry *entry, pid_t pid, int fd)
{
	return (ino_t)((uintptr_t)entry >> 3 & 0xffff) | (ino_t)pid << 16 | (ino_t)(fd + 1) << 38;
}

/* Of a directory: its own, its parent's, and those of the directories that its table has. */
static uint32_t links_of(const struct proc_entry *entry)
{
	uint32_t links = 2;

	for (size_t i = 0; i < entry->entry_count; i++)
		links += S_ISDIR(entry->entries[i].mode);
	return links;
}

/*
 * Files of a process belong to its user, and to root where nobody else may look into it; the
 * directories that everybody lists stay the user's.
 */
static void set_owner(struct inode *inode, pid_t pid)
{
	bool open_to_all = inode->mode == (S_IFDIR | 0555);
	const struct process *process;

	inode->uid = 0;
	inode->gid = 0;
	spin_lock(&process_tree_lock);
	process = pid ? proc_find(pid) : NULL;
	if (process && inode->proc.entry->threads)
		inode->links += process->thread_count;
	if (process && (process->dumpable || open_to_all)) {
		inode->uid = process->credentials.euid;
		inode->gid = process->credentials.egid;
	}
	spin_unlock(&process_tree_lock);
}

static struct inode *proc_inode(struct mount *mount, const struct proc_entry *entry, pid_t pid,
				int fd)
{
	struct inode *inode = inode_create(mount, entry->mode);

	if (!inode)
		return NULL;
	inode->number = proc_number(entry, pid, fd);
	inode->proc.entry = entry;
	inode->proc.pid = pid;
	inode->proc.fd = fd;
	inode->ops = &proc_ops;
	inode->file_ops = &proc_file_ops;
	if (S_ISDIR(entry->mode)) {
		inode->links = links_of(entry);
		inode->file_ops = entry->threads ? &proc_threads_ops : &proc_directory_ops;
	} else if (S_ISLNK(entry->mode)) {
		inode->ops = entry->follow ? &proc_magic_link_ops : &proc_link_ops;
	}
	set_owner(inode, pid);
	return inode;
}

struct dentry *proc_dentry(struct dentry *directory, const struct proc_entry *entry,
			   const char *name, size_t length, pid_t pid, int fd)
{
	struct inode *inode = proc_inode(directory->inode->mount, entry, pid, fd);
	struct dentry *dentry;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	dentry = dentry_create(directory, name, length, inode);
	return dentry ? dentry : ERR_PTR(-ENOMEM);
}

static int list_entries(struct file *file, struct listing *listing)
{
	const struct inode *inode = file->inode;
	const struct proc_entry *here = inode->proc.entry;

	while (file->offset - 2 < here->entry_count) {
		const struct proc_entry *entry = &here->entries[file->offset - 2];

		if (!listing_add(listing, entry->name, strlen(entry->name),
				 proc_number(entry, inode->proc.pid, -1), entry->mode,
				 file->offset + 1))
			return 0;
		file->offset++;
	}
	return here->processes ? 1 : 0;
}

static int list_processes(struct file *file, struct listing *listing)
{
	if (file->offset < LIST_PROCESSES)
		file->offset = LIST_PROCESSES;
	for (;;) {
		const struct process *process;
		char name[12];
		int pid, length;

		spin_lock(&process_tree_lock);
		process = process_next((pid_t)(file->offset - LIST_PROCESSES));
		pid = process ? process->pid : 0;
		spin_unlock(&process_tree_lock);
		if (!pid)
			return 0;
		length = snprintf(name, sizeof(name), "%d", pid);
		if (!listing_add(listing, name, (size_t)length, proc_number(&proc_process, pid, -1),
				 S_IFDIR, LIST_PROCESSES + (uint64_t)pid + 1))
			return 0;
		file->offset = LIST_PROCESSES + (uint64_t)pid + 1;
	}
}

static int proc_list(struct file *file, struct listing *listing)
{
	const struct inode *inode = file->inode;

	if (inode->proc.pid && !proc_exists(inode->proc.pid))
		return -ENOENT;
	if (!listing_add_dots(listing, file))
		return 0;
	if (inode->proc.entry->descriptors)
		return proc_list_descriptors(file, listing);
	return list_entries(file, listing) ? list_processes(file, listing) : 0;
}

const struct file_ops proc_directory_ops = {
	.list = proc_list,
	.positioned = true,
};

/* Of every directory below as well. */
static bool is_sorted(const struct proc_entry *directory)
{
	for (size_t i = 0; i < directory->entry_count; i++)
		if ((i &&
		     strcmp(directory->entries[i - 1].name, directory->entries[i].name) >= 0) ||
		    !is_sorted(&directory->entries[i]))
			return false;
	return true;
}

static int proc_mount(struct mount *mount, const char *options)
{
	struct inode *inode = proc_inode(mount, &proc_root, 0, -1);

	(void)options;
	assert(is_sorted(&proc_root) && is_sorted(&proc_process) && is_sorted(&proc_thread));
	if (!inode)
		return -ENOMEM;
	mount->root = dentry_create(NULL, "", 0, inode);
	return mount->root ? 0 : -ENOMEM;
}

struct fs_type proc_type = {
	.name = "proc",
	.magic = 0x9fa0,
	.no_device = true,
	.one_content = true,
	.mount = proc_mount,
};
