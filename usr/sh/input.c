/*
 * Where the characters of commands come from.
 *
 * A descriptor is read byte by byte up to the end of a line and no further, for the rest may be
 * meant for the programs of that line, which read from the same descriptor.
 *
 * ^C at the prompt gives up the line. It is no signal there: the shell ignores SIGINT, and would go
 * on sleeping in read. Instead, while a line is typed, the terminal takes ^C for one more character
 * that ends a line.
 */
#include "sh.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <usr.h>

enum { INTERRUPT_KEY = 'C' & 0x1f };

static const char *rest; /* of the text, or of the line that was read last */
static int source = -1;  /* the descriptor, or -1 for a text */
static bool prompting, continued;
static bool interrupted;
static bool ended; /* a terminal may go on after its ^D, but this input does not */

static char *line;
static size_t line_size;

void input_from_text(const char *text)
{
	rest = text;
	ended = false;
	source = -1;
	prompting = false;
}

void input_from_fd(int fd, bool prompts)
{
	rest = "";
	ended = false;
	source = fd;
	prompting = prompts;
}

void input_new_command(void)
{
	if (interrupted)
		ended = interrupted = false;
	continued = false;
}

bool input_interrupted(void)
{
	return interrupted;
}

void input_drop_line(void)
{
	if (source >= 0)
		rest = "";
}

static void show_prompt(void)
{
	const char *prompt = variable(continued ? "PS2" : "PS1");

	if (!prompt)
		prompt = continued ? "> " : getuid() == 0 ? "# " : "$ ";
	write_all(STDERR_FILENO, prompt, strlen(prompt));
	continued = true;
}

static void interrupt_ends_line(bool on)
{
	struct termios terminal;

	if (tcgetattr(source, &terminal))
		return;
	if (on)
		terminal.c_lflag &= ~(tcflag_t)ISIG;
	else
		terminal.c_lflag |= ISIG;
	terminal.c_cc[VEOL] = on ? INTERRUPT_KEY : _POSIX_VDISABLE;
	tcsetattr(source, TCSANOW, &terminal);
}

/* Returns false at the end of the input, or of this command's part of it if ^C was typed. */
static bool read_line(void)
{
	size_t length = 0;
	ssize_t count;
	char character;

	if (prompting) {
		interrupt_ends_line(true);
		show_prompt();
	}
	do {
		do
			count = read(source, &character, 1);
		while (count < 0 && errno == EINTR);
		interrupted = prompting && count > 0 && character == INTERRUPT_KEY;
		if (length + 2 > line_size) {
			line_size = line_size * 2 + 128;
			line = realloc(line, line_size);
			if (!line)
				exit(complain(errno, "out of memory"));
		}
		if (count > 0)
			line[length++] = character;
	} while (count > 0 && character != '\n' && !interrupted);
	if (prompting)
		interrupt_ends_line(false);
	if (interrupted) {
		print_to(STDERR_FILENO, "\n");
		length = 0;
	}
	line[length] = '\0';
	rest = line;
	return length > 0;
}

int input_peek(void)
{
	if (!*rest && !ended)
		ended = source < 0 || !read_line();
	if (!*rest)
		return END_OF_INPUT;
	return (unsigned char)*rest;
}

int input_get(void)
{
	int character = input_peek();

	if (character != END_OF_INPUT)
		rest++;
	return character;
}
