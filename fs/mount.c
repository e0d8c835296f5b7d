/*
 * mount.c -- file systems put on top of directories; the first of them is the root.
 *
 * A dentry with something on it says so itself, and a mount's root leads back to the dentry that it
 * hides: the way down and the way up each cost one look. Mounting on a mount's root stacks, as on
 * Linux. One thing differs: proc or devtmpfs over itself changes nothing and succeeds, for init
 * scripts mount what the kernel has mounted already.
 *
 * Locks: names_lock guards dentry->mounted, mount->point and the list of mounts. How a mount goes
 * is in umount.c. Source: mount(2).
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/panic.h>
#include <facet/syscalls.h>

#define MS_REMOUNT 32
#define MS_IGNORED 0xc0ed0000ul /* MS_MGC_VAL, which old programs pass */
#define MS_MGC_MASK 0xffff0000ul
#define MS_NOATIME 1024
#define MS_NODIRATIME 2048
#define MS_SILENT 32768
#define MS_RELATIME (1ul << 21)
#define MS_STRICTATIME (1ul << 24)
#define MS_LAZYTIME (1ul << 25)
#define MS_KEPT (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define MS_HINTS \
	(MS_NOATIME | MS_NODIRATIME | MS_SILENT | MS_RELATIME | MS_STRICTATIME | MS_LAZYTIME)

struct list mounts = LIST_INIT(mounts);
struct list fs_types = LIST_INIT(fs_types);
struct dentry *root_dentry;

static uint32_t last_device; /* minor of st_dev, the major is 0: no disk. Atomic */

void fs_register(struct fs_type *type)
{
	list_push_back(&fs_types, &type->link);
}

static const struct fs_type *find_type(const char *name)
{
	struct fs_type *type;

	list_for_each_entry(type, &fs_types, link)
		if (strcmp(type->name, name) == 0)
			return type;
	return NULL;
}

struct mount *mount_create(const struct fs_type *type, const char *source, const char *options,
			   unsigned long flags)
{
	struct mount *mount = kzalloc(sizeof(*mount));
	int error;

	if (!mount)
		return ERR_PTR(-ENOMEM);
	mount->type = type;
	mount->flags = flags;
	mount->count = mount->users = 1;
	mount->device = device_number(0, __atomic_add_fetch(&last_device, 1, __ATOMIC_RELAXED));
	list_init(&mount->link);
	strlcpy(mount->source, source, sizeof(mount->source));
	error = type->mount ? type->mount(mount, options) : 0;
	if (error) {
		mount_destroy(mount);
		return ERR_PTR(error);
	}
	return mount;
}

int mount_attach(struct mount *mount, struct dentry *point)
{
	int error = 0;

	spin_lock(&names_lock);
	if (point->mounted || point->unlinked) {
		error = point->unlinked ? -ENOENT : -EBUSY;
	} else {
		mount->point = dentry_get(point);
		mount_use(point->inode->mount);
		point->mounted = mount;
		list_push_back(&mounts, &mount->link);
	}
	spin_unlock(&names_lock);
	return error;
}

struct dentry *mount_top(struct dentry *dentry)
{
	while (unlikely(READ_ONCE(dentry->mounted))) {
		struct dentry *root = dentry;

		spin_lock(&names_lock);
		if (dentry->mounted)
			root = dentry->mounted->root;
		dentry_get(root);
		spin_unlock(&names_lock);
		dentry_put(dentry);
		dentry = root;
	}
	return dentry;
}

struct dentry *mount_bottom(struct dentry *dentry)
{
	for (;;) {
		const struct mount *mount = dentry->inode->mount;
		struct dentry *point;

		if (dentry != mount->root)
			return dentry;
		spin_lock(&names_lock);
		point = mount->point ? dentry_get(mount->point) : NULL;
		spin_unlock(&names_lock);
		if (!point)
			return dentry;
		dentry_put(dentry);
		dentry = point;
	}
}

int mount_remount(struct mount *mount, unsigned long flags)
{
	if ((flags & MS_RDONLY) && READ_ONCE(mount->writers))
		return -EBUSY;
	mount->flags = flags;
	return 0;
}

static int mount_new(const struct fs_type *type, struct dentry *target, const char *source,
		     const char *options, unsigned long flags)
{
	struct mount *mount;
	int error;

	if (!S_ISDIR(target->inode->mode))
		return -ENOTDIR;
	if (target == root_dentry)
		return -EBUSY; /* nobody would see it: all have the old root */
	if (target->inode->ops->lookup && target != target->inode->mount->root)
		return -EBUSY; /* a dentry made anew for each lookup holds no mount */
	mount = mount_create(type, source, options, flags);
	if (IS_ERR(mount))
		return (int)PTR_ERR(mount);
	error = mount_attach(mount, target);
	if (error)
		mount_destroy(mount);
	return error;
}

/* With the names in kernel memory; target is what is visible at its path. */
static int mount_named(struct dentry *target, const char *source, const char *name,
		       const char *options, unsigned long flags)
{
	struct mount *here = target->inode->mount;
	const struct fs_type *type;

	if ((flags & MS_MGC_MASK) == MS_IGNORED)
		flags &= ~MS_MGC_MASK;
	if (flags & ~(MS_KEPT | MS_HINTS | MS_REMOUNT))
		return -EINVAL;
	if (flags & MS_REMOUNT)
		return target == here->root ? mount_remount(here, flags & MS_KEPT) : -EINVAL;
	type = find_type(name);
	if (!type)
		return -ENODEV;
	if (type->one_content && target == here->root && here->type == type)
		return 0;
	return mount_new(type, target, source, options, flags & MS_KEPT);
}

/* A string that may be NULL, which is as good as "". */
static char *optional_string(const char __user *string)
{
	char *copy;

	if (string)
		return path_from_user(string);
	copy = kmalloc(1);
	if (!copy)
		return ERR_PTR(-ENOMEM);
	*copy = '\0';
	return copy;
}

struct mount_strings {
	char *source, *name, *options;
};

static void free_strings(struct mount_strings *strings)
{
	kfree(IS_ERR(strings->source) ? NULL : strings->source);
	kfree(IS_ERR(strings->name) ? NULL : strings->name);
	kfree(IS_ERR(strings->options) ? NULL : strings->options);
}

long sys_mount(const char __user *source, const char __user *target, const char __user *type,
	       unsigned long flags, const void __user *data)
{
	struct mount_strings strings = {
		.source = optional_string(source),
		.name = optional_string(type),
		.options = optional_string(data),
	};
	long error = PTR_ERR_OR_ZERO(strings.source);
	struct dentry *point;

	if (!error)
		error = PTR_ERR_OR_ZERO(strings.name);
	if (!error)
		error = PTR_ERR_OR_ZERO(strings.options);
	if (!error && !capable(CAP_SYS_ADMIN))
		error = -EPERM;
	if (!error) {
		point = path_lookup_user(AT_FDCWD, target, LOOKUP_FOLLOW);
		error = PTR_ERR_OR_ZERO(point);
	}
	if (!error) {
		error = mount_named(point, *strings.source ? strings.source : "none", strings.name,
				    strings.options, flags);
		dentry_put(point);
	}
	free_strings(&strings);
	return error;
}

/* --- boot --- */

static int make_directory(const char *name, mode_t mode, struct dentry **made)
{
	struct inode *directory = root_dentry->inode;

	mutex_lock(&directory->lock);
	*made = directory_create(root_dentry, name, strlen(name), S_IFDIR | mode, 0);
	mutex_unlock(&directory->lock);
	return PTR_ERR_OR_ZERO(*made);
}

static int mount_at_boot(struct fs_type *type, const char *name)
{
	struct dentry *point;
	struct mount *mount;
	int error = make_directory(name, 0755, &point);

	if (error)
		return error;
	mount = mount_create(type, type->name, NULL, MS_NOSUID);
	error = IS_ERR(mount) ? (int)PTR_ERR(mount) : mount_attach(mount, point);
	dentry_put(point);
	return error;
}

int fs_init(void)
{
	struct mount *root;
	int error;

	inode_init_caches();
	file_init_caches();
	pipe_init();
	anonymous_init();
	memory_devices_init();
	fs_register(&tmpfs_type);
	fs_register(&devfs_type);
	fs_register(&proc_type);
	root = mount_create(&tmpfs_type, "rootfs", "mode=755,size=0", 0);
	if (IS_ERR(root))
		return (int)PTR_ERR(root);
	root_dentry = root->root;
	list_push_back(&mounts, &root->link);
	error = mount_at_boot(&devfs_type, "dev");
	return error ? error : mount_at_boot(&proc_type, "proc");
}
