/*
 * /proc/<pid>: who may look, what is open (fd, fdinfo), what is in memory (smaps), and what a
 * reader finds whose process goes away.
 */
#include "files.h"

#include <sys/mman.h>
#include <sys/prctl.h>

static char text[65536], again[65536];

static const char *file_of(pid_t pid, const char *name)
{
	static char path[80];

	format_text(path, sizeof(path), "/proc/%d/%s", pid, name);
	return path;
}

static void sleep_at_gate(void *gate)
{
	pass_gate(gate);
}

static void modes(void)
{
	static const struct {
		const char *name;
		mode_t mode;
	} files[] = {
		{ "auxv", S_IFREG | 0400 },      { "cmdline", S_IFREG | 0444 },
		{ "comm", S_IFREG | 0644 },      { "environ", S_IFREG | 0400 },
		{ "exe", S_IFLNK | 0777 },       { "cwd", S_IFLNK | 0777 },
		{ "root", S_IFLNK | 0777 },      { "fd", S_IFDIR | 0500 },
		{ "fdinfo", S_IFDIR | 0555 },    { "limits", S_IFREG | 0444 },
		{ "maps", S_IFREG | 0444 },      { "smaps", S_IFREG | 0444 },
		{ "mountinfo", S_IFREG | 0444 }, { "mounts", S_IFREG | 0444 },
		{ "oom_score", S_IFREG | 0444 }, { "oom_score_adj", S_IFREG | 0644 },
		{ "stat", S_IFREG | 0444 },      { "statm", S_IFREG | 0444 },
		{ "status", S_IFREG | 0444 },    { "task", S_IFDIR | 0555 },
		{ "wchan", S_IFREG | 0444 },     { "personality", S_IFREG | 0400 },
	};
	struct stat status;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		must(lstat(file_of(getpid(), files[i].name), &status));
		ok_equal((long)status.st_mode, (long)files[i].mode, "the mode of %s",
			 files[i].name);
	}
	must(stat(file_of(getpid(), ""), &status));
	ok(status.st_uid == getuid() && status.st_gid == getgid(), "it belongs to the user");
}

/* As somebody else: what of process 1's may be read. */
static void as_nobody(void *unused)
{
	static const char *const forbidden[] = { "environ", "auxv", "maps", "smaps", "fd" };
	static const char *const allowed[] = { "stat",    "status", "statm",
					       "cmdline", "comm",   "limits" };

	(void)unused;
	must(setresgid(1000, 1000, 1000));
	must(setresuid(1000, 1000, 1000));
	for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++)
		EXPECT(open(file_of(1, forbidden[i]), O_RDONLY) == -1 && errno == EACCES);
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		EXPECT(read_text(file_of(1, allowed[i]), text, sizeof(text)) > 0);
	EXPECT(readlink(file_of(1, "exe"), text, 100) == -1 && errno == EACCES);
	EXPECT(readlink(file_of(1, "cwd"), text, 100) == -1 && errno == EACCES);
	EXPECT(open(file_of(1, "comm"), O_WRONLY) == -1 && errno == EACCES);
	EXPECT(open(file_of(1, "oom_score_adj"), O_WRONLY) == -1 && errno == EACCES);
	prctl(PR_SET_DUMPABLE, 1); /* setresuid has taken it, and its own files with it */
	EXPECT(read_text("/proc/self/environ", text, sizeof(text)) >= 0);
	EXPECT(read_text("/proc/self/maps", text, sizeof(text)) > 0);
	EXPECT(readlink("/proc/self/exe", text, 100) > 0);
}

static void root_looks(void *unused)
{
	int fd = (int)must(open(file_of(getppid(), "environ"), O_RDONLY));

	(void)unused;
	EXPECT(read(fd, text, 1) >= 0);
	close(fd);
}

static long number_after(const char *name)
{
	char *at = strstr(text, name);

	return at ? strtol(at + strlen(name), NULL, name[0] == 'f' ? 8 : 10) : -1;
}

static void descriptors(void)
{
	int fd, copy, ends[2];
	struct stat status, through;
	char path[60];
	ssize_t length;

	enter_scratch();
	fd = (int)must(open("file", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
	must(write(fd, "12345", 5));
	format_text(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = 0;
	ok(strstr(text, "/file"), "a descriptor's link has the path");
	must(fstat(fd, &status));
	must(stat(path, &through));
	ok(status.st_ino == through.st_ino, "and leads to the file");
	must(lstat(path, &through));
	ok_equal((long)(through.st_mode & 0777), 0700, "open for both");
	ok_equal((long)through.st_size, 64, "of the size that links have there");
	must(unlink("file"));
	length = readlink(path, text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = 0;
	ok(strstr(text, "/file (deleted)"), "a removed file is said to be");
	copy = open(path, O_RDONLY);
	ok(copy >= 0 && read(copy, text, 10) == 5, "and can be opened again through the link");
	format_text(path, sizeof(path), "/proc/self/fd/%d", copy);
	must(lstat(path, &through));
	ok_equal((long)(through.st_mode & 0777), 0500, "this one for reading");
	format_text(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	ok(read_text(path, text, sizeof(text)) > 0, "fdinfo tells of it");
	ok_equal(number_after("pos:\t"), 5, "the offset");
	ok_equal(number_after("flags:\t") & (O_ACCMODE | O_APPEND | O_CLOEXEC),
		 O_RDWR | O_APPEND | O_CLOEXEC, "the flags");
	ok(number_after("mnt_id:\t") > 0, "and the mount");
	must(close(copy));
	ok_errno(readlink("/proc/self/fd/999", text, 10), ENOENT, "what is not open is not there");
	must(pipe(ends));
	format_text(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
	length = readlink(path, text, sizeof(text) - 1);
	ok(length > 6 && !memcmp(text, "pipe:[", 6), "a pipe has a number");
	must(lstat(path, &through));
	ok_equal((long)(through.st_mode & 0777), 0300, "its end is for writing");
	close(ends[0]);
	close(ends[1]);
	close(fd);
	leave_scratch();
}

static long sum_of(const char *name)
{
	long sum = 0;

	for (char *at = text; (at = strstr(at, name)); at++)
		if (at[-1] == '\n')
			sum += (long)decimal(at + strlen(name));
	return sum;
}

static void smaps(void)
{
	enum { PAGES = 64 };
	char *block = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	char start[32];
	long rss;
	char *at;

	memset(block, 1, PAGES / 2 * PAGE);
	format_text(start, sizeof(start), "\n%lx-", (unsigned long)block);
	ok(read_text("/proc/self/smaps", text, sizeof(text)) > 0, "smaps is there");
	rss = sum_of("Rss:");
	ok_equal(sum_of("Shared_Clean:") + sum_of("Shared_Dirty:") + sum_of("Private_Clean:") +
			 sum_of("Private_Dirty:"),
		 rss, "each resident page is shared or private, clean or dirty");
	ok(sum_of("Pss:") <= rss, "a share is no more than the whole");
	at = strstr(text, start);
	ok(at, "the new mapping begins an area");
	if (at) {
		memmove(text, at, strlen(at) + 1);
		at = strstr(text, "VmFlags:");
		if (at)
			*at = 0;
	}
	ok(sum_of("Private_Dirty:") >= PAGES / 2 * 4, "what was written is private and dirty");
	ok(sum_of("Size:") >= PAGES * 4 && sum_of("Rss:") < sum_of("Size:"),
	   "what was not touched is not resident");
	read_text("/proc/self/smaps_rollup", text, sizeof(text));
	ok(strstr(text, "[rollup]\n") && labs(sum_of("Rss:") - rss) < 256,
	   "smaps_rollup is the sum");
	must(munmap(block, PAGES * PAGE));
}

static void in_pieces(void)
{
	static const char *const names[] = { "status", "maps", "smaps", "limits", "mountinfo" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int fd = (int)must(open(file_of(getpid(), names[i]), O_RDONLY));
		size_t length = 0;
		ssize_t n;

		while ((n = read(fd, text + length, 13)) > 0)
			length += (size_t)n;
		ok(pread(fd, again, 10, 5) == 10 && !memcmp(again, text + 5, 10) &&
			   pread(fd, again, 10, (off_t)length) == 0,
		   "%s in pieces, from anywhere", names[i]);
		close(fd);
	}
}

static void gone(void)
{
	static const char *const names[] = { "stat", "status", "statm", "limits", "cmdline" };
	struct gate gate = new_gate();
	pid_t child = start_child(sleep_at_gate, &gate);
	int fds[ARRAY_SIZE(names)], folder, adjust;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		fds[i] = (int)must(open(file_of(child, names[i]), O_RDONLY));
	folder = (int)must(open(file_of(child, ""), O_RDONLY | O_DIRECTORY));
	adjust = (int)must(open(file_of(child, "oom_score_adj"), O_WRONLY));
	open_gate(&gate);
	ok(await_state(child, 'Z'), "an ended process is a zombie");
	ok_errno(readlink(file_of(child, "exe"), text, 10), ENOENT, "it has no program");
	ok_errno(readlink(file_of(child, "cwd"), text, 10), ENOENT, "and no place");
	ok_equal(read_text(file_of(child, "maps"), text, sizeof(text)), 0, "no memory");
	ok_equal(read_text(file_of(child, "cmdline"), text, sizeof(text)), 0, "no arguments");
	ok(!strncmp((read_text(file_of(child, "statm"), text, sizeof(text)), text), "0 0 0 0", 7),
	   "and no size");
	wait_child(child);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		ok_errno(read(fds[i], text, 10), ESRCH, "of a collected one, %s is ESRCH",
			 names[i]);
		close(fds[i]);
	}
	ok_errno(write(adjust, "1", 1), ESRCH, "so is writing");
	ok_errno(openat(folder, "wchan", O_RDONLY), ESRCH, "below its directory as well");
	ok_equal(sys(SYS_getdents64, folder, text, 1000), -ENOENT, "and is not to be read");
	close(adjust);
	close(folder);
	free_gate(&gate);
}

int main(void)
{
	modes();
	ok_child(as_nobody, NULL, "another user sees what is everybody's");
	ok_child(root_looks, NULL, "root looks into all");
	descriptors();
	smaps();
	in_pieces();
	gone();
	return done();
}
