/*
 * What a terminal leaves behind when it is hung up, by its session's leader's end or by vhangup(2),
 * and requests about its opening and its input (tty_ioctl(2)).
 *
 * It takes the terminal from the session that has it. So all is skipped where somebody may type
 * (the kernel's command line names no program to run), or where there is none.
 */
#include "tap.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>

#define TERMINAL "/dev/ttyS0"

/* What a process that outlives the session has found, in memory that it shares with the test. */
static struct results {
	long early_read, read, write, nothing, tty_write, console_write;
	int write_error, attributes_error, group_error, set_group_error, tty_error, steal_error;
	short events;
	volatile int hups, conts;
} * results;

static struct gate ready, go, ended;
static int terminal, console;

static void count(int signal)
{
	if (signal == SIGHUP)
		results->hups++;
	else
		results->conts++;
}

static int error_of(long result)
{
	return result < 0 ? errno : 0;
}

static int open_terminal(void)
{
	return open(TERMINAL, O_RDWR | O_NOCTTY);
}

static void lead_session(void)
{
	EXPECT(setsid() == getpid());
	EXPECT(ioctl(terminal, TIOCSCTTY, 1) == 0);
}

/* Without a hang-up; the group is told. */
static void give_up(void)
{
	signal(SIGHUP, SIG_IGN);
	EXPECT(ioctl(terminal, TIOCNOTTY) == 0);
}

static void look_at_the_dead(int tty)
{
	struct pollfd poll_fd = { .fd = terminal, .events = POLLIN };
	struct termios attributes;
	char byte;

	results->read = read(terminal, &byte, 1);
	results->nothing = error_of(write(terminal, "", 0));
	results->write_error = error_of(write(terminal, "!", 1));
	results->tty_write = error_of(write(tty, "!", 1));
	results->console_write = write(console, "# a console\n", 12);
	results->attributes_error = error_of(tcgetattr(terminal, &attributes));
	results->group_error = error_of(tcgetpgrp(terminal));
	results->set_group_error = error_of(tcsetpgrp(terminal, getpgrp()));
	results->steal_error = error_of(ioctl(terminal, TIOCSCTTY, 1));
	poll(&poll_fd, 1, 0);
	results->events = poll_fd.revents;
	results->tty_error = error_of(open("/dev/tty", O_RDWR));
}

/* A member of the session: it reads until the terminal dies, and looks at it then. */
static void outlive(void *unused)
{
	int tty;
	char byte;

	(void)unused;
	signal(SIGHUP, count);
	signal(SIGCONT, count);
	siginterrupt(SIGHUP, 0);
	siginterrupt(SIGCONT, 0);
	tty = open("/dev/tty", O_RDWR);
	EXPECT(tty >= 0);
	open_gate(&ready);
	results->early_read = read(terminal, &byte, 1);
	open_gate(&ready);
	pass_gate(&go);
	look_at_the_dead(tty);
	open_gate(&ended);
}

static void lead_and_end(void *unused)
{
	pid_t child;

	(void)unused;
	lead_session();
	child = start_child(outlive, NULL);
	pass_gate(&ready);
	EXPECT(await_state(child, 'S'));
}

static void judge_the_dead(void)
{
	ok_equal(results->early_read, 0, "a read that sleeps meanwhile ends with nothing");
	ok_equal(results->read, 0, "so does the next one");
	ok_equal(results->write_error, EIO, "write is EIO");
	ok_equal(results->nothing, EIO, "even of nothing");
	ok_equal(results->tty_write, EIO, "and to /dev/tty");
	ok_equal(results->console_write, 12, "/dev/console goes on");
	ok_equal(results->attributes_error, EIO, "tcgetattr is EIO");
	ok_equal(results->group_error, EIO, "tcgetpgrp too");
	ok_equal(results->set_group_error, ENOTTY, "but tcsetpgrp is ENOTTY");
	ok_equal(results->steal_error, EIO, "it cannot be taken through what is dead");
	ok_equal(results->events, POLLIN | POLLERR | POLLHUP, "poll says POLLHUP and POLLERR");
	ok_equal(results->tty_error, ENXIO, "there is no /dev/tty");
}

static void type(int tty, const char *text)
{
	for (; *text; text++)
		EXPECT(ioctl(tty, TIOCSTI, text) == 0);
}

/* The next session, while a descriptor of the one before is open. */
static void next_session(void *unused)
{
	char line[8];
	int tty = open_terminal(), dead = terminal;

	(void)unused;
	EXPECT(tty >= 0);
	terminal = tty;
	lead_session();
	type(tty, "ab\n");
	EXPECT(read(dead, line, sizeof(line)) == 0);
	EXPECT(read(tty, line, sizeof(line)) == 3 && !memcmp(line, "ab\n", 3));
	EXPECT(tcgetpgrp(tty) == getpid());
	give_up();
}

static void leader_ends(void)
{
	*results = (struct results){ .early_read = -1, .read = -1 };
	ok_child(lead_and_end, NULL, "the leader of a session ends");
	pass_gate(&ready);
	open_gate(&go);
	pass_gate(&ended);
	ok_equal(results->hups, 1, "its foreground group gets SIGHUP");
	ok_equal(results->conts, 0, "and no SIGCONT");
	judge_the_dead();
}

static void hang_up(void *unused)
{
	char *field, stat[400];
	pid_t child;

	(void)unused;
	signal(SIGHUP, count);
	signal(SIGCONT, count);
	lead_session();
	child = start_child(outlive, NULL);
	pass_gate(&ready);
	EXPECT(await_state(child, 'S'));
	EXPECT(syscall(SYS_vhangup) == 0);
	pass_gate(&ready); /* no signal has ended the child's read */
	EXPECT(results->hups == 1 && results->conts == 1);
	EXPECT(tcgetpgrp(terminal) == -1 && errno == EIO);
	EXPECT(read_text("/proc/self/stat", stat, sizeof(stat)) > 0);
	field = strrchr(stat, ')');
	for (int i = 0; i < 5; i++)
		field = strchr(field + 1, ' ');
	EXPECT(!strncmp(field, " 0 -1 ", 6));
	results->hups = results->conts = 0;
	EXPECT(syscall(SYS_vhangup) == 0);
	EXPECT(results->hups == 0);
}

static void hung_up_by_call(void)
{
	terminal = (int)must(open_terminal());
	*results = (struct results){ .early_read = -1, .read = -1 };
	ok_child(hang_up, NULL, "vhangup tells the leader, by SIGHUP and SIGCONT");
	open_gate(&go);
	pass_gate(&ended);
	ok_equal(results->hups, 1, "the leader's end tells the foreground group by SIGHUP");
	ok_equal(results->conts, 1, "and SIGCONT");
	judge_the_dead();
}

static void unprivileged(void *unused)
{
	(void)unused;
	EXPECT(setuid(1000) == 0);
	EXPECT(ioctl(terminal, TIOCSTI, "x") == -1 && errno == EPERM);
	EXPECT(syscall(SYS_vhangup) == -1 && errno == EPERM);
	EXPECT(open(TERMINAL, O_RDWR | O_NOCTTY) == -1 && errno == EBUSY);
}

static void owner(void *unused)
{
	char line[8];

	(void)unused;
	lead_session();
	EXPECT(setuid(1000) == 0);
	type(terminal, "cd\n");
	EXPECT(read(terminal, line, sizeof(line)) == 3 && !memcmp(line, "cd\n", 3));
	give_up();
}

static void requests(void)
{
	struct stat before;
	int discipline = -1, exclusive = -1;

	terminal = (int)must(open_terminal());
	ok_errno(ioctl(terminal, TIOCSTI, 8), EFAULT, "TIOCSTI looks at its pointer");
	ok_equal(ioctl(terminal, TIOCGETD, &discipline), 0, "TIOCGETD works");
	ok_equal(discipline, 0, "and says N_TTY");
	ok_errno(ioctl(terminal, TIOCGETD, 8), EFAULT, "to a good pointer");
	ok_equal(ioctl(terminal, TIOCSETD, &discipline), 0, "TIOCSETD takes N_TTY");
	ok_errno(ioctl(terminal, TIOCSETD, 8), EFAULT, "from a good pointer");
	discipline = 1000;
	ok_errno(ioctl(terminal, TIOCSETD, &discipline), EINVAL, "and no other");
	must(fstat(terminal, &before));
	must(chmod(TERMINAL, 0666));
	ok_equal(ioctl(terminal, TIOCEXCL), 0, "TIOCEXCL works");
	ok_equal(ioctl(terminal, TIOCGEXCL, &exclusive), 0, "TIOCGEXCL too");
	ok_equal(exclusive, 1, "and says so");
	ok_child(unprivileged, NULL, "others may not open it, type or hang up");
	ok_equal(close(open_terminal()), 0, "root may");
	ok_equal(ioctl(terminal, TIOCNXCL), 0, "TIOCNXCL works");
	ok_equal(ioctl(terminal, TIOCGEXCL, &exclusive), 0, "TIOCGEXCL again");
	ok_equal(exclusive, 0, "says no");
	must(chmod(TERMINAL, before.st_mode & 07777));
	ok_child(owner, NULL, "whose controlling terminal it is may type");
}

static void probe(void *unused)
{
	(void)unused;
	lead_session();
	give_up();
}

/* Whoever sits at the terminal would lose it for good: so only in a machine that runs tests. */
static bool somebody_types(void)
{
	char words[4096];

	return read_text("/proc/cmdline", words, sizeof(words)) < 0 ||
	       !(strstr(words, "run=") || strstr(words, "init=/bin/testrun"));
}

int main(void)
{
	if (somebody_types()) {
		skip("the terminal is in use");
		return done();
	}
	terminal = open_terminal();
	console = open("/dev/console", O_RDWR | O_NOCTTY);
	if (terminal < 0 || console < 0 || wait_child(start_child(probe, NULL))) {
		skip("no terminal to take");
		return done();
	}
	results = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ready = new_gate();
	go = new_gate();
	ended = new_gate();
	alarm(30); /* a read that no hang-up ends */
	leader_ends();
	ok_child(next_session, NULL, "the next session has the terminal, and its input, alone");
	hung_up_by_call();
	requests();
	return done();
}
