/*
 * /dev/null, /dev/zero and /dev/full, and that what is there is what it says it is (null(4),
 * full(4)).
 */
#include "tap.h"

#include <sys/sysmacros.h>
#include <sys/uio.h>

static char buffer[8192];

static bool all(char value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (buffer[i] != value)
			return false;
	return true;
}

static void identity(const char *path, unsigned major_number, unsigned minor_number)
{
	struct stat status;

	ok(stat(path, &status) == 0 && S_ISCHR(status.st_mode), "%s is a character device", path);
	ok(major(status.st_rdev) == major_number && minor(status.st_rdev) == minor_number,
	   "of number %u, %u", major_number, minor_number);
}

static void null(void)
{
	int fd = (int)must(open("/dev/null", O_RDWR));
	struct iovec parts[] = { { buffer, 100 }, { buffer, 200 } };

	buffer[0] = 'x';
	ok_equal(read(fd, buffer, 100), 0, "null is empty");
	ok_equal(buffer[0], 'x', "and leaves the buffer alone");
	ok_equal(write(fd, buffer, sizeof(buffer)), sizeof(buffer), "it takes everything");
	ok_equal(writev(fd, parts, 2), 300, "in pieces too");
	ok_equal(write(fd, buffer, 0), 0, "even nothing");
	ok_equal(read(fd, buffer, 100), 0, "and is still empty");
	close(fd);
	fd = open("/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ok(fd >= 0, "it opens as a shell's redirection opens it");
	close(fd);
	ok_errno(open("/dev/null/x", O_RDONLY), ENOTDIR, "it is no folder");
	ok_errno(open("/dev/null", O_RDONLY | O_DIRECTORY), ENOTDIR, "nor opens as one");
}

static void zero(void)
{
	int fd = (int)must(open("/dev/zero", O_RDWR));
	struct iovec parts[] = { { buffer, 100 }, { buffer + 200, 100 } };

	memset(buffer, 'x', sizeof(buffer));
	ok_equal(read(fd, buffer + 1, 5000), 5000, "zero gives what is asked for");
	ok(buffer[0] == 'x' && buffer[5001] == 'x', "and not a byte more");
	buffer[0] = 0;
	ok(all(0, 5001), "all zeroes");
	memset(buffer, 'x', sizeof(buffer));
	ok_equal(readv(fd, parts, 2), 200, "in pieces too");
	ok(all(0, 100) && buffer[150] == 'x' && buffer[250] == 0, "in the right places");
	ok_equal(write(fd, buffer, 1000), 1000, "it takes everything");
	close(fd);
}

static void full(void)
{
	int fd = open("/dev/full", O_RDWR);

	ok(fd >= 0, "full opens");
	memset(buffer, 'x', 100);
	ok_equal(read(fd, buffer, 100), 100, "full gives bytes");
	ok(all(0, 100), "zeroes");
	ok_errno(write(fd, buffer, 1), ENOSPC, "and has no space");
	close(fd);
}

static void console(void)
{
	struct stat status;

	ok(stat("/dev/console", &status) == 0 && S_ISCHR(status.st_mode), "there is a console");
	ok(stat("/dev/tty", &status) == 0 && S_ISCHR(status.st_mode), "and a tty");
	ok(stat("/dev", &status) == 0 && S_ISDIR(status.st_mode), "in a folder");
}

int main(void)
{
	identity("/dev/null", 1, 3);
	identity("/dev/zero", 1, 5);
	identity("/dev/full", 1, 7);
	null();
	zero();
	full();
	console();
	return done();
}
