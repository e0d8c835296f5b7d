/*
 * Names: hard links, symbolic links, nodes, nameless files that get a name, slashes and loops, and
 * the old form of reading a folder.
 */
#include "files.h"

#include <limits.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#ifndef O_TMPFILE
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif

static struct stat status_of(const char *path)
{
	struct stat status = { 0 };

	lstat(path, &status);
	return status;
}

static void hard_links(void)
{
	struct stat status;
	char text[10];
	int fd;

	write_text("f", "one", 0644);
	ok_equal(link("f", "g"), 0, "link");
	status = status_of("g");
	ok(status.st_ino == status_of("f").st_ino && status.st_nlink == 2, "two names of one file");
	write_text("g", "changed", 0644);
	ok(read_text("f", text, sizeof(text)) == 7 && !strcmp(text, "changed"),
	   "what is written by one is read by the other");
	ok_errno(link("f", "g"), EEXIST, "over another name: EEXIST");
	ok_errno(link("none", "h"), ENOENT, "of nothing: ENOENT");
	ok_errno(link("f", "none/h"), ENOENT, "to nowhere: ENOENT");
	ok_errno(link("f", "h/"), ENOENT, "with a slash behind the new name: ENOENT");
	ok_errno(link("f/", "h"), ENOTDIR, "behind the old one: ENOTDIR");
	ok_errno(link("f", "."), EEXIST, "to . : EEXIST");
	must(mkdir("d", 0755));
	ok_errno(link("d", "h"), EPERM, "of a folder: EPERM");
	ok_errno(link("f", "/proc/h"), on_facet() ? EXDEV : errno, "to another file system fails");
	fd = (int)must(open("f", O_RDONLY));
	must(unlink("f"));
	ok(fstat(fd, &status) == 0 && status.st_nlink == 1, "a name less is a link less");
	must(unlink("g"));
	ok(fstat(fd, &status) == 0 && status.st_nlink == 0, "without names there are none");
	ok(read(fd, text, sizeof(text)) == 7, "and it is still read");
	close(fd);
	write_text("f", "one", 0644);
	must(symlink("f", "l"));
	must(link("l", "m"));
	ok(S_ISLNK(status_of("m").st_mode), "link takes a symbolic link itself");
	ok_equal(linkat(AT_FDCWD, "l", AT_FDCWD, "n", AT_SYMLINK_FOLLOW), 0, "AT_SYMLINK_FOLLOW");
	ok(status_of("n").st_ino == status_of("f").st_ino, "takes what it points to");
	ok_equal(sys(SYS_linkat, AT_FDCWD, "f", AT_FDCWD, "o", 1), -EINVAL, "a wrong flag: EINVAL");
	ok_equal(sys(SYS_link, "f", NULL), -EFAULT, "no path: EFAULT");
	ok_equal(sys(SYS_link, 8L, "o"), -EFAULT, "a wild one: EFAULT");
	remove_tree("d");
	must(unlink("f"));
	must(unlink("l"));
	must(unlink("m"));
	must(unlink("n"));
}

static void symbolic_links(void)
{
	static char target[PATH_MAX + 2];
	struct stat status;
	char text[20] = "";

	ok_equal(symlink("to/nothing", "s"), 0, "a symbolic link to nothing");
	status = status_of("s");
	ok(S_ISLNK(status.st_mode) && (status.st_mode & 07777) == 0777, "has all rights");
	ok_equal(status.st_size, 10, "and its text's size");
	ok_equal(readlink("s", text, sizeof(text)), 10, "readlink");
	ok(!strcmp(text, "to/nothing"), "gives the text");
	memset(text, 'x', sizeof(text));
	ok(readlink("s", text, 4) == 4 && text[4] == 'x', "cut off at the buffer's end");
	ok_equal(sys(SYS_readlink, "s", text, 0), -EINVAL, "of no bytes: EINVAL");
	ok_errno(readlink(".", text, 4), EINVAL, "of a folder: EINVAL");
	ok_errno(readlink("", text, 4), ENOENT, "of no name: ENOENT");
	ok_equal(sys(SYS_readlink, "s", 8L, 4), -EFAULT, "to nowhere: EFAULT");
	ok_errno(open("s", O_RDONLY), ENOENT, "it cannot be opened");
	ok_errno(symlink("x", "s"), EEXIST, "a name that is there: EEXIST");
	ok_errno(symlink("", "t"), ENOENT, "an empty text: ENOENT");
	ok_errno(symlink("x", "t/"), ENOENT, "a slash behind the name: ENOENT");
	ok_errno(symlink("x", "none/t"), ENOENT, "nowhere: ENOENT");
	memset(target, 'a', sizeof(target));
	target[PATH_MAX] = 0;
	ok_errno(symlink(target, "t"), ENAMETOOLONG, "4,096 bytes: ENAMETOOLONG");
	target[PATH_MAX - 1] = 0;
	ok_equal(symlink(target, "t"), 0, "4,095 are taken");
	ok_equal(status_of("t").st_size, PATH_MAX - 1, "and kept");
	must(unlink("t"));
	must(unlink("s"));
	ok_equal(sys(SYS_symlinkat, "x", 99, "t"), -EBADF, "symlinkat of a bad descriptor: EBADF");
	ok_equal(sys(SYS_symlinkat, 8L, AT_FDCWD, "t"), -EFAULT, "of a wild text: EFAULT");
	must(symlink("loop", "loop"));
	ok_errno(open("loop", O_RDONLY), ELOOP, "a link to itself: ELOOP");
	ok_errno(stat("loop/x", &status), ELOOP, "on the way too");
	ok_equal(lstat("loop", &status), 0, "it can be looked at");
	must(unlink("loop"));
}

/* c39 -> c38 -> ... -> c0 -> a file: as many links as may be followed. */
static void chains(void)
{
	char name[8], to[8];

	write_text("end", "x", 0644);
	must(symlink("end", "c0"));
	for (int i = 1; i <= 40; i++) {
		format_text(name, sizeof(name), "c%d", i);
		format_text(to, sizeof(to), "c%d", i - 1);
		must(symlink(to, name));
	}
	ok_equal(access("c39", F_OK), 0, "40 links after each other are followed");
	ok_errno(access("c40", F_OK), ELOOP, "41 are too many");
	for (int i = 0; i <= 40; i++) {
		format_text(name, sizeof(name), "c%d", i);
		must(unlink(name));
	}
	must(unlink("end"));
	must(mkdir("d", 0755));
	must(symlink("d", "l"));
	ok_errno(open("l", O_RDONLY | O_NOFOLLOW), ELOOP, "O_NOFOLLOW of a link: ELOOP");
	ok_errno(open("l", O_RDONLY | O_NOFOLLOW | O_DIRECTORY), ENOTDIR, "as a folder: ENOTDIR");
	ok(S_ISDIR(status_of("l/").st_mode), "a slash behind it follows");
	ok_errno(unlink("l/"), ENOTDIR, "unlink with a slash: ENOTDIR");
	ok_errno(rmdir("l"), ENOTDIR, "a link is no folder to be removed");
	ok_errno(unlink("d"), EISDIR, "nor a folder a file");
	ok_errno(mkdir("l", 0755), EEXIST, "mkdir over it: EEXIST");
	must(unlink("l"));
	must(rmdir("d"));
	must(symlink("made", "l"));
	ok_errno(open("l", O_CREAT | O_EXCL | O_WRONLY, 0644), EEXIST,
		 "O_EXCL over a link: EEXIST");
	close((int)must(open("l", O_CREAT | O_WRONLY, 0644)));
	ok(S_ISREG(status_of("made").st_mode), "without it the file is made where it points");
	must(unlink("l"));
	must(unlink("made"));
}

static void as_user(void *unused)
{
	(void)unused;
	must(setresgid(1000, 1000, 1000));
	must(setresuid(1000, 1000, 1000));
	EXPECT(mknod("user-null", S_IFCHR | 0666, makedev(1, 3)) == -1 && errno == EPERM);
	EXPECT(mknod("user-fifo", S_IFIFO | 0666, 0) == 0);
	EXPECT(unlink("user-fifo") == 0);
	EXPECT(link("theirs/f", "mine") == -1 && errno == EACCES);
	EXPECT(symlink("x", "theirs/l") == -1 && errno == EACCES);
	EXPECT(sys(SYS_linkat, open("shown", O_PATH), "", AT_FDCWD, "mine", AT_EMPTY_PATH) < 0);
}

static void nodes(void)
{
	struct stat status;
	char byte = 1;
	int fd;

	ok_equal(mknod("r", S_IFREG | 0640, 0), 0, "mknod makes a regular file");
	ok(S_ISREG(status_of("r").st_mode), "which it is");
	ok_equal(mknod("z", 0600, 0), 0, "also without a type");
	ok(S_ISREG(status_of("z").st_mode) && status_of("z").st_size == 0, "an empty one");
	ok_equal(mknod("p", S_IFIFO | 0600, 0), 0, "a FIFO");
	fd = (int)must(open("p", O_RDWR));
	ok(write(fd, "x", 1) == 1 && read(fd, &byte, 1) == 1 && byte == 'x', "that is a pipe");
	close(fd);
	ok_equal(mknod("s", S_IFSOCK | 0600, 0), 0, "a socket's name");
	ok(S_ISSOCK(status_of("s").st_mode), "which it is");
	ok_errno(open("s", O_RDWR), ENXIO, "and cannot be opened: ENXIO");
	ok_errno(mknod("r", S_IFREG | 0600, 0), EEXIST, "over a name: EEXIST");
	ok_errno(mknod("d", S_IFDIR | 0700, 0), EPERM, "a folder: EPERM");
	ok_errno(mknod("d", S_IFLNK | 0700, 0), EINVAL, "a symbolic link: EINVAL");
	ok_errno(mknod("d/", S_IFREG | 0700, 0), ENOENT, "a slash behind it: ENOENT");
	ok_equal(sys(SYS_mknodat, 99, "d", S_IFREG, 0), -EBADF, "mknodat, a bad descriptor: EBADF");
	if (geteuid() == 0) {
		if (mknod("n", S_IFCHR | 0666, makedev(1, 3)) == 0) {
			status = status_of("n");
			ok(S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3), "a device");
			unlink("n");
		} else {
			skip("devices may not be made here");
		}
		must(mkdir("theirs", 0700));
		write_text("theirs/f", "x", 0600);
		write_text("shown", "x", 0644);
		must(chmod(".", 0777));
		ok_child(as_user, NULL, "a user makes FIFOs and no devices");
		must(chmod(".", 0755));
		remove_tree("theirs");
		must(unlink("shown"));
	} else {
		skip("devices need root");
		skip("rights need root");
	}
	must(unlink("r"));
	must(unlink("z"));
	must(unlink("p"));
	must(unlink("s"));
}

static void nameless(void)
{
	char path[40], text[100];
	struct stat status;
	ssize_t length;
	int fd = open(".", O_TMPFILE | O_RDWR, 0640);

	if (fd < 0) {
		skip("no O_TMPFILE here");
		return;
	}
	ok(fstat(fd, &status) == 0 && status.st_nlink == 0 && S_ISREG(status.st_mode),
	   "O_TMPFILE makes a file without a name");
	must(write(fd, "found", 5));
	format_text(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, text, sizeof(text) - 1);
	text[length < 0 ? 0 : length] = 0;
	ok(strstr(text, scratch_path) && strstr(text, " (deleted)"),
	   "/proc says where it would be");
	ok_equal(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), 0,
		 "linkat names it");
	ok(fstat(fd, &status) == 0 && status.st_nlink == 1, "then it has a link");
	ok(read_text("named", text, sizeof(text)) == 5 && !strcmp(text, "found"), "and its bytes");
	close(fd);
	must(unlink("named"));
	fd = (int)must(open(".", O_TMPFILE | O_WRONLY | O_EXCL, 0640));
	format_text(path, sizeof(path), "/proc/self/fd/%d", fd);
	ok_errno(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), ENOENT,
		 "with O_EXCL it never gets one");
	close(fd);
	ok_errno(open(".", O_TMPFILE | O_RDONLY, 0640), EINVAL, "it must be writable: EINVAL");
	ok_errno(open("none", O_TMPFILE | O_RDWR, 0640), ENOENT, "in a folder that is there");
	write_text("f", "x", 0644);
	ok_errno(open("f", O_TMPFILE | O_RDWR, 0640), ENOTDIR, "which a file is not");
	fd = (int)must(open("f", O_RDONLY));
	must(unlink("f"));
	format_text(path, sizeof(path), "/proc/self/fd/%d", fd);
	ok_errno(linkat(AT_FDCWD, path, AT_FDCWD, "again", AT_SYMLINK_FOLLOW), ENOENT,
		 "what lost its last name gets no other");
	close(fd);
}

static void old_listing(void)
{
	char buffer[512] __attribute__((aligned(8)));
	int seen = 0, fd;
	bool types = true;
	long length;

	must(mkdir("d", 0755));
	must(mkdir("d/folder", 0755));
	write_text("d/a-file", "", 0644);
	fd = (int)must(open("d", O_RDONLY | O_DIRECTORY));
	while ((length = sys(SYS_getdents, fd, buffer, 64)) > 0)
		for (long at = 0; at < length;) {
			unsigned short size = *(unsigned short *)(buffer + at + 16);
			const char *name = buffer + at + 18;
			char type = buffer[at + size - 1];

			types = types && type == (!strcmp(name, "a-file") ? 8 : 4);
			seen++;
			at += size;
		}
	ok_equal(length, 0, "getdents comes to an end");
	ok_equal(seen, 4, "after all names");
	ok(types, "whose types stand behind them");
	must(lseek(fd, 0, SEEK_SET));
	ok_equal(sys(SYS_getdents, fd, buffer, 8), -EINVAL, "too small a buffer: EINVAL");
	ok_equal(sys(SYS_getdents, fd, 8L, 512), -EFAULT, "a wild one: EFAULT");
	close(fd);
	ok_equal(sys(SYS_getdents, 0, buffer, 512), -ENOTDIR, "of no folder: ENOTDIR");
	ok_equal(sys(SYS_getdents, 99, buffer, 512), -EBADF, "of nothing: EBADF");
	remove_tree("d");
}

int main(void)
{
	umask(022);
	enter_scratch();
	hard_links();
	symbolic_links();
	chains();
	nodes();
	nameless();
	old_listing();
	leave_scratch();
	return done();
}
