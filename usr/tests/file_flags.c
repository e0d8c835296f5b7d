/*
 * What fcntl and ioctl change about an open file: status flags, owners, leases, seals, pipe sizes
 * (fcntl(2), ioctl(2)).
 */
#include "files.h"

#include <sys/ioctl.h>

#ifndef F_GET_SEALS
#define F_ADD_SEALS 1033
#define F_GET_SEALS 1034
#endif
#define SETSIG 10
#define GETSIG 11
#define SETOWN_EX 15
#define GETOWN_EX 16

struct owner {
	int type, id;
};

static int file, ends[2];
static char block[64 * 1024];

static void status_flags(void)
{
	char byte;
	int on = 1, off = 0;

	ok_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0, "F_SETFL sets O_NONBLOCK");
	ok_errno(read(ends[0], &byte, 1), EAGAIN, "which counts from then on");
	ok_equal(fcntl(ends[0], F_SETFL, 0), 0, "and takes it away");
	ok_equal(ioctl(ends[0], FIONBIO, &on), 0, "FIONBIO sets it");
	ok(fcntl(ends[0], F_GETFL) & O_NONBLOCK, "too");
	ok_equal(ioctl(ends[0], FIONBIO, &off), 0, "and takes it away");
	ok(!(fcntl(ends[0], F_GETFL) & O_NONBLOCK), "as well");
	ok_errno(ioctl(ends[0], FIONBIO, 16), EFAULT, "from a wild pointer: EFAULT");
	ok_equal(fcntl(file, F_SETFL, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND), 0, "F_SETFL");
	ok_equal(fcntl(file, F_GETFL) & (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND),
		 O_RDWR | O_APPEND, "leaves the access mode and what only open knows");
	ok_equal(fcntl(file, F_SETFL, O_NOATIME), 0, "F_SETFL");
	ok_equal(fcntl(file, F_GETFL) & (O_APPEND | O_NOATIME), O_NOATIME,
		 "sets O_NOATIME, and takes O_APPEND away");
	must(fcntl(file, F_SETFL, 0));
	ok_equal(fcntl(file, F_SETFL, O_ASYNC), 0, "O_ASYNC of a regular file is no error");
	ok(!(fcntl(file, F_GETFL) & O_ASYNC), "and is not set");
	ok_equal(ioctl(file, FIOCLEX), 0, "FIOCLEX");
	ok_equal(fcntl(file, F_GETFD), FD_CLOEXEC, "sets close-on-exec");
	ok_equal(ioctl(file, FIONCLEX), 0, "FIONCLEX");
	ok_equal(fcntl(file, F_GETFD), 0, "clears it");
	ok_errno(ioctl(77, FIOCLEX), EBADF, "of nothing: EBADF");
}

static void odd_flags(void)
{
	int folder = (int)must(open(".", O_RDONLY)), odd;

	ok_errno(open(".", O_RDONLY | O_DIRECT), EINVAL, "a folder cannot be read past the cache");
	ok_errno(open("/dev/null", O_RDONLY | O_DIRECT), EINVAL, "nor a device");
	ok_errno(fcntl(folder, F_SETFL, O_DIRECT), EINVAL, "nor later");
	odd = (int)must(open("/dev/null", (int)0x80000000 | 04 | O_RDONLY));
	ok_equal(fcntl(odd, F_GETFL), O_RDONLY | 0100000, "what is no flag of open is not kept");
	must(close(odd));
	must(close(folder));
}

static void sizes(void)
{
	int bytes = -1;

	must(ftruncate(file, 1000));
	must(lseek(file, 300, SEEK_SET));
	ok(ioctl(file, FIONREAD, &bytes) == 0 && bytes == 700, "FIONREAD: what is left of a file");
	must(write(ends[1], "abc", 3));
	ok(ioctl(ends[0], FIONREAD, &bytes) == 0 && bytes == 3, "FIONREAD of a pipe");
	ok(ioctl(ends[1], FIONREAD, &bytes) == 0 && bytes == 3, "from its other end");
	must(read(ends[0], block, 3));
	ok_errno(ioctl(file, 0x12345678, 0), ENOTTY, "an unknown request is ENOTTY");
}

static void owners(void)
{
	struct owner owner = { 9, 9 };
	pid_t child;

	ok_equal(fcntl(ends[0], F_GETOWN), 0, "at first nobody owns a file's signals");
	ok_equal(fcntl(ends[0], F_SETOWN, getpid()), 0, "F_SETOWN");
	ok_equal(fcntl(ends[0], F_GETOWN), getpid(), "is kept");
	ok_equal(sys(SYS_fcntl, ends[0], GETOWN_EX, &owner), 0, "F_GETOWN_EX");
	ok(owner.type == 1 && owner.id == getpid(), "says that it is a process");
	ok_equal(fcntl(ends[0], F_SETOWN, -getpgrp()), 0, "of a group");
	ok_equal(sys(SYS_fcntl, ends[0], GETOWN_EX, &owner), 0, "F_GETOWN_EX");
	ok(owner.type == 2 && owner.id == getpgrp(), "says so");
	owner = (struct owner){ 0, (int)sys(SYS_gettid) };
	ok_equal(sys(SYS_fcntl, ends[0], SETOWN_EX, &owner), 0, "a thread, by F_SETOWN_EX");
	ok_equal(fcntl(ends[0], F_GETOWN), owner.id, "is kept");
	owner.type = 3;
	ok_equal(sys(SYS_fcntl, ends[0], SETOWN_EX, &owner), -EINVAL, "an unknown type");
	ok_equal(sys(SYS_fcntl, ends[0], SETOWN_EX, 16), -EFAULT, "a wild pointer");
	ok_equal(sys(SYS_fcntl, ends[0], GETOWN_EX, 16), -EFAULT, "to get it");
	child = (pid_t)must(fork());
	if (child == 0)
		_exit(0);
	ok_equal(fcntl(ends[0], F_SETOWN, child), 0, "a child");
	wait_child(child);
	ok_equal(fcntl(ends[0], F_GETOWN), 0, "that has gone is nobody");
	ok_errno(fcntl(ends[0], F_SETOWN, child), ESRCH, "and cannot be set");
	ok_equal(fcntl(ends[0], F_SETOWN, 0), 0, "nobody can");
	ok_equal(sys(SYS_fcntl, ends[0], GETSIG), 0, "the signal is SIGIO by default");
	ok_equal(sys(SYS_fcntl, ends[0], SETSIG, SIGUSR1), 0, "another one");
	ok_equal(sys(SYS_fcntl, ends[0], GETSIG), SIGUSR1, "is kept");
	ok_equal(sys(SYS_fcntl, ends[0], SETSIG, 65), -EINVAL, "65 is none");
}

static void refused(void)
{
	ok_equal(fcntl(file, F_GETLEASE), F_UNLCK, "nobody has a lease");
	ok_errno(fcntl(ends[0], F_SETLEASE, F_RDLCK), EINVAL, "nobody gets one on a pipe");
	ok_errno(fcntl(file, 999), EINVAL, "an unknown command");
	ok_errno(fcntl(77, 999), EBADF, "of nothing: EBADF");
	ok_errno(fcntl(ends[0], F_GET_SEALS), EINVAL, "a pipe has no seals");
}

static void pipe_sizes(void)
{
	size_t size = 0;
	ssize_t n;

	ok_equal(fcntl(ends[0], F_GETPIPE_SZ), 65536, "a pipe holds 64 KiB");
	ok_equal(fcntl(ends[1], F_SETPIPE_SZ, 5000), 8192,
		 "sizes are rounded up to a power of two");
	ok_equal(fcntl(ends[0], F_GETPIPE_SZ), 8192, "of both ends");
	must(fcntl(ends[1], F_SETFL, O_NONBLOCK));
	while ((n = write(ends[1], block, 4096)) > 0)
		size += (size_t)n;
	ok_equal((long)size, 8192, "that is what it takes");
	ok_errno(fcntl(ends[0], F_SETPIPE_SZ, 4096), EBUSY, "too small for what is in it: EBUSY");
	ok_equal(fcntl(ends[0], F_SETPIPE_SZ, 1 << 20), 1 << 20, "a MiB");
	for (; (n = write(ends[1], block, 65536)) > 0; size += (size_t)n)
		;
	ok_equal((long)size, 1 << 20, "takes a MiB");
	must(fcntl(ends[0], F_SETFL, O_NONBLOCK));
	while ((n = read(ends[0], block, sizeof(block))) > 0)
		size -= (size_t)n;
	ok_equal((long)size, 0, "that comes out again");
	ok_equal(fcntl(ends[0], F_SETPIPE_SZ, 0), 4096, "a page is the least");
	ok_errno(fcntl(ends[0], F_SETPIPE_SZ, 0xffffffffu), EINVAL, "4 GiB are EINVAL");
	ok_errno(fcntl(file, F_GETPIPE_SZ), EBADF, "of a file: EBADF");
	ok_errno(fcntl(file, F_SETPIPE_SZ, 4096), EBADF, "to set it too");
}

static void not_root(void *unused)
{
	(void)unused;
	must(setresuid(1000, 1000, 1000));
	EXPECT(fcntl(ends[0], F_SETPIPE_SZ, 1 << 20) == 1 << 20);
	EXPECT(fcntl(ends[0], F_SETPIPE_SZ, 2 << 20) == -1 && errno == EPERM);
}

int main(void)
{
	enter_scratch();
	file = (int)must(open("file", O_RDWR | O_CREAT, 0644));
	must(pipe(ends));
	status_flags();
	odd_flags();
	sizes();
	owners();
	refused();
	pipe_sizes();
	if (getuid() == 0) {
		if (on_facet()) /* elsewhere root may lack the capability */
			ok_equal(fcntl(ends[0], F_SETPIPE_SZ, 2 << 20), 2 << 20, "root: 2 MiB");
		ok_child(not_root, NULL, "others 1 MiB");
	}
	close(ends[0]);
	close(ends[1]);
	close(file);
	leave_scratch();
	return done();
}
