/*
 * poll, ppoll: what each kind of file is ready for, hang-ups and errors, timeouts, many
 * descriptors, and that no wake is lost, however many wait for the same pipe (poll(2)).
 */
#include "files.h"

#include <poll.h>
#include <sys/mman.h>

#define MS 1000000ul
#define MANY 100

static int ends[2];

static int look(int fd, int events)
{
	struct pollfd one = { fd, (short)events, 0 };

	must(poll(&one, 1, 0));
	return one.revents;
}

static void fill_pipe(void)
{
	static char block[4096];

	must(fcntl(ends[1], F_SETFL, O_NONBLOCK));
	while (write(ends[1], block, sizeof(block)) > 0)
		;
}

static void pipes(void)
{
	enum { ALL = POLLIN | POLLOUT | POLLPRI };
	char page[4096];

	must(pipe(ends));
	ok_equal(look(ends[0], ALL), 0, "an empty pipe is not readable");
	ok_equal(look(ends[1], ALL), POLLOUT, "but writable");
	ok_equal(look(ends[1], 0), 0, "if that is asked for");
	must(write(ends[1], "x", 1));
	ok_equal(look(ends[0], ALL), POLLIN, "one with a byte is readable");
	ok_equal(look(ends[0], POLLRDNORM), POLLRDNORM, "POLLRDNORM says the same");
	ok_equal(look(ends[1], POLLWRNORM), POLLWRNORM, "as POLLWRNORM of writing");
	fill_pipe();
	ok_equal(look(ends[1], ALL), 0, "a full pipe is not writable");
	must(read(ends[0], page, sizeof(page)));
	ok_equal(look(ends[1], ALL), POLLOUT, "with room for a page it is");
	close(ends[1]);
	ok_equal(look(ends[0], ALL), POLLIN | POLLHUP, "without writers: POLLHUP and what is left");
	ok_equal(look(ends[0], 0), POLLHUP, "POLLHUP need not be asked for");
	while (read(ends[0], page, sizeof(page)) > 0)
		;
	ok_equal(look(ends[0], ALL), POLLHUP, "read empty: POLLHUP");
	close(ends[0]);
	must(pipe(ends));
	close(ends[0]);
	ok_equal(look(ends[1], POLLOUT), POLLOUT | POLLERR, "without readers: POLLERR");
	ok_equal(look(ends[1], 0), POLLERR, "which need not be asked for");
	close(ends[1]);
}

static void other_files(void)
{
	int file = (int)must(open("file", O_RDWR | O_CREAT, 0644));
	int null = (int)must(open("/dev/null", O_RDWR)), path = (int)must(open(".", O_PATH));
	struct pollfd list[3] = { { -1, POLLIN, 99 }, { file, POLLIN, 0 }, { -5, 0, 99 } };

	ok_equal(look(file, POLLIN | POLLOUT), POLLIN | POLLOUT, "a file is always ready");
	ok_equal(look(file, POLLPRI), 0, "with nothing urgent");
	ok_equal(look(null, POLLIN | POLLOUT), POLLIN | POLLOUT, "/dev/null too");
	ok_equal(look(path, POLLIN), POLLNVAL, "O_PATH: POLLNVAL");
	ok_equal(look(777, 0), POLLNVAL, "what is not open: POLLNVAL");
	ok_equal(poll(list, 3, -1), 1, "negative descriptors do not count");
	ok(list[0].revents == 0 && list[1].revents == POLLIN && list[2].revents == 0,
	   "nothing happens on them");
	close(file);
	close(null);
	close(path);
}

static void timeouts(void)
{
	struct pollfd one = { -1, POLLIN, 0 };
	struct timespec wait = { 0, 20 * MS };
	uint64_t start;

	must(pipe(ends));
	one.fd = ends[0];
	ok_equal(poll(&one, 1, 0), 0, "a timeout of 0 looks");
	start = now_ns();
	ok_equal(poll(&one, 1, 30), 0, "30 ms pass");
	ok(now_ns() - start >= 30 * MS, "not less");
	start = now_ns();
	ok_equal(poll(NULL, 0, 10), 0, "without descriptors it is a sleep");
	ok(now_ns() - start >= 10 * MS, "as long");
	start = now_ns();
	ok_equal(sys(SYS_ppoll, &one, 1, &wait, NULL, 8), 0, "ppoll with a timespec");
	ok(now_ns() - start >= 20 * MS, "20 ms");
	ok(wait.tv_sec == 0 && wait.tv_nsec == 0, "what is left of it is 0");
	must(write(ends[1], "x", 1));
	wait.tv_sec = 1000;
	ok_equal(sys(SYS_ppoll, &one, 1, &wait, NULL, 8), 1, "ppoll that need not wait");
	ok(wait.tv_sec == 999, "leaves almost all");
	wait = (struct timespec){ 0, 1000000000 };
	ok_equal(sys(SYS_ppoll, &one, 1, &wait, NULL, 8), -EINVAL, "10^9 ns are EINVAL");
	wait = (struct timespec){ -1, 0 };
	ok_equal(sys(SYS_ppoll, &one, 1, &wait, NULL, 8), -EINVAL, "a negative time");
	close(ends[0]);
	close(ends[1]);
}

static void errors(void)
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	struct pollfd *list = (struct pollfd *)(pages + PAGE - 12);
	uint64_t mask = 0;
	struct rlimit old, few;

	ok_equal(sys(SYS_poll, 16, 1, 0), -EFAULT, "a wild list is EFAULT");
	ok_equal(sys(SYS_poll, 0xffff800000000000, 1, 0), -EFAULT, "the kernel's memory too");
	must(mprotect(pages + PAGE, PAGE, PROT_NONE));
	list[0] = (struct pollfd){ 777, 0, 0 };
	ok_equal(sys(SYS_poll, list, 1, 0), 1, "a list up to the end of a page");
	ok_equal(sys(SYS_poll, list, 2, 0), -EFAULT, "one that goes on is EFAULT");
	must(mprotect(pages + PAGE, PAGE, PROT_READ | PROT_WRITE));
	list[1] = (struct pollfd){ 778, 0, 0 };
	ok_equal(sys(SYS_poll, list, 2, 0), 2, "across a page");
	ok_equal(list[1].revents, POLLNVAL, "it is written there");
	must(mprotect(pages, 2 * PAGE, PROT_READ));
	ok_equal(sys(SYS_poll, list, 1, 0), -EFAULT, "a read-only list is EFAULT");
	must(mprotect(pages, 2 * PAGE, PROT_READ | PROT_WRITE));
	ok_equal(sys(SYS_ppoll, list, 1, 16, NULL, 8), -EFAULT, "a wild timeout");
	ok_equal(sys(SYS_ppoll, list, 1, NULL, 16, 8), -EFAULT, "a wild mask");
	ok_equal(sys(SYS_ppoll, list, 1, NULL, &mask, 7), -EINVAL, "a mask of 7 bytes");
	must(getrlimit(RLIMIT_NOFILE, &old));
	few = (struct rlimit){ 4, old.rlim_max };
	must(setrlimit(RLIMIT_NOFILE, &few));
	ok_equal(sys(SYS_poll, list, 5, 0), -EINVAL, "more than RLIMIT_NOFILE are EINVAL");
	must(setrlimit(RLIMIT_NOFILE, &old));
	munmap(pages, 2 * PAGE);
}

/* Children that wait --------------------------------------------------------------------------- */

static void poll_readable(void *events)
{
	struct pollfd one = { ends[0], POLLIN, 0 };

	close(ends[1]);
	EXPECT(poll(&one, 1, -1) == 1 && one.revents == *(int *)events);
}

static void poll_writable(void *events)
{
	struct pollfd one = { ends[1], POLLOUT, 0 };

	close(ends[0]);
	EXPECT(poll(&one, 1, -1) == 1 && one.revents == *(int *)events);
}

static void wakes(void)
{
	static int in = POLLIN, hup = POLLHUP, out = POLLOUT, err = POLLERR;
	char page[4096];
	pid_t child, second;

	must(pipe(ends));
	child = start_child(poll_readable, &in);
	second = start_child(poll_readable, &in);
	ok(await_state(child, 'S') && await_state(second, 'S'), "two poll an empty pipe");
	must(write(ends[1], "x", 1));
	ok(wait_child(child) == 0 && wait_child(second) == 0, "a byte wakes both");
	must(read(ends[0], page, 1));
	child = start_child(poll_readable, &hup);
	await_state(child, 'S');
	close(ends[1]);
	ok_equal(wait_child(child), 0, "the end of the last writer is POLLHUP");
	close(ends[0]);
	must(pipe(ends));
	fill_pipe();
	child = start_child(poll_writable, &out);
	ok(await_state(child, 'S'), "one polls a full pipe");
	must(read(ends[0], page, sizeof(page)));
	ok_equal(wait_child(child), 0, "room wakes it");
	fill_pipe();
	child = start_child(poll_writable, &err);
	await_state(child, 'S');
	close(ends[0]);
	ok_equal(wait_child(child), 0, "the end of the last reader is POLLERR");
	close(ends[1]);
}

/* Woken, that is, and not just looking again when the time is over. */
static bool woken_by_poll(void)
{
	struct pollfd one = { ends[0], POLLIN, 0 };
	uint64_t start = now_ns();

	return poll(&one, 1, 5000) == 1 && now_ns() - start < 4000 * MS;
}

static void poll_once(void *unused)
{
	(void)unused;
	EXPECT(woken_by_poll());
}

/* A reader takes what woke the poller, which must still hear of the next byte. */
static void beside_a_reader(void)
{
	bool right = true;

	must(pipe(ends));
	for (int i = 0; i < 10 && right; i++) {
		pid_t poller = start_child(poll_once, NULL);
		char byte;

		await_state(poller, 'S');
		must(write(ends[1], "x", 1));
		must(read(ends[0], &byte, 1));
		while (process_state(poller) == 'R')
			sys(SYS_sched_yield);
		must(write(ends[1], "y", 1)); /* it may have ended, if it saw the first one too */
		right = wait_child(poller) == 0;
		must(read(ends[0], &byte, 1));
	}
	ok(right, "a poller hears of the second byte when a reader took the first");
	close(ends[0]);
	close(ends[1]);
}

static void take_many(void *unused)
{
	char byte;

	(void)unused;
	close(ends[1]);
	for (;;) {
		EXPECT(woken_by_poll());
		if (read(ends[0], &byte, 1) == 0)
			return;
	}
}

/* Whoever is second finds nothing, and polls again. */
static void many_pollers(void)
{
	pid_t child[4];
	bool right = true;

	must(pipe2(ends, O_NONBLOCK));
	for (int i = 0; i < 4; i++)
		child[i] = start_child(take_many, NULL);
	close(ends[0]);
	for (int i = 0; i < 400; i++) {
		must(write(ends[1], "x", 1));
		if (i % 3 == 0)
			sys(SYS_sched_yield);
	}
	close(ends[1]);
	for (int i = 0; i < 4; i++)
		right = wait_child(child[i]) == 0 && right;
	ok(right, "four pollers share 400 bytes");
}

static int many[MANY][2];

static void write_in_turn(void *arg)
{
	struct gate *gate = arg;

	for (int i = 0; i < MANY; i++) {
		pass_gate(gate);
		EXPECT(write(many[(i * 37) % MANY][1], "x", 1) == 1);
	}
	for (int i = 0; i < MANY; i++)
		close(many[i][1]);
}

static void hundred_pipes(void)
{
	struct pollfd list[MANY + 1];
	struct gate gate = new_gate();
	bool right = true;
	pid_t child;
	char byte;

	for (int i = 0; i < MANY; i++) {
		must(pipe(many[i]));
		list[i] = (struct pollfd){ many[i][0], POLLIN, 0 };
	}
	list[MANY] = (struct pollfd){ 777, POLLIN, 0 };
	ok_equal(poll(list, MANY, 0), 0, "none of 100 pipes is readable");
	ok_equal(poll(list, MANY, 5), 0, "nor after 5 ms");
	ok_equal(poll(list, MANY + 1, -1), 1, "beside one that is not open");
	child = start_child(write_in_turn, &gate);
	for (int i = 0; i < MANY; i++) {
		int which = (i * 37) % MANY;

		open_gate(&gate);
		right = right && poll(list, MANY, -1) == 1 && list[which].revents == POLLIN &&
			read(many[which][0], &byte, 1) == 1;
	}
	ok(right, "each of them wakes");
	for (int i = 0; i < MANY; i++)
		close(many[i][1]);
	ok_equal(wait_child(child), 0, "and hangs up");
	ok_equal(poll(list, MANY, -1), MANY, "all at once");
	for (int i = 0; i < MANY; i++) {
		right = right && list[i].revents == POLLHUP;
		close(many[i][0]);
	}
	ok(right, "POLLHUP on each");
	ok_equal(poll(list, MANY, 0), MANY, "closed they are POLLNVAL");
	ok(list[0].revents == POLLNVAL && list[MANY - 1].revents == POLLNVAL, "all of them");
	free_gate(&gate);
}

static void same_twice(void)
{
	struct pollfd list[3];
	char byte;

	must(pipe(ends));
	list[0] = (struct pollfd){ ends[0], POLLIN, 0 };
	list[1] = (struct pollfd){ ends[0], POLLIN, 0 };
	list[2] = (struct pollfd){ ends[1], POLLIN, 0 };
	ok_equal(poll(list, 3, 2), 0, "a descriptor twice in a list");
	must(write(ends[1], "x", 1));
	ok_equal(poll(list, 3, -1), 2, "counts twice");
	must(read(ends[0], &byte, 1));
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	enter_scratch();
	pipes();
	other_files();
	timeouts();
	errors();
	wakes();
	beside_a_reader();
	many_pollers();
	hundred_pipes();
	same_twice();
	leave_scratch();
	return done();
}
