/*
 * close_range: which descriptors go, which get close-on-exec, the errors (close_range(2)); and what
 * O_PATH descriptors refuse.
 */
#include "files.h"

#include <sys/ioctl.h>

#define UNSHARE 2
#define CLOEXEC 4

static long close_them(unsigned first, unsigned last, unsigned flags)
{
	return sys(SYS_close_range, first, last, flags);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Descriptors 20 to 29, and 300. */
static void open_some(void)
{
	for (int fd = 20; fd < 30; fd++)
		must(dup2(1, fd));
	must(dup2(1, 300));
}

static int how_many(int first, int last)
{
	int count = 0;

	for (int fd = first; fd <= last; fd++)
		count += is_open(fd);
	return count;
}

static void ranges(void)
{
	open_some();
	ok_equal(close_them(22, 24, 0), 0, "a range is closed");
	ok(is_open(21) && !is_open(22) && !is_open(24) && is_open(25),
	   "from its first to its last");
	ok_equal(close_them(22, 24, 0), 0, "that none is open is no error");
	ok_equal(close_them(25, 25, 0), 0, "one alone");
	ok_equal(how_many(20, 29), 6, "leaves the others");
	ok_equal(close_them(26, ~0u, 0), 0, "to the end of all numbers");
	ok_equal(how_many(20, 310), 2, "closes all above");
	ok_equal(dup2(1, 26), 26, "a freed number is used again");
	ok_equal(close_them(3, ~0u, UNSHARE), 0, "CLOSE_RANGE_UNSHARE of what nobody shares");
	ok_equal(how_many(3, 310), 0, "closes as well");
	ok_equal(close_them(5000000, ~0u, 0), 0, "above all that can be open");
}

static void marks(void)
{
	open_some();
	ok_equal(close_them(22, ~0u, CLOEXEC), 0, "CLOSE_RANGE_CLOEXEC closes nothing");
	ok_equal(how_many(20, 29), 10, "now");
	ok_equal(fcntl(21, F_GETFD), 0, "below the range there is no change");
	ok(fcntl(22, F_GETFD) == FD_CLOEXEC && fcntl(300, F_GETFD) == FD_CLOEXEC,
	   "in it all are marked");
	ok_equal(close_them(3, ~0u, CLOEXEC | UNSHARE), 0, "with both flags");
	close_them(3, ~0u, 0);
	must(dup2(1, 22));
	ok_equal(fcntl(22, F_GETFD), 0, "a number that is used again is not marked");
	close(22);
}

static void errors(void)
{
	ok_equal(close_them(5, 4, 0), -EINVAL, "last before first is EINVAL");
	ok_equal(close_them(3, 5, 1), -EINVAL, "an unknown flag");
	ok_equal(close_them(3, 5, 8), -EINVAL, "another");
}

static void paths(void)
{
	struct stat status;
	char byte;
	int fd;

	write_text("file", "text", 0644);
	fd = (int)must(open("file", O_PATH));
	ok_errno(read(fd, &byte, 1), EBADF, "O_PATH: read is EBADF");
	ok_errno(write(fd, &byte, 1), EBADF, "write");
	ok_errno(pread(fd, &byte, 1, 0), EBADF, "pread");
	ok_errno(lseek(fd, 0, SEEK_SET), EBADF, "lseek");
	ok_errno(ftruncate(fd, 0), EBADF, "ftruncate");
	ok_errno(ioctl(fd, FIONREAD, &byte), EBADF, "ioctl");
	ok_errno(fcntl(fd, F_SETFL, 0), EBADF, "F_SETFL");
	ok_errno(fcntl(fd, F_GETLK, &status), EBADF, "F_GETLK");
	ok_errno(sys(SYS_fadvise64, fd, 0, 0, 0) == 0 ? 0 : (errno = EBADF, -1), EBADF,
		 "posix_fadvise");
	ok(fcntl(fd, F_GETFL) & O_PATH, "F_GETFL says what it is");
	ok_equal(fcntl(fd, F_GETFD), 0, "F_GETFD works");
	ok_equal(fcntl(fd, F_SETFD, FD_CLOEXEC), 0, "F_SETFD");
	ok(fstat(fd, &status) == 0 && status.st_size == 4, "fstat");
	ok_equal(close(fcntl(fd, F_DUPFD, 50)), 0, "F_DUPFD");
	close(fd);
}

int main(void)
{
	enter_scratch();
	close_them(3, ~0u, 0);
	ranges();
	marks();
	errors();
	paths();
	leave_scratch();
	return done();
}
