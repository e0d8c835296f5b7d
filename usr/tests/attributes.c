/*
 * What a file is besides its bytes: mode, owner and times, who may change them, and what changes
 * them by itself; access(2) by the real and the effective user.
 */
#include "files.h"

#include <stdio.h>
#include <sys/time.h>
#include <utime.h>

#define USER 1000
#define OTHER 2000
#define NOT_THERE 99 /* a descriptor */

static struct stat status_of(const char *path)
{
	struct stat status = { 0 };

	lstat(path, &status);
	return status;
}

static mode_t mode_of(const char *path)
{
	return status_of(path).st_mode & 07777;
}

static void become(uid_t id)
{
	must(setresgid(id, id, id));
	must(setresuid(id, id, id));
}

static void modes(void)
{
	int fd;

	write_text("f", "x", 0644);
	ok_equal(chmod("f", 0600), 0, "chmod");
	ok_equal(mode_of("f"), 0600, "changes the mode");
	ok(S_ISREG(status_of("f").st_mode), "and not the type");
	ok_equal(chmod("f", 0177777 & ~(mode_t)06000), 0, "what is no permission");
	ok_equal(mode_of("f"), 01777, "is ignored");
	fd = (int)must(open("f", O_RDONLY));
	ok_equal(fchmod(fd, 0640), 0, "fchmod of a file open for reading");
	ok_equal(mode_of("f"), 0640, "works too");
	close(fd);
	fd = (int)must(open("f", O_PATH));
	ok_equal(sys(SYS_fchmod, fd, 0600), -EBADF, "of an O_PATH one: EBADF");
	ok_equal(sys(SYS_fchown, fd, -1, -1), -EBADF, "fchown too");
	ok_equal(sys(SYS_fchownat, fd, "", -1, -1, AT_EMPTY_PATH), 0, "but not fchownat");
	close(fd);
	ok_equal(sys(SYS_fchmod, NOT_THERE, 0600), -EBADF, "of none: EBADF");
	ok_errno(chmod("none", 0600), ENOENT, "of what is not there: ENOENT");
	ok_errno(chmod("f/x", 0600), ENOTDIR, "below a file: ENOTDIR");
	ok_equal(sys(SYS_chmod, 8L, 0600), -EFAULT, "a wild path: EFAULT");
	ok_equal(sys(SYS_fchmodat, NOT_THERE, "f", 0600), -EBADF, "fchmodat, no descriptor: EBADF");
	must(symlink("f", "l"));
	must(chmod("l", 0604));
	ok_equal(mode_of("f"), 0604, "a link is followed");
	must(unlink("l"));
	must(chmod("f", 0));
	if (geteuid() == 0)
		ok(access("f", R_OK | W_OK) == 0, "root reads and writes what nobody may");
	else
		skip("not root");
	must(unlink("f"));
}

/* A set-group-ID bit stays only where the owner is in the group. */
static void as_owner(void *unused)
{
	(void)unused;
	become(USER);
	EXPECT(chmod("theirs", 0600) == -1 && errno == EPERM);
	EXPECT(chmod("mine", 0640) == 0 && mode_of("mine") == 0640);
	EXPECT(chmod("mine", 02755) == 0 && mode_of("mine") == 02755);
	EXPECT(chmod("alien", 02755) == 0 && mode_of("alien") == 0755);
	EXPECT(chown("mine", OTHER, (gid_t)-1) == -1 && errno == EPERM);
	EXPECT(chown("mine", USER, (gid_t)-1) == 0);
	EXPECT(chown("mine", (uid_t)-1, OTHER) == -1 && errno == EPERM);
	EXPECT(chown("mine", (uid_t)-1, USER) == 0);
	EXPECT(chown("theirs", (uid_t)-1, USER) == -1 && errno == EPERM);
	EXPECT(chown("mine", (uid_t)-1, (gid_t)-1) == 0);
}

/* A write by another takes set-ID bits away. */
static void as_writer(void *unused)
{
	int fd;

	(void)unused;
	become(USER);
	fd = (int)must(open("suid", O_WRONLY));
	EXPECT(mode_of("suid") == 06777);
	EXPECT(write(fd, "y", 1) == 1);
	EXPECT(mode_of("suid") == 0777);
}

static void owners(void)
{
	struct stat status;
	int fd;

	if (geteuid() != 0) {
		for (int i = 0; i < 9; i++)
			skip("owners need root");
		return;
	}
	write_text("f", "x", 0755);
	ok_equal(chown("f", USER, OTHER), 0, "root gives a file away");
	status = status_of("f");
	ok(status.st_uid == USER && status.st_gid == OTHER, "to a user and a group");
	must(chown("f", (uid_t)-1, 3));
	status = status_of("f");
	ok(status.st_uid == USER && status.st_gid == 3, "-1 leaves one as it is");
	must(chmod("f", 06755));
	must(chown("f", USER, 3));
	ok_equal(mode_of("f"), 0755, "set-ID bits go with a change of owner");
	must(chmod("f", 02644));
	must(chown("f", USER, 3));
	ok_equal(mode_of("f"), 02644, "not that of what no group executes");
	must(symlink("f", "l"));
	must(lchown("l", 7, 7));
	ok(status_of("l").st_uid == 7 && status_of("f").st_uid == USER, "lchown takes the link");
	fd = (int)must(open("f", O_RDONLY));
	must(fchown(fd, 8, 9));
	ok(status_of("f").st_uid == 8 && status_of("f").st_gid == 9, "fchown takes a descriptor");
	close(fd);
	must(unlink("l"));
	must(unlink("f"));
	write_text("mine", "x", 0755);
	must(chown("mine", USER, USER));
	write_text("alien", "x", 0755);
	must(chown("alien", USER, OTHER));
	write_text("theirs", "x", 0755);
	ok_child(as_owner, NULL, "an owner changes the mode, and not the owner");
	write_text("suid", "x", 0777);
	must(chmod("suid", 06777));
	fd = (int)must(open("suid", O_WRONLY));
	must(write(fd, "x", 1));
	close(fd);
	ok_child(as_writer, NULL, "set-ID bits stay when root writes and go when others do");
	remove_tree("mine");
	remove_tree("alien");
	remove_tree("theirs");
	remove_tree("suid");
}

static void makes_in_group(void *unused)
{
	(void)unused;
	umask(0);
	become(USER);
	EXPECT(mkdir("setgid/d", 0755) == 0);
	EXPECT(status_of("setgid/d").st_gid == OTHER && mode_of("setgid/d") == 02755);
	close((int)must(open("setgid/f", O_CREAT | O_WRONLY, 0644)));
	EXPECT(status_of("setgid/f").st_gid == OTHER && mode_of("setgid/f") == 0644);
	close((int)must(open("setgid/x", O_CREAT | O_WRONLY, 02755)));
	EXPECT(mode_of("setgid/x") == 0755); /* no program of a group they are not in */
	EXPECT(rmdir("setgid/d") == 0 && unlink("setgid/f") == 0 && unlink("setgid/x") == 0);
	EXPECT(unlink("sticky/root") == -1 && errno == EPERM);
	EXPECT(rmdir("sticky/folder") == -1 && errno == EPERM);
	close((int)must(open("sticky/own", O_CREAT | O_WRONLY, 0644)));
	EXPECT(unlink("sticky/own") == 0);
	EXPECT(unlink("shut/f") == -1 && errno == EACCES);
	EXPECT(open("shut/g", O_CREAT | O_WRONLY, 0644) == -1 && errno == EACCES);
	EXPECT(mkdir("shut/g", 0755) == -1 && errno == EACCES);
	EXPECT(mkdir("shut/f", 0755) == -1 && errno == EEXIST);
	EXPECT(open("dark/f", O_RDONLY) == -1 && errno == EACCES);
	EXPECT(chdir("dark") == -1 && errno == EACCES);
	EXPECT(open("dark", O_RDONLY | O_DIRECTORY) == -1 && errno == EACCES);
	EXPECT(chroot("open") == -1 && errno == EPERM);
}

static void folders(void)
{
	if (geteuid() != 0) {
		skip("folders of others need root");
		return;
	}
	must(mkdir("setgid", 0777));
	must(chown("setgid", 0, OTHER));
	must(chmod("setgid", 02777));
	must(mkdir("sticky", 0777));
	must(chmod("sticky", 01777));
	must(mkdir("sticky/folder", 0777));
	write_text("sticky/root", "x", 0666);
	must(mkdir("shut", 0755));
	write_text("shut/f", "x", 0666);
	must(mkdir("dark", 0700));
	write_text("dark/f", "x", 0666);
	must(mkdir("open", 0777));
	ok_child(makes_in_group, NULL, "set-group-ID, sticky and closed folders for a user");
	remove_tree("setgid");
	remove_tree("sticky");
	remove_tree("shut");
	remove_tree("dark");
	remove_tree("open");
}

static long set_times(const char *path, long accessed, long modified)
{
	struct timespec times[2] = { { accessed, 5 }, { modified, 6 } };

	return sys(SYS_utimensat, AT_FDCWD, path, times, 0);
}

static long set_parts(const char *path, long accessed_ns, long modified_ns)
{
	struct timespec times[2] = { { 0, accessed_ns }, { 0, modified_ns } };

	return sys(SYS_utimensat, AT_FDCWD, path, times, 0);
}

static void times(void)
{
	struct timeval micro[2] = { { 10, 20 }, { 30, 40 } };
	struct utimbuf seconds = { 50, 60 };
	struct stat status;
	int fd;

	write_text("f", "x", 0644);
	ok_equal(set_times("f", 100, 200), 0, "utimensat");
	status = status_of("f");
	ok(status.st_atim.tv_sec == 100 && status.st_atim.tv_nsec == 5, "sets the time of access");
	ok(status.st_mtim.tv_sec == 200 && status.st_mtim.tv_nsec == 6, "and of the last change");
	ok(status.st_ctim.tv_sec > 1000, "not the status's: that is now");
	ok_equal(set_parts("f", UTIME_OMIT, 7), 0, "UTIME_OMIT");
	status = status_of("f");
	ok(status.st_atim.tv_sec == 100 && status.st_mtim.tv_nsec == 7, "leaves one as it is");
	ok_equal(set_parts("f", UTIME_NOW, UTIME_OMIT), 0, "UTIME_NOW");
	status = status_of("f");
	ok(status.st_atim.tv_sec > 1000 && status.st_mtim.tv_nsec == 7, "sets one to now");
	ok_equal(set_parts("none", UTIME_OMIT, UTIME_OMIT), 0, "to omit both asks for no file");
	ok_equal(set_parts("f", 1000000000, 0), -EINVAL, "a second of nanoseconds: EINVAL");
	ok_equal(set_parts("f", 0, -1), -EINVAL, "less than none: EINVAL");
	ok_equal(set_parts("none", 0, 0), -ENOENT, "no such file: ENOENT");
	ok_equal(sys(SYS_utimensat, AT_FDCWD, "f", 8L, 0), -EFAULT, "wild times: EFAULT");
	ok_equal(sys(SYS_utimensat, AT_FDCWD, NULL, NULL, 0), -EFAULT, "no path: EFAULT");
	ok_equal(sys(SYS_utimensat, AT_FDCWD, "f", NULL, 1), -EINVAL, "a wrong flag: EINVAL");
	ok_equal(set_times("f", -100, -200), 0, "before 1970");
	status = status_of("f");
	ok(status.st_mtim.tv_sec == -200 && status.st_mtim.tv_nsec == 6, "is kept as it is");
	fd = (int)must(open("f", O_RDONLY));
	ok_equal(sys(SYS_utimensat, fd, NULL, NULL, 0), 0, "a descriptor without a path");
	ok_equal(sys(SYS_utimensat, fd, NULL, NULL, AT_SYMLINK_NOFOLLOW), -EINVAL, "has no flags");
	close(fd);
	ok(status_of("f").st_mtim.tv_sec > 1000, "and gets the time of now");
	ok_equal(sys(SYS_utimes, "f", micro), 0, "utimes");
	ok(status_of("f").st_mtim.tv_nsec == 40000, "has microseconds");
	micro[0].tv_usec = 1000000;
	ok_equal(sys(SYS_utimes, "f", micro), -EINVAL, "fewer than a million");
	ok_equal(sys(SYS_utime, "f", &seconds), 0, "utime");
	status = status_of("f");
	ok(status.st_atim.tv_sec == 50 && status.st_mtim.tv_sec == 60, "has seconds");
	micro[0].tv_usec = 0;
	ok_equal(sys(SYS_futimesat, AT_FDCWD, "f", micro), 0, "futimesat");
	must(symlink("f", "l"));
	struct timespec link_times[2] = { { 1, 1 }, { 2, 2 } };

	must(utimensat(AT_FDCWD, "l", link_times, AT_SYMLINK_NOFOLLOW));
	ok(status_of("l").st_mtim.tv_sec == 2 && status_of("f").st_mtim.tv_sec == 30,
	   "a link has times of its own");
	must(unlink("l"));
	must(unlink("f"));
}

static void what_changes_status(void)
{
	struct stat status, before;

	write_text("f", "x", 0644);
	set_times("f", 1, 1);
	before = status_of("f");
	pass_time();
	must(chmod("f", 0600));
	status = status_of("f");
	ok(status.st_mtim.tv_sec == 1 && changed_since(&before, &status),
	   "chmod changes the status and not the content");
	before = status;
	pass_time();
	must(chown("f", (uid_t)-1, (gid_t)-1));
	status = status_of("f");
	ok(changed_since(&before, &status), "chown changes it");
	before = status;
	pass_time();
	must(link("f", "g"));
	status = status_of("f");
	ok(changed_since(&before, &status), "and link");
	before = status;
	pass_time();
	must(unlink("g"));
	status = status_of("f");
	ok(changed_since(&before, &status), "and unlink");
	must(truncate("f", 5));
	ok(status_of("f").st_mtim.tv_sec > 1000, "truncate changes the content");
	must(unlink("f"));
}

static void what_changes_times(void)
{
	char text[10];
	int fd;

	write_text("f", "x", 0644);
	set_times("f", 1000, 1000);
	fd = (int)must(open("f", O_RDWR));
	must(read(fd, text, 1));
	ok(status_of("f").st_atim.tv_sec > 1000, "a read is an access");
	ok_equal(status_of("f").st_mtim.tv_sec, 1000, "and no change");
	set_times("f", 1000, 1000);
	must(write(fd, "y", 1));
	ok(status_of("f").st_mtim.tv_sec > 1000, "a write is a change");
	ok_equal(status_of("f").st_atim.tv_sec, 1000, "and no access");
	close(fd);
	set_times("f", 1000, 1000);
	fd = (int)must(open("f", O_RDONLY | O_NOATIME));
	must(read(fd, text, 1));
	ok_equal(status_of("f").st_atim.tv_sec, 1000, "O_NOATIME leaves no trace");
	close(fd);
	must(mkdir("d", 0755));
	set_times("d", 1000, 1000);
	write_text("d/f", "x", 0644);
	ok(status_of("d").st_mtim.tv_sec > 1000, "a new name changes the folder");
	set_times("d", 1000, 1000);
	write_text("d/f", "y", 0644);
	ok_equal(status_of("d").st_mtim.tv_sec, 1000, "new content does not");
	must(unlink("d/f"));
	ok(status_of("d").st_mtim.tv_sec > 1000, "a name less does");
	must(link("f", "g"));
	ok(status_of("f").st_nlink == 2, "a link to it");
	must(unlink("g"));
	must(unlink("f"));
	must(rmdir("d"));
}

static void touches(void *unused)
{
	(void)unused;
	become(USER);
	EXPECT(set_times("writable", 1, 1) == -EPERM);
	EXPECT(set_parts("writable", UTIME_NOW, UTIME_NOW) == 0);
	EXPECT(set_parts("writable", UTIME_NOW, UTIME_OMIT) == -EPERM);
	EXPECT(sys(SYS_utimensat, AT_FDCWD, "writable", NULL, 0) == 0);
	EXPECT(sys(SYS_utimensat, AT_FDCWD, "readable", NULL, 0) == -EACCES);
	EXPECT(set_times("own", 1, 1) == 0);
	EXPECT(open("readable", O_RDONLY | O_NOATIME) == -1 && errno == EPERM);
	EXPECT(truncate("readable", 0) == -1 && errno == EACCES);
	EXPECT(truncate("writable", 0) == 0);
}

/* The real user is not allowed what the effective one is. */
static void asks(void *unused)
{
	(void)unused;
	must(setresuid(USER, 0, 0));
	EXPECT(access("secret", R_OK) == -1 && errno == EACCES);
	EXPECT(sys(SYS_faccessat2, AT_FDCWD, "secret", R_OK, AT_EACCESS) == 0);
	EXPECT(access("hidden/f", F_OK) == -1 && errno == EACCES);
	EXPECT(sys(SYS_faccessat2, AT_FDCWD, "hidden/f", F_OK, AT_EACCESS) == 0);
}

static void rights(void)
{
	int fd;

	write_text("secret", "x", 0600);
	must(mkdir("hidden", 0700));
	write_text("hidden/f", "x", 0644);
	must(symlink("none", "l"));
	ok_errno(access("secret", X_OK), EACCES, "what nobody executes, root does not either");
	ok_errno(access("secret", 8), EINVAL, "access for more than there is: EINVAL");
	ok_equal(sys(SYS_faccessat2, AT_FDCWD, "secret", R_OK, 1), -EINVAL, "a wrong flag: EINVAL");
	ok_errno(access("l", F_OK), ENOENT, "a link to nothing is followed");
	ok_equal(sys(SYS_faccessat2, AT_FDCWD, "l", F_OK, AT_SYMLINK_NOFOLLOW), 0, "or not");
	fd = (int)must(open("secret", O_RDONLY));
	ok_equal(sys(SYS_faccessat2, fd, "", R_OK, AT_EMPTY_PATH), 0, "a descriptor");
	close(fd);
	if (geteuid() == 0) {
		write_text("writable", "x", 0666);
		write_text("readable", "x", 0644);
		write_text("own", "x", 0644);
		must(chown("own", USER, USER));
		ok_child(touches, NULL, "times are the owner's, now is every writer's");
		ok_child(asks, NULL, "access(2) asks for the real user");
		must(unlink("writable"));
		must(unlink("readable"));
		must(unlink("own"));
	} else {
		skip("times of others need root");
		skip("two users need root");
	}
	remove_tree("secret");
	remove_tree("hidden");
	must(unlink("l"));
}

int main(void)
{
	umask(0);
	enter_scratch();
	modes();
	owners();
	folders();
	times();
	what_changes_status();
	what_changes_times();
	rights();
	leave_scratch();
	return done();
}
