/*
 * execve: arguments, environment, what survives it and what does not, and that a call which
 * fails leaves the caller as it was.
 *
 * The program starts itself again with a first argument that names what to look at.
 */
#include "files.h"

#include <sys/mman.h>

extern char **environ;

static int look(char **argv, int argc)
{
	const char *what = argv[1];

	if (!strcmp(what, "arguments")) {
		EXPECT(argc == 6 && !strcmp(argv[0], "zeroth"));
		EXPECT(!strcmp(argv[2], "") && !strcmp(argv[3], "two words"));
		EXPECT(strlen(argv[4]) == 3000 && argv[4][2999] == 'x');
		EXPECT(!strcmp(argv[5], "\xff\x01\n") && !argv[6]);
	} else if (!strcmp(what, "environment")) {
		EXPECT(!strcmp(environ[0], "FIRST=1") && !strcmp(environ[1], "EMPTY="));
		EXPECT(!strcmp(environ[2], "no equals sign") && !environ[3]);
		EXPECT(getenv("PATH") == NULL);
	} else if (!strcmp(what, "nothing")) {
		EXPECT(!environ[0]);
	} else if (!strcmp(what, "fds")) {
		EXPECT(fcntl(10, F_GETFD) == 0);
		EXPECT(fcntl(11, F_GETFD) == -1 && errno == EBADF);
		EXPECT(fcntl(12, F_GETFD) == -1 && errno == EBADF);
		EXPECT(fcntl(13, F_GETFD) == 0);
	} else if (!strcmp(what, "pid")) {
		EXPECT((unsigned long)getpid() == decimal(argv[2]));
		EXPECT((unsigned long)getppid() == decimal(argv[3]));
		EXPECT((unsigned long)getpgrp() == decimal(argv[4]));
	} else if (!strcmp(what, "signals")) {
		struct sigaction action;
		sigset_t mask;

		EXPECT(sigaction(SIGUSR1, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
		EXPECT(sigaction(SIGUSR2, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
		EXPECT(sigprocmask(SIG_SETMASK, NULL, &mask) == 0);
		EXPECT(sigismember(&mask, SIGHUP) && !sigismember(&mask, SIGINT));
		kill(getpid(), SIGUSR1);
	} else if (!strcmp(what, "memory")) {
		/*
		 * the old program's page is gone: writing from it is a fault of the kernel's copy
		 */
		EXPECT(sys(SYS_write, 10, decimal(argv[2]), 1) == -EFAULT);
	}
	return 0;
}

static char self[256];

static void exec_self(const char *a, const char *b, const char *c, const char *d)
{
	char *argv[] = { "zeroth", (char *)a, (char *)b, (char *)c, (char *)d, NULL };

	execve(self, argv, environ);
	_exit(90);
}

static void with_arguments(void *unused)
{
	static char big[3001];
	char *argv[] = { "zeroth", "arguments", "", "two words", big, "\xff\x01\n", NULL };

	(void)unused;
	memset(big, 'x', 3000);
	execve(self, argv, environ);
	_exit(90);
}

static void with_environment(void *unused)
{
	char *argv[] = { "zeroth", "environment", NULL };
	char *env[] = { "FIRST=1", "EMPTY=", "no equals sign", NULL };

	(void)unused;
	execve(self, argv, env);
	_exit(90);
}

static void without_environment(void *null)
{
	char *argv[] = { "zeroth", "nothing", NULL };
	char *env[] = { NULL };

	sys(SYS_execve, self, argv, null ? NULL : env);
	_exit(90);
}

static void without_arguments(void *null)
{
	char *argv[] = { NULL };
	char *env[] = { "BARE=1", NULL };

	sys(SYS_execve, self, null ? NULL : argv, env);
	_exit(90);
}

static void with_descriptors(void *unused)
{
	int fd = (int)must(open("/dev/null", O_RDONLY));

	(void)unused;
	must(dup2(fd, 10));
	must(dup2(fd, 11));
	must(fcntl(11, F_SETFD, FD_CLOEXEC));
	must(fcntl(fd, F_DUPFD_CLOEXEC, 12));
	must(fcntl(11, F_DUPFD, 13));
	exec_self("fds", NULL, NULL, NULL);
}

static void with_pid(void *unused)
{
	char pid[12], parent[12], group[12];

	(void)unused;
	must(setpgid(0, 0));
	format_text(pid, sizeof(pid), "%d", getpid());
	format_text(parent, sizeof(parent), "%d", getppid());
	format_text(group, sizeof(group), "%d", getpgrp());
	exec_self("pid", pid, parent, group);
}

static void with_signals(void *unused)
{
	sigset_t mask;

	(void)unused;
	signal(SIGUSR1, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	exec_self("signals", NULL, NULL, NULL);
}

static void with_memory(void *unused)
{
	char address[24];
	int fd[2];
	void *page = mmap((void *)0x10000000, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)unused;
	must(pipe(fd));
	must(dup2(fd[1], 10));
	*(volatile char *)page = 1;
	must(write(10, page, 1));
	format_text(address, sizeof(address), "%lu", (unsigned long)page);
	exec_self("memory", address, NULL, NULL);
}

static void failures(void)
{
	static const struct {
		const char *path;
		int error;
		const char *what;
	} cases[] = {
		{ "missing", ENOENT, "a missing file" },
		{ "", ENOENT, "an empty path" },
		{ "missing/program", ENOENT, "a file in a missing folder" },
		{ "plain", EACCES, "a file without execute permission" },
		{ "text", ENOEXEC, "an executable file that is no program" },
		{ "empty", ENOEXEC, "an empty file" },
		{ "short", ENOEXEC, "a file of four bytes of ELF" },
		{ "plain/program", ENOTDIR, "a path through a file" },
		{ "folder", EACCES, "a folder" },
		{ "/dev/null", EACCES, "a device" },
	};
	char *argv[] = { "x", NULL };
	volatile long on_stack = 1234;
	pid_t pid = getpid();
	int fd;

	write_text("plain", "#!/bin/sh\n", 0644);
	write_text("text", "just words\n", 0755);
	write_text("empty", "", 0755);
	write_text("short", "\177ELF", 0755);
	must(mkdir("folder", 0755));
	fd = (int)must(open("plain", O_RDONLY | O_CLOEXEC));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok_errno(execve(cases[i].path, argv, environ), cases[i].error, "exec of %s",
			 cases[i].what);
	ok_equal(on_stack, 1234, "after them the stack is as it was");
	ok_equal(getpid(), pid, "the pid too");
	ok_equal(fcntl(fd, F_GETFD), FD_CLOEXEC, "a close-on-exec descriptor is still open");
	ok_equal(waitpid(-1, NULL, WNOHANG) == -1 ? errno : 0, ECHILD, "no child appeared");
	close(fd);
}

static void bare_program(const char *expected)
{
	/* argc is 0 or the kernel put in an empty argv[0], as Linux does since 5.18 */
	_exit(!strcmp(environ[0], expected) ? 0 : 91);
}

int main(int argc, char **argv)
{
	if (argc <= 1 && environ[0] && !strcmp(environ[0], "BARE=1"))
		bare_program("BARE=1");
	if (argc > 1 && !strcmp(argv[0], "zeroth"))
		return look(argv, argc);

	enter_scratch();
	copy_file(self_path(), "self", 0755);
	format_text(self, sizeof(self), "%s/self", scratch_path);

	ok_child(with_arguments, NULL, "arguments arrive, empty and long ones and odd bytes too");
	ok_child(with_environment, NULL, "the environment arrives in order, and no other");
	ok_child(without_environment, NULL, "an empty environment is empty");
	ok_child(without_environment, "", "a NULL environment is an empty one");
	ok_child(without_arguments, NULL, "an empty argument vector is no crash");
	ok_child(without_arguments, "", "a NULL argument vector is no crash");
	ok_child(with_descriptors, NULL, "exec closes what is close-on-exec, and nothing else");
	ok_child(with_pid, NULL, "pid, parent and group survive exec");
	ok_child(with_signals, NULL, "ignored signals stay ignored and blocked ones blocked");
	ok_child(with_memory, NULL, "no page of the old program is left");
	failures();

	leave_scratch();
	return done();
}
