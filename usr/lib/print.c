/*
 * Output without stdio: format into a buffer on the stack, write it at once.
 *
 * Nothing is kept between calls, so there is nothing to flush before a fork or at exit.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

enum { LONGEST = 4096 };

bool write_all(int fd, const void *data, size_t size)
{
	const char *rest = data;

	while (size > 0) {
		ssize_t written = write(fd, rest, size);

		if (written < 0) {
			if (errno == EINTR)
				continue;
			return false;
		}
		rest += written;
		size -= (size_t)written;
	}
	return true;
}

static bool print_list(int fd, const char *format, va_list arguments)
{
	char text[LONGEST];
	int length = vsnprintf(text, sizeof(text), format, arguments);

	if (length >= (int)sizeof(text))
		length = sizeof(text) - 1;
	return length >= 0 && write_all(fd, text, (size_t)length);
}

bool print_to(int fd, const char *format, ...)
{
	va_list arguments;
	bool done;

	va_start(arguments, format);
	done = print_list(fd, format, arguments);
	va_end(arguments);
	return done;
}

bool print(const char *format, ...)
{
	va_list arguments;
	bool done;

	va_start(arguments, format);
	done = print_list(STDOUT_FILENO, format, arguments);
	va_end(arguments);
	return done;
}

int complain(int error, const char *format, ...)
{
	char text[LONGEST / 2];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	print_to(STDERR_FILENO, "%s: %s%s%s\n", program_invocation_short_name, text,
		 error ? ": " : "", error ? strerror(error) : "");
	return 1;
}
