/*
 * /dev/kmsg: what is written there is the log's newest record; readers get one record at a time, in
 * the order of their numbers, each from a place of its own. On Linux it may be out of reach.
 */
#include "tap.h"

#include <poll.h>
#include <sys/sysmacros.h>

enum { RECORD = 8192 };

static char record[RECORD + 1];

static ssize_t take(int fd)
{
	ssize_t size;

	do
		size = read(fd, record, RECORD);
	while (size == -1 && errno == EPIPE);
	record[size > 0 ? size : 0] = 0;
	return size;
}

/* Others may write as well: the next record that has the text. */
static bool take_own(int fd, const char *wanted)
{
	while (take(fd) > 0)
		if (strstr(record, wanted))
			return true;
	return false;
}

static unsigned long sequence(void)
{
	char *comma = strchr(record, ',');

	return comma ? decimal(comma + 1) : 0;
}

static void form(int fd)
{
	unsigned long before;
	char *at;

	must(lseek(fd, 0, SEEK_SET));
	ok(take(fd) > 0, "the log has a first record");
	before = sequence();
	at = strchr(record, ';');
	ok(at && at > record && at[-1] == '-' && record[strlen(record) - 1] == '\n',
	   "it has a head and a line");
	ok(decimal(record) <= 191, "its level and facility are a number");
	ok(take(fd) > 0 && sequence() == before + 1, "the second has the next number");
	must(lseek(fd, 0, SEEK_SET));
	ok(take(fd) > 0 && sequence() == before, "from the start comes the first one again");
	must(lseek(fd, 0, SEEK_SET));
	ok_errno(read(fd, record, 4), EINVAL, "a record that does not fit is not given");
	ok(take(fd) > 0 && sequence() == before + 1, "and passed over");
	ok_errno(read(fd, NULL, RECORD), EFAULT, "nor can it go nowhere");
}

static void newest(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	unsigned long before;

	must(lseek(fd, 0, SEEK_END));
	while (take(fd) > 0)
		;
	ok_equal(errno, EAGAIN, "behind the last record there is none");
	ok_equal(write(fd, "<14>one of the tests\n", 21), 21, "a record is written");
	ok(poll(&ready, 1, 0) == 1 && (ready.revents & POLLIN), "which makes it readable");
	ok(take_own(fd, ";one of the tests\n"), "it comes with its text");
	before = sequence();
	ok(!strncmp(record, "14,", 3), "and its level and facility");
	must(write(fd, "plain\n", 6));
	ok(take_own(fd, ";plain\n") && !strncmp(record, "12,", 3), "without a level it is 4");
	ok(sequence() > before, "of a higher number");
	must(write(fd, "<6>it\n", 6));
	ok(take_own(fd, ";it\n") && !strncmp(record, "14,", 3), "a program is never the kernel");
	while (take(fd) > 0)
		;
	ok(errno == EAGAIN && !poll(&ready, 1, 0), "when all is read it is not readable");
}

static void places(int fd)
{
	ok_errno(lseek(fd, 1, SEEK_SET), ESPIPE, "there is no offset in it");
	ok_errno(lseek(fd, 0, SEEK_CUR), EINVAL, "nor a current one");
	ok_equal(lseek(fd, 0, SEEK_DATA), 0, "SEEK_DATA is a place");
	must(lseek(fd, 0, SEEK_END));
}

static void wait_and_read(void *descriptor)
{
	EXPECT(take_own(*(int *)descriptor, ";wake up\n"));
}

static void waiting(int fd)
{
	int blocking = (int)must(open("/dev/kmsg", O_RDONLY));
	pid_t child;

	must(lseek(blocking, 0, SEEK_END));
	child = start_child(wait_and_read, &blocking);
	ok(await_state(child, 'S'), "a reader waits for a record");
	must(write(fd, "<15>wake up\n", 12));
	ok_equal(wait_child(child), 0, "and gets it");
	close(blocking);
}

/* More than the log holds: the oldest are lost, and a reader is told once. */
static void overrun(int fd)
{
	static char line[600];

	if (!on_facet()) {
		skip("the host's log stays");
		return;
	}
	must(lseek(fd, 0, SEEK_END));
	memset(line, 'x', sizeof(line));
	memcpy(line, "<15>", 4);
	for (int i = 0; i < 100; i++)
		must(write(fd, line, sizeof(line)));
	ok_errno(read(fd, record, RECORD), EPIPE, "a reader that was overrun is told");
	ok(read(fd, record, RECORD) > 0, "once");
	must(lseek(fd, 0, SEEK_END));
	ok_errno(write(fd, record, 4096), EINVAL, "what is too long is not written");
}

int main(void)
{
	struct stat status;
	int fd = open("/dev/kmsg", O_RDWR | O_NONBLOCK);

	if (fd < 0 && !on_facet()) {
		skip("there is no log that this process may read");
		return done();
	}
	ok(fd >= 0, "the log opens");
	must(fstat(fd, &status));
	ok(S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 11), "it is device 1, 11");
	form(fd);
	newest(fd);
	places(fd);
	waiting(fd);
	overrun(fd);
	close(fd);
	return done();
}
