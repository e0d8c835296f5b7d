/*
 * What a file is besides its bytes: mode and owner, who may change them, and what changes them by
 * itself; access(2) by the real and the effective user.
 */
#include "files.h"

#include <stdio.h>

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
		ok_child(asks, NULL, "access(2) asks for the real user");
	} else {
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
	rights();
	leave_scratch();
	return done();
}
