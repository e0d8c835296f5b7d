/*
 * archive.c -- fills the root file system from the root archive and gives the archive's memory
 * back.
 *
 * Entry by entry: what lies before the end of one that is done is free, page by page, so the
 * archive and its files never need twice their size. A name that cannot be made is skipped. A
 * malformed archive, or the end of memory, ends the unpacking with a line in the log; what came
 * before stays.
 *
 * Names with the same inode number in one archive are one file (hard links); a table of those that
 * are still to come is kept while it is needed. The root's limit, half of memory, holds from then
 * on: before, the archive itself is not memory yet. Context: boot, one thread. Source: cpio.h.
 */
#include "internal.h"

#include <facet/bootinfo.h>
#include <facet/cpio.h>
#include <facet/printk.h>

/* A file with more names to come. */
struct linked {
	struct list link;
	struct cpio_entry entry; /* of its first name; what it points to may be gone */
	struct dentry *dentry;   /* counted */
	uint32_t names_left;
};

static bool same_file(const struct cpio_entry *left, const struct cpio_entry *right)
{
	return left->ino == right->ino && left->dev_major == right->dev_major &&
	       left->dev_minor == right->dev_minor && left->archive == right->archive;
}

static struct linked *find_linked(struct list *known, const struct cpio_entry *entry)
{
	struct linked *linked;

	list_for_each_entry(linked, known, link)
		if (same_file(&linked->entry, entry))
			return linked;
	return NULL;
}

static void forget_linked(struct linked *linked)
{
	list_remove(&linked->link);
	dentry_put(linked->dentry);
	kfree(linked);
}

static int remember_linked(struct list *known, const struct cpio_entry *entry,
			   struct dentry *dentry)
{
	struct linked *linked = kmalloc(sizeof(*linked));

	if (!linked)
		return -ENOMEM;
	*linked = (struct linked){ .entry = *entry, .names_left = entry->nlink - 1 };
	linked->dentry = dentry_get(dentry);
	list_init(&linked->link);
	list_push_back(known, &linked->link);
	return 0;
}

/* Takes what has the name out of the way, as cpio -u would. An existing directory stays. */
static void clear_name(struct dentry *directory, const char *name, size_t length)
{
	struct dentry *old = directory_find(directory, name, length);

	if (IS_ERR(old))
		return;
	if (!S_ISDIR(old->inode->mode)) {
		old->inode->links--;
		directory_remove(directory, old);
	}
	dentry_put(old);
}

static struct dentry *add_link(struct dentry *directory, const char *name, size_t length,
			       struct inode *inode)
{
	struct dentry *dentry;

	inode_get(inode);
	dentry = dentry_create(directory, name, length, inode);
	if (!dentry)
		return ERR_PTR(-ENOMEM);
	inode->links++;
	directory_add(directory, dentry);
	return dentry;
}

static void set_attributes(struct inode *inode, const struct cpio_entry *entry)
{
	inode->mode = (inode->mode & S_IFMT) | (entry->mode & S_PERMISSIONS);
	inode->uid = entry->uid;
	inode->gid = entry->gid;
	inode->modified_ns = entry->mtime * NS_PER_SEC;
}

static int fill(struct inode *inode, const struct cpio_entry *entry)
{
	if (S_ISLNK(entry->mode))
		return tmpfs_set_target(inode, entry->data, entry->size);
	if (S_ISREG(entry->mode) && entry->size)
		return tmpfs_fill(inode, entry->data, entry->size);
	return 0;
}

/* The directory is locked. A counted dentry, new or that of the directory which was there. */
static struct dentry *make_name(const struct walk *walk, const struct cpio_entry *entry,
				const struct linked *linked)
{
	dev_t device = device_number(entry->rdev_major, entry->rdev_minor);

	if (S_ISDIR(entry->mode)) {
		struct dentry *found = directory_find(walk->dentry, walk->name, walk->length);

		if (!IS_ERR(found))
			return mount_top(found);
	}
	clear_name(walk->dentry, walk->name, walk->length);
	if (linked)
		return add_link(walk->dentry, walk->name, walk->length, linked->dentry->inode);
	return directory_create(walk->dentry, walk->name, walk->length, entry->mode, device);
}

static int unpack_at(const struct walk *walk, const struct cpio_entry *entry, struct list *known)
{
	bool many = entry->nlink > 1 && !S_ISDIR(entry->mode);
	struct linked *linked = many ? find_linked(known, entry) : NULL;
	struct inode *directory = walk->dentry->inode;
	struct dentry *dentry;
	int error;

	mutex_lock(&directory->lock);
	dentry = make_name(walk, entry, linked);
	mutex_unlock(&directory->lock);
	if (IS_ERR(dentry))
		return (int)PTR_ERR(dentry);
	error = fill(dentry->inode, entry);
	if (!error)
		set_attributes(dentry->inode, entry);
	if (!error && many && !linked)
		error = remember_linked(known, entry, dentry);
	else if (linked && --linked->names_left == 0)
		forget_linked(linked);
	dentry_put(dentry);
	return error;
}

static int unpack_entry(const struct cpio_entry *entry, struct list *known)
{
	struct walk walk;
	int error = walk_begin(&walk, AT_FDCWD, entry->name);

	if (error)
		return error;
	error = walk_to_parent(&walk);
	if (!error && walk.last == LAST_NAME)
		error = unpack_at(&walk, entry, known);
	else if (!error && S_ISDIR(entry->mode))
		set_attributes(walk.dentry->inode, entry); /* "." is the root itself */
	walk_end(&walk);
	return error;
}

int archive_unpack(const struct slice *archive)
{
	paddr_t start = virt_to_phys(archive->base), released = start;
	paddr_t end = start + archive->size;
	struct mount *root = root_dentry->inode->mount;
	struct list known = LIST_INIT(known);
	struct cpio_reader reader;
	struct cpio_entry entry;
	int result, error = 0;

	cpio_init(&reader, archive->base, archive->size);
	while ((result = cpio_next(&reader, &entry)) > 0) {
		int failed = unpack_entry(&entry, &known);

		if (failed) {
			pr_err("archive: %s: error %d\n", entry.name, -failed);
			error = failed;
		}
		if (failed == -ENOMEM || failed == -ENOSPC)
			break;
		if (page_round_down(start + entry.end) > released) {
			frames_release(released, page_round_down(start + entry.end));
			released = page_round_down(start + entry.end);
		}
	}
	if (result < 0) {
		pr_err("archive: malformed at offset %zu\n", reader.position);
		error = result;
	}
	while (!list_empty(&known))
		forget_linked(list_first_entry(&known, struct linked, link));
	frames_release(released, page_round_up(end));
	root->pages_max = frames_total_count() / 2;
	return error;
}
