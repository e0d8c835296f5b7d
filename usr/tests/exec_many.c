/*
 * 1,000 execs in a row in one process, of four programs in turn, while the count, the pid and
 * a pipe stay what they were.
 */
#include "files.h"

#define ROUNDS 1000
#define COPIES 4

static volatile char data = 1;
static volatile char bss[3 * PAGE];

/* One step: checks that it is a fresh program, then becomes the next. argv: step N PID DIR FD */
static int step(char **argv)
{
	unsigned long count = decimal(argv[1]);
	char next[12], path[80];
	char *next_argv[] = { "step", next, argv[2], argv[3], argv[4], NULL };

	EXPECT((unsigned long)getpid() == decimal(argv[2]));
	EXPECT(data == 1 && bss[0] == 0 && bss[2 * PAGE] == 0);
	data = bss[0] = bss[2 * PAGE] = 9;
	if (count == ROUNDS) {
		EXPECT(write((int)decimal(argv[4]), "end", 3) == 3);
		return 77;
	}
	format_text(next, sizeof(next), "%lu", count + 1);
	format_text(path, sizeof(path), "%s/copy%lu", argv[3], count % COPIES);
	execv(path, next_argv);
	return 1;
}

int main(int argc, char **argv)
{
	char pid_text[12], fd_text[12], path[80], answer[4] = "";
	int fd[2];
	pid_t child;

	if (argc == 5 && !strcmp(argv[0], "step"))
		return step(argv);

	enter_scratch();
	for (int i = 0; i < COPIES; i++) {
		format_text(path, sizeof(path), "copy%d", i);
		copy_file(self_path(), path, 0755);
	}

	must(pipe(fd));
	child = (pid_t)must(fork());
	if (child == 0) {
		char *start[] = { "step", "0", pid_text, scratch_path, fd_text, NULL };

		format_text(pid_text, sizeof(pid_text), "%d", getpid());
		format_text(fd_text, sizeof(fd_text), "%d", fd[1]);
		execv("copy0", start);
		_exit(1);
	}
	close(fd[1]);
	ok_equal(exit_code(wait_child(child)), 77, "a process becomes another program %d times",
		 ROUNDS);
	ok(read(fd[0], answer, 3) == 3 && !strcmp(answer, "end"), "and its pipe came along");
	ok_equal(read(fd[0], answer, 1), 0, "which ends with it");
	close(fd[0]);
	leave_scratch();
	return done();
}
