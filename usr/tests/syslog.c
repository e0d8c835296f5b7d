/*
 * syslog(2): the kernel's log as klogd and dmesg take it. Reading moves a position that all share,
 * so on Linux, where a log belongs to the machine, only what changes nothing is tried.
 */
#include "tap.h"

#include <sys/mman.h>

#define WILD 8L

enum {
	READ = 2,
	READ_ALL,
	READ_CLEAR,
	CLEAR,
	CONSOLE_OFF,
	CONSOLE_ON,
	CONSOLE_LEVEL,
	UNREAD,
	SIZE
};

static char text[65536];

static void as_user(void *unused)
{
	(void)unused;
	must(setresuid(1000, 1000, 1000));
	EXPECT(sys(SYS_syslog, CLEAR, 0, 0) == -EPERM);
	EXPECT(sys(SYS_syslog, READ, text, 10) == -EPERM);
	EXPECT(sys(SYS_syslog, CONSOLE_OFF, 0, 0) == -EPERM);
	EXPECT(sys(SYS_syslog, 99, 0, 0) == -EPERM);
	if (on_facet()) {
		EXPECT(sys(SYS_syslog, READ_ALL, text, sizeof(text)) > 0);
		EXPECT(sys(SYS_syslog, SIZE, 0, 0) > 0);
	}
}

static void errors(void)
{
	ok_equal(sys(SYS_syslog, READ_ALL, 0, 100), -EINVAL, "to NULL: EINVAL");
	ok_equal(sys(SYS_syslog, READ_ALL, text, -1), -EINVAL, "less than nothing: EINVAL");
	ok_equal(sys(SYS_syslog, READ_ALL, text, 0), 0, "nothing");
	ok_equal(sys(SYS_syslog, READ_ALL, 1L << 62, 100), -EFAULT, "to nowhere: EFAULT");
	ok_equal(sys(SYS_syslog, READ, 0, 100), -EINVAL, "to read to NULL: EINVAL");
	ok_equal(sys(SYS_syslog, CONSOLE_LEVEL, 0, 0), -EINVAL, "level 0: EINVAL");
	ok_equal(sys(SYS_syslog, CONSOLE_LEVEL, 0, 9), -EINVAL, "level 9: EINVAL");
	ok_equal(sys(SYS_syslog, 11, 0, 0), -EINVAL, "action 11: EINVAL");
	ok_equal(sys(SYS_syslog, -1, 0, 0), -EINVAL, "action -1: EINVAL");
	ok_equal(sys(SYS_syslog, 0, 0, 0), 0, "to close is nothing");
	ok_equal(sys(SYS_syslog, 1, 0, 0), 0, "nor is to open");
	ok(sys(SYS_syslog, SIZE, 0, 0) >= 4096, "it has a size");
	ok_child(as_user, NULL, "a user may look, and nothing else: EPERM");
}

static void say(const char *line)
{
	int fd = (int)must(open("/dev/kmsg", O_WRONLY));

	must(write(fd, line, strlen(line)));
	close(fd);
}

/* Whether the log's end is a line with this. */
static bool ends_with(long size, const char *wanted)
{
	size_t length = strlen(wanted);

	return size > (long)length && text[size - 1] == '\n' &&
	       !memcmp(text + size - 1 - length, wanted, length);
}

static void whole(void)
{
	long size;

	say("<5>the first of two");
	say("<5>the second of two");
	size = sys(SYS_syslog, READ_ALL, text, sizeof(text));
	ok(ends_with(size, "the second of two"), "the last line is the end");
	ok(text[0] == '<', "a line begins with its level");
	size = sys(SYS_syslog, READ_ALL, text, 60);
	ok(size > 0 && size <= 60 && ends_with(size, "the second of two") && text[0] == '<',
	   "60 bytes have room for the last line, whole");
	ok_equal(sys(SYS_syslog, READ_ALL, WILD, 100), -EFAULT, "to a bad page: EFAULT");
	ok_equal(sys(SYS_syslog, CLEAR, 0, 0), 0, "cleared");
	ok_equal(sys(SYS_syslog, READ_ALL, text, sizeof(text)), 0, "there is nothing");
	say("<5>one more");
	size = sys(SYS_syslog, READ_CLEAR, text, sizeof(text));
	ok(ends_with(size, "one more") && size < 60, "until there is");
	ok_equal(sys(SYS_syslog, READ_ALL, text, sizeof(text)), 0, "which READ_CLEAR takes");
}

static void pieces(void)
{
	long size, part;

	while ((size = sys(SYS_syslog, UNREAD, 0, 0)) > 0)
		must(sys(SYS_syslog, READ, text, sizeof(text)));
	ok_equal(size, 0, "all is read");
	say("<4>a line that is read in pieces");
	size = sys(SYS_syslog, UNREAD, 0, 0);
	ok(size > 40 && size < 60, "a line is unread");
	part = sys(SYS_syslog, READ, text, 10);
	ok_equal(part, 10, "ten bytes of it");
	ok_equal(sys(SYS_syslog, UNREAD, 0, 0), size - 10, "leave the others");
	ok_equal(sys(SYS_syslog, READ, WILD, 10), -EFAULT, "to nowhere: EFAULT");
	ok_equal(sys(SYS_syslog, READ, text + 10, sizeof(text) - 10), size - 10, "which come next");
	ok(ends_with(size, "in pieces"), "and are the rest");
	ok_equal(sys(SYS_syslog, READ_CLEAR, text, sizeof(text)), size, "all is there as well");
}

static void reads(void *unused)
{
	long size = sys(SYS_syslog, READ, text, sizeof(text));

	(void)unused;
	EXPECT(ends_with(size, "good morning"));
}

static void waiting(void)
{
	pid_t child = start_child(reads, NULL);

	ok(await_state(child, 'S'), "a reader sleeps where nothing is unread");
	say("<4>good morning");
	ok_equal(wait_child(child), 0, "until something is");
}

static int level(void)
{
	char line[64] = "";

	read_text("/proc/sys/kernel/printk", line, sizeof(line));
	return (int)decimal(line);
}

static void console(void)
{
	int before = level();

	ok_equal(sys(SYS_syslog, CONSOLE_OFF, 0, 0), 0, "the console is turned down");
	ok_equal(level(), 1, "to emergencies");
	ok_equal(sys(SYS_syslog, CONSOLE_OFF, 0, 0), 0, "twice");
	ok_equal(sys(SYS_syslog, CONSOLE_ON, 0, 0), 0, "and up");
	ok_equal(level(), before, "to what it was");
	ok_equal(sys(SYS_syslog, CONSOLE_LEVEL, 0, 3), 0, "to 3");
	ok_equal(level(), 3, "which it is");
	ok_equal(sys(SYS_syslog, CONSOLE_ON, 0, 0), 0, "up");
	ok_equal(level(), 3, "changes nothing then");
	must(sys(SYS_syslog, CONSOLE_LEVEL, 0, before));
}

int main(void)
{
	if (!on_facet() && sys(SYS_syslog, SIZE, 0, 0) < 0) {
		skip("this machine's log is nobody's to read");
		return done();
	}
	errors();
	if (on_facet()) {
		whole();
		pieces();
		waiting();
		console();
	} else {
		skip("the log is the machine's");
	}
	return done();
}
