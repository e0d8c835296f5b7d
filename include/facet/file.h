/*
 * file.h -- open files, as the rest of the kernel uses them. How file systems plug in: fs.h.
 *
 * Source: open(2), path_resolution(7).
 */
#ifndef FACET_FILE_H
#define FACET_FILE_H

#include <facet/types.h>

struct file;
struct frame;
struct mappings;

/* open(2)'s flags, Linux x86_64. */
#define O_ACCMODE 03
#define O_RDONLY 00
#define O_WRONLY 01
#define O_RDWR 02
#define O_CREAT 0100
#define O_EXCL 0200
#define O_NOCTTY 0400
#define O_TRUNC 01000
#define O_APPEND 02000
#define O_NONBLOCK 04000
#define O_DIRECT 040000
#define O_LARGEFILE 0100000 /* always on for 64-bit programs; fcntl(F_GETFL) shows it */
#define O_DIRECTORY 0200000
#define O_NOFOLLOW 0400000
#define O_NOATIME 01000000
#define O_CLOEXEC 02000000
#define O_PATH 010000000

/* For calls that take a descriptor to begin at: the working directory; how the path is meant. */
#define AT_FDCWD (-100)
#define AT_SYMLINK_NOFOLLOW 0x100
#define AT_EMPTY_PATH 0x1000

/*
 * Opens a path given in kernel memory, relative to the current process's working directory. Checks
 * the process's permission for what `flags` ask. Context: thread, no lock held.
 * Returns a counted file or ERR_PTR(-errno).
 */
struct file *file_open(const char *path, int flags, uint32_t mode);

/*
 * For execve: a regular file that the caller may execute, -EACCES otherwise. `flags` are AT_.
 * Nobody can write to it while it is open, or until file_allow_writing(), which is called at most
 * once and before anybody else knows of the file.
 */
struct file *file_open_executable(int dirfd, const char *path, int flags);
void file_allow_writing(struct file *file);

/*
 * Whom it makes the caller when it is executed: its owner, its group. False: it does not, for it
 * has not the mode, or its mount forbids it.
 */
bool file_sets_uid(const struct file *file, uid_t *uid);
bool file_sets_gid(const struct file *file, gid_t *gid);
/* Whether the current process could open it to read. */
bool file_may_be_read(const struct file *file);

void file_get(struct file *file);
/* The last put closes it. Context: thread, no lock held (never under the space lock). */
void file_put(struct file *file);

/*
 * Reads into kernel memory at an offset; does not move the file's own. Returns bytes, short at the
 * end, or -errno.
 */
ssize_t file_read_at(struct file *file, void *buffer, size_t size, uint64_t offset);
uint64_t file_size(const struct file *file);
bool file_is_readable(const struct file *file);
bool file_is_writable(const struct file *file);
/* Whether its mount lets code of it be run. */
bool file_may_execute(const struct file *file);

/*
 * The page that holds offset `index` pages into the file, from its page cache, with a reference of
 * the caller's. A hole is filled: what is written to it later must show in a mapping that is there
 * already. Takes RANK_PAGE_CACHE; may be called with the space locked.
 * Returns 0, -ENXIO beyond the end, -ENODEV for what cannot be mapped, -ENOMEM.
 */
int file_page(struct file *file, uint64_t index, struct frame **frame);

/*
 * Who maps it, if pages may be taken back from them; NULL: its pages stay for as long as it is
 * open, since it is no regular file, or one that is executed. Always the same for a mapped file.
 */
struct mappings *file_mappings(struct file *file);

/*
 * Makes a hole, as fallocate(2)'s FALLOC_FL_PUNCH_HOLE, also in mappings. 0; -EOPNOTSUPP, -EBADF.
 * Context: thread, no lock held.
 */
int file_punch(struct file *file, uint64_t offset, uint64_t size);

/* Whether that page is in memory: it is no hole. */
bool file_has_page(struct file *file, uint64_t index);

/*
 * 0 when mmap may map it; -ENODEV otherwise, -EBADF for an O_PATH. *anonymous: maps of it are
 * anonymous (/dev/zero).
 */
int file_may_map(struct file *file, bool *anonymous);

/*
 * A nameless file of `size` bytes in memory, called `name` in /proc: shared anonymous mappings,
 * memfd_create(2). NULL: no memory.
 */
struct file *file_create_anonymous(const char *name, uint64_t size);

/* The absolute path, "(deleted)" added as Linux does. Returns its length or -errno. */
ssize_t file_path(const struct file *file, char *buffer, size_t size);

/* st_dev and st_ino, for /proc/<pid>/maps. */
void file_identity(const struct file *file, uint64_t *device, uint64_t *inode);

/* --- what a process has open --- */

struct descriptors;
struct fs_context;

/* The first process's: 0, 1, 2 are /dev/console. NULL: no memory. */
struct descriptors *descriptors_create(void);
struct descriptors *descriptors_fork(struct descriptors *parent); /* NULL: no memory */
void descriptors_put(struct descriptors *descriptors);
void descriptors_close_on_exec(struct descriptors *descriptors);

/* The file behind a descriptor of the current process, counted; NULL: EBADF. */
struct file *descriptor_get(int fd);

/* FD_CLOEXEC, and what it becomes if `change`. -EBADF. */
int descriptor_flags(int fd, bool change, bool close_on_exec);

struct fs_context *fs_context_create(void);
struct fs_context *fs_context_fork(struct fs_context *parent);
void fs_context_put(struct fs_context *fs);

/*
 * At boot: tmpfs root, /dev, /proc; then the archive is unpacked and its memory freed as it goes.
 */
struct slice;
int fs_init(void);
int archive_unpack(const struct slice *archive);

#endif
