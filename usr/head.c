/*
 * head [-n LINES | -LINES] [FILE]: the first lines, ten by default, of a file or of standard input.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

int main(int argc, char **argv)
{
	static char data[16384];
	long lines = 10;
	int first = 1, fd = STDIN_FILENO;
	ssize_t size = 0;

	if (argc > 2 && strcmp(argv[1], "-n") == 0) {
		if (!parse_number(argv[2], 0, LONG_MAX, &lines))
			return complain(0, "%s is no number of lines", argv[2]);
		first = 3;
	} else if (argc > 1 && argv[1][0] == '-' &&
		   parse_number(argv[1] + 1, 0, LONG_MAX, &lines)) {
		first = 2;
	}
	if (first < argc)
		fd = open(argv[first], O_RDONLY);
	if (fd < 0)
		return complain(errno, "%s", argv[first]);
	while (lines > 0 && (size = read(fd, data, sizeof(data))) > 0) {
		ssize_t end = 0;

		while (end < size && lines > 0)
			lines -= data[end++] == '\n';
		if (!write_all(STDOUT_FILENO, data, (size_t)end))
			return complain(errno, "write");
	}
	return size < 0 ? complain(errno, "read") : 0;
}
