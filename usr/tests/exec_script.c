/*
 * `#!` scripts: what the interpreter gets, nested ones, and what is refused (execve(2)).
 *
 * The interpreter is this program, which joins its arguments with '|' and writes them to
 * descriptor 10.
 */
#include "files.h"

extern char **environ;

static char interpreter[80];

static int report(int argc, char **argv)
{
	struct tap_line line = { 0 };

	for (int i = 0; i < argc; i++) {
		for (const char *s = argv[i]; *s; s++)
			tap_put(&line, *s);
		tap_put(&line, '|');
	}
	return write(10, line.text, line.length) == (ssize_t)line.length ? 0 : 1;
}

/* Runs `path` with arguments caller, a, b; returns what the interpreter wrote, or "errno N". */
static const char *run(const char *path)
{
	static char answer[400];
	char *argv[] = { "caller", "a", "b", NULL };
	int fd[2];
	ssize_t length;
	pid_t child;

	must(pipe(fd));
	child = (pid_t)must(fork());
	if (child == 0) {
		must(dup2(fd[1], 10));
		close(fd[0]);
		close(fd[1]);
		execve(path, argv, environ);
		format_text(answer, sizeof(answer), "errno %d", errno);
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

static __printf(3, 4) void check(const char *path, const char *name, const char *format, ...)
{
	char wanted[300];
	const char *got = run(path);
	struct tap_line line = { 0 };
	va_list args;

	va_start(args, format);
	tap_vformat(&line, format, args);
	va_end(args);
	memcpy(wanted, line.text, line.length);
	wanted[line.length] = 0;
	if (!ok(!strcmp(got, wanted), "%s", name))
		diag("got %s, wanted %s", got, wanted);
}

static __printf(2, 3) void script(const char *path, const char *format, ...)
{
	struct tap_line line = { 0 };
	va_list args;

	va_start(args, format);
	tap_vformat(&line, format, args);
	va_end(args);
	write_file(path, line.text, line.length, 0755);
}

static void accepted(void)
{
	char absolute[90];

	script("plain", "#!%s\nrest\n", interpreter);
	check("plain", "the interpreter gets its path, the script's path, the arguments",
	      "%s|plain|a|b|", interpreter);
	format_text(absolute, sizeof(absolute), "%s/plain", scratch_path);
	check(absolute, "an absolute path is passed on as it was given", "%s|%s|a|b|", interpreter,
	      absolute);
	script("option", "#!%s -x\n", interpreter);
	check("option", "an argument comes before the script", "%s|-x|option|a|b|", interpreter);
	script("words", "#! \t%s  -x two words \t\n", interpreter);
	check("words", "the rest of the line is one argument, blanks at its ends cut off",
	      "%s|-x two words|words|a|b|", interpreter);
	script("endless", "#!%s", interpreter);
	check("endless", "the line may end with the file", "%s|endless|a|b|", interpreter);
	script("outer", "#!%s/option -y\n", scratch_path);
	check("outer", "an interpreter may be a script itself", "%s|-x|%s/option|-y|outer|a|b|",
	      interpreter, scratch_path);
}

static void refused(void)
{
	script("missing", "#!%s/none\n", scratch_path);
	check("missing", "a missing interpreter is ENOENT", "errno %d", ENOENT);
	script("blank", "#!\n%s\n", interpreter);
	check("blank", "no interpreter is ENOEXEC", "errno %d", ENOEXEC);
	script("spaces", "#!   \t \n");
	check("spaces", "blanks alone are ENOEXEC", "errno %d", ENOEXEC);
	script("folder", "#!%s\n", scratch_path);
	check("folder", "a folder as interpreter is EACCES", "errno %d", EACCES);
	write_text("text", "nothing\n", 0644);
	script("closed", "#!%s/text\n", scratch_path);
	check("closed", "an interpreter without execute permission is EACCES", "errno %d", EACCES);
	script("words-only", "words\n");
	script("text-script", "#!%s/words-only\n", scratch_path);
	check("text-script", "an interpreter that is no program is ENOEXEC", "errno %d", ENOEXEC);
	script("loop", "#!%s/loop\n", scratch_path);
	check("loop", "a script that interprets itself is ELOOP", "errno %d", ELOOP);
	write_text("shut", "#!/none\n", 0644);
	check("shut", "a script without execute permission is EACCES", "errno %d", EACCES);
}

/* The kernel reads 256 bytes: an interpreter that does not end in them is refused. */
static void too_long(void)
{
	char line[300] = "#!/";

	memset(line + 3, 'x', sizeof(line) - 3);
	write_file("long", line, sizeof(line), 0755);
	check("long", "an interpreter longer than the line that is read is ENOEXEC", "errno %d",
	      ENOEXEC);
}

int main(int argc, char **argv)
{
	if (fcntl(10, F_GETFD) != -1 && strstr(argv[0], "interpreter"))
		return report(argc, argv);

	close(10);
	enter_scratch();
	format_text(interpreter, sizeof(interpreter), "%s/interpreter", scratch_path);
	copy_file(self_path(), interpreter, 0755);
	accepted();
	refused();
	too_long();
	leave_scratch();
	return done();
}
