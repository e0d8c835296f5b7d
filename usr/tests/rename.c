/*
 * Renaming: over nothing, files, folders and open files; between folders; what is refused; two
 * names that change places; the links of folders, and the times.
 */
#include "files.h"

#include <stdio.h>

#define NOREPLACE 1
#define EXCHANGE 2

static long renameat2_(const char *from, const char *to, unsigned flags)
{
	return sys(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

static ino_t number(const char *path)
{
	struct stat status;

	return lstat(path, &status) ? 0 : status.st_ino;
}

static long links(const char *path)
{
	struct stat status;

	return lstat(path, &status) ? -1 : (long)status.st_nlink;
}

static bool holds(const char *path, const char *text)
{
	char buffer[100];

	return read_text(path, buffer, sizeof(buffer)) >= 0 && !strcmp(buffer, text);
}

static void files(void)
{
	char text[20] = "";
	ino_t before;
	int fd;

	write_text("a", "A", 0644);
	before = number("a");
	ok_equal(rename("a", "b"), 0, "a file gets another name");
	ok(number("a") == 0 && number("b") == before, "the old one is gone, the file is the same");
	ok_equal(rename("b", "a-name-that-is-much-longer-than-the-first-one"), 0, "a long one");
	ok_equal(rename("a-name-that-is-much-longer-than-the-first-one", "b"), 0, "and back");
	ok(holds("b", "A"), "with what is in it");
	write_text("c", "C", 0644);
	fd = (int)must(open("c", O_RDONLY));
	ok_equal(rename("b", "c"), 0, "over a file that is open");
	ok(holds("c", "A") && number("c") == before, "the name means the new one");
	ok(read(fd, text, sizeof(text)) == 1 && text[0] == 'C', "the open file is the old one");
	struct stat status;

	ok(fstat(fd, &status) == 0 && status.st_nlink == 0, "which has no name any more");
	close(fd);
	ok_equal(rename("c", "c"), 0, "to its own name");
	ok(holds("c", "A"), "changes nothing");
	must(link("c", "d"));
	ok_equal(rename("c", "d"), 0, "to another name of the same file");
	ok(links("c") == 2 && number("c") == number("d"), "changes nothing either");
	must(unlink("d"));
	must(symlink("c", "l"));
	ok_equal(rename("l", "m"), 0, "a link is renamed itself");
	ok(number("c") == before && number("l") == 0 && number("m") != 0, "not what it points to");
	ok_equal(rename("c", "m"), 0, "a link is replaced itself");
	ok(number("m") == before, "by the file");
	must(unlink("m"));
}

static void folders(void)
{
	ino_t before;

	must(mkdir("p", 0755));
	must(mkdir("q", 0755));
	must(mkdir("p/sub", 0755));
	write_text("p/sub/f", "F", 0644);
	before = number("p/sub");
	ok_equal(links("p"), 3, "a folder in it is a link");
	ok_equal(rename("p/sub", "q/moved"), 0, "a folder moves to another");
	ok(number("q/moved") == before && holds("q/moved/f", "F"), "with what is in it");
	ok(links("p") == 2 && links("q") == 3, "the links follow");
	ok(number("q/moved/..") == number("q"), ".. is the new parent");
	must(mkdir("p/empty", 0755));
	ok_equal(rename("q/moved", "p/empty"), 0, "over an empty folder");
	ok(links("p") == 3 && links("q") == 2, "the links follow");
	must(mkdir("q/full", 0755));
	write_text("q/full/x", "X", 0644);
	ok_errno(rename("p/empty", "q/full"), ENOTEMPTY,
		 "over one with something in it: ENOTEMPTY");
	ok_errno(rename("p", "p/empty/below"), EINVAL, "below itself: EINVAL");
	ok_errno(rename("p", "p/below"), EINVAL, "right below itself too");
	ok_errno(rename("p/empty/f", "p"), ENOTEMPTY, "over its own parent's parent: ENOTEMPTY");
	ok_errno(rename("p/empty", "q/full/x"), ENOTDIR, "a folder over a file: ENOTDIR");
	ok_errno(rename("q/full/x", "p/empty"), EISDIR, "a file over a folder: EISDIR");
	ok_equal(rename("p/empty/", "p/slashed/"), 0, "slashes behind folders");
	ok_errno(rename("q/full/x/", "q/y"), ENOTDIR, "behind the file's name: ENOTDIR");
	ok_errno(rename("q/full/x", "q/y/"), ENOTDIR, "behind its new name too");
	ok_errno(rename("none", "some"), ENOENT, "what is not there: ENOENT");
	ok_errno(rename("p/slashed", "none/some"), ENOENT, "to where is nothing: ENOENT");
	ok_errno(rename("q/full/x/y", "z"), ENOTDIR, "below a file: ENOTDIR");
	ok_errno(rename("p/.", "z"), EBUSY, "by . : EBUSY");
	ok_errno(rename("p", "q/.."), EBUSY, "to .. : EBUSY");
	ok(rename("/", "z") == -1 && (errno == EBUSY || errno == EXDEV), "the root does not move");
	ok_errno(rename("", "z"), ENOENT, "no name: ENOENT");
	ok_errno(rename("p", "/proc/z"), EXDEV, "to another file system: EXDEV");
	ok(rename("/dev", "z") == -1 && (errno == EBUSY || errno == EXDEV || geteuid() != 0),
	   "a mount point does not move");
	must(rename("p/slashed", "q/back"));
	must(chdir("q/back"));
	must(rename("../../q", "../../renamed"));
	char here[200], wanted[200];

	format_text(wanted, sizeof(wanted), "%s/renamed/back", scratch_path);
	ok(getcwd(here, sizeof(here)) && !strcmp(here, wanted), "getcwd follows a renamed parent");
	must(chdir(scratch_path));
	remove_tree("renamed");
	remove_tree("p");
}

static void at_and_flags(void)
{
	int one, other;

	must(mkdir("one", 0755));
	must(mkdir("other", 0755));
	write_text("one/f", "1", 0644);
	write_text("other/g", "2", 0644);
	one = (int)must(open("one", O_RDONLY | O_DIRECTORY));
	other = (int)must(open("other", O_PATH | O_DIRECTORY));
	ok_equal(renameat(one, "f", other, "h"), 0, "renameat between two descriptors");
	ok(holds("other/h", "1"), "of which one is O_PATH");
	ok_equal(sys(SYS_renameat, 99, "f", other, "h"), -EBADF, "a bad one is EBADF");
	ok_equal(sys(SYS_renameat, other, "h", other, NULL), -EFAULT, "no path is EFAULT");
	ok_equal(sys(SYS_renameat, other, -1L, other, "h"), -EFAULT, "nor a wild one");
	ok_equal(renameat2_("other/h", "other/g", NOREPLACE), -EEXIST, "NOREPLACE: EEXIST");
	ok_equal(renameat2_("other/h", "other/.", NOREPLACE), -EEXIST, "of . too");
	ok_equal(renameat2_("other/h", "other/k", NOREPLACE), 0, "and a rename else");
	ok_equal(renameat2_("other/k", "other/g", EXCHANGE), 0, "EXCHANGE");
	ok(holds("other/g", "1") && holds("other/k", "2"), "changes places");
	ok_equal(renameat2_("other/g", "one", EXCHANGE), 0, "of a file and a folder too");
	ok(holds("one", "1") && links("other/g") == 2, "in different folders");
	ok_equal(links("other"), 3, "whose links follow");
	ok_equal(renameat2_("other/k", "none", EXCHANGE), -ENOENT, "with nothing: ENOENT");
	ok_equal(renameat2_("other", "other/g", EXCHANGE), -EINVAL, "with its parent: EINVAL");
	ok_equal(renameat2_("other/g", "other", EXCHANGE), -EINVAL, "either way");
	ok_equal(renameat2_("other/g", "one", EXCHANGE | NOREPLACE), -EINVAL, "not both flags");
	ok_equal(renameat2_("other/g", "one", 64), -EINVAL, "an unknown flag is EINVAL");
	close(one);
	close(other);
	remove_tree("one");
	remove_tree("other");
}

static void set_old(const char *path)
{
	struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };

	must(utimensat(AT_FDCWD, path, old, AT_SYMLINK_NOFOLLOW));
}

static void times(void)
{
	struct stat before, status;

	must(mkdir("t", 0755));
	must(mkdir("u", 0755));
	write_text("t/f", "1", 0644);
	set_old("t/f");
	must(lstat("t/f", &before));
	set_old("t");
	set_old("u");
	pass_time();
	must(rename("t/f", "u/f"));
	ok(stat("t", &status) == 0 && status.st_mtime > 1000, "a rename changes the old folder");
	ok(stat("u", &status) == 0 && status.st_mtime > 1000, "and the new one");
	ok(stat("u/f", &status) == 0 && status.st_mtime == 1000, "not the file's content");
	ok(changed_since(&before, &status), "but its status");
	remove_tree("t");
	remove_tree("u");
}

static void as_user(void *unused)
{
	(void)unused;
	must(setresgid(1000, 1000, 1000));
	must(setresuid(1000, 1000, 1000));
	EXPECT(rename("closed/f", "open/f") == -1 && errno == EACCES);
	EXPECT(rename("open/mine", "closed/f") == -1 && errno == EACCES);
	EXPECT(rename("sticky/root", "sticky/x") == -1 && errno == EPERM);
	EXPECT(rename("open/mine", "sticky/root") == -1 && errno == EPERM);
	EXPECT(rename("open/mine", "sticky/mine") == 0);
	EXPECT(rename("sticky/mine", "open/mine") == 0);
	EXPECT(rename("open/dir", "open/dir2") == 0);
	/* Its ".." would change, and it is not theirs to write. */
	EXPECT(rename("open/dir2", "sticky/dir2") == -1 && errno == EACCES);
}

static void rights(void)
{
	must(chmod(".", 0755));
	must(mkdir("closed", 0755));
	must(mkdir("open", 0777));
	must(chmod("open", 0777));
	must(mkdir("sticky", 0777));
	must(chmod("sticky", 01777));
	must(mkdir("open/dir", 0755));
	write_text("closed/f", "1", 0644);
	write_text("sticky/root", "1", 0644);
	write_text("open/mine", "1", 0644);
	must(chown("open/mine", 1000, 1000));
	if (geteuid() == 0)
		ok_child(as_user, NULL, "a user renames where they may write, and not else");
	else
		skip("rights need root");
	remove_tree("closed");
	remove_tree("open");
	remove_tree("sticky");
}

/* Two processes move a folder to and fro below each other: no deadlock, no loop. */
static void mover(void *from_first)
{
	for (int i = 0; i < 300; i++) {
		if (from_first) {
			rename("x/a", "y/a");
			rename("y/b", "y/a/b");
			rename("y/a/b", "y/b");
		} else {
			rename("y/a", "x/a");
			rename("y/a", "y/b/a");
			rename("y/b/a", "x/a");
			rename("x/a", "y/a");
		}
	}
}

static void at_once(void)
{
	pid_t children[2];
	bool good = true;

	must(mkdir("x", 0755));
	must(mkdir("y", 0755));
	must(mkdir("x/a", 0755));
	must(mkdir("y/b", 0755));
	for (int i = 0; i < 2; i++)
		children[i] = start_child(mover, i ? NULL : "first");
	for (int i = 0; i < 2; i++)
		good = wait_child(children[i]) == 0 && good;
	ok(good, "two processes rename the same folders");
	remove_tree("x");
	remove_tree("y");
	ok(number("x") == 0 && number("y") == 0, "and all of them are still there to be removed");
}

int main(void)
{
	umask(022);
	enter_scratch();
	files();
	folders();
	at_and_flags();
	times();
	rights();
	at_once();
	leave_scratch();
	return done();
}
