/*
 * Paths and folders: `.`, `..`, repeated and trailing slashes, names that are too long, chdir and
 * getcwd, mkdir and rmdir, and the reading of a folder of 500 files.
 */
#include "files.h"

#include <limits.h>

#define MANY 500

static void lookup(void)
{
	static const char *same[] = { "f",        "./f",        ".//f",       "d/../f",
				      "d/./../f", "d//..//./f", "d/e/../../f" };
	struct stat status, first;
	char path[200];

	must(mkdir("d", 0755));
	must(mkdir("d/e", 0755));
	write_text("f", "1", 0644);
	must(stat("f", &first));
	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		ok(stat(same[i], &status) == 0 && status.st_ino == first.st_ino, "%s is f",
		   same[i]);
	format_text(path, sizeof(path), "/../..//.%s//f", scratch_path);
	ok(stat(path, &status) == 0 && status.st_ino == first.st_ino, "above the root is the root");
	ok(stat("d/", &status) == 0 && S_ISDIR(status.st_mode),
	   "a folder may have a slash behind it");
	ok(stat("d/.", &status) == 0 && stat("d//", &status) == 0, "and more");
	ok_errno(stat("f/", &status), ENOTDIR, "a file with one is ENOTDIR");
	ok_errno(stat("f/.", &status), ENOTDIR, "a file is no folder");
	ok_errno(stat("f/..", &status), ENOTDIR, "not on the way up either");
	ok_errno(stat("none/..", &status), ENOENT, "what is not there has no parent");
	ok_errno(stat("", &status), ENOENT, "the empty path is ENOENT");
}

static void lengths(void)
{
	static char path[PATH_MAX + 16];
	struct stat status;

	memset(path, 'n', 256);
	path[255] = 0;
	ok_equal(mkdir(path, 0755), 0, "a name of 255 bytes is taken");
	ok_equal(rmdir(path), 0, "and found again");
	path[255] = 'n';
	path[256] = 0;
	ok_errno(mkdir(path, 0755), ENAMETOOLONG, "one of 256 is ENAMETOOLONG");
	ok_errno(stat(path, &status), ENAMETOOLONG, "for stat too");
	for (size_t i = 0; i < PATH_MAX; i++)
		path[i] = i & 1 ? '/' : '.';
	path[PATH_MAX - 1] = 0;
	ok_equal(stat(path, &status), 0, "a path of 4,095 bytes is taken");
	path[PATH_MAX - 1] = '/';
	path[PATH_MAX] = 0;
	ok_errno(stat(path, &status), ENAMETOOLONG, "one of 4,096 is ENAMETOOLONG");
}

static void working_folder(void)
{
	char here[200], wanted[200];

	ok(getcwd(here, sizeof(here)) && !strcmp(here, scratch_path), "getcwd tells where one is");
	ok_equal(sys(SYS_getcwd, here, sizeof(here)), (long)strlen(here) + 1,
		 "the call counts the end too");
	ok_equal(sys(SYS_getcwd, here, strlen(here)), -ERANGE, "a byte too few is ERANGE");
	ok_equal(chdir("d/e"), 0, "chdir goes down");
	format_text(wanted, sizeof(wanted), "%s/d/e", scratch_path);
	ok(getcwd(here, sizeof(here)) && !strcmp(here, wanted), "getcwd follows");
	ok_equal(access("../../f", F_OK), 0, "paths start from there");
	ok_equal(chdir(".."), 0, "chdir goes up");
	format_text(wanted, sizeof(wanted), "%s/d", scratch_path);
	ok(getcwd(here, sizeof(here)) && !strcmp(here, wanted), "getcwd follows");
	ok_equal(chdir("/"), 0, "the root is a folder");
	ok(getcwd(here, sizeof(here)) && !strcmp(here, "/"), "by the name of /");
	must(chdir(scratch_path));
	ok_errno(chdir("none"), ENOENT, "chdir to nothing is ENOENT");
	ok_errno(chdir("f"), ENOTDIR, "to a file ENOTDIR");
	ok(getcwd(here, sizeof(here)) && !strcmp(here, scratch_path),
	   "and one stays where one was");

	must(mkdir("leave", 0755));
	must(chdir("leave"));
	must(rmdir("../leave"));
	ok_equal(sys(SYS_getcwd, here, sizeof(here)), -ENOENT, "a removed folder has no path");
	ok_errno(open("x", O_CREAT | O_RDWR, 0644), ENOENT, "and takes no files");
	must(chdir(scratch_path));
}

static void go_down(void *unused)
{
	(void)unused;
	must(chdir("d"));
}

static void folders(void)
{
	struct stat status;

	ok_equal(mkdir("m", 0750), 0, "mkdir");
	ok(stat("m", &status) == 0 && S_ISDIR(status.st_mode) && (status.st_mode & 07777) == 0750,
	   "makes a folder of the mode asked for");
	ok_errno(mkdir("m", 0755), EEXIST, "again is EEXIST");
	ok_errno(mkdir("f", 0755), EEXIST, "over a file too");
	ok_errno(mkdir("/", 0755), EEXIST, "the root is there");
	ok_errno(mkdir("none/m", 0755), ENOENT, "in no folder is ENOENT");
	ok_errno(mkdir("f/m", 0755), ENOTDIR, "in a file ENOTDIR");
	ok_equal(mkdir("m/n/", 0755), 0, "a slash at the end is allowed");
	ok_errno(rmdir("m"), ENOTEMPTY, "rmdir of a folder with something in it is ENOTEMPTY");
	ok_errno(rmdir("f"), ENOTDIR, "of a file ENOTDIR");
	ok_errno(rmdir("none"), ENOENT, "of nothing ENOENT");
	ok_errno(rmdir("m/."), EINVAL, "of . EINVAL");
	ok_errno(rmdir("m/n/.."), ENOTEMPTY, "of .. ENOTEMPTY");
	ok_equal(rmdir("m/n"), 0, "of an empty one works");
	ok_equal(rmdir("m/"), 0, "with a slash too");
	ok_errno(stat("m", &status), ENOENT, "then it is gone");
	ok_child(go_down, NULL, "a child goes elsewhere");
	ok_equal(access("d", F_OK), 0, "and its parent stays");
}

/* Reads the whole folder with a buffer of `size`; marks the files f<number> that it sees. */
static int list(const char *path, size_t size, unsigned char *seen, int *dots, bool *types)
{
	static char entries[4096];
	int folder = (int)must(open(path, O_RDONLY | O_DIRECTORY)), count = 0;
	long length;

	while ((length = sys(SYS_getdents64, folder, entries, size)) > 0)
		for (long at = 0; at < length;) {
			struct directory_entry *entry = (struct directory_entry *)(entries + at);
			bool dot = entry->name[0] == '.';

			*types = *types && entry->type == (dot ? 4 : 8) && entry->inode &&
				 entry->size % 8 == 0;
			if (dot)
				++*dots;
			else
				seen[decimal(entry->name + 1)]++, count++;
			at += entry->size;
		}
	close(folder);
	return length ? -1 : count;
}

static void reading(void)
{
	static const size_t sizes[] = { 64, 500, 4096 };
	static unsigned char seen[MANY];
	char name[32], tiny[8];
	bool types = true;

	must(mkdir("many", 0755));
	for (int i = 0; i < MANY; i++) {
		format_text(name, sizeof(name), "many/f%d", i);
		close((int)must(open(name, O_WRONLY | O_CREAT, 0644)));
	}
	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		int dots = 0, once = 0;

		memset(seen, 0, sizeof(seen));
		ok_equal(list("many", sizes[s], seen, &dots, &types), MANY,
			 "getdents64 of %lu bytes at a time tells of all files",
			 (unsigned long)sizes[s]);
		for (int i = 0; i < MANY; i++)
			once += seen[i] == 1;
		ok(once == MANY && dots == 2, "of each once, of . and ..");
	}
	ok(types, "with types and numbers");
	int folder = (int)must(open("many", O_RDONLY | O_DIRECTORY));

	ok_equal(sys(SYS_getdents64, folder, tiny, sizeof(tiny)), -EINVAL,
		 "a buffer too small is EINVAL");
	ok_equal(sys(SYS_getdents64, folder, tiny, -1), -EINVAL, "so is one of -1");
	close(folder);
	for (int i = 0; i < MANY; i += 2) {
		format_text(name, sizeof(name), "many/f%d", i);
		must(unlink(name));
	}
	int dots = 0;

	ok_equal(list("many", 4096, seen, &dots, &types), MANY / 2,
		 "after half are unlinked half is left");
	for (int i = 1; i < MANY; i += 2) {
		format_text(name, sizeof(name), "many/f%d", i);
		must(unlink(name));
	}
	ok_equal(rmdir("many"), 0, "emptied it can be removed");
}

static void deep(void)
{
	int depth = 0;

	for (; depth < 60; depth++)
		if (mkdir("deeper", 0755) || chdir("deeper"))
			break;
	ok_equal(depth, 60, "60 folders in each other");
	while (depth-- > 0)
		if (chdir("..") || rmdir("deeper"))
			break;
	ok_equal(depth, -1, "and all removed from below");
}

int main(void)
{
	umask(0);
	enter_scratch();
	lookup();
	lengths();
	working_folder();
	folders();
	reading();
	deep();
	leave_scratch();
	return done();
}
