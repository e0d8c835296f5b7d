/*
 * dmesg [-cr]: the kernel's log. With -c it is empty afterwards; with -r each line has its level in
 * front, as it is stored.
 *
 * dmesg -p [-r]: the log of the boot before this one, where the kernel keeps it (CONFIG_LAST_LOG)
 * and memory has outlived the reset.
 *
 * dmesg -n LEVEL: what is less urgent than that does not appear on the console from now on.
 *
 * It takes the place of BusyBox's, which knows no log but this boot's; /etc/profile sees to that.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>
#include <usr.h>

#define LAST_LOG "/proc/facet/last_log"

enum { READ_ALL = 3, READ_CLEAR = 4, CONSOLE_LEVEL = 8 }; /* syslog(2) */
enum { CLEAR = 1, PREVIOUS = 2, RAW = 4 };

static char text[65536]; /* more than either log has */

static int set_level(const char *word)
{
	long level;

	if (!parse_number(word, INT_MIN, INT_MAX, &level))
		return complain(0, "%s is no level", word);
	return klogctl(CONSOLE_LEVEL, NULL, (int)level) < 0 ? complain(errno, "%s", word) : 0;
}

static ssize_t read_previous(void)
{
	int fd = open(LAST_LOG, O_RDONLY);
	ssize_t size = 0, more = 0;

	if (fd < 0)
		return -1;
	while ((more = read(fd, text + size, sizeof(text) - (size_t)size)) > 0)
		size += more;
	close(fd);
	return more < 0 ? more : size;
}

/* Moves the text together, without the "<6>" in front of its lines. Returns its size. */
static size_t strip_levels(size_t size)
{
	size_t kept = 0;
	bool line_begins = true;

	for (size_t i = 0; i < size; i++) {
		const char *end = line_begins && text[i] == '<' ? memchr(text + i, '>', size - i)
								: NULL;

		if (end)
			i = (size_t)(end - text) + 1;
		if (i == size)
			break;
		text[kept++] = text[i];
		line_begins = text[i] == '\n';
	}
	return kept;
}

int main(int argc, char **argv)
{
	unsigned flags;
	ssize_t size;

	if (argc == 3 && strcmp(argv[1], "-n") == 0)
		return set_level(argv[2]);
	if (take_flags(argv, "cpr", &flags) != argc)
		return complain(0, "usage: dmesg [-cr], dmesg -p [-r], dmesg -n LEVEL");
	if (flags & CLEAR && flags & PREVIOUS)
		return complain(0, "-c empties this boot's log, and -p shows the other");
	size = flags & PREVIOUS
		       ? read_previous()
		       : klogctl(flags & CLEAR ? READ_CLEAR : READ_ALL, text, sizeof(text));
	if (size < 0)
		return complain(errno, "%s", flags & PREVIOUS ? LAST_LOG : "the log");
	if (!size && flags & PREVIOUS)
		return complain(0, "nothing is left of the boot before this one");
	if (!(flags & RAW))
		size = (ssize_t)strip_levels((size_t)size);
	return write_all(STDOUT_FILENO, text, (size_t)size) ? 0 : complain(errno, "write");
}
