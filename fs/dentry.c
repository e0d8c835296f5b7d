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
	dentry->name = dentry->first_name;
	memcpy(dentry->name, name, length);
	dentry->name[length] = '\0';
	return dentry;
}

static void free_name(const struct dentry *dentry, char *name)
{
	if (name != dentry->first_name)
		kfree(name);
}

/* The last count of a name gives back its parent's, and so on upwards. */
void dentry_free(struct dentry *dentry)
{
	do {
		struct dentry *parent = dentry->parent;

		inode_put(dentry->inode);
		free_name(dentry, dentry->name);
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

/* At a position that no other entry has. */
static void insert_entry(struct dentry *directory, struct dentry *dentry)
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
	tree_insert(entries, &dentry->node, parent, link);
	directory->inode->size += TMPFS_NAME_SIZE;
	inode_touch(directory->inode);
}

static void remove_entry(struct dentry *directory, struct dentry *dentry)
{
	tree_remove(&directory->inode->entries, &dentry->node);
	directory->inode->size -= TMPFS_NAME_SIZE;
	inode_touch(directory->inode);
}

void directory_add(struct dentry *directory, struct dentry *dentry)
{
	insert_entry(directory, dentry_get(dentry));
}

void directory_remove(struct dentry *directory, struct dentry *dentry)
{
	remove_entry(directory, dentry);
	spin_lock(&names_lock);
	dentry->unlinked = true;
	spin_unlock(&names_lock);
	dentry_put(dentry);
}

void directory_move(struct dentry *from, struct dentry *dentry, struct dentry *to, char *name,
		    size_t length)
{
	char *old = dentry->name;

	remove_entry(from, dentry);
	dentry_get(to);
	spin_lock(&names_lock);
	dentry->name = name;
	dentry->length = (uint8_t)length;
	dentry->hash = name_hash(name, length);
	dentry->parent = to;
	spin_unlock(&names_lock);
	insert_entry(to, dentry);
	free_name(dentry, old);
	dentry_put(from);
}

bool dentry_is_below(const struct dentry *dentry, const struct dentry *ancestor)
{
	spin_lock(&names_lock);
	while (dentry && dentry != ancestor)
		dentry = dentry->parent;
	spin_unlock(&names_lock);
	return dentry;
}

/* Counted. NULL: there is none, and there will be none. */
static struct dentry *first_child(struct dentry *directory)
{
	struct inode *inode = directory->inode;
	struct dentry *child;

	if (!S_ISDIR(inode->mode) || inode->ops->lookup)
		return NULL;
	mutex_lock(&inode->lock);
	child = dentry_of(tree_first(&inode->entries));
	if (child)
		dentry_get(child);
	else
		inode->links = 0;
	mutex_unlock(&inode->lock);
	return child;
}

static void drop_entry(struct dentry *parent, struct dentry *child)
{
	mutex_lock(&parent->inode->lock);
	if (child->parent == parent && !child->unlinked) {
		if (!S_ISDIR(child->inode->mode))
			inode_change_links(child->inode, -1);
		directory_remove(parent, child);
	}
	mutex_unlock(&parent->inode->lock);
}

/* Downwards as long as there are names, upwards as each directory has lost all of its own. */
void directory_drop_all(struct dentry *directory)
{
	struct dentry *at = dentry_get(directory);

	for (;;) {
		struct dentry *next = first_child(at);

		if (!next && at == directory)
			break;
		if (!next) {
			next = dentry_parent(at);
			drop_entry(next, at);
		}
		dentry_put(at);
		at = next;
	}
	dentry_put(at);
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

/* How a path says that there is no such name, or no way there. */
enum { MARK_UNLINKED = 1, MARK_UNREACHABLE = 2 };

/* names_lock held. Builds the path from the end of the buffer; returns where it starts, or -1. */
static ssize_t build_path(const struct dentry *dentry, const struct dentry *root, char *buffer,
			  size_t size, unsigned marks)
{
	static const char mark[] = " (deleted)", unreachable[] = "(unreachable)";
	const struct dentry *at = dentry;
	size_t start = size;

	if (!prepend(buffer, &start, "", 1))
		return -1;
	if ((marks & MARK_UNLINKED) && dentry->unlinked &&
	    !prepend(buffer, &start, mark, sizeof(mark) - 1))
		return -1;
	while (at != root) {
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
	if (at != root && (marks & MARK_UNREACHABLE) &&
	    !prepend(buffer, &start, unreachable, sizeof(unreachable) - 1))
		return -1;
	return (ssize_t)start;
}

static ssize_t path_with_marks(struct dentry *dentry, struct dentry *root, char *buffer,
			       size_t size, unsigned marks)
{
	ssize_t start;

	spin_lock(&names_lock);
	start = build_path(dentry, root, buffer, size, marks);
	spin_unlock(&names_lock);
	if (start < 0)
		return -ENAMETOOLONG;
	memmove(buffer, buffer + start, size - (size_t)start);
	return (ssize_t)(size - (size_t)start - 1);
}

ssize_t dentry_path(struct dentry *dentry, struct dentry *root, char *buffer, size_t size,
		    bool mark_unlinked)
{
	return path_with_marks(dentry, root, buffer, size, mark_unlinked ? MARK_UNLINKED : 0);
}

ssize_t dentry_path_marked(struct dentry *dentry, struct dentry *root, char *buffer, size_t size)
{
	return path_with_marks(dentry, root, buffer, size, MARK_UNREACHABLE);
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
		return snprintf(buffer, size, "/%s (deleted)", dentry->name);
	}
	root = current_root();
	length = dentry_path(dentry, root, buffer, size, true);
	dentry_put(root);
	return length;
}
