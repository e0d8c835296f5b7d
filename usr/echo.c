/*
 * echo [-n] [WORD...]: write the words with a space between each, and a newline unless -n is given.
 *
 * The line goes out in as few writes as fit the buffer, so that echoes of several processes do
 * not mix.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

static char line[4096];
static size_t used;
static bool failed;

static void flush(void)
{
	if (!write_all(STDOUT_FILENO, line, used))
		failed = true;
	used = 0;
}

static void append(const char *text)
{
	for (; *text; text++) {
		if (used == sizeof(line))
			flush();
		line[used++] = *text;
	}
}

int main(int argc, char **argv)
{
	int first = 1;
	bool newline = true;

	if (argc > 1 && strcmp(argv[1], "-n") == 0) {
		newline = false;
		first++;
	}
	for (int i = first; i < argc; i++) {
		if (i > first)
			append(" ");
		append(argv[i]);
	}
	if (newline)
		append("\n");
	flush();
	return failed ? complain(errno, "write") : 0;
}
