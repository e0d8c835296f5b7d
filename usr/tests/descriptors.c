/*
 * Descriptors: the lowest free number, copies that share an offset, flags that belong to the
 * descriptor and flags that belong to the open file, and the limit of their number.
 */
#include "files.h"

#include <sys/resource.h>

static int file;

static long offset_of(int fd)
{
	return lseek(fd, 0, SEEK_CUR);
}

static void lowest_number(void)
{
	int a = (int)must(dup(file)), b = (int)must(dup(file)), c = (int)must(dup(file));

	ok(b == a + 1 && c == b + 1, "dup takes the lowest free number");
	close(b);
	ok_equal(open("data", O_RDONLY), b, "open takes the one that was closed");
	close(a);
	close(b);
	close(c);
	ok_equal(fcntl(file, F_DUPFD, 20), 20, "F_DUPFD takes the lowest from 20");
	ok_equal(fcntl(file, F_DUPFD, 20), 21, "then the next");
	ok_equal(fcntl(file, F_DUPFD_CLOEXEC, 20), 22, "F_DUPFD_CLOEXEC too");
	ok_equal(fcntl(22, F_GETFD), FD_CLOEXEC, "and sets close-on-exec");
	ok_equal(fcntl(21, F_GETFD), 0, "which F_DUPFD does not");
	ok_errno(fcntl(file, F_DUPFD, -1), EINVAL, "F_DUPFD from -1 is EINVAL");
	close(20);
	close(21);
	close(22);
}

static void copies_share(void)
{
	char byte;
	int copy = (int)must(dup(file)), other = (int)must(open("data", O_RDWR));

	must(lseek(file, 100, SEEK_SET));
	ok_equal(offset_of(copy), 100, "a copy has the same offset");
	must(read(copy, &byte, 1));
	ok_equal(offset_of(file), 101, "and moves it");
	ok_equal(offset_of(other), 0, "another open has its own");
	must(fcntl(copy, F_SETFL, O_APPEND));
	ok(fcntl(file, F_GETFL) & O_APPEND, "status flags are shared by copies");
	ok(!(fcntl(other, F_GETFL) & O_APPEND), "not by other opens");
	must(fcntl(copy, F_SETFL, 0));
	must(fcntl(copy, F_SETFD, FD_CLOEXEC));
	ok_equal(fcntl(file, F_GETFD), 0, "close-on-exec is not shared");
	close(file);
	ok_equal(read(copy, &byte, 1), 1, "a copy outlives the one it was made of");
	file = (int)must(dup2(copy, file));
	ok_equal(fcntl(file, F_GETFD), 0, "dup2 does not copy close-on-exec");
	close(copy);
	close(other);
}

static void dup2_rules(void)
{
	int target = (int)must(open("/dev/null", O_RDONLY));

	ok_equal(dup2(file, target), target, "dup2 replaces an open descriptor");
	must(lseek(file, 7, SEEK_SET));
	ok_equal(offset_of(target), 7, "with a copy");
	must(fcntl(file, F_SETFD, FD_CLOEXEC));
	ok_equal(dup2(file, file), file, "dup2 to itself does nothing");
	ok_equal(fcntl(file, F_GETFD), FD_CLOEXEC, "not even to close-on-exec");
	must(fcntl(file, F_SETFD, 0));
	ok_equal(dup2(file, 200), 200, "dup2 to a high number");
	ok_errno(fcntl(199, F_GETFD), EBADF, "opens that one only");
	close(200);
	close(target);
	ok_errno(close(target), EBADF, "a second close is EBADF");
}

static void limited(void *unused)
{
	struct rlimit limit = { 32, 64 };
	int count = 0, fd, highest = 0, pair[2];

	(void)unused;
	EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	while ((fd = dup(file)) >= 0) {
		count++;
		highest = fd;
	}
	EXPECT(errno == EMFILE && count > 0 && highest == 31);
	EXPECT(open("data", O_RDONLY) == -1 && errno == EMFILE);
	EXPECT(open("new-one", O_RDWR | O_CREAT, 0644) == -1 && errno == EMFILE);
	EXPECT(access("new-one", F_OK) == -1);
	EXPECT(pipe(pair) == -1 && errno == EMFILE);
	close(31);
	EXPECT(pipe(pair) == -1 && errno == EMFILE);
	EXPECT(dup(file) == 31);
	EXPECT(dup2(file, 32) == -1 && errno == EBADF);
	EXPECT(fcntl(file, F_DUPFD, 32) == -1 && errno == EINVAL);
	EXPECT(fcntl(file, F_DUPFD, 5) == -1 && errno == EMFILE);
	EXPECT(dup2(file, 31) == 31);
	limit.rlim_cur = 64;
	EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	EXPECT(dup(file) == 32);
	limit.rlim_cur = 16;
	EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	EXPECT(fcntl(32, F_GETFD) == 0);
}

static void offsets(void)
{
	char bytes[8];

	ok_equal(lseek(file, 10, SEEK_SET), 10, "SEEK_SET");
	ok_equal(lseek(file, 5, SEEK_CUR), 15, "SEEK_CUR forwards");
	ok_equal(lseek(file, -3, SEEK_CUR), 12, "and backwards");
	ok_equal(lseek(file, 0, SEEK_END), 256, "SEEK_END");
	ok_equal(lseek(file, 1000, SEEK_END), 1256, "beyond the end");
	ok_equal(read(file, bytes, 8), 0, "where there is nothing to read");
	ok_errno(lseek(file, -257, SEEK_END), EINVAL, "before the start is EINVAL");
	ok_equal(offset_of(file), 1256, "and moves nothing");
	/* EOVERFLOW by lseek(2); Linux' wraps first and says EINVAL */
	ok(lseek(file, 0x7fffffffffffffff, SEEK_CUR) == -1 &&
		   (errno == EOVERFLOW || errno == EINVAL),
	   "past the largest offset is an error");
	must(lseek(file, 250, SEEK_SET));
	ok_equal(read(file, bytes, 8), 6, "a read at the end is short");
	ok_equal(offset_of(file), 256, "and stops there");
}

static void after_fork(void)
{
	pid_t child;
	char byte;

	must(lseek(file, 50, SEEK_SET));
	child = (pid_t)must(fork());
	if (child == 0) {
		must(read(file, &byte, 1));
		must(fcntl(file, F_SETFD, FD_CLOEXEC));
		close(0);
		_exit(byte == 50 ? 0 : 1);
	}
	ok_equal(wait_child(child), 0, "a child reads on");
	ok_equal(offset_of(file), 51, "and moves the parent's offset");
	ok_equal(fcntl(file, F_GETFD), 0, "its descriptor flags are its own");
	ok(fcntl(0, F_GETFD) >= 0 || errno == EBADF, "and its table");
}

int main(void)
{
	unsigned char bytes[256];

	enter_scratch();
	for (int i = 0; i < 256; i++)
		bytes[i] = (unsigned char)i;
	write_file("data", bytes, sizeof(bytes), 0644);
	file = (int)must(open("data", O_RDWR));
	lowest_number();
	copies_share();
	dup2_rules();
	offsets();
	ok_child(limited, NULL, "RLIMIT_NOFILE bounds the numbers: EMFILE");
	after_fork();
	close(file);
	leave_scratch();
	return done();
}
