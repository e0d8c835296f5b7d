/*
 * walk.c -- from a path to a name: one component after the other.
 *
 * A walk stands at a counted dentry and has the rest of the path before it. It stops before the
 * last component, for open, mkdir and unlink want the directory; path_lookup() takes that step as
 * well. A symbolic link's text is put in front of the rest and the walk goes on, so there is no
 * recursion.
 *
 * Locks: a directory's, for the search of one name. Source: path_resolution(7).
 */
#include "internal.h"

#include <arch/uaccess.h>

static void move_to(struct walk *walk, struct dentry *dentry)
{
	dentry_put(walk->dentry);
	walk->dentry = dentry;
}

static void start_at_root(struct walk *walk)
{
	move_to(walk, current_root());
}

int walk_begin(struct walk *walk, int dirfd, const char *path)
{
	struct file *file;

	*walk = (struct walk){ .rest = path };
	if (*path == '/') {
		start_at_root(walk);
		return 0;
	}
	if (dirfd == AT_FDCWD) {
		walk->dentry = current_working();
		return 0;
	}
	file = descriptor_get(dirfd);
	if (!file)
		return -EBADF;
	walk->dentry = dentry_get(file->dentry);
	file_put(file);
	return 0;
}

void walk_end(struct walk *walk)
{
	dentry_put(walk->dentry);
	kfree(walk->text);
}

/* Takes the next component off the rest. Returns false if there is none, or an error. */
static int next_component(struct walk *walk)
{
	const char *end = walk->rest;

	while (*end == '/')
		end++;
	walk->name = end;
	while (*end && *end != '/')
		end++;
	walk->length = (size_t)(end - walk->name);
	walk->slash = *end == '/';
	while (*end == '/')
		end++;
	walk->rest = end;
	if (walk->length == 0)
		walk->last = LAST_NOTHING;
	else if (walk->name[0] == '.' && walk->length == 1)
		walk->last = LAST_DOT;
	else if (walk->name[0] == '.' && walk->name[1] == '.' && walk->length == 2)
		walk->last = LAST_DOTDOT;
	else
		walk->last = LAST_NAME;
	return walk->length <= NAME_MAX ? 0 : -ENAMETOOLONG;
}

/* ".." of the process's root is itself; from a mount's root it leads out of the mount. */
static struct dentry *step_up(struct dentry *dentry)
{
	struct dentry *root = current_root();
	struct dentry *bottom, *parent;

	if (dentry == root)
		return root;
	dentry_put(root);
	bottom = mount_bottom(dentry_get(dentry));
	parent = dentry_parent(bottom);
	dentry_put(bottom);
	return mount_top(parent);
}

struct dentry *walk_last(struct walk *walk)
{
	struct inode *directory = walk->dentry->inode;
	struct dentry *found;

	if (walk->last == LAST_NOTHING || walk->last == LAST_DOT)
		return dentry_get(walk->dentry);
	if (walk->last == LAST_DOTDOT)
		return step_up(walk->dentry);
	mutex_lock(&directory->lock);
	found = directory_find(walk->dentry, walk->name, walk->length);
	mutex_unlock(&directory->lock);
	return IS_ERR(found) ? found : mount_top(found);
}

static int check_directory(const struct walk *walk)
{
	const struct inode *inode = walk->dentry->inode;

	if (!S_ISDIR(inode->mode))
		return -ENOTDIR;
	return walk->real ? inode_permission_real(inode, MAY_EXEC)
			  : inode_permission(inode, MAY_EXEC);
}

int walk_to_parent(struct walk *walk)
{
	int error = next_component(walk);

	while (!error) {
		struct dentry *next;

		error = check_directory(walk);
		if (error || !*walk->rest)
			break;
		next = walk_last(walk);
		if (IS_ERR(next))
			return (int)PTR_ERR(next);
		if (S_ISLNK(next->inode->mode)) {
			struct dentry *target = NULL;

			error = walk_follow(walk, next, &target);
			next = target;
		}
		if (!error) {
			if (next)
				move_to(walk, next);
			error = next_component(walk);
		}
	}
	return error;
}

/* The link's text and behind it the rest of the path, in memory of its own. */
static int splice_text(struct walk *walk, struct inode *link)
{
	size_t room = link->size ? link->size : PATH_MAX, rest = strlen(walk->rest);
	char *text = kmalloc(room + rest + 2);
	ssize_t length;

	if (!text)
		return -ENOMEM;
	length = link->ops->readlink(link, text, room);
	if (length <= 0) {
		kfree(text);
		return length ? (int)length : -ENOENT;
	}
	/* A slash behind the link is one behind its text: what it leads to must be a directory. */
	if (walk->slash)
		text[length++] = '/';
	memcpy(text + length, walk->rest, rest + 1);
	kfree(walk->text);
	walk->text = text;
	walk->rest = text;
	return 0;
}

int walk_follow(struct walk *walk, struct dentry *link, struct dentry **target)
{
	struct inode *inode = link->inode;
	int error;

	if (++walk->links > LINKS_FOLLOWED_MAX) {
		dentry_put(link);
		return -ELOOP;
	}
	if (inode->ops->follow) {
		*target = inode->ops->follow(inode);
		dentry_put(link);
		return PTR_ERR_OR_ZERO(*target);
	}
	error = splice_text(walk, inode);
	dentry_put(link);
	if (!error && *walk->rest == '/')
		start_at_root(walk);
	return error;
}

/* Walks to the last component and takes that step. */
static struct dentry *walk_whole(struct walk *walk, unsigned lookup)
{
	for (;;) {
		struct dentry *found, *target = NULL;
		int error = walk_to_parent(walk);

		if (error)
			return ERR_PTR(error);
		found = walk_last(walk);
		if (IS_ERR(found))
			return found;
		if (S_ISLNK(found->inode->mode) && (walk->slash || (lookup & LOOKUP_FOLLOW))) {
			error = walk_follow(walk, found, &target);
			if (error)
				return ERR_PTR(error);
			if (!target)
				continue;
			found = target;
		}
		if ((walk->slash || (lookup & LOOKUP_DIRECTORY)) && !S_ISDIR(found->inode->mode)) {
			dentry_put(found);
			return ERR_PTR(-ENOTDIR);
		}
		return found;
	}
}

struct dentry *path_lookup(int dirfd, const char *path, unsigned lookup)
{
	struct dentry *found;
	struct walk walk;
	int error;

	if (!*path && !(lookup & LOOKUP_EMPTY))
		return ERR_PTR(-ENOENT);
	error = walk_begin(&walk, dirfd, path);
	if (error)
		return ERR_PTR(error);
	walk.real = lookup & LOOKUP_REAL;
	found = *path ? walk_whole(&walk, lookup) : dentry_get(walk.dentry);
	walk_end(&walk);
	return found;
}

char *path_from_user(const char __user *path)
{
	char *copy = kmalloc(PATH_MAX);
	ssize_t length;

	if (!copy)
		return ERR_PTR(-ENOMEM);
	length = strncpy_from_user(copy, path, PATH_MAX);
	if (length < 0) {
		kfree(copy);
		return ERR_PTR(length);
	}
	return copy;
}

struct dentry *path_lookup_user(int dirfd, const char __user *path, unsigned lookup)
{
	char *copy = path_from_user(path);
	struct dentry *found;

	if (IS_ERR(copy))
		return ERR_CAST(copy);
	found = path_lookup(dirfd, copy, lookup);
	kfree(copy);
	return found;
}

int walk_to_parent_user(struct walk *walk, int dirfd, const char __user *user_path, char **path)
{
	int error;

	*path = path_from_user(user_path);
	if (IS_ERR(*path))
		return (int)PTR_ERR(*path);
	error = **path ? walk_begin(walk, dirfd, *path) : -ENOENT;
	if (error) {
		kfree(*path);
		return error;
	}
	error = walk_to_parent(walk);
	if (error) {
		walk_end(walk);
		kfree(*path);
	}
	return error;
}

int walk_may_write(const struct walk *walk)
{
	return walk->dentry->inode->mount->flags & MS_RDONLY ? -EROFS : 0;
}
