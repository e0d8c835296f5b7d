/*
 * proc_file.c -- reading and writing a file of /proc.
 *
 * The text is made when somebody reads from offset 0, and kept with the open file: who reads on
 * gets the rest of the same text, so a reader with a small buffer sees one moment and not several.
 *
 * Locks: inode->lock (RANK_FILE), under which the text is made and copied. Source: proc(5).
 */
#include "proc.h"

#define STORE_MAX 256

/* What file->private points to. */
struct proc_open {
	struct text text;
	char written[STORE_MAX];
};

/*
 * Asked at each reading as well: the process may have gone, or have another owner now, or its id
 * another process.
 */
static int may_look(const struct inode *inode)
{
	pid_t pid = inode->proc.pid;

	if (inode->proc.entry->private)
		return proc_may_look(pid);
	return !pid || proc_exists(pid) ? 0 : -ESRCH;
}

static int proc_open(struct file *file)
{
	int error = may_look(file->inode);

	if (error)
		return error;
	file->private = kzalloc(sizeof(struct proc_open));
	return file->private ? 0 : -ENOMEM;
}

static void proc_release(struct file *file)
{
	struct proc_open *open = file->private;

	text_free(&open->text);
	kfree(open);
}

static int make_text(struct text *text, const struct inode *inode)
{
	const struct proc_entry *entry = inode->proc.entry;

	if (entry->show_descriptor)
		return entry->show_descriptor(text, inode->proc.pid, inode->proc.fd);
	return entry->show ? entry->show(text, inode->proc.pid) : -EIO;
}

static ssize_t proc_read(struct file *file, struct transfer *to, uint64_t offset)
{
	const struct inode *inode = file->inode;
	struct text *text = &((struct proc_open *)file->private)->text;
	size_t size, moved;
	int error;

	if (inode->proc.entry->read)
		return inode->proc.entry->read(to, offset);
	if (offset == 0 || !text->bytes) {
		text_free(text);
		error = may_look(inode);
		if (!error)
			error = make_text(text, inode);
		if (!error && text->failed)
			error = -ENOMEM;
		if (error)
			return error;
	}
	if (offset >= text->size)
		return 0;
	size = MIN(to->left, text->size - offset);
	moved = transfer_out(to, text->bytes + offset, size);
	return moved || !size ? (ssize_t)moved : -EFAULT;
}

static ssize_t proc_write(struct file *file, struct transfer *from, uint64_t offset)
{
	const struct proc_entry *entry = file->inode->proc.entry;
	char *written = ((struct proc_open *)file->private)->written;
	size_t size = from->left, moved;
	int error;

	(void)offset;
	if (!entry->store)
		return -EIO;
	if (size >= STORE_MAX)
		return -EINVAL;
	moved = transfer_in(from, written, size);
	if (moved != size)
		return -EFAULT;
	while (size && (written[size - 1] == '\n' || written[size - 1] == ' '))
		size--;
	written[size] = '\0';
	error = may_look(file->inode);
	if (!error)
		error = entry->store(file->inode->proc.pid, written);
	return error ? error : (ssize_t)moved;
}

const struct file_ops proc_file_ops = {
	.open = proc_open,
	.release = proc_release,
	.read = proc_read,
	.write = proc_write,
	.positioned = true,
};
