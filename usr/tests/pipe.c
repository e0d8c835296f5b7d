/*
 * Pipes: end of file, SIGPIPE and EPIPE, blocking and waking, O_NONBLOCK, short counts, and that
 * writes of PIPE_BUF bytes or fewer are not torn (pipe(7)).
 */
#include "tap.h"

#include <limits.h>
#include <sys/uio.h>

#define WRITERS 4
#define RECORDS 40

static int ends[2];
static char buffer[128 * 1024];

static void fresh(void)
{
	must(pipe(ends));
}

static void finish(void)
{
	close(ends[0]);
	close(ends[1]);
}

static void bytes(void)
{
	struct iovec parts[] = { { "ab", 2 }, { "", 0 }, { "cde", 3 } };
	struct iovec into[] = { { buffer, 1 }, { buffer + 10, 3 }, { buffer + 20, 9 } };
	struct stat status;

	fresh();
	ok(ends[0] != ends[1] && ends[0] > 2, "a pipe has two ends");
	ok_equal(write(ends[1], "hello", 5), 5, "bytes are written");
	ok_equal(read(ends[0], buffer, 3), 3, "a part of them is read");
	ok_equal(read(ends[0], buffer + 3, 100), 2, "then the rest, without waiting for more");
	ok(!memcmp(buffer, "hello", 5), "in their order");
	ok_equal(writev(ends[1], parts, 3), 5, "writev gathers");
	ok_equal(readv(ends[0], into, 3), 5, "readv scatters");
	ok(buffer[0] == 'a' && !memcmp(buffer + 10, "bcd", 3) && buffer[20] == 'e',
	   "in their order");
	ok(fstat(ends[0], &status) == 0 && S_ISFIFO(status.st_mode),
	   "fstat says that it is a pipe");
	write(ends[1], "left", 4);
	close(ends[1]);
	ok_equal(read(ends[0], buffer, 100), 4, "what was written before the end is read");
	ok_equal(read(ends[0], buffer, 100), 0, "then comes end of file");
	ok_equal(read(ends[0], buffer, 100), 0, "again and again");
	close(ends[0]);
}

static void write_to_nobody(void *unused)
{
	(void)unused;
	close(ends[0]);
	write(ends[1], "x", 1);
}

static void write_ignoring(void *unused)
{
	(void)unused;
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	EXPECT(write(ends[1], "x", 1) == -1 && errno == EPIPE);
}

static void write_much(void *unused)
{
	(void)unused;
	close(ends[0]);
	for (;;)
		if (write(ends[1], buffer, sizeof(buffer)) < 0)
			_exit(1);
}

static void no_readers(void)
{
	pid_t child;

	fresh();
	close(ends[0]);
	ok_equal(death_signal(child_status(write_to_nobody, NULL)), SIGPIPE,
		 "a write to nobody is SIGPIPE");
	ok_child(write_ignoring, NULL, "and EPIPE when that is ignored");
	close(ends[1]);
	fresh();
	child = start_child(write_much, NULL);
	close(ends[1]);
	ok(await_state(child, 'S'), "a writer waits while the pipe is full");
	close(ends[0]);
	ok_equal(death_signal(wait_child(child)), SIGPIPE, "it is woken when the last reader goes");
}

static void without_waiting(void)
{
	size_t capacity = 0;
	ssize_t n;

	must(pipe2(ends, O_NONBLOCK));
	ok(fcntl(ends[0], F_GETFL) & O_NONBLOCK, "pipe2 sets O_NONBLOCK");
	ok_errno(read(ends[0], buffer, 1), EAGAIN, "a read of an empty pipe is EAGAIN");
	while ((n = write(ends[1], buffer, 4096)) > 0)
		capacity += (size_t)n;
	ok(n == -1 && errno == EAGAIN, "a write to a full one too");
	ok(capacity >= PIPE_BUF && capacity <= 1024 * 1024, "it holds at least PIPE_BUF");
	ok_errno(write(ends[1], buffer, 1), EAGAIN, "not one byte more");
	must(read(ends[0], buffer, PIPE_BUF));
	ok_equal(write(ends[1], buffer, 1), 1, "after a read there is room again");
	while (read(ends[0], buffer, sizeof(buffer)) > 0)
		;
	n = write(ends[1], buffer, sizeof(buffer));
	ok(n >= PIPE_BUF && (size_t)n <= sizeof(buffer),
	   "a write larger than the pipe is cut short");
	ok_equal(read(ends[0], buffer, 100), 100, "a read takes a part");
	must(fcntl(ends[0], F_SETFL, 0));
	ok(!(fcntl(ends[0], F_GETFL) & O_NONBLOCK), "F_SETFL takes O_NONBLOCK away");
	ok(fcntl(ends[1], F_GETFL) & O_NONBLOCK, "from one end only");
	ok_equal(fcntl(ends[0], F_GETFL) & O_ACCMODE, O_RDONLY, "one end is for reading");
	ok_equal(fcntl(ends[1], F_GETFL) & O_ACCMODE, O_WRONLY, "the other for writing");
	finish();
}

static void read_one(void *unused)
{
	(void)unused;
	close(ends[1]);
	EXPECT(read(ends[0], buffer, 10) == 1 && buffer[0] == '!');
	EXPECT(read(ends[0], buffer, 10) == 0);
}

static void write_all(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(buffer); i++)
		buffer[i] = (char)(i / 7);
	EXPECT(write(ends[1], buffer, sizeof(buffer)) == sizeof(buffer));
}

static void waiting(void)
{
	size_t got = 0;
	bool right = true;
	pid_t child;

	fresh();
	child = start_child(read_one, NULL);
	ok(await_state(child, 'S'), "a reader waits for bytes");
	must(write(ends[1], "!", 1));
	ok(await_state(child, 'S'), "woken by one it waits for more");
	close(ends[1]);
	ok_equal(wait_child(child), 0, "the last writer's end wakes it with end of file");
	close(ends[0]);

	fresh();
	child = start_child(write_all, NULL);
	close(ends[1]);
	ok(await_state(child, 'S'), "a writer of 128 KiB waits for room");
	for (ssize_t n; (n = read(ends[0], buffer, 5000)) > 0; got += (size_t)n)
		for (ssize_t i = 0; i < n; i++)
			right = right && buffer[i] == (char)((got + (size_t)i) / 7);
	ok_equal((long)got, sizeof(buffer), "all of it comes through");
	ok(right, "in order");
	ok_equal(wait_child(child), 0, "in one write");
	close(ends[0]);
}

/* Each record is PIPE_BUF bytes of one letter. */
static void write_records(void *letter)
{
	memset(buffer, *(char *)letter, PIPE_BUF);
	for (int i = 0; i < RECORDS; i++)
		EXPECT(write(ends[1], buffer, PIPE_BUF) == PIPE_BUF);
}

static void whole_records(void)
{
	static char letters[WRITERS] = { 'a', 'b', 'c', 'd' };
	int counts[WRITERS] = { 0 };
	pid_t pids[WRITERS];
	bool whole = true;

	fresh();
	for (int i = 0; i < WRITERS; i++)
		pids[i] = start_child(write_records, &letters[i]);
	close(ends[1]);
	for (;;) {
		size_t got = 0;

		for (ssize_t n;
		     got < PIPE_BUF && (n = read(ends[0], buffer + got, PIPE_BUF - got)) > 0;)
			got += (size_t)n;
		if (!got)
			break;
		for (size_t i = 1; i < got; i++)
			whole = whole && buffer[i] == buffer[0];
		counts[buffer[0] - 'a']++;
	}
	ok(whole, "records of PIPE_BUF bytes by %d writers are not torn", WRITERS);
	for (int i = 0; i < WRITERS; i++)
		whole = whole && counts[i] == RECORDS && wait_child(pids[i]) == 0;
	ok(whole, "and none is lost");
	close(ends[0]);
}

/*
 * Random sizes in and out, and other capacities in between: the pipe is now full, now empty, and
 * begins anywhere in its pages. What comes out is what went in.
 */
static void any_sizes(void)
{
	static unsigned char out[70000], in[70000];
	unsigned long seed = 1, written = 0, taken = 0;
	bool right = true;

	fresh();
	must(fcntl(ends[0], F_SETFL, O_NONBLOCK));
	must(fcntl(ends[1], F_SETFL, O_NONBLOCK));
	for (int round = 0; round < 300; round++) {
		ssize_t size;

		seed = seed * 6364136223846793005UL + 1442695040888963407UL;
		size = (ssize_t)(seed >> 40) % (round & 1 ? 9000 : 70000);
		if (round % 16 == 15)
			fcntl(ends[0], F_SETPIPE_SZ, 1 << (12 + seed % 7)); /* EBUSY is fine */
		for (ssize_t i = 0; i < size; i++)
			out[i] = (unsigned char)((written + (unsigned long)i) % 251);
		size = write(ends[1], out, (size_t)size);
		written += size > 0 ? (unsigned long)size : 0;
		size = read(ends[0], in, (seed >> 20) % 9000);
		for (ssize_t i = 0; i < size; i++)
			right = right && in[i] == (taken + (unsigned long)i) % 251;
		taken += size > 0 ? (unsigned long)size : 0;
	}
	for (ssize_t size; (size = read(ends[0], in, sizeof(in))) > 0; taken += (unsigned long)size)
		for (ssize_t i = 0; i < size; i++)
			right = right && in[i] == (taken + (unsigned long)i) % 251;
	ok(right, "whatever the sizes, bytes come out as they went in");
	ok_equal((long)taken, (long)written, "and all of them");
	finish();
}

static void echo(void *pipes)
{
	int(*pair)[2] = pipes;
	char byte;

	close(pair[0][1]);
	while (read(pair[0][0], &byte, 1) == 1)
		EXPECT(write(pair[1][1], &byte, 1) == 1);
}

static void round_trips(void)
{
	int pair[2][2];
	bool right = true;
	pid_t child;

	must(pipe(pair[0]));
	must(pipe(pair[1]));
	child = start_child(echo, pair);
	for (int i = 0; i < 500; i++) {
		char byte = (char)i, back = 0;

		right = right && write(pair[0][1], &byte, 1) == 1 &&
			read(pair[1][0], &back, 1) == 1 && back == byte;
	}
	ok(right, "500 bytes there and back between two processes");
	close(pair[0][1]);
	ok_equal(wait_child(child), 0, "which ends by end of file");
	close(pair[0][0]);
	close(pair[1][0]);
	close(pair[1][1]);
}

static void killed_while_waiting(void)
{
	pid_t child;

	fresh();
	child = start_child(read_one, NULL);
	ok(await_state(child, 'S'), "a reader waits");
	must(kill(child, SIGKILL));
	ok_equal(wait_child(child), SIGKILL, "it can be killed");
	must(write(ends[1], "?", 1));
	ok_equal(read(ends[0], buffer, 1), 1, "and takes nothing with it");
	finish();
}

int main(void)
{
	bytes();
	no_readers();
	without_waiting();
	waiting();
	whole_records();
	any_sizes();
	round_trips();
	killed_while_waiting();
	return done();
}
