/*
 * dentry.c -- names: the tree that they hang in, the entries of a kept directory, paths.
 *
 * The entries of a directory are a tree ordered by position, which is the name's hash and a number
 * that tells apart names of one hash. So a name is found in O(log n), and the position is an offset
 * that getdents64 can go on from whatever was created or removed since.
 *
 * Locks: a directory's entries under its inode->lock; parent, unlinked and mounted under names_lock
 * too, so that the way up needs no directory's lock.
 */
#include "internal.h"

#include <facet/panic.h>

struct spinlock names_lock = SPINLOCK_INIT(RANK_NAMES);

/*
 * Bits of a position below the hash: how many names of one hash a directory can have had at once.
 */
#define POSITION_SHIFT 30
#define DOTS 2 /* offsets 0 and 1 are "." and ".." */

/* FNV-1a. */
static uint32_t name_hash(const char *name, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)name[i]) * 16777619u;
	return hash;
}

struct dentry *dentry_create(struct dentry *parent, const char *name, size_t length,
			     struct inode *inode)
{
	struct dentry *dentry = kmalloc(sizeof(*dentry) + length + 1);

	if (!dentry) {
		inode_put(inode);
		return NULL;
	}
	*dentry = (struct dentry){
		.count = 1,
		.hash = name_hash(name, length),
		.parent = parent ? dentry_get(parent) : NULL,
		.inode = inode,
		.length = (uint8_t)length,
	};
	memcpy(dentry->name, name, length);
	dentry->name[length] = '\0';
	return dentry;
}

/* The last count of a name gives back its parent's, and so on upwards. */
void dentry_free(struct dentry *dentry)
{
	do {
		struct dentry *parent = dentry->parent;

		inode_put(dentry->inode);
		kfree(dentry);
		dentry = parent;
	} while (dentry && __atomic_sub_fetch(&dentry->count, 1, __ATOMIC_ACQ_REL) == 0);
}

struct dentry *dentry_parent(struct dentry *dentry)
{
	struct dentry *parent;

	spin_lock(&names_lock);
	parent = dentry_get(dentry->parent ? dentry->parent : dentry);
	spin_unlock(&names_lock);
	return parent;
}

static struct dentry *dentry_of(struct tree_node *node)
{
	return container_of_or_null(node, struct dentry, node);
}

/* The first entry at `position` or behind it. */
static struct dentry *entry_from(const struct tree *entries, uint64_t position)
{
	struct tree_node *node = entries->root, *found = NULL;

	while (node) {
		if (dentry_of(node)->position >= position) {
			found = node;
			node = node->left;
		} else {
			node = node->right;
		}
	}
	return dentry_of(found);
}

/* A loop: names are short, and a hash that agrees has all but found it. */
static bool same_name(const struct dentry *dentry, const char *name, size_t length)
{
	if (dentry->length != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (dentry->name[i] != name[i])
			return false;
	return true;
}

struct dentry *directory_find(struct dentry *directory, const char *name, size_t length)
{
	const struct inode *inode = directory->inode;
	struct dentry *dentry;
	uint32_t hash;

	if (inode->ops->lookup)
		return inode->ops->lookup(directory, name, length);
	hash = name_hash(name, length);
	dentry = entry_from(&inode->entries, (uint64_t)hash << POSITION_SHIFT);
	for (; dentry && dentry->hash == hash; dentry = dentry_of(tree_next(&dentry->node)))
		if (same_name(dentry, name, length))
			return dentry_get(dentry);
	return ERR_PTR(-ENOENT);
}

void directory_add(struct dentry *directory, struct dentry *dentry)
{
	struct tree *entries = &directory->inode->entries;
	uint64_t first = (uint64_t)dentry->hash << POSITION_SHIFT;
	struct dentry *other = entry_from(entries, first);
	struct tree_node **link = &entries->root, *parent = NULL;

	dentry->position = first;
	for (; other && other->hash == dentry->hash; other = dentry_of(tree_next(&other->node)))
		dentry->position = other->position + 1;
	while (*link) {
		parent = *link;
		link = dentry->position < dentry_of(parent)->position ? &parent->left
								      : &parent->right;
	}
	dentry_get(dentry);
	tree_insert(entries, &dentry->node, parent, link);
	inode_touch(directory->inode);
}

void directory_remove(struct dentry *directory, struct dentry *dentry)
{
	tree_remove(&directory->inode->entries, &dentry->node);
	spin_lock(&names_lock);
	dentry->unlinked = true;
	spin_unlock(&names_lock);
	inode_touch(directory->inode);
	dentry_put(dentry);
}

/* Downwards as long as there are names, upwards as each directory has lost all of its own. */
void directory_drop_all(struct dentry *directory)
{
	struct dentry *at = directory;

	for (;;) {
		struct inode *inode = at->inode;
		bool kept = S_ISDIR(inode->mode) && !inode->ops->lookup;
		struct dentry *child = kept ? dentry_of(tree_first(&inode->entries)) : NULL;
		struct dentry *parent = at->parent;

		if (child) {
			at = child;
		} else if (at == directory) {
			return;
		} else {
			mutex_lock(&parent->inode->lock);
			directory_remove(parent, at);
			mutex_unlock(&parent->inode->lock);
			at = parent;
		}
	}
}

struct dentry *directory_create(struct dentry *directory, const char *name, size_t length,
				mode_t mode, dev_t device)
{
	struct inode *parent = directory->inode, *inode;
	struct dentry *dentry;
	int error;

	/* It makes its names itself (/proc), or has been removed: there will be no such name. */
	if (!parent->ops->create || !parent->links)
		return ERR_PTR(-ENOENT);
	error = inode_permission(parent, MAY_WRITE | MAY_EXEC);
	if (error)
		return ERR_PTR(error);
	inode = parent->ops->create(parent, mode, device);
	if (IS_ERR(inode))
		return ERR_CAST(inode);
	if (parent->mode & S_ISGID) {
		inode->gid = parent->gid;
		if (S_ISDIR(mode))
			inode->mode |= S_ISGID;
	}
	dentry = dentry_create(directory, name, length, inode);
	if (!dentry)
		return ERR_PTR(-ENOMEM);
	if (S_ISDIR(mode)) {
		inode->links = 2; /* its own "." */
		parent->links++;  /* its ".." */
	}
	directory_add(directory, dentry);
	return dentry;
}

bool listing_add_dots(struct listing *listing, struct file *file)
{
	if (file->offset == 0) {
		if (!listing_add(listing, ".", 1, file->inode->number, S_IFDIR, 1))
			return false;
		file->offset = 1;
	}
	if (file->offset == 1) {
		struct dentry *up = mount_bottom(dentry_get(file->dentry));
		struct dentry *parent = dentry_parent(up);
		bool added = listing_add(listing, "..", 2, parent->inode->number, S_IFDIR, DOTS);

		dentry_put(parent);
		dentry_put(up);
		if (!added)
			return false;
		file->offset = DOTS;
	}
	return true;
}

int directory_list(struct file *file, struct listing *listing)
{
	struct dentry *dentry;

	if (!listing_add_dots(listing, file))
		return 0;
	dentry = entry_from(&file->inode->entries, file->offset - DOTS);
	for (; dentry; dentry = dentry_of(tree_next(&dentry->node))) {
		uint64_t next = dentry->position + 1 + DOTS;

		if (!listing_add(listing, dentry->name, dentry->length, dentry->inode->number,
				 dentry->inode->mode, next))
			break;
		file->offset = next;
	}
	return 0;
}

/* Puts `size` bytes before what is already there; `*start` moves down. */
static bool prepend(char *buffer, size_t *start, const char *bytes, size_t size)
{
	if (*start < size)
		return false;
	*start -= size;
	memcpy(buffer + *start, bytes, size);
	return true;
}

/* names_lock held. Builds the path from the end of the buffer; returns where it starts, or -1. */
static ssize_t build_path(const struct dentry *dentry, const struct dentry *root, char *buffer,
			  size_t size, bool mark_unlinked)
{
	static const char mark[] = " (deleted)";
	size_t start = size;

	if (!prepend(buffer, &start, "", 1))
		return -1;
	if (mark_unlinked && dentry->unlinked && !prepend(buffer, &start, mark, sizeof(mark) - 1))
		return -1;
	for (const struct dentry *at = dentry; at != root;) {
		if (!at->parent) {
			if (!at->inode->mount->point || at != at->inode->mount->root)
				break;
			at = at->inode->mount->point;
			continue;
		}
		if (!prepend(buffer, &start, at->name, at->length) ||
		    !prepend(buffer, &start, "/", 1))
			return -1;
		at = at->parent;
	}
	if (start == size - 1 && !prepend(buffer, &start, "/", 1))
		return -1;
	return (ssize_t)start;
}

ssize_t dentry_path(struct dentry *dentry, struct dentry *root, char *buffer, size_t size,
		    bool mark_unlinked)
{
	ssize_t start;

	spin_lock(&names_lock);
	start = build_path(dentry, root, buffer, size, mark_unlinked);
	spin_unlock(&names_lock);
	if (start < 0)
		return -ENAMETOOLONG;
	memmove(buffer, buffer + start, size - (size_t)start);
	return (ssize_t)(size - (size_t)start - 1);
}

ssize_t dentry_name(struct dentry *dentry, char *buffer, size_t size)
{
	const struct inode *inode = dentry->inode;
	struct dentry *root;
	ssize_t length;

	if (!dentry->parent && dentry != inode->mount->root) {
		if (S_ISFIFO(inode->mode))
			return snprintf(buffer, size, "pipe:[%lu]", inode->number);
		if (!S_ISREG(inode->mode))
			return snprintf(buffer, size, "%s", dentry->name);
		return snprintf(buffer, size, "%s (deleted)", dentry->name);
	}
	root = current_root();
	length = dentry_path(dentry, root, buffer, size, true);
	dentry_put(root);
	return length;
}
