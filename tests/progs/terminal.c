/*
 * terminal WORD...: sets the terminal as the words say, as stty(1) has them, reads from it and
 * prints what came, byte by byte. So the same typing can be compared on Facet and on Linux.
 *
 * FLAG, -FLAG: a flag of termios(3). min=N, time=N. reads=N: how often. size=N: how much at once.
 * write=HEX: bytes to write first. flow=STEPS: see below. At the end the terminal is as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static struct termios now;

static const struct {
	const char *name;
	tcflag_t *field, bits;
} flags[] = {
	{ "istrip", &now.c_iflag, ISTRIP },   { "inlcr", &now.c_iflag, INLCR },
	{ "igncr", &now.c_iflag, IGNCR },     { "icrnl", &now.c_iflag, ICRNL },
	{ "ixon", &now.c_iflag, IXON },       { "ixany", &now.c_iflag, IXANY },
	{ "iutf8", &now.c_iflag, IUTF8 },     { "iuclc", &now.c_iflag, IUCLC },
	{ "opost", &now.c_oflag, OPOST },     { "onlcr", &now.c_oflag, ONLCR },
	{ "ocrnl", &now.c_oflag, OCRNL },     { "onocr", &now.c_oflag, ONOCR },
	{ "onlret", &now.c_oflag, ONLRET },   { "tab3", &now.c_oflag, TAB3 },
	{ "olcuc", &now.c_oflag, OLCUC },     { "isig", &now.c_lflag, ISIG },
	{ "icanon", &now.c_lflag, ICANON },   { "echo", &now.c_lflag, ECHO },
	{ "echoe", &now.c_lflag, ECHOE },     { "echok", &now.c_lflag, ECHOK },
	{ "echonl", &now.c_lflag, ECHONL },   { "noflsh", &now.c_lflag, NOFLSH },
	{ "echoctl", &now.c_lflag, ECHOCTL }, { "echoke", &now.c_lflag, ECHOKE },
	{ "echoprt", &now.c_lflag, ECHOPRT }, { "iexten", &now.c_lflag, IEXTEN },
};

static const struct {
	const char *name;
	int index;
} characters[] = {
	{ "min", VMIN },   { "time", VTIME },   { "eol", VEOL }, { "eol2", VEOL2 },
	{ "susp", VSUSP }, { "erase", VERASE }, { "eof", VEOF }, { "intr", VINTR },
};

static int reads = 1, size = 4096;
static const char *to_write = "", *steps = "";

static void set_flag(const char *word)
{
	bool off = *word == '-';

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(flags[i].name, word + off))
			continue;
		*flags[i].field = off ? *flags[i].field & ~flags[i].bits
				      : *flags[i].field | flags[i].bits;
		return;
	}
	fprintf(stderr, "terminal: %s?\n", word);
	exit(2);
}

static void set_value(const char *word, const char *value)
{
	size_t length = (size_t)(value - word) - 1;

	if (!strncmp(word, "reads", length)) {
		reads = atoi(value);
	} else if (!strncmp(word, "size", length)) {
		size = atoi(value);
	} else if (!strncmp(word, "write", length)) {
		to_write = value;
	} else if (!strncmp(word, "flow", length)) {
		steps = value;
	} else {
		for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++)
			if (strlen(characters[i].name) == length &&
			    !strncmp(word, characters[i].name, length))
				now.c_cc[characters[i].index] = (cc_t)atoi(value);
	}
}

/* In one piece, and not touched by what the terminal makes of output. */
static void say(const char *format, ...)
{
	char text[16384];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (write(1, text, (size_t)length) != length)
		_exit(3);
}

static void write_hex(void)
{
	unsigned byte;

	for (const char *at = to_write; sscanf(at, "%2x", &byte) == 1; at += 2)
		if (write(1, &(char){ (char)byte }, 1) != 1)
			_exit(3);
	if (*to_write)
		say("|");
}

/*
 * Stops and starts output: o: TCOOFF, n: TCOON, x: -ixon, r: reads a line, w: tries to write. Says
 * at the end which tries had room.
 */
static void flow(void)
{
	int tty = open("/dev/tty", O_WRONLY | O_NONBLOCK);
	char line[80], results[20] = "";

	for (const char *step = steps; *step; step++) {
		switch (*step) {
		case 'o':
		case 'n':
			tcflow(0, *step == 'o' ? TCOOFF : TCOON);
			break;
		case 'x':
			now.c_iflag &= ~(tcflag_t)IXON;
			tcsetattr(0, TCSANOW, &now);
			break;
		case 'r':
			if (read(0, line, sizeof(line)) < 0)
				_exit(4);
			break;
		case 'w':
			strcat(results, write(tty, "w", 1) == 1 ? "+" : "-");
		}
	}
	close(tty);
	if (*steps)
		say("(%s)", results);
}

static void show(ssize_t length, const unsigned char *bytes)
{
	static char text[12300];
	size_t used = 0;

	for (ssize_t i = 0; i < length; i++)
		used += (size_t)sprintf(text + used, "%02x", bytes[i]);
	text[used] = 0;
	if (length > 40)
		sprintf(text, "%zd bytes", length);
	say("<%s>", length < 0 ? strerror(errno) : text);
}

static void handler(int signal_number)
{
	say("{signal %d}", signal_number);
}

int main(int argc, char **argv)
{
	static unsigned char bytes[8192];

	tcgetattr(0, &before);
	now = before;
	for (int i = 1; i < argc; i++) {
		const char *equals = strchr(argv[i], '=');

		if (equals)
			set_value(argv[i], equals + 1);
		else
			set_flag(argv[i]);
	}
	signal(SIGINT, handler);
	signal(SIGQUIT, handler);
	signal(SIGTSTP, handler);
	tcsetattr(0, TCSAFLUSH, &now);
	say("ready:");
	write_hex();
	flow();
	for (int i = 0; i < reads; i++)
		show(read(0, bytes, (size_t)size), bytes);
	tcsetattr(0, TCSADRAIN, &before);
	say(":over\n");
	return 0;
}
