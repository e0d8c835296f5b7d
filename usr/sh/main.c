/*
 * sh [-i] [FILE [ARGUMENT...]], sh -c COMMAND [NAME [ARGUMENT...]]
 *
 * Without a file commands come from standard input, with prompts if that is a terminal or if -i
 * says so.
 */
#include "sh.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

extern char **environ;

int main(int argc, char **argv)
{
	bool interactive = argc > 1 && strcmp(argv[1], "-i") == 0;
	char **arguments = argv + 1 + interactive;
	int fd = STDIN_FILENO;

	import_variables(environ);
	if (!variable("PATH"))
		set_variable("PATH", "/bin"); /* the kernel's first program gets none */
	parameters = (char *[]){ argv[0], NULL };
	if (*arguments && strcmp(*arguments, "-c") == 0) {
		if (!arguments[1])
			return complain(0, "-c needs a command") + 1;
		input_from_text(arguments[1]);
		if (arguments[2])
			parameters = arguments + 2;
		return run_input(false);
	}
	if (*arguments) {
		fd = open(*arguments, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			complain(errno, "%s", *arguments);
			return errno == ENOENT ? 127 : 126;
		}
		parameters = arguments;
	} else if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO)) {
		interactive = true;
	}
	if (interactive && isatty(fd))
		jobs_start();
	input_from_fd(fd, interactive);
	run_input(interactive);
	if (interactive)
		print_to(STDERR_FILENO, "\n");
	return last_status;
}
