/*
 * Small files and numbers, as /proc and command lines have them, and the flags of a command line.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

bool copy_all(int from, int to)
{
	static char data[16384];
	ssize_t size;

	while ((size = read(from, data, sizeof(data))) != 0) {
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 || !write_all(to, data, (size_t)size))
			return false;
	}
	return true;
}

ssize_t read_text(const char *path, char *text, size_t size)
{
	size_t length = 0;
	ssize_t count;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	do {
		count = read(fd, text + length, size - 1 - length);
		if (count > 0)
			length += (size_t)count;
	} while (count > 0 && length < size - 1);
	close(fd);
	text[length] = '\0';
	return count < 0 ? -1 : (ssize_t)length;
}

bool parse_number(const char *text, long lowest, long highest, long *value)
{
	bool negative = *text == '-';
	long number = 0;

	if (negative)
		text++;
	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, *text - '0', &number))
			return false;
	}
	*value = negative ? -number : number;
	return *value >= lowest && *value <= highest;
}

long meminfo_kib(const char *name)
{
	char text[4096];
	char *line = text;
	size_t length = strlen(name);
	long value;

	if (read_text("/proc/meminfo", text, sizeof(text)) < 0)
		return -1;
	while (line) {
		if (strncmp(line, name, length) == 0 && line[length] == ':') {
			char *number = line + length + 1;

			number += strspn(number, " \t");
			number[strspn(number, "0123456789")] = '\0';
			return parse_number(number, 0, LONG_MAX, &value) ? value : -1;
		}
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return -1;
}

int take_flags(char **argv, const char *letters, unsigned *flags)
{
	int i = 1;

	*flags = 0;
	for (; argv[i] && argv[i][0] == '-' && argv[i][1]; i++) {
		if (strcmp(argv[i], "--") == 0)
			return i + 1;
		for (const char *letter = argv[i] + 1; *letter; letter++) {
			const char *known = strchr(letters, *letter);

			if (!known) {
				complain(0, "-%c is not known, only -%s", *letter, letters);
				return -1;
			}
			*flags |= 1U << (known - letters);
		}
	}
	return i;
}
