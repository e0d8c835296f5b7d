/*
 * execveat: programs named by a descriptor, by a path from one, or both; what they and a script's
 * interpreter are told; what is refused (execveat(2)).
 *
 * The program is this one: it writes its AT_EXECFN and its arguments to descriptor 10.
 */
#include "files.h"

#define EMPTY_PATH AT_EMPTY_PATH
#define NO_FOLLOW AT_SYMLINK_NOFOLLOW

static char answer[400];

static int report(int argc, char **argv)
{
	struct tap_line line = { 0 };

	for (const char *s = (const char *)getauxval(AT_EXECFN); *s; s++)
		tap_put(&line, *s);
	for (int i = 0; i < argc; i++) {
		tap_put(&line, '|');
		for (const char *s = argv[i]; *s; s++)
			tap_put(&line, *s);
	}
	return write(10, line.text, line.length) == (ssize_t)line.length ? 0 : 1;
}

/* What the program writes, or "errno N". */
static const char *run(int dirfd, const char *path, int flags)
{
	char *argv[] = { "report", "a", NULL };
	int fd[2];
	ssize_t length;
	pid_t child;

	must(pipe(fd));
	child = (pid_t)must(fork());
	if (child == 0) {
		long result;

		must(dup2(fd[1], 10));
		close(fd[0]);
		close(fd[1]);
		result = sys(SYS_execveat, dirfd, path, argv, argv + 2, flags);
		format_text(answer, sizeof(answer), "errno %ld", -result);
		must(write(10, answer, strlen(answer)));
		_exit(0);
	}
	close(fd[1]);
	length = must(read(fd[0], answer, sizeof(answer) - 1));
	answer[length] = 0;
	close(fd[0]);
	wait_child(child);
	return answer;
}

static __printf(5, 6) void check(int dirfd, const char *path, int flags, const char *name,
				 const char *format, ...)
{
	struct tap_line line = { 0 };
	va_list args;

	run(dirfd, path, flags);
	va_start(args, format);
	tap_vformat(&line, format, args);
	va_end(args);
	line.text[line.length] = 0;
	if (!ok(!strcmp(answer, line.text), "%s", name))
		diag("got `%s', wanted `%s'", answer, line.text);
}

static void paths(int folder)
{
	char whole[100];

	format_text(whole, sizeof(whole), "%s/program", scratch_path);
	check(AT_FDCWD, "program", 0, "from the working directory", "program|report|a");
	check(folder, "program", 0, "from a folder", "/dev/fd/%d/program|report|a", folder);
	check(folder, whole, 0, "a whole path, whatever the folder", "%s|report|a", whole);
	check(999, whole, 0, "even if there is none", "%s|report|a", whole);
	must(mkdir("below", 0755));
	must(chdir("below"));
	check(folder, "program", 0, "not from the working directory then",
	      "/dev/fd/%d/program|report|a", folder);
	check(folder, "below/../program", 0, "over several folders",
	      "/dev/fd/%d/below/../program|report|a", folder);
	must(chdir(".."));
}

static void descriptors(void)
{
	int fd = (int)must(open("program", O_RDONLY));
	int closing = (int)must(open("program", O_RDONLY | O_CLOEXEC));
	int place = (int)must(open("program", O_PATH));
	int writing;

	check(fd, "", EMPTY_PATH, "an open file", "/dev/fd/%d|report|a", fd);
	check(closing, "", EMPTY_PATH, "one that the exec closes", "/dev/fd/%d|report|a", closing);
	check(place, "", EMPTY_PATH, "one opened as a place", "/dev/fd/%d|report|a", place);
	check(fd, "", EMPTY_PATH | NO_FOLLOW, "both flags", "/dev/fd/%d|report|a", fd);
	check(fd, "", 0, "without AT_EMPTY_PATH an empty path is ENOENT", "errno %d", ENOENT);
	check(fd, "x", EMPTY_PATH, "with it a path counts still: ENOTDIR", "errno %d", ENOTDIR);
	close(fd);
	close(closing);
	close(place);
	copy_file("program", "copy", 0755);
	writing = (int)must(open("copy", O_RDWR));
	check(writing, "", EMPTY_PATH, "one that is open for writing: ETXTBSY", "errno %d",
	      ETXTBSY);
	close(writing);
}

static void scripts(int folder)
{
	char text[100];
	int fd, closing = (int)must(open(".", O_RDONLY | O_CLOEXEC));

	format_text(text, sizeof(text), "#!%s/program -x\n", scratch_path);
	write_text("script", text, 0755);
	fd = (int)must(open("script", O_RDONLY));
	check(fd, "", EMPTY_PATH, "an interpreter finds the script by the descriptor",
	      "/dev/fd/%d|%s/program|-x|/dev/fd/%d|a", fd, scratch_path, fd);
	check(folder, "script", 0, "or below the folder's",
	      "/dev/fd/%d/script|%s/program|-x|/dev/fd/%d/script|a", folder, scratch_path, folder);
	must(fcntl(fd, F_SETFD, FD_CLOEXEC));
	check(fd, "", EMPTY_PATH, "not if the exec closes it: ENOENT", "errno %d", ENOENT);
	check(closing, "script", 0, "nor the folder: ENOENT", "errno %d", ENOENT);
	check(closing, "program", 0, "a program needs no name", "/dev/fd/%d/program|report|a",
	      closing);
	format_text(text, sizeof(text), "%s/script", scratch_path);
	check(closing, text, 0, "nor does a whole path the folder", "%s|%s/program|-x|%s|a", text,
	      scratch_path, text);
	close(fd);
	close(closing);
}

static void refused(int folder)
{
	static const char *const wild[] = { NULL, (char *)1, (char *)0x700000000000,
					    (char *)0xffff800000000000 };
	char *no_arguments[] = { NULL };
	int file = (int)must(open("script", O_RDONLY));

	check(folder, "program", 1, "an unknown flag: EINVAL", "errno %d", EINVAL);
	check(folder, "program", AT_SYMLINK_FOLLOW, "one of other calls too", "errno %d", EINVAL);
	check(folder, "program", 1 << 30, "and a high one", "errno %d", EINVAL);
	check(999, "program", 0, "no such descriptor: EBADF", "errno %d", EBADF);
	check(999, "", EMPTY_PATH, "the same with an empty path", "errno %d", EBADF);
	check(-1, "program", 0, "a negative one", "errno %d", EBADF);
	check(file, "program", 0, "a file is no folder: ENOTDIR", "errno %d", ENOTDIR);
	check(folder, "none", 0, "no such program: ENOENT", "errno %d", ENOENT);
	check(folder, "", EMPTY_PATH, "the folder itself: EACCES", "errno %d", EACCES);
	check(AT_FDCWD, "", EMPTY_PATH, "the working directory: EACCES", "errno %d", EACCES);
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		ok_equal(sys(SYS_execveat, folder, wild[i], no_arguments, no_arguments, 0), -EFAULT,
			 "path %lx: EFAULT", (unsigned long)wild[i]);
		if (!i)
			continue; /* NULL is an empty vector */
		ok_equal(sys(SYS_execveat, folder, "program", wild[i], no_arguments, 0), -EFAULT,
			 "arguments %lx: EFAULT", (unsigned long)wild[i]);
		ok_equal(sys(SYS_execveat, folder, "program", no_arguments, wild[i], 0), -EFAULT,
			 "environment %lx: EFAULT", (unsigned long)wild[i]);
	}
	must(symlink("program", "link"));
	check(folder, "link", 0, "a link is followed", "/dev/fd/%d/link|report|a", folder);
	check(folder, "link", NO_FOLLOW, "with AT_SYMLINK_NOFOLLOW it is ELOOP", "errno %d", ELOOP);
	close(file);
}

int main(int argc, char **argv)
{
	int folder;

	if (argc > 1)
		return report(argc, argv);
	enter_scratch();
	copy_file(self_path(), "program", 0755);
	folder = (int)must(open(".", O_RDONLY | O_DIRECTORY));
	paths(folder);
	descriptors();
	scripts(folder);
	refused(folder);
	leave_scratch();
	return done();
}
