/*
 * internal.h -- what the files of this folder know of each other and nobody else does.
 */
#ifndef FS_INTERNAL_H
#define FS_INTERNAL_H

#include <facet/clock.h>
#include <facet/err.h>
#include <facet/format.h>
#include <facet/frames.h>
#include <facet/fs.h>
#include <facet/process.h>
#include <facet/slab.h>
#include <facet/spinlock.h>
#include <facet/string.h>

#define LINKS_FOLLOWED_MAX 40     /* path_resolution(7) */
#define MAX_RW_COUNT 0x7ffff000ul /* read(2) */
#define FILE_SIZE_MAX INT64_MAX

#define AT_REMOVEDIR 0x200
#define AT_EACCESS 0x200
#define AT_SYMLINK_FOLLOW 0x400
#define AT_NO_AUTOMOUNT 0x800

/* --- inode.c --- */

void inode_init_caches(void);
void inode_touch(struct inode *inode);    /* its bytes or entries changed: mtime and ctime */
void inode_changed(struct inode *inode);  /* ctime */
void inode_read_now(struct inode *inode); /* atime, as relatime has it */
/* One more name, or one less, of what is no directory. Takes names_lock. */
void inode_change_links(struct inode *inode, int step);
int inode_permission_real(const struct inode *inode, unsigned may); /* as access(2) asks */
bool inode_is_owner(const struct inode *inode);                     /* or may as if */
bool inode_in_group(gid_t gid);                                     /* whether the caller is */
bool inode_keeps_setgid(gid_t gid);                 /* or may set the bit for any group */
bool inode_loses_setgid(const struct inode *inode); /* its group is not the caller's */
/* Who writes to a program of others clears its set-user-ID bits, but for CAP_FSETID. Lock held. */
void inode_drop_privileges(struct inode *inode);
void split_time(int64_t time[2], int64_t ns); /* seconds, nanoseconds >= 0 */

/* Linux x86_64's struct stat. */
struct stat {
	uint64_t device, number, links;
	uint32_t mode, uid, gid, pad;
	uint64_t rdevice;
	int64_t size, block_size, blocks;
	int64_t accessed[2], modified[2], changed[2]; /* seconds, nanoseconds */
	int64_t unused[3];
};

void inode_stat(const struct inode *inode, struct stat *stat);

/* --- dentry.c: inode->lock of the directory is held by the caller --- */

struct dentry *directory_find(struct dentry *directory, const char *name, size_t length);
void directory_add(struct dentry *directory, struct dentry *dentry);
void directory_remove(struct dentry *directory, struct dentry *dentry);
/*
 * An entry gets another name, a kmalloc'd one that becomes its own, in another directory or the
 * same. It may stand beside one of that name, which then has to go. Both locks are held.
 */
void directory_move(struct dentry *from, struct dentry *dentry, struct dentry *to, char *name,
		    size_t length);
/* Drops every name below a directory that nobody can reach any more. Takes the locks itself. */
void directory_drop_all(struct dentry *directory);
int directory_list(struct file *file, struct listing *listing);

/* "." and ".." at file->offset 0 and 1. False: no room. */
bool listing_add_dots(struct listing *listing, struct file *file);

/* Whether it is `ancestor` itself or below it, in the same mount. */
bool dentry_is_below(const struct dentry *dentry, const struct dentry *ancestor);

/* --- directory.c: the directory's lock is held --- */

/* 0 if the current process may put a name there: -ENOENT if it takes none, -EACCES, -EROFS. */
int directory_may_add(const struct inode *directory);
/* What a new name there is to stand for, owned as the directory says. Checks permission. */
struct inode *directory_new_inode(struct inode *directory, mode_t mode, dev_t device);
/* Names an inode, whose count it consumes; counts the links of directories. Counted, or -ENOMEM. */
struct dentry *directory_enter(struct dentry *directory, const char *name, size_t length,
			       struct inode *inode);
/* Both: creates a name in a directory that has none such. Counted, or ERR_PTR. */
struct dentry *directory_create(struct dentry *directory, const char *name, size_t length,
				mode_t mode, dev_t device);

/* Permission to remove that inode's name: -EACCES, -EROFS, -EPERM. */
int directory_may_remove(const struct inode *directory, const struct inode *inode);
/* Removes it; a directory must be empty (-ENOTEMPTY) and have no mount on it (-EBUSY). */
int directory_unlink(struct dentry *parent, struct dentry *child);

/*
 * A path from `root` down to the dentry. Returns its length without the NUL, -ENAMETOOLONG, or
 * -ENOENT.
 */
ssize_t dentry_path(struct dentry *dentry, struct dentry *root, char *buffer, size_t size,
		    bool mark_unlinked);
/* The same for getcwd: "(unreachable)" before it if it is not below `root`. */
ssize_t dentry_path_marked(struct dentry *dentry, struct dentry *root, char *buffer, size_t size);
struct dentry *dentry_parent(struct dentry *dentry); /* counted */

/* What /proc calls it: a path from the current process's root, or a nameless file's kind. */
ssize_t dentry_name(struct dentry *dentry, char *buffer, size_t size);

/* --- mount.c --- */

/* What is visible there; what the mount hides whose root it is. Consume and return a count. */
struct dentry *mount_top(struct dentry *dentry);
struct dentry *mount_bottom(struct dentry *dentry);
struct mount *mount_create(const struct fs_type *type, const char *source, const char *options,
			   unsigned long flags);
int mount_attach(struct mount *mount, struct dentry *point);
void mount_destroy(struct mount *mount); /* one that was never attached */
int mount_remount(struct mount *mount, unsigned long flags);
/* The root, counted, of the first mount whose id is above `id`; NULL. */
struct dentry *mount_next(unsigned id);
void mount_put(struct mount *mount);
void mount_drop_names(struct mount *mount);

/* A user that keeps the mount's names, see struct mount. */
static inline void mount_use(struct mount *mount)
{
	__atomic_fetch_add(&mount->users, 1, __ATOMIC_RELAXED);
}

static inline void mount_unuse(struct mount *mount)
{
	if (__atomic_sub_fetch(&mount->users, 1, __ATOMIC_ACQ_REL) == 0)
		mount_drop_names(mount);
}

extern struct dentry *root_dentry;
extern struct list mounts;   /* names_lock */
extern struct list fs_types; /* filled at boot */

/* --- walk.c --- */

enum last_kind { LAST_NAME, LAST_DOT, LAST_DOTDOT, LAST_NOTHING };

/* A path lookup under way. */
struct walk {
	struct dentry *dentry; /* where it stands; counted */
	const char *rest;      /* the part of the path that is left */
	char *text;            /* what `rest` lies in after a symbolic link; kmalloc'd */
	const char *name;      /* the last component */
	size_t length;
	enum last_kind last;
	bool slash;     /* behind the last component: it must be a directory */
	bool real;      /* permission of the real ids, for access(2) */
	unsigned links; /* followed so far */
};

/* Begins at `dirfd`, the working directory or the root; walk_end() takes everything back. */
int walk_begin(struct walk *walk, int dirfd, const char *path);
/* Goes as far as the directory of the last component. */
int walk_to_parent(struct walk *walk);
/*
 * The last component, below walk->dentry: counted, not yet followed if it is a link.
 * ERR_PTR(-ENOENT).
 */
struct dentry *walk_last(struct walk *walk);
/*
 * Goes on through `link`, whose count it consumes; then walk_to_parent() again, unless *target is
 * set.
 */
int walk_follow(struct walk *walk, struct dentry *link, struct dentry **target);
void walk_end(struct walk *walk);

/* To the directory of a user's path. On 0 the caller ends the walk and frees the path. */
int walk_to_parent_user(struct walk *walk, int dirfd, const char __user *user_path, char **path);
/* -EROFS if where it stands is mounted read-only: said before what the last name is. */
int walk_may_write(const struct walk *walk);

#define LOOKUP_FOLLOW 1 /* the last component too */
#define LOOKUP_DIRECTORY 2
#define LOOKUP_EMPTY 4 /* "" is dirfd itself */
#define LOOKUP_REAL 8  /* walk->real */

/* What a call's AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH mean for the last component. */
static inline unsigned lookup_flags_at(int flags)
{
	return (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
	       (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}

/* All of it: a counted dentry or ERR_PTR. `path` in kernel memory, and as the user passed it. */
struct dentry *path_lookup(int dirfd, const char *path, unsigned lookup);
struct dentry *path_lookup_user(int dirfd, const char __user *path, unsigned lookup);

/* A user's path in a kmalloc'd buffer, or ERR_PTR: -EFAULT, -ENAMETOOLONG, -ENOMEM. */
char *path_from_user(const char __user *path);

/* --- context.c --- */

struct fs_context {
	uint32_t count;
	mode_t umask;
	struct dentry *root, *working; /* counted; names_lock */
};

struct dentry *context_root(struct fs_context *fs); /* counted */
struct dentry *context_working(struct fs_context *fs);
/* The current process's, counted; the kernel's own at boot is the root of everything. */
struct dentry *current_root(void);
struct dentry *current_working(void);
mode_t current_umask(void);
void fs_context_get(struct fs_context *fs);

/* --- file.c, open.c --- */

void file_init_caches(void);
struct file *open_at(int dirfd, const char *path, int flags, mode_t mode);

/* Consumes the dentry's count, also when it fails. Calls ops->open. */
struct file *file_open_dentry(struct dentry *dentry, int flags);
/* A file on an inode of its own kind, without ops->open. Consumes the dentry's count. */
struct file *file_create(struct dentry *dentry, const struct file_ops *ops, int flags);

/* --- truncate.c --- */

int truncate_opened(struct inode *inode); /* O_TRUNC, also of what has no size */

/* --- transfer.c --- */

static inline void transfer_init_user(struct transfer *transfer, const void __user *buffer,
				      size_t size)
{
	*transfer = (struct transfer){ .at = (vaddr_t)buffer, .segment = size, .left = size };
}

static inline void transfer_init_kernel(struct transfer *transfer, void *buffer, size_t size)
{
	*transfer = (struct transfer){
		.at = (vaddr_t)buffer,
		.segment = size,
		.left = size,
		.kernel = true,
	};
}

/* --- locks.c; all but the last: inode->locks is not NULL --- */

/* A process has closed a descriptor of the file; a file is used no longer; nor is an inode. */
void locks_release_process(struct inode *inode, const struct descriptors *descriptors);
void locks_release_file(struct file *file);
void locks_free(struct inode *inode);

/* --- owner.c: the rest of what sys_fcntl knows; -EINVAL --- */

long fcntl_owner(struct file *file, unsigned command, unsigned long argument);

/* --- sendfile.c --- */

/* A place to begin at, and one that has been reached: the caller's if there is a pointer, else the
 * file's own. */
int offset_from_user(uint64_t *offset, const struct file *file, const uint64_t __user *from);
int offset_to_user(struct file *file, uint64_t __user *to, uint64_t offset);

/* --- rw.c --- */

#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define SEEK_DATA 3
#define SEEK_HOLE 4

/* In place of an offset: the file's own, its end, and its end with its own moving there. */
#define OWN_OFFSET UINT64_MAX
#define AT_END (UINT64_MAX - 1)
#define OWN_OFFSET_AT_END (UINT64_MAX - 2)

/* A vector of readv(2) and its kin, in kernel memory. vector_free() if the copy was made. */
struct vector {
	struct iovec *all;
	struct iovec few[8];
};

int vector_copy(struct vector *vector, const struct iovec __user *from, size_t count);
/* The same of the caller's own memory, checked, and ready to move bytes to or from there. */
int vector_from_user(struct vector *vector, const struct iovec __user *from, size_t count,
		     struct transfer *transfer);
void vector_free(struct vector *vector);

/* As read(2) and write(2) do it, with the checks for the access mode. */
ssize_t file_read(struct file *file, struct transfer *to, uint64_t offset);
ssize_t file_write(struct file *file, struct transfer *from, uint64_t offset);
bool file_has_offset(const struct file *file); /* pread and lseek work */

/* --- descriptors.c --- */

int descriptor_reserve(unsigned lowest, bool close_on_exec); /* a number, -EMFILE, -ENOMEM */
void descriptor_install(int fd, struct file *file);          /* takes over the count */
void descriptor_cancel(int fd);                              /* a reserved one */
/* Takes over the count, also when it fails: reserved and installed at once. */
int descriptor_add(struct file *file, unsigned lowest, bool close_on_exec);
int descriptor_duplicate(int fd, unsigned lowest, bool close_on_exec);
bool descriptor_is(int fd, const struct file *file); /* whether it (still) stands for that */
void descriptors_get(struct descriptors *descriptors);
struct file *file_open_console(void); /* without a current process */

/*
 * By a table of another process: the file, counted, of this descriptor, or of the first >= *fd,
 * which is set. NULL.
 */
struct file *descriptors_at(struct descriptors *descriptors, unsigned fd, bool *closes_on_exec);
struct file *descriptors_next(struct descriptors *descriptors, unsigned *fd, bool *closes_on_exec);
unsigned descriptors_size(const struct descriptors *descriptors); /* room in the table */

/* --- page_cache.c --- */

void page_cache_init(struct page_cache *cache);
/* With a count of the caller's; NULL: a hole. */
struct frame *page_cache_find(struct page_cache *cache, uint64_t index);
/* Not counted: the page stays for as long as the caller holds inode->lock. */
struct frame *page_cache_peek(const struct page_cache *cache, uint64_t index);
/*
 * Puts a frame into a hole and takes over its count. `size`, unless NULL, is the file's: -ENXIO if
 * it ends before the page. If somebody was faster, *there is that frame, counted, and -EEXIST is
 * returned; -ENOMEM.
 */
int page_cache_insert(struct page_cache *cache, uint64_t index, struct frame *frame,
		      const uint64_t *size, struct frame **there);
/* Drops the pages [first, end). Returns how many. inode->lock is held, or the inode unknown. */
size_t page_cache_drop(struct page_cache *cache, uint64_t first, uint64_t end);
/* The first page from `index` on that is there (or is a hole); UINT64_MAX: none. */
uint64_t page_cache_next(struct page_cache *cache, uint64_t index, bool there);

/* --- tmpfs.c, tmpfs_file.c, tmpfs_size.c --- */

#define TMPFS_MAGIC 0x01021994u

/* What a directory's size counts for each name, and of "." and ".." from the beginning. */
#define TMPFS_NAME_SIZE 20
#define TMPFS_EMPTY_DIRECTORY (2 * TMPFS_NAME_SIZE)

extern const struct inode_ops tmpfs_inode_ops;
extern const struct file_ops tmpfs_file_ops, directory_ops;
extern struct fs_type tmpfs_type;
/* An inode with no name yet, or ERR_PTR(-ENOMEM). */
struct inode *tmpfs_inode(struct mount *mount, mode_t mode, dev_t device);
int tmpfs_make_root(struct mount *mount, mode_t mode);
int tmpfs_set_target(struct inode *inode, const char *target, size_t length);
int tmpfs_resize(struct inode *inode, uint64_t size);
void tmpfs_drop_pages(struct inode *inode, uint64_t first, uint64_t end);
/* Bytes become a hole, pages of it are gone from mappings too; the size stays. Locked. */
void tmpfs_punch(struct inode *inode, uint64_t offset, uint64_t size);
int tmpfs_allocate(struct inode *inode, unsigned mode, uint64_t offset, uint64_t size);
int64_t tmpfs_seek(struct inode *inode, uint64_t offset, bool hole);
/*
 * 0 if `size` may be reached, else -EFBIG: RLIMIT_FSIZE, with its signal, or the number's own
 * limit.
 */
int tmpfs_check_limit(uint64_t size);
void tmpfs_set_size(struct inode *inode, uint64_t size);
void tmpfs_pages_dropped(struct inode *inode, size_t pages);
int tmpfs_fill_hole(struct inode *inode, uint64_t index); /* with zeros: 0, -ENOSPC, -ENOMEM */
/* Fills a new file from memory, page by page. Returns 0, -ENOSPC or -ENOMEM. */
int tmpfs_fill(struct inode *inode, const void *bytes, size_t size);

/* --- pipe.c --- */

#define FIONREAD 0x541b

extern const struct file_ops pipe_ops;
void pipe_inode_release(struct inode *inode);
unsigned pipe_size_max(void);
long pipe_get_size(struct file *file);
long pipe_set_size(struct file *file, unsigned long size);
void pipe_init(void);

/* --- anonymous.c --- */

enum anonymous_kind { ANONYMOUS_EVENTFD, ANONYMOUS_PIDFD };

struct file *anonymous_file(enum anonymous_kind kind, const struct file_ops *ops, int flags);
void anonymous_init(void);

/* --- devices.c, devfs.c, random.c, kmsg.c --- */

#define DEVICE_MAJORS 16

const struct file_ops *device_ops(dev_t device); /* NULL: no such device */
const char *device_major_name(uint32_t major);   /* NULL: no driver */
void memory_devices_init(void);
extern struct fs_type devfs_type;
extern const struct file_ops random_ops, kmsg_ops;

/* --- proc/ --- */

extern struct fs_type proc_type;

#endif
