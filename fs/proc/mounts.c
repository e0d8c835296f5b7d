/*
 * mounts.c -- /proc/<pid>/mounts and mountinfo: what is mounted where.
 *
 * There is one tree of mounts for all; where each is, is told as a path from the process's root.
 * Source: proc(5); fstab(5) for the characters that are written in octal.
 */
#include "proc.h"

static void put_word(struct text *text, const char *word)
{
	for (; *word; word++) {
		if (strchr(" \t\n\\", *word))
			text_printf(text, "\\%03o", (uint8_t)*word);
		else
			text_add(text, word, 1);
	}
}

static void put_options(struct text *text, const struct mount *mount)
{
	text_printf(text, "%s%s%s%s,relatime", mount->flags & MS_RDONLY ? "ro" : "rw",
		    mount->flags & MS_NOSUID ? ",nosuid" : "",
		    mount->flags & MS_NODEV ? ",nodev" : "",
		    mount->flags & MS_NOEXEC ? ",noexec" : "");
}

static void put_mount(struct text *text, const struct mount *mount, const char *path)
{
	put_word(text, mount->source);
	text_add(text, " ", 1);
	put_word(text, path);
	text_printf(text, " %s ", mount->type->name);
	put_options(text, mount);
	text_printf(text, " 0 0\n");
}

/* The root's parent is itself. */
static unsigned parent_id(const struct mount *mount)
{
	unsigned id;

	spin_lock(&names_lock);
	id = mount_id(mount->point ? mount->point->inode->mount : mount);
	spin_unlock(&names_lock);
	return id;
}

static void put_mountinfo(struct text *text, const struct mount *mount, const char *path)
{
	text_printf(text, "%u %u %u:%u / ", mount_id(mount), parent_id(mount),
		    device_major(mount->device), device_minor(mount->device));
	put_word(text, path);
	text_add(text, " ", 1);
	put_options(text, mount);
	text_printf(text, " - %s ", mount->type->name);
	put_word(text, mount->source);
	text_printf(text, " %s\n", mount->flags & MS_RDONLY ? "ro" : "rw");
}

static int for_each_mount(struct text *text, pid_t pid,
			  void (*put)(struct text *, const struct mount *, const char *))
{
	struct fs_context *fs = proc_context(pid);
	struct dentry *root, *at;
	unsigned id = 0;
	char *path;

	if (!fs)
		return -EINVAL;
	root = context_root(fs);
	fs_context_put(fs);
	path = kmalloc(PATH_MAX);
	for (; path && (at = mount_next(id)); dentry_put(at)) {
		id = mount_id(at->inode->mount);
		if (dentry_path(at, root, path, PATH_MAX, false) >= 0)
			put(text, at->inode->mount, path);
	}
	dentry_put(root);
	kfree(path);
	return path ? 0 : -ENOMEM;
}

int proc_show_mounts(struct text *text, pid_t pid)
{
	return for_each_mount(text, pid, put_mount);
}

int proc_show_mountinfo(struct text *text, pid_t pid)
{
	return for_each_mount(text, pid, put_mountinfo);
}
