/*
 * fs.h -- how file systems and devices plug in: inodes, names, mounts, open files.
 *
 * An inode is a file, whatever its name. A dentry is one name of it in one directory; the dentries
 * of a mount are a tree through their parents. A file is an inode that somebody has opened. Who
 * holds a pointer to one of the three across a lock's release holds a count.
 *
 *	descriptor -> struct file -> struct dentry -> struct inode -> struct mount
 *
 * Locks: inode->lock is RANK_DIRECTORY for a directory (its entries), RANK_PIPE for a pipe, and
 * RANK_FILE for everything else (its bytes, and the offsets of the files open on it). Where a name
 * hangs is guarded by names_lock as well.
 * Source: path_resolution(7), inode(7), open(2).
 */
#ifndef FACET_FS_H
#define FACET_FS_H

#include <facet/file.h>
#include <facet/mappings.h>
#include <facet/mutex.h>
#include <facet/tree.h>
#include <facet/types.h>

struct frame;
struct fs_type;
struct inode;
struct inode_locks;
struct mount;
struct pipe;
struct poll_table;
struct proc_entry;

#define NAME_MAX 255
#define PATH_MAX 4096

/* st_mode. */
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFLNK 0120000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFDIR 0040000
#define S_IFCHR 0020000
#define S_IFIFO 0010000
#define S_ISUID 04000
#define S_ISGID 02000
#define S_ISVTX 01000
#define S_IXGRP 0010
#define S_PERMISSIONS 07777
#define S_ISLNK(mode) ((S_IFMT & (mode)) == S_IFLNK)
#define S_ISREG(mode) ((S_IFMT & (mode)) == S_IFREG)
#define S_ISDIR(mode) ((S_IFMT & (mode)) == S_IFDIR)
#define S_ISCHR(mode) ((S_IFMT & (mode)) == S_IFCHR)
#define S_ISBLK(mode) ((S_IFMT & (mode)) == S_IFBLK)
#define S_ISFIFO(mode) ((S_IFMT & (mode)) == S_IFIFO)

/* What is asked of permission bits; the values are those of the bits. */
#define MAY_EXEC 1
#define MAY_WRITE 2
#define MAY_READ 4

/* Device numbers as stat(2) and mknod(2) pass them. */
static inline dev_t device_number(uint32_t major, uint32_t minor)
{
	return (minor & 0xff) | (major & 0xfff) << 8 | (dev_t)(minor & ~0xffu) << 12;
}

static inline uint32_t device_major(dev_t device)
{
	return device >> 8 & 0xfff;
}

static inline uint32_t device_minor(dev_t device)
{
	return (device & 0xff) | (uint32_t)(device >> 12 & ~0xffull);
}

/* --- bytes on their way between a file and its reader or writer --- */

struct iovec {
	vaddr_t base;
	uint64_t size;
};

/* Where the bytes of a read go, or those of a write come from. */
struct transfer {
	vaddr_t at;               /* a user address, or the kernel's own under `kernel` */
	size_t segment;           /* bytes left at `at` */
	size_t left;              /* bytes left in all segments */
	const struct iovec *next; /* the segments behind this one */
	bool kernel;
};

/*
 * Move the next `size` bytes, at most what is left, to or from the kernel's memory. Return how
 * many: less than `size` means a bad user pointer. Context: thread, no spinlock held, nor the
 * space's lock.
 */
size_t transfer_out(struct transfer *transfer, const void *from, size_t size);
size_t transfer_in(struct transfer *transfer, void *to, size_t size);
size_t transfer_out_zeros(struct transfer *transfer, size_t size);

/* --- open files --- */

/* The names that getdents64 is collecting. */
struct listing;

/* Adds a name; `next` is the offset of what follows it. False: no room, it is not added. */
bool listing_add(struct listing *listing, const char *name, size_t length, ino_t number,
		 mode_t mode, uint64_t next);

struct file_ops {
	/*
	 * Reads and writes from `offset` on, which counts only if `positioned`. They return how
	 * many bytes were moved, short where there was no more, or -errno if there were none.
	 * Context: inode->lock held if `positioned`, no lock else.
	 */
	ssize_t (*read)(struct file *file, struct transfer *to, uint64_t offset);
	ssize_t (*write)(struct file *file, struct transfer *from, uint64_t offset);

	/* The names of a directory from file->offset on, which moves along. inode->lock held. */
	int (*list)(struct file *file, struct listing *listing);

	/*
	 * What may be done now without waiting (POLL bits), after poll_watch() for each queue that
	 * says when it changes; only then it looks. Where `table` is NULL there is no
	 * queue to watch: an answer that was right at some moment of the call is enough. No `poll`:
	 * all may be done always.
	 */
	unsigned (*poll)(struct file *file, struct poll_table *table);

	/* -ENOTTY for a request that is none of the file's. */
	long (*ioctl)(struct file *file, unsigned request, unsigned long argument);

	/* lseek(2) of a file that is not `positioned` and yet has places. NULL: it has none. */
	int64_t (*seek)(struct file *file, off_t offset, int whence);

	/* A page for a mapping, see file_page(). */
	int (*page)(struct file *file, uint64_t index, struct frame **frame);

	/* The file has been made and gets its use; the last user has gone. No lock held. */
	int (*open)(struct file *file);
	void (*release)(struct file *file);

	bool positioned;             /* has offsets: lseek, pread and pwrite work */
	bool positions_mean_nothing; /* lseek succeeds and stays at 0 (/dev/null) */
	bool maps_as_anonymous;      /* /dev/zero */
};

/* poll(2) */
#define POLLIN 0x001u
#define POLLPRI 0x002u
#define POLLOUT 0x004u
#define POLLERR 0x008u
#define POLLHUP 0x010u
#define POLLNVAL 0x020u
#define POLLRDNORM 0x040u
#define POLLRDBAND 0x080u
#define POLLWRNORM 0x100u
#define POLLWRBAND 0x200u
#define POLL_READABLE (POLLIN | POLLRDNORM)
#define POLL_WRITABLE (POLLOUT | POLLWRNORM)

/*
 * Makes the queue's wakes end the poll; nothing if `table` is NULL. Context: poll operations.
 */
void poll_watch(struct poll_table *table, struct wait_queue *queue);

/* Bits of file->access. */
#define FILE_READ 1
#define FILE_WRITE 2
#define FILE_EXECUTES 4 /* opened to be run: nobody may write to it meanwhile */
#define FILE_COUNTED 8  /* in inode->writers: opened, and not made without a name */

struct file {
	uint32_t count; /* descriptors, mappings, calls at work; atomic */
	uint32_t flags; /* O_ as opened and as fcntl(F_SETFL) left them */
	uint8_t access;
	uint8_t owner_type, owner_signal; /* owner.c; process_tree_lock */
	pid_t owner;
	const struct file_ops *ops;
	struct inode *inode; /* the dentry's, which holds it */
	struct dentry *dentry;
	uint64_t offset; /* inode->lock, if positioned */
	void *private;   /* the ops' own */
};

/* --- inodes --- */

/* A file's pages by their index, in a tree of nodes of 64. */
struct page_cache {
	struct spinlock lock;   /* RANK_PAGE_CACHE; guards inode->size too */
	struct page_node *root; /* NULL: empty */
	size_t pages;
	struct mappings mappings;
};

struct inode_ops {
	/*
	 * Directories whose entries are not kept but made when asked for: a new dentry, or -ENOENT.
	 * NULL: the entries are in inode->entries. The directory's lock is held.
	 */
	struct dentry *(*lookup)(struct dentry *directory, const char *name, size_t length);

	/* A symbolic link's text without a NUL, cut off at `size`. Returns its length or -errno. */
	ssize_t (*readlink)(struct inode *inode, char *buffer, size_t size);

	/* Links that lead to a file, not to a text (/proc/self/fd/0): its dentry, counted. */
	struct dentry *(*follow)(struct inode *inode);

	/* A new nameless inode for mkdir and its like; NULL: the directory takes no new names. */
	struct inode *(*create)(struct inode *directory, mode_t mode, dev_t device);

	/* The inode's lock is held. */
	int (*resize)(struct inode *inode, uint64_t size);
	/* fallocate(2): `mode` is FALLOC_ bits, the range is checked. */
	int (*allocate)(struct inode *inode, unsigned mode, uint64_t offset, uint64_t size);
	/* The first byte of data, or of a hole, from `offset` on, below the size; -ENXIO. */
	int64_t (*seek)(struct inode *inode, uint64_t offset, bool hole);

	void (*release)(struct inode *inode); /* the last count has gone */
};

struct inode {
	uint32_t count; /* dentries; atomic */
	mode_t mode;
	uid_t uid;
	gid_t gid;
	uint32_t links;  /* a directory's: its lock; else names_lock */
	bool unnamed;    /* O_TMPFILE's: link may give it a first name; names_lock */
	int32_t writers; /* open for writing; negative: being executed. Atomic */
	ino_t number;
	dev_t device; /* which one a device node stands for */
	uint64_t size;
	size_t promised; /* pages committed for it that it has not got; atomic */
	int64_t accessed_ns, modified_ns, changed_ns, created_ns; /* since 1970 */
	struct mount *mount;                                      /* counted */
	const struct inode_ops *ops;
	const struct file_ops *file_ops;
	struct mutex lock;
	struct inode_locks *locks; /* locks.c; NULL: nobody has ever locked it */
	union {
		struct page_cache cache; /* regular files of a tmpfs */
		struct tree entries;     /* kept directories: dentry->node by position */
		char *target;            /* symbolic links of a tmpfs */
		struct pipe *pipe;       /* pipes and FIFOs; NULL while nobody has it open */
		struct {
			const struct proc_entry *entry;
			pid_t pid;
			int fd;
		} proc;
	};
};

/* Count 1, one link, owned by the current process, now. NULL: no memory. */
struct inode *inode_create(struct mount *mount, mode_t mode);
void inode_put(struct inode *inode);

static inline void inode_get(struct inode *inode)
{
	__atomic_fetch_add(&inode->count, 1, __ATOMIC_RELAXED);
}

/* 0 if the current process may do all that `may` (MAY_ bits) says, else -EACCES or -EROFS. */
int inode_permission(const struct inode *inode, unsigned may);

/* --- names --- */

struct dentry {
	uint32_t count;        /* users, children, 1 for a place in a directory; atomic */
	uint32_t hash;         /* of the name */
	struct dentry *parent; /* counted; NULL: a mount's root, nameless. names_lock */
	struct inode *inode;   /* counted; always the same */
	struct mount *mounted; /* on top of it; names_lock */
	struct tree_node node; /* inode->entries of the parent; its lock */
	uint64_t position;     /* the key there, and the offset for getdents64 */
	bool unlinked;         /* the name has been removed; names_lock */
	uint8_t length;
	char *name; /* first_name, or kmalloc'd by a rename. The parent's lock and names_lock */
	char first_name[];
};

/* Takes over the caller's count of the inode, also when it fails; counts the parent, if any. */
struct dentry *dentry_create(struct dentry *parent, const char *name, size_t length,
			     struct inode *inode);
void dentry_free(struct dentry *dentry); /* its count has come to 0: for dentry_put() */

static inline struct dentry *dentry_get(struct dentry *dentry)
{
	__atomic_fetch_add(&dentry->count, 1, __ATOMIC_RELAXED);
	return dentry;
}

/* NULL is allowed. */
static inline void dentry_put(struct dentry *dentry)
{
	if (dentry && __atomic_sub_fetch(&dentry->count, 1, __ATOMIC_ACQ_REL) == 0)
		dentry_free(dentry);
}

extern struct spinlock names_lock; /* RANK_NAMES */

/* --- mounts --- */

struct fs_type {
	const char *name;
	uint32_t magic;   /* statfs(2)'s f_type */
	bool no_device;   /* needs no block device: /proc/filesystems says "nodev" */
	bool one_content; /* shows the same wherever it is mounted */
	/* Sets mount->root; `options` are mount(2)'s data, may be NULL. Returns 0 or -errno. */
	int (*mount)(struct mount *mount, const char *options);
	struct list link;
};

/*
 * One file system in one place. There are no bind mounts, so a mount is its file system's instance,
 * and a dentry alone says in which mount it is.
 *
 * `users` keep its names: the place where it is mounted, open files, working and root directories,
 * mounts on top of its directories. `count` keeps the structure: its inodes, and its names as one.
 */
struct mount {
	uint32_t count, users; /* atomic */
	bool dropped;          /* its names are gone, or going; atomic */
	const struct fs_type *type;
	struct dentry *root;     /* counted */
	struct dentry *point;    /* what it hides; counted. NULL: root of everything. names_lock */
	dev_t device;            /* st_dev of all in it */
	unsigned long flags;     /* MS_ of mount(2) */
	ino_t last_number;       /* atomic */
	uint32_t writers;        /* regular files open for writing; atomic */
	size_t pages, pages_max; /* tmpfs: in use, most; atomic */
	struct list link;        /* mounts, in the order of mounting */
	char source[32];
};

#define FALLOC_KEEP_SIZE 1u
#define FALLOC_PUNCH_HOLE 2u

#define MS_RDONLY 1
#define MS_NOSUID 2
#define MS_NODEV 4
#define MS_NOEXEC 8

void fs_register(struct fs_type *type);

/* What /proc/<pid>/mountinfo and fdinfo call it. */
static inline unsigned mount_id(const struct mount *mount)
{
	return device_minor(mount->device);
}

/* --- devices --- */

/*
 * Character devices of one major number, by the name that /proc/devices has. `ops_of` returns the
 * operations of a minor or NULL: ENXIO. At boot.
 */
void device_register(uint32_t major, const char *name,
		     const struct file_ops *(*ops_of)(uint32_t minor));

/* Puts a node into /dev, under every mount of it. `mode` has the type. At boot. */
int device_node(const char *name, mode_t mode, dev_t device);

#endif
