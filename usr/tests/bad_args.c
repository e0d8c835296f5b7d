/*
 * Descriptors that are not open, numbers of calls that are not there, lengths that are too
 * large, negative or wrap: the error that Linux gives, and nothing else happens.
 */
#include "tap.h"

#include <limits.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>

static char buffer[256];

static void bad_descriptors(void)
{
	static const long fds[] = { -1, 99, 1023, 1024, 65536, INT_MAX, INT_MIN, -100 };
	static struct iovec vector = { buffer, 1 };
	static const struct {
		const char *name;
		int nr;
		long args[5]; /* after the descriptor */
	} calls[] = {
		{ "read", SYS_read, { (long)buffer, 1 } },
		{ "write", SYS_write, { (long)buffer, 1 } },
		{ "readv", SYS_readv, { (long)&vector, 1 } },
		{ "writev", SYS_writev, { (long)&vector, 1 } },
		{ "close", SYS_close, { 0 } },
		{ "fstat", SYS_fstat, { (long)buffer } },
		{ "lseek", SYS_lseek, { 0, SEEK_SET } },
		{ "fcntl F_GETFD", SYS_fcntl, { F_GETFD } },
		{ "fcntl F_DUPFD", SYS_fcntl, { F_DUPFD, 0 } },
		{ "ioctl", SYS_ioctl, { TIOCGWINSZ, (long)buffer } },
		{ "dup", SYS_dup, { 0 } },
		{ "dup2", SYS_dup2, { 5 } },
		{ "getdents64", SYS_getdents64, { (long)buffer, 200 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		bool good = true;

		for (size_t j = 0; j < ARRAY_SIZE(fds); j++) {
			long result = sys(calls[i].nr, fds[j], calls[i].args[0], calls[i].args[1]);

			if (result != -EBADF) {
				good = false;
				diag("%s(%ld): %ld", calls[i].name, fds[j], result);
			}
		}
		ok(good, "%s of no descriptor is EBADF", calls[i].name);
	}
	ok_equal(sys(SYS_openat, 99, "x", O_RDONLY), -EBADF, "openat beside no descriptor");
	ok_equal(sys(SYS_newfstatat, 99, "x", buffer, 0), -EBADF, "newfstatat too");
	ok_equal(sys(SYS_newfstatat, 99, "/", buffer, 0), 0,
		 "which an absolute path does not need");
	ok_equal(sys(SYS_dup2, 1, -1), -EBADF, "dup2 to -1");
	ok_equal(sys(SYS_dup2, 1, INT_MAX), -EBADF, "dup2 to a number beyond the limit");
	ok_equal(sys(SYS_dup2, 99, 99), -EBADF, "dup2 of nothing to itself");
}

static void wrong_kinds(void)
{
	int reader = (int)must(open("/dev/null", O_RDONLY)),
	    writer = (int)must(open("/dev/null", O_WRONLY));
	int folder = (int)must(open("/", O_RDONLY | O_DIRECTORY)),
	    file = (int)must(open(self_path(), O_RDONLY));
	int pipes[2];

	must(pipe(pipes));
	ok_equal(sys(SYS_write, reader, buffer, 1), -EBADF, "write to what is open for reading");
	ok_equal(sys(SYS_read, writer, buffer, 1), -EBADF, "read of what is open for writing");
	ok_equal(sys(SYS_read, folder, buffer, 1), -EISDIR, "read of a folder");
	ok_equal(sys(SYS_write, folder, buffer, 1), -EBADF, "write to a folder");
	ok_equal(sys(SYS_getdents64, file, buffer, 200), -ENOTDIR, "getdents64 of a file");
	ok_equal(sys(SYS_lseek, pipes[0], 0, SEEK_CUR), -ESPIPE, "lseek of a pipe");
	ok_equal(sys(SYS_read, pipes[1], buffer, 1), -EBADF, "read of a pipe's writing end");
	ok_equal(sys(SYS_write, pipes[0], buffer, 1), -EBADF, "write to its reading end");
	ok_equal(sys(SYS_ioctl, file, TIOCGWINSZ, buffer), -ENOTTY, "a terminal's ioctl of a file");
	ok_equal(sys(SYS_ioctl, pipes[0], 0x5401, buffer), -ENOTTY, "of a pipe");
	ok_equal(sys(SYS_lseek, file, 0, 99), -EINVAL, "lseek from nowhere");
	ok_equal(sys(SYS_lseek, file, -1, SEEK_SET), -EINVAL, "lseek before the start");
	ok_equal(sys(SYS_fcntl, file, 12345, 0), -EINVAL, "an unknown fcntl");
	ok_equal(sys(SYS_openat, file, "x", O_RDONLY), -ENOTDIR, "openat beside a file");
	for (int fd = reader; fd <= pipes[1]; fd++)
		close(fd);
}

static void numbers(void)
{
	static const long none[] = { -1, -2, -4095, 600, 1000, 4096, 1000000, INT_MAX, INT_MIN };
	long result;

	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		ok_equal(sys(none[i]), -ENOSYS, "call %ld is ENOSYS", none[i]);
	/* Linux looks at 32 bits of the number */
	result = sys((1L << 32) + SYS_getpid);
	ok(result == -ENOSYS || result == getpid(),
	   "a number of more than 32 bits is no other call");
}

static void lengths(void)
{
	int zero = (int)must(open("/dev/zero", O_RDONLY)), pipes[2];
	struct iovec vectors[] = { { buffer, 10 }, { buffer, (size_t)-1 } };
	static struct iovec many[1025];
	long result;

	must(pipe2(pipes, O_NONBLOCK));
	ok_equal(sys(SYS_read, zero, buffer, 0), 0, "a read of 0 bytes is 0");
	ok_equal(sys(SYS_write, pipes[1], buffer, 0), 0, "a write too");
	ok_equal(sys(SYS_read, zero, 8, 0), 0, "whatever the pointer is");
	result = sys(SYS_read, zero, buffer, -1L);
	ok(result == -EFAULT || result == -EINVAL, "a read of -1 bytes is an error");
	result = sys(SYS_write, pipes[1], buffer, -1L);
	ok(result == -EFAULT || result == -EINVAL, "a write too");
	result = sys(SYS_read, zero, buffer, LONG_MIN);
	ok(result == -EFAULT || result == -EINVAL, "a read of 2^63 bytes is an error");
	must(write(pipes[1], "12345", 5));
	result = sys(SYS_read, pipes[0], buffer, 1L << 40);
	ok(result == 5 || result == -EFAULT, "a read of a TiB gives what there is, or EFAULT");
	ok_equal(sys(SYS_readv, zero, vectors, 2), -EINVAL,
		 "a vector of a negative length is EINVAL");
	ok_equal(sys(SYS_writev, pipes[1], vectors, 2), -EINVAL, "to write too");
	ok_equal(sys(SYS_readv, zero, vectors, 0), 0, "a vector of nothing is 0");
	ok_equal(sys(SYS_readv, zero, vectors, -1), -EINVAL, "one of -1 entries is EINVAL");
	ok_equal(sys(SYS_readv, zero, many, 1025), -EINVAL, "one of 1,025 too");
	ok_equal(sys(SYS_readv, zero, many, 1024), 0, "one of 1,024 empty ones is 0");
	ok_equal(sys(SYS_getcwd, buffer, 0), -ERANGE, "getcwd into 0 bytes is ERANGE");
	ok_equal(sys(SYS_getcwd, buffer, 1), -ERANGE, "into 1 too");
	close(zero);
	close(pipes[0]);
	close(pipes[1]);
}

static void flags(void)
{
	int pipes[2];

	ok_equal(sys(SYS_pipe2, pipes, 0x10), -EINVAL, "pipe2 with an unknown flag");
	ok_equal(sys(SYS_newfstatat, AT_FDCWD, "/", buffer, 0x80000000), -EINVAL, "newfstatat too");
	ok_equal(sys(SYS_access, "/", 0x80), -EINVAL, "access of an unknown kind");
	ok_equal(sys(SYS_reboot, 1, 2, 3, 0), -EINVAL, "reboot without its magic numbers");
	ok_equal(sys(SYS_reboot, 0xfee1dead, 672274793, 0x1234, 0), -EINVAL,
		 "or without a command");
}

int main(void)
{
	bad_descriptors();
	wrong_kinds();
	numbers();
	lengths();
	flags();
	return done();
}
