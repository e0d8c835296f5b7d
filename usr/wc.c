/*
 * wc [-lwc] [FILE...]: count the lines, words and bytes of files, or of standard input; with flags
 * only those asked for.
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

static void show(const struct count *count, unsigned flags, const char *name)
{
	const unsigned long values[] = { count->lines, count->words, count->bytes };
	const char *space = "";

	for (int i = 0; i < 3; i++) {
		if (flags & (1U << i)) {
			print("%s%7lu", space, values[i]);
			space = " ";
		}
	}
	print("%s%s\n", *name ? " " : "", name);
}

int main(int argc, char **argv)
{
	struct count total = { 0, 0, 0 };
	unsigned flags;
	int first = take_flags(argv, "lwc", &flags);
	int status = 0;

	if (first < 0)
		return 2;
	if (flags == 0)
		flags = 7;
	for (int i = first; i < argc || i == first; i++) {
		const char *name = i < argc ? argv[i] : "";
		struct count count = { 0, 0, 0 };
		int fd = i < argc ? open(name, O_RDONLY) : STDIN_FILENO;
		int error = fd < 0 ? errno : count_file(fd, &count);

		if (error) {
			status = complain(error, "%s", i < argc ? name : "standard input");
			continue;
		}
		if (i < argc)
			close(fd);
		show(&count, flags, name);
		total.lines += count.lines;
		total.words += count.words;
		total.bytes += count.bytes;
	}
	if (argc - first > 1)
		show(&total, flags, "total");
	return status;
}
