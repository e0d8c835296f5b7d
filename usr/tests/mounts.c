/*
 * Mounts and what is said of file systems: statfs, statx, a tmpfs that comes and goes, while it is
 * used and read-only, a root of one's own, and extended attributes that there are not.
 */
#include "files.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

#define TMPFS 0x01021994
#define PROC 0x9fa0
#define NOT_THERE 99 /* a descriptor */

/* Linux's struct statx, as far as it is looked at. */
struct statx_head {
	uint32_t mask, block_size;
	uint64_t attributes;
	uint32_t links, uid, gid;
	uint16_t mode, pad;
	uint64_t number, size, blocks, attributes_mask;
	struct {
		int64_t seconds;
		uint32_t nanoseconds, pad;
	} accessed, created, changed, modified;
	uint32_t rdevice_major, rdevice_minor, device_major, device_minor;
	uint64_t mount_id;
	uint64_t rest[13];
};

static long statx_(int dirfd, const char *path, int flags, unsigned mask, void *buffer)
{
	return sys(SYS_statx, dirfd, path, flags, mask, buffer);
}

static void about_files(void)
{
	struct statx_head statx = { 0 };
	struct stat status;
	int fd;

	write_text("f", "12345", 0640);
	must(stat("f", &status));
	ok_equal(statx_(AT_FDCWD, "f", 0, 0xfff, &statx), 0, "statx");
	ok((statx.mask & 0x7ff) == 0x7ff, "tells all that stat does");
	ok(statx.number == status.st_ino && statx.size == 5 && statx.mode == status.st_mode &&
		   statx.links == 1,
	   "and the same");
	ok(statx.modified.seconds == status.st_mtim.tv_sec &&
		   statx.modified.nanoseconds == status.st_mtim.tv_nsec,
	   "the times too");
	ok(!(statx.mask & 0x800) || statx.created.seconds <= statx.modified.seconds,
	   "nothing is changed before it is made");
	fd = (int)must(open("f", O_PATH));
	ok(statx_(fd, "", AT_EMPTY_PATH, 0xfff, &statx) == 0 && statx.number == status.st_ino,
	   "of a descriptor");
	close(fd);
	must(symlink("none", "l"));
	ok(statx_(AT_FDCWD, "l", AT_SYMLINK_NOFOLLOW, 0xfff, &statx) == 0 && S_ISLNK(statx.mode),
	   "of a link");
	ok(statx_(AT_FDCWD, "/proc", 0, 0xfff, &statx) == 0 && (statx.attributes & 0x2000),
	   "of a mount's root, which it says");
	ok_equal(statx_(AT_FDCWD, "l", 0, 0xfff, &statx), -ENOENT, "of nothing: ENOENT");
	ok_equal(statx_(AT_FDCWD, "f", 1, 0xfff, &statx), -EINVAL, "a wrong flag: EINVAL");
	ok_equal(statx_(AT_FDCWD, "f", 0x6000, 0xfff, &statx), -EINVAL, "two that exclude: EINVAL");
	ok_equal(statx_(AT_FDCWD, "f", 0, 0x80000000, &statx), -EINVAL, "a wrong mask: EINVAL");
	ok_equal(statx_(AT_FDCWD, "f", 0, 0xfff, (void *)8), -EFAULT, "a wild buffer: EFAULT");
	ok_equal(statx_(NOT_THERE, "f", 0, 0xfff, &statx), -EBADF, "no descriptor: EBADF");
	must(unlink("f"));
	must(unlink("l"));
}

static void about_systems(void)
{
	struct statfs statfs_;
	int fd;

	ok(statfs("/proc", &statfs_) == 0 && statfs_.f_type == PROC, "statfs knows proc");
	ok_equal(statfs_.f_blocks, 0, "which has no blocks");
	ok(statfs("/dev", &statfs_) == 0 && statfs_.f_type == TMPFS, "/dev is a tmpfs");
	ok(statfs_.f_namelen == 255 && statfs_.f_bsize == (long)PAGE, "names of 255, pages");
	ok_errno(statfs("none", &statfs_), ENOENT, "what is not there: ENOENT");
	ok_equal(sys(SYS_statfs, 8L, &statfs_), -EFAULT, "a wild path: EFAULT");
	ok_equal(sys(SYS_statfs, "/", 8L), -EFAULT, "a wild buffer: EFAULT");
	fd = (int)must(open("/proc/self/stat", O_RDONLY));
	ok(fstatfs(fd, &statfs_) == 0 && statfs_.f_type == PROC, "fstatfs asks a descriptor");
	close(fd);
	ok_equal(sys(SYS_fstatfs, NOT_THERE, &statfs_), -EBADF, "no descriptor: EBADF");
	int ends[2];

	must(pipe(ends));
	ok(fstatfs(ends[0], &statfs_) == 0 && statfs_.f_type == 0x50495045, "of a pipe too");
	close(ends[0]);
	close(ends[1]);
}

/* A tmpfs of a mebibyte on "m"; false where mounting is not allowed. */
static bool mount_here(const char *where, unsigned long flags)
{
	return mount("none", where, "tmpfs", flags, "size=1m,mode=755") == 0;
}

static bool is_mounted(const char *where)
{
	static char text[8192];
	char line[200];

	format_text(line, sizeof(line), " %s/%s tmpfs", scratch_path, where);
	return read_text("/proc/self/mounts", text, sizeof(text)) > 0 && strstr(text, line);
}

static void comes_and_goes(void)
{
	struct stat under, above;
	struct statfs room, less;

	must(stat("m", &under));
	must(mount_here("m", 0) ? 0 : -1);
	ok(is_mounted("m"), "a mount is seen in /proc/self/mounts");
	must(stat("m", &above));
	ok(under.st_dev != above.st_dev, "it is another file system");
	must(statfs("m", &room));
	ok(room.f_type == TMPFS && room.f_blocks == 256 && room.f_bfree == 256, "of 256 pages");
	write_text("m/f", "x", 0644);
	must(statfs("m", &less));
	ok_equal(less.f_bfree, 255, "a file takes one");
	ok_errno(rename("m/f", "f"), EXDEV, "a rename out of it: EXDEV");
	ok_errno(link("m/f", "f"), EXDEV, "a link: EXDEV");
	ok_errno(rename("m", "n"), EBUSY, "what is mounted on is not renamed: EBUSY");
	ok_errno(rmdir("m"), EBUSY, "or removed: EBUSY");
	must(mkdir("empty", 0755));
	ok_errno(rename("empty", "m"), EBUSY, "or replaced: EBUSY");
	must(rmdir("empty"));
	ok_equal(umount("m"), 0, "umount");
	ok(!is_mounted("m") && access("m/f", F_OK) == -1, "then it is gone, with what is in it");
	must(stat("m", &above));
	ok(under.st_ino == above.st_ino && under.st_dev == above.st_dev, "the folder is back");
	ok_errno(umount("m"), EINVAL, "a folder is no mount: EINVAL");
	ok_errno(umount("none"), ENOENT, "nothing neither: ENOENT");
	ok_equal(sys(SYS_umount2, "m", 0x100), -EINVAL, "a wrong flag: EINVAL");
	ok_equal(sys(SYS_umount2, 8L, 0), -EFAULT, "a wild path: EFAULT");
}

static void stays_there(void *unused)
{
	(void)unused;
	must(chdir("m"));
	must(open("f", O_RDONLY));
}

static void while_used(void)
{
	char text[10], here[200];
	int fd;

	must(mount_here("m", 0) ? 0 : -1);
	write_text("m/f", "x", 0644);
	fd = (int)must(open("m/f", O_RDWR));
	ok_errno(umount("m"), EBUSY, "an open file keeps it: EBUSY");
	close(fd);
	must(chdir("m"));
	ok_errno(umount("../m"), EBUSY, "somebody's folder keeps it: EBUSY");
	must(chdir(".."));
	must(child_status(stays_there, NULL));
	must(mkdir("m/n", 0755));
	must(mount_here("m/n", 0) ? 0 : -1);
	ok_errno(umount("m"), EBUSY, "a mount on it keeps it: EBUSY");
	must(umount("m/n"));
	ok_equal(umount("m"), 0, "without them it goes");
	must(mount_here("m", 0) ? 0 : -1);
	must(mkdir("m/n", 0755));
	must(mount_here("m/n", 0) ? 0 : -1);
	write_text("m/f", "still", 0644);
	fd = (int)must(open("m/f", O_RDWR));
	must(chdir("m"));
	ok_equal(umount2("../m", MNT_DETACH), 0, "MNT_DETACH takes it away all the same");
	must(chdir(scratch_path));
	ok(!is_mounted("m") && !is_mounted("m/n"), "with the mount on it");
	ok(read(fd, text, sizeof(text)) == 5 && !memcmp(text, "still", 5), "open files are read");
	close(fd);
	must(mount_here("m", 0) ? 0 : -1);
	must(mkdir("m/deep", 0755));
	must(chdir("m/deep"));
	must(umount2("../../m", MNT_DETACH));
	ok(sys(SYS_getcwd, here, sizeof(here)) > 0 && here[0] != '/', "no path leads to it");
	ok_equal(mkdir("deeper", 0755), 0, "who is there goes on");
	ok_equal(chdir(".."), 0, "as far as its root");
	must(chdir(".."));
	ok_equal(access("deep", F_OK), 0, "and not above");
	must(chdir(scratch_path));
	must(mount_here("m", 0) ? 0 : -1);
	must(mount_here("m", 0) ? 0 : -1);
	write_text("m/top", "x", 0644);
	must(umount("m"));
	ok(is_mounted("m") && access("m/top", F_OK) == -1, "one of two on each other goes");
	must(umount("m"));
	ok(!is_mounted("m"), "then the other");
}

/* The runner sees what is left behind of one, in so many. */
static void many(void)
{
	int rounds = 0;

	for (; rounds < 200; rounds++) {
		if (!mount_here("m", 0))
			break;
		write_text("m/f", "x", 0644);
		must(mkdir("m/d", 0755));
		must(rename("m/f", "m/d/a-name-that-is-longer-than-the-first"));
		if (umount2("m", rounds % 2 ? MNT_DETACH : 0))
			break;
	}
	ok_equal(rounds, 200, "200 mounts come and go, with what is in them");
}

static void fills_up(void)
{
	static const char block[65536];
	struct statfs room;
	long written = 0, n;
	int fd;

	must(mount_here("m", 0) ? 0 : -1);
	fd = (int)must(open("m/f", O_CREAT | O_RDWR, 0644));
	ok_equal(sys(SYS_fallocate, fd, 0, 0, 2 << 20), -ENOSPC, "fallocate of too much: ENOSPC");
	must(statfs("m", &room));
	ok_equal(room.f_bfree, 256, "leaves nothing behind");
	while ((n = write(fd, block, sizeof(block))) > 0)
		written += n;
	ok(n == -1 && errno == ENOSPC, "a write to a full file system: ENOSPC");
	ok_equal(written, 1 << 20, "after all there is room for");
	must(ftruncate(fd, 1 << 19));
	must(statfs("m", &room));
	ok_equal(room.f_bfree, 128, "truncate makes room");
	close(fd);
	must(umount("m"));
}

static void read_only(void)
{
	struct timespec times[2] = { { 1, 1 }, { 1, 1 } };
	struct statfs statfs_;

	must(mount_here("m", 0) ? 0 : -1);
	write_text("m/f", "x", 0644);
	must(mkdir("m/d", 0755));
	must(mount("none", "m", "tmpfs", MS_REMOUNT | MS_RDONLY, ""));
	ok(statfs("m", &statfs_) == 0 && (statfs_.f_flags & 1), "statfs says read-only");
	ok_errno(open("m/f", O_WRONLY), EROFS, "open for writing: EROFS");
	ok_errno(open("m/new", O_CREAT | O_RDWR, 0644), EROFS, "a new file: EROFS");
	ok_errno(mkdir("m/new", 0755), EROFS, "a new folder: EROFS");
	ok_errno(mkdir("m/d", 0755), EEXIST, "an old one: EEXIST");
	ok_errno(unlink("m/f"), EROFS, "unlink: EROFS");
	ok_errno(rmdir("m/d"), EROFS, "rmdir: EROFS");
	ok_errno(unlink("m/none"), EROFS, "even of nothing");
	ok_errno(rename("m/none", "m/g"), EROFS, "rename of nothing: EROFS");
	ok_errno(rename("m/f", "m/g"), EROFS, "rename: EROFS");
	ok_errno(link("m/f", "m/g"), EROFS, "link: EROFS");
	ok_errno(symlink("f", "m/g"), EROFS, "symlink: EROFS");
	ok_errno(mknod("m/g", S_IFIFO | 0600, 0), EROFS, "mknod: EROFS");
	ok_errno(chmod("m/f", 0600), EROFS, "chmod: EROFS");
	ok_errno(chown("m/f", 1, 1), EROFS, "chown: EROFS");
	ok_errno(utimensat(AT_FDCWD, "m/f", times, 0), EROFS, "utimensat: EROFS");
	ok_errno(truncate("m/f", 0), EROFS, "truncate: EROFS");
	ok_errno(access("m/f", W_OK), EROFS, "access: EROFS");
	ok_equal(access("m/f", R_OK), 0, "reading is allowed");
	must(umount("m"));
}

static void in_own_root(void *unused)
{
	char here[200];

	(void)unused;
	EXPECT(chroot("none") == -1 && errno == ENOENT);
	EXPECT(chroot("m/f") == -1 && errno == ENOTDIR);
	EXPECT(chroot("m") == 0);
	EXPECT(access("/f", F_OK) == 0 && access("/proc", F_OK) == -1);
	EXPECT(access("/../../f", F_OK) == 0);
	EXPECT(sys(SYS_getcwd, here, sizeof(here)) > 0 && !strncmp(here, "(unreachable)/", 14));
	EXPECT(access("/link", F_OK) == 0); /* it begins at this root */
	EXPECT(chdir("/d") == 0);
	EXPECT(sys(SYS_getcwd, here, sizeof(here)) == 3 && !strcmp(here, "/d"));
	EXPECT(chdir("..") == 0 && chdir("..") == 0 && access("f", F_OK) == 0);
}

static void own_root(void)
{
	must(mkdir("m/d", 0755));
	write_text("m/f", "x", 0644);
	must(symlink("/f", "m/link"));
	ok_child(in_own_root, NULL, "chroot: nothing above it is seen");
	ok_equal(access("m/f", F_OK), 0, "others have theirs");
	must(unlink("m/link"));
	must(unlink("m/f"));
	must(rmdir("m/d"));
}

static void attributes(void)
{
	static char long_name[300];
	char value[10];
	int fd = (int)must(open("f", O_RDWR | O_CREAT, 0644));

	memset(long_name, 'a', sizeof(long_name) - 1);
	memcpy(long_name, "user.", 5);
	ok(getxattr("f", "user.none", value, 10) == -1 && (errno == EOPNOTSUPP || errno == ENODATA),
	   "there is no such extended attribute");
	ok(fgetxattr(fd, "user.none", value, 10) == -1 && (errno == EOPNOTSUPP || errno == ENODATA),
	   "nor of a descriptor");
	ok_equal(flistxattr(fd, NULL, 0), 0, "the list is empty");
	ok_errno(getxattr("none", "user.a", value, 10), ENOENT, "no such file: ENOENT");
	ok_errno(getxattr("f", "", value, 10), ERANGE, "an empty name: ERANGE");
	ok_errno(getxattr("f", long_name, value, 10), ERANGE, "a long one: ERANGE");
	ok_equal(sys(SYS_getxattr, "f", 8L, value, 10), -EFAULT, "a wild one: EFAULT");
	ok_errno(setxattr("f", "user.a", "x", 1, 8), EINVAL, "a wrong flag: EINVAL");
	ok_errno(setxattr("f", "user.a", value, 65537, 0), E2BIG, "a large value: E2BIG");
	ok_errno(setxattr("/dev/null", "user.a", "x", 1, 0), EPERM, "not for devices: EPERM");
	ok_equal(sys(SYS_flistxattr, NOT_THERE, value, 10), -EBADF, "no descriptor: EBADF");
	close(fd);
	must(unlink("f"));
}

int main(void)
{
	bool allowed;

	umask(022);
	enter_scratch();
	about_files();
	about_systems();
	attributes();
	must(mkdir("m", 0755));
	/* On Linux in a namespace of its own: nobody else sees the mounts. */
	allowed = geteuid() == 0 &&
		  (on_facet() || (unshare(CLONE_NEWNS) == 0 &&
				  mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0));
	if (allowed && mount_here("m", 0)) {
		must(umount("m"));
		comes_and_goes();
		while_used();
		many();
		fills_up();
		read_only();
	} else {
		skip("mounts are not allowed here");
	}
	if (geteuid() == 0)
		own_root();
	else
		skip("chroot needs root");
	leave_scratch();
	return done();
}
