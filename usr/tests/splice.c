/*
 * splice, tee and vmsplice: bytes between pipes, files and memory; what waits, what is short, and
 * that nothing is lost or doubled (splice(2), tee(2), vmsplice(2)).
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/uio.h>

#define NONBLOCK 2
#define WILD 8L
#define BYTES (5 * PAGE + 123)

static char bytes[BYTES], back[BYTES];
static int file, other;

static long splice_(int in, off_t *from, int out, off_t *to, size_t size, unsigned flags)
{
	return sys(SYS_splice, in, from, out, to, size, flags);
}

static long tee_(int in, int out, size_t size, unsigned flags)
{
	return sys(SYS_tee, in, out, size, flags);
}

static void new_pipe(int ends[2])
{
	must(pipe(ends));
}

static void close_pipe(const int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

/* Page by page: Linux has slots for these and not for bytes. */
static void fill(int end)
{
	for (size_t done = 0; done < 65536; done += PAGE)
		must(write(end, bytes, PAGE));
}

static size_t in_pipe(int end)
{
	int count = -1;

	must(sys(SYS_ioctl, end, 0x541b /* FIONREAD */, &count) ? -1 : 0);
	return (size_t)count;
}

static bool holds(int end, const char *wanted, size_t size)
{
	size_t done = 0;

	memset(back, 0, sizeof(back));
	while (done < size) {
		ssize_t got = read(end, back + done, size - done);

		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return !memcmp(back, wanted, size);
}

static void with_files(void)
{
	int ends[2];
	off_t from = 100, to = 7;

	new_pipe(ends);
	ok_equal(splice_(file, NULL, ends[1], NULL, 5000, 0), 5000, "a file's bytes into a pipe");
	ok_equal(lseek(file, 0, SEEK_CUR), 5000, "move the file's place");
	ok(holds(ends[0], bytes, 5000), "and are there");
	ok(splice_(file, &from, ends[1], NULL, 3 * PAGE, 0) == 3 * PAGE && from == 100 + 3 * PAGE,
	   "from another place, which moves");
	ok_equal(lseek(file, 0, SEEK_CUR), 5000, "and not the file's own");
	ok_equal(splice_(ends[0], NULL, other, &to, 1000, 0), 1000, "out of the pipe to a place");
	ok(to == 1007 && lseek(other, 0, SEEK_CUR) == 0, "which moves alone");
	ok(pread(other, back, 1000, 7) == 1000 && !memcmp(back, bytes + 100, 1000),
	   "where they are then");
	ok_equal(splice_(ends[0], NULL, other, NULL, 1 << 20, 0), (long)(3 * PAGE - 1000),
		 "no more than there is, though more is asked for");
	ok(pread(other, back, 3 * PAGE - 1000, 0) == 3 * PAGE - 1000 &&
		   !memcmp(back, bytes + 1100, 3 * PAGE - 1000),
	   "all of it, in order");
	from = BYTES - 10;
	ok_equal(splice_(file, &from, ends[1], NULL, 100, 0), 10, "up to the end of the file");
	ok_equal(splice_(file, &from, ends[1], NULL, 100, 0), 0, "where there is nothing");
	ok(holds(ends[0], bytes + BYTES - 10, 10), "and nothing came");
	close_pipe(ends);
}

static void between_pipes(void)
{
	int a[2], b[2];

	new_pipe(a);
	new_pipe(b);
	must(write(a[1], bytes, BYTES));
	ok_equal(splice_(a[0], NULL, b[1], NULL, 100, 0), 100, "100 bytes from pipe to pipe");
	ok(in_pipe(a[0]) == BYTES - 100 && in_pipe(b[0]) == 100, "are in one of them");
	ok_equal(splice_(a[0], NULL, b[1], NULL, BYTES, 0), (long)(BYTES - 100), "and the rest");
	ok(in_pipe(a[0]) == 0 && holds(b[0], bytes, BYTES), "in order");
	must(write(a[1], bytes, BYTES));
	ok_equal(tee_(a[0], b[1], 2 * PAGE, 0), (long)(2 * PAGE), "tee: two pages");
	ok(in_pipe(a[0]) == BYTES && holds(b[0], bytes, 2 * PAGE), "are in both");
	ok_equal(tee_(a[0], b[1], BYTES, 0), BYTES, "again from the beginning");
	ok(holds(b[0], bytes, BYTES) && holds(a[0], bytes, BYTES), "and both have all");
	close_pipe(a);
	close_pipe(b);
}

static void full_and_empty(void)
{
	int a[2], b[2];

	new_pipe(a);
	new_pipe(b);
	ok_equal(splice_(a[0], NULL, other, NULL, 10, NONBLOCK), -EAGAIN, "an empty pipe: EAGAIN");
	ok_equal(splice_(a[0], NULL, b[1], NULL, 10, NONBLOCK), -EAGAIN, "to another: EAGAIN");
	ok_equal(tee_(a[0], b[1], 10, NONBLOCK), -EAGAIN, "tee: EAGAIN");
	must(fcntl(a[0], F_SETFL, O_NONBLOCK));
	ok_equal(splice_(a[0], NULL, other, NULL, 10, 0), -EAGAIN, "one that does not wait too");
	fill(b[1]);
	must(write(a[1], bytes, 100));
	ok_equal(splice_(a[0], NULL, b[1], NULL, 10, NONBLOCK), -EAGAIN, "a full pipe: EAGAIN");
	ok_equal(splice_(file, NULL, b[1], NULL, 10, NONBLOCK), -EAGAIN, "from a file: EAGAIN");
	ok_equal(in_pipe(a[0]), 100, "and nothing is lost");
	must(read(b[0], back, PAGE));
	ok_equal(splice_(a[0], NULL, b[1], NULL, 1000, 0), 100, "with room it goes on");
	close(a[1]);
	ok_equal(splice_(a[0], NULL, other, NULL, 10, 0), 0, "without writers it is the end");
	close_pipe(b);
	new_pipe(b);
	ok_equal(splice_(a[0], NULL, b[1], NULL, 10, 0), 0, "of two pipes too");
	ok_equal(tee_(a[0], b[1], 10, 0), 0, "and of tee");
	close(a[0]);
	close_pipe(b);
}

static void waits_for_bytes(void *ends)
{
	char byte[3];

	EXPECT(splice_(((int *)ends)[0], NULL, ((int *)ends)[3], NULL, 100, 0) == 3);
	EXPECT(read(((int *)ends)[2], byte, 3) == 3 && !memcmp(byte, "abc", 3));
}

static void waits_for_room(void *ends)
{
	off_t from = 0;

	EXPECT(splice_(file, &from, ((int *)ends)[1], NULL, PAGE, 0) > 0);
}

static void handler(int number)
{
	(void)number;
}

static void is_interrupted(void *ends)
{
	struct sigaction action = { .sa_handler = handler };

	must(sigaction(SIGUSR1, &action, NULL));
	EXPECT(splice_(((int *)ends)[0], NULL, other, NULL, 100, 0) == -EINTR);
}

static void waiting(void)
{
	int ends[4];
	pid_t child;

	new_pipe(ends);
	new_pipe(ends + 2);
	child = start_child(waits_for_bytes, ends);
	ok(await_state(child, 'S'), "a splice from an empty pipe waits");
	must(write(ends[1], "abc", 3));
	ok_equal(wait_child(child), 0, "and takes what comes");
	child = start_child(is_interrupted, ends);
	ok(await_state(child, 'S') && kill(child, SIGUSR1) == 0 && wait_child(child) == 0,
	   "a signal ends it: EINTR");
	fill(ends[1]);
	child = start_child(waits_for_room, ends);
	ok(await_state(child, 'S'), "one into a full pipe waits too");
	must(read(ends[0], back, PAGE));
	ok_equal(wait_child(child), 0, "and fills what is read");
	close_pipe(ends);
	close_pipe(ends + 2);
}

static void moves_a_byte(void *ends)
{
	EXPECT(splice_(((int *)ends)[0], NULL, ((int *)ends)[3], NULL, 1, 0) == 1);
}

static void reads_a_byte(void *ends)
{
	char byte;

	EXPECT(read(((int *)ends)[0], &byte, 1) == 1);
}

/* Who is woken by bytes and has no room for them must not keep them from others. */
static void passes_on(void)
{
	pid_t mover, reader;
	int ends[4];

	new_pipe(ends);
	new_pipe(ends + 2);
	fill(ends[3]);
	mover = start_child(moves_a_byte, ends);
	await_state(mover, 'S');
	reader = start_child(reads_a_byte, ends);
	await_state(reader, 'S');
	alarm(20);
	must(write(ends[1], "ab", 2));
	ok_equal(wait_child(reader), 0, "a splice that has no room leaves bytes to others");
	must(read(ends[2], back, PAGE));
	ok_equal(wait_child(mover), 0, "and goes on when there is");
	alarm(0);
	close_pipe(ends);
	close_pipe(ends + 2);
}

static void nobody_reads(void *unused)
{
	int a[2], b[2];

	(void)unused;
	new_pipe(a);
	new_pipe(b);
	must(write(a[1], bytes, 10));
	close(b[0]);
	signal(SIGPIPE, SIG_IGN);
	EXPECT(splice_(file, NULL, b[1], NULL, 10, 0) == -EPIPE);
	EXPECT(splice_(a[0], NULL, b[1], NULL, 10, 0) == -EPIPE);
	EXPECT(tee_(a[0], b[1], 10, 0) == -EPIPE);
	signal(SIGPIPE, SIG_DFL);
	splice_(a[0], NULL, b[1], NULL, 10, 0);
}

/* What cannot be written stays in the pipe. */
static void too_large(void *unused)
{
	struct rlimit limit = { 50, 50 };
	int ends[2], small = (int)must(sys(SYS_memfd_create, "small", 0));

	(void)unused;
	new_pipe(ends);
	must(write(ends[1], bytes, 100));
	signal(SIGXFSZ, SIG_IGN);
	must(setrlimit(RLIMIT_FSIZE, &limit));
	EXPECT(splice_(ends[0], NULL, small, NULL, 100, 0) == 50);
	EXPECT(splice_(ends[0], NULL, small, NULL, 100, 0) == -EFBIG);
	EXPECT(holds(ends[0], bytes + 50, 50));
}

static void memory(void)
{
	static const size_t part[] = { 10, 0, 2 * PAGE + 5 };
	char *at = bytes;
	long moved;
	struct iovec vector[3], to[2] = { { back, 100 }, { back + 100, BYTES - 100 } };
	int ends[2];

	for (int i = 0; i < 3; i++) {
		vector[i] = (struct iovec){ at, part[i] };
		at += part[i];
	}
	new_pipe(ends);
	ok_equal(sys(SYS_vmsplice, ends[1], vector, 3, 0), (long)(2 * PAGE + 15),
		 "vmsplice: memory into a pipe");
	memset(back, 0, sizeof(back));
	ok_equal(sys(SYS_vmsplice, ends[0], to, 2, 0), (long)(2 * PAGE + 15), "and out of it");
	ok(!memcmp(back, bytes, 2 * PAGE + 15), "in order");
	ok_equal(sys(SYS_vmsplice, ends[0], to, 2, NONBLOCK), -EAGAIN, "an empty one: EAGAIN");
	fill(ends[1]);
	ok_equal(sys(SYS_vmsplice, ends[1], vector, 3, NONBLOCK), -EAGAIN, "a full one: EAGAIN");
	must(read(ends[0], back, PAGE));
	vector[0] = (struct iovec){ bytes, BYTES };
	moved = sys(SYS_vmsplice, ends[1], vector, 1, 0);
	ok(moved > 0 && moved <= (long)PAGE, "no more than there is room for");
	ok_equal(sys(SYS_vmsplice, ends[1], vector, 0, 0), 0, "no vector: nothing");
	ok_equal(sys(SYS_vmsplice, ends[1], vector, 1025, 0), -EINVAL, "1025 of them: EINVAL");
	ok_equal(sys(SYS_vmsplice, file, vector, 1, 0), -EBADF, "a file: EBADF");
	ok_equal(sys(SYS_vmsplice, ends[1], vector, 1, 16), -EINVAL, "unknown flags: EINVAL");
	vector[0].iov_base = (void *)WILD;
	must(read(ends[0], back, PAGE));
	ok_equal(sys(SYS_vmsplice, ends[1], vector, 1, 0), -EFAULT, "wild memory: EFAULT");
	ok_equal(sys(SYS_vmsplice, ends[0], vector, 1, 0), -EFAULT, "to it too");
	close_pipe(ends);
}

static void errors(void)
{
	int a[2], b[2], read_only = (int)must(open("/proc/self/comm", O_RDONLY));
	off_t place = 0;

	new_pipe(a);
	new_pipe(b);
	must(write(a[1], bytes, 10));
	ok_equal(splice_(a[0], NULL, other, NULL, 0, 0), 0, "nothing to move is no error");
	ok_equal(splice_(a[0], NULL, other, NULL, 1, 16), -EINVAL, "unknown flags: EINVAL");
	ok_equal(tee_(a[0], b[1], 1, 16), -EINVAL, "of tee: EINVAL");
	ok_equal(splice_(file, NULL, other, NULL, 1, 0), -EINVAL, "without a pipe: EINVAL");
	ok_equal(splice_(a[0], NULL, a[1], NULL, 1, 0), -EINVAL, "in a circle: EINVAL");
	ok_equal(tee_(a[0], a[1], 1, 0), -EINVAL, "tee in a circle: EINVAL");
	ok_equal(tee_(file, a[1], 1, 0), -EINVAL, "tee of a file: EINVAL");
	ok_equal(splice_(a[0], &place, other, NULL, 1, 0), -ESPIPE, "a place in a pipe: ESPIPE");
	ok_equal(splice_(file, NULL, a[1], &place, 1, 0), -ESPIPE, "at its other end: ESPIPE");
	ok_equal(splice_(a[0], NULL, b[1], &place, 1, 0), -ESPIPE, "of two: ESPIPE");
	ok_equal(splice_(a[1], NULL, other, NULL, 1, 0), -EBADF, "from the end to write to: EBADF");
	ok_equal(splice_(file, NULL, a[0], NULL, 1, 0), -EBADF, "to the one to read from: EBADF");
	ok_equal(splice_(a[0], NULL, read_only, NULL, 1, 0), -EBADF, "to a file to read: EBADF");
	ok_equal(splice_(1000, NULL, a[1], NULL, 1, 0), -EBADF, "from nothing: EBADF");
	ok_equal(splice_(a[0], NULL, 1000, NULL, 1, 0), -EBADF, "to nothing: EBADF");
	ok_equal(tee_(a[1], b[1], 1, 0), -EBADF, "tee from the wrong end: EBADF");
	ok_equal(splice_(file, (off_t *)WILD, a[1], NULL, 1, 0), -EFAULT, "a wild place: EFAULT");
	ok_equal(splice_(a[0], NULL, other, (off_t *)WILD, 1, 0), -EFAULT, "to write: EFAULT");
	place = -1;
	ok_equal(splice_(file, &place, a[1], NULL, 1, 0), -EINVAL, "before the file: EINVAL");
	must(fcntl(other, F_SETFL, O_APPEND));
	ok_equal(splice_(a[0], NULL, other, NULL, 1, 0), -EINVAL, "at its end: EINVAL");
	must(fcntl(other, F_SETFL, 0));
	ok_equal(in_pipe(a[0]), 10, "and the pipe has what it had");
	close(read_only);
	close_pipe(a);
	close_pipe(b);
}

int main(void)
{
	int status;

	for (size_t i = 0; i < BYTES; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	file = (int)must(sys(SYS_memfd_create, "file", 0));
	other = (int)must(sys(SYS_memfd_create, "other", 0));
	must(write(file, bytes, BYTES));
	must(lseek(file, 0, SEEK_SET));
	with_files();
	between_pipes();
	full_and_empty();
	waiting();
	passes_on();
	status = child_status(nobody_reads, NULL);
	ok_equal(death_signal(status), SIGPIPE, "that nobody reads is EPIPE, and SIGPIPE");
	ok_child(too_large, NULL, "what a file does not take stays in the pipe");
	memory();
	errors();
	return done();
}
