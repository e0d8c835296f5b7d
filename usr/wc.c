/*
 * wc [FILE...]: count the lines, words and bytes of files, or of standard input.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

struct count {
	unsigned long lines, words, bytes;
};

static int count_file(int fd, struct count *count)
{
	static char data[16384];
	bool in_word = false;
	ssize_t size;

	while ((size = read(fd, data, sizeof(data))) > 0) {
		for (ssize_t i = 0; i < size; i++) {
			bool space = data[i] && strchr(" \t\n\v\f\r", data[i]);

			count->lines += data[i] == '\n';
			count->words += !space && !in_word;
			in_word = !space;
		}
		count->bytes += (unsigned long)size;
	}
	return size < 0 ? errno : 0;
}

static void show(const struct count *count, const char *name)
{
	print("%7lu %7lu %7lu%s%s\n", count->lines, count->words, count->bytes, *name ? " " : "",
	      name);
}

int main(int argc, char **argv)
{
	struct count total = { 0, 0, 0 };
	int status = 0;

	for (int i = argc > 1 ? 1 : 0; i < argc; i++) {
		struct count count = { 0, 0, 0 };
		int fd = i == 0 ? STDIN_FILENO : open(argv[i], O_RDONLY);
		int error = fd < 0 ? errno : count_file(fd, &count);

		if (error) {
			status = complain(error, "%s", i ? argv[i] : "standard input");
			continue;
		}
		if (i > 0)
			close(fd);
		show(&count, i ? argv[i] : "");
		total.lines += count.lines;
		total.words += count.words;
		total.bytes += count.bytes;
	}
	if (argc > 2)
		show(&total, "total");
	return status;
}
