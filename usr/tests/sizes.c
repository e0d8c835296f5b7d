/*
 * How long files are and what of them is there: truncate, ftruncate, fallocate, holes, limits, and
 * the calls that would write to a disk.
 */
#include "files.h"

#include <stdio.h>

#define KEEP_SIZE 1
#define PUNCH_HOLE 2
#define HUGE (1L << 40)

#ifndef SEEK_DATA
#define SEEK_DATA 3
#define SEEK_HOLE 4
#endif

static long size_of(int fd)
{
	struct stat status;

	return fstat(fd, &status) ? -1 : (long)status.st_size;
}

static long pages_of(int fd)
{
	struct stat status;

	return fstat(fd, &status) ? -1 : (long)(status.st_blocks * 512 / (long)PAGE);
}

static bool is_filled(int fd, off_t from, size_t size, char with)
{
	char buffer[512];

	while (size) {
		size_t part = size < sizeof(buffer) ? size : sizeof(buffer);

		if (pread(fd, buffer, part, from) != (ssize_t)part)
			return false;
		for (size_t i = 0; i < part; i++)
			if (buffer[i] != with)
				return false;
		from += (off_t)part;
		size -= part;
	}
	return true;
}

static void fill(int fd, off_t from, size_t size, char with)
{
	char buffer[512];

	memset(buffer, with, sizeof(buffer));
	for (size_t part; size; size -= part, from += (off_t)part) {
		part = size < sizeof(buffer) ? size : sizeof(buffer);
		must(pwrite(fd, buffer, part, from));
	}
}

static void truncation(void)
{
	int fd = (int)must(open("f", O_RDWR | O_CREAT | O_TRUNC, 0644)), other;

	fill(fd, 0, 3 * PAGE, 'a');
	ok_equal(truncate("f", PAGE + 100), 0, "truncate");
	ok_equal(size_of(fd), PAGE + 100, "makes a file shorter");
	ok_equal(pages_of(fd), 2, "and gives pages back");
	ok_equal(truncate("f", 2 * PAGE), 0, "and longer");
	ok(is_filled(fd, 0, PAGE + 100, 'a') && is_filled(fd, PAGE + 100, PAGE - 100, 0),
	   "what was cut off does not come back");
	ok_equal(ftruncate(fd, HUGE), 0, "ftruncate to a tebibyte");
	ok(size_of(fd) == HUGE && pages_of(fd) == 2, "takes no pages");
	ok_equal(pwrite(fd, "z", 1, HUGE - 1), 1, "a byte at its end");
	ok_equal(pages_of(fd), 3, "takes one");
	ok_equal(ftruncate(fd, 0), 0, "to nothing");
	ok(size_of(fd) == 0 && pages_of(fd) == 0, "leaves none");
	ok_errno(truncate("f", -1), EINVAL, "less than nothing: EINVAL");
	ok_errno(ftruncate(fd, -1), EINVAL, "ftruncate too");
	ok_errno(truncate("none", 0), ENOENT, "what is not there: ENOENT");
	ok_errno(truncate(".", 0), EISDIR, "a folder: EISDIR");
	ok_errno(truncate("/dev/null", 0), EINVAL, "a device: EINVAL");
	ok_equal(sys(SYS_truncate, 8L, 0), -EFAULT, "a wild path: EFAULT");
	ok_equal(sys(SYS_ftruncate, 99, 0), -EBADF, "no descriptor: EBADF");
	other = (int)must(open("f", O_RDONLY));
	ok_errno(ftruncate(other, 0), EINVAL, "one open for reading: EINVAL");
	close(other);
	other = (int)must(open("f", O_PATH));
	ok_errno(ftruncate(other, 0), EBADF, "or as a path: EBADF");
	close(other);
	if (geteuid() == 0)
		ok_errno(truncate("/proc/self/exe", 0), ETXTBSY, "a program that runs: ETXTBSY");
	close(fd);
	other = creat("f", 0600);
	ok(other >= 0 && write(other, "x", 1) == 1, "creat opens for writing");
	ok_errno(pread(other, &fd, 1, 0), EBADF, "and not for reading");
	close(other);
	must(unlink("f"));
}

static void allocation(void)
{
	int fd = (int)must(open("f", O_RDWR | O_CREAT | O_TRUNC, 0644)), ends[2];

	if (sys(SYS_fallocate, fd, 0, 0, 1) == -EOPNOTSUPP) {
		skip("this file system has no fallocate");
		return;
	}
	must(ftruncate(fd, 0));
	ok_equal(sys(SYS_fallocate, fd, 0, 100, 2 * PAGE), 0, "fallocate");
	ok_equal(size_of(fd), 2 * PAGE + 100, "makes the file as long");
	ok_equal(pages_of(fd), 3, "and takes the pages");
	ok(is_filled(fd, 0, 2 * PAGE + 100, 0), "which are zeros");
	ok_equal(sys(SYS_fallocate, fd, KEEP_SIZE, 4 * PAGE, PAGE), 0, "KEEP_SIZE");
	ok(size_of(fd) == 2 * PAGE + 100 && pages_of(fd) == 4, "takes pages behind the end");
	must(ftruncate(fd, 0));
	fill(fd, 0, 4 * PAGE, 'b');
	ok_equal(sys(SYS_fallocate, fd, 0, 0, 4 * PAGE), 0, "where there is something");
	ok(is_filled(fd, 0, 4 * PAGE, 'b'), "it stays");
	ok_equal(sys(SYS_fallocate, fd, PUNCH_HOLE | KEEP_SIZE, PAGE - 10, PAGE + 20), 0,
		 "PUNCH_HOLE");
	ok(is_filled(fd, 0, PAGE - 10, 'b') && is_filled(fd, PAGE - 10, PAGE + 20, 0) &&
		   is_filled(fd, 2 * PAGE + 10, 2 * PAGE - 10, 'b'),
	   "makes zeros of those bytes and no others");
	ok(size_of(fd) == 4 * PAGE && pages_of(fd) == 3, "gives back the page between");
	must(sys(SYS_fallocate, fd, PUNCH_HOLE | KEEP_SIZE, 3 * PAGE + 5, 7));
	ok(is_filled(fd, 3 * PAGE, 5, 'b') && is_filled(fd, 3 * PAGE + 5, 7, 0) &&
		   is_filled(fd, 3 * PAGE + 12, 100, 'b'),
	   "some bytes of a page");
	ok_equal(sys(SYS_fallocate, fd, PUNCH_HOLE | KEEP_SIZE, 0, HUGE), 0, "behind the end too");
	ok(size_of(fd) == 4 * PAGE && pages_of(fd) == 0, "all is a hole then");
	ok_equal(sys(SYS_fallocate, fd, PUNCH_HOLE, 0, PAGE), -EOPNOTSUPP,
		 "without KEEP_SIZE: EOPNOTSUPP");
	ok_equal(sys(SYS_fallocate, fd, 0x4000, 0, PAGE), -EOPNOTSUPP,
		 "what is not known: EOPNOTSUPP");
	ok_equal(sys(SYS_fallocate, fd, 0, -1, PAGE), -EINVAL, "a negative place: EINVAL");
	ok_equal(sys(SYS_fallocate, fd, 0, 0, 0), -EINVAL, "nothing: EINVAL");
	ok_equal(sys(SYS_fallocate, fd, 0, INT64_MAX, 2), -EFBIG, "beyond all numbers: EFBIG");
	ok_equal(sys(SYS_fallocate, 99, 0, 0, 1), -EBADF, "no descriptor: EBADF");
	close(fd);
	fd = (int)must(open("f", O_RDONLY));
	ok_equal(sys(SYS_fallocate, fd, 0, 0, 1), -EBADF, "one open for reading: EBADF");
	close(fd);
	must(pipe(ends));
	ok_equal(sys(SYS_fallocate, ends[1], 0, 0, 1), -ESPIPE, "a pipe: ESPIPE");
	close(ends[0]);
	close(ends[1]);
	must(unlink("f"));
}

static void holes(void)
{
	int fd = (int)must(open("f", O_RDWR | O_CREAT | O_TRUNC, 0644));

	must(ftruncate(fd, 300 * PAGE));
	if (lseek(fd, 0, SEEK_HOLE) != 0) {
		skip("this file system does not tell holes");
		close(fd);
		return;
	}
	ok_errno(lseek(fd, 0, SEEK_DATA), ENXIO, "a file of one hole has no data: ENXIO");
	fill(fd, 70 * PAGE + 5, 1, 'x');
	fill(fd, 200 * PAGE, 3 * PAGE, 'x');
	ok_equal(lseek(fd, 0, SEEK_DATA), 70 * PAGE, "the first data");
	ok_equal(lseek(fd, 70 * PAGE + 9, SEEK_DATA), 70 * PAGE + 9, "right where one is");
	ok_equal(lseek(fd, 70 * PAGE + 9, SEEK_HOLE), 71 * PAGE, "the hole behind it");
	ok_equal(lseek(fd, 71 * PAGE, SEEK_DATA), 200 * PAGE, "the next data");
	ok_equal(lseek(fd, 201 * PAGE, SEEK_HOLE), 203 * PAGE, "and the hole behind that");
	ok_equal(lseek(fd, 80 * PAGE + 1, SEEK_HOLE), 80 * PAGE + 1, "a hole where one is");
	ok_errno(lseek(fd, 203 * PAGE, SEEK_DATA), ENXIO, "no more data: ENXIO");
	ok_errno(lseek(fd, 300 * PAGE, SEEK_HOLE), ENXIO, "at the end: ENXIO");
	ok_errno(lseek(fd, -1, SEEK_DATA), ENXIO, "before the start: ENXIO");
	must(ftruncate(fd, 202 * PAGE));
	ok_equal(lseek(fd, 200 * PAGE, SEEK_HOLE), 202 * PAGE, "the end is a hole");
	ok_equal(lseek(fd, 0, SEEK_CUR), 202 * PAGE, "the offset is there now");
	must(ftruncate(fd, HUGE));
	fill(fd, HUGE - 1, 1, 'x');
	ok_equal(lseek(fd, 202 * PAGE, SEEK_DATA), HUGE - (off_t)PAGE, "over a tebibyte of hole");
	close(fd);
	must(unlink("f"));
}

static void caught(int signal)
{
	(void)signal;
}

static void under_limit(void *unused)
{
	struct rlimit limit = { 5 * PAGE, 5 * PAGE };
	int fd = (int)must(open("f", O_RDWR | O_CREAT | O_TRUNC, 0644));
	char text[10] = "";

	(void)unused;
	signal(SIGXFSZ, caught);
	must(setrlimit(RLIMIT_FSIZE, &limit));
	EXPECT(ftruncate(fd, 5 * PAGE) == 0);
	EXPECT(ftruncate(fd, 5 * PAGE + 1) == -1 && errno == EFBIG);
	EXPECT(pwrite(fd, text, 10, 5 * PAGE - 4) == 4);
	EXPECT(pwrite(fd, text, 10, 5 * PAGE) == -1 && errno == EFBIG);
	EXPECT(truncate("f", HUGE) == -1 && errno == EFBIG);
	signal(SIGXFSZ, SIG_DFL);
	ftruncate(fd, HUGE);
}

static void limits(void)
{
	int status = child_status(under_limit, NULL);

	ok_equal(death_signal(status), SIGXFSZ, "RLIMIT_FSIZE: EFBIG, and SIGXFSZ that kills");
	must(unlink("f"));
}

static void syncing(void)
{
	int fd = (int)must(open("f", O_RDWR | O_CREAT | O_TRUNC, 0644)), ends[2], path;

	must(pipe(ends));
	path = (int)must(open("f", O_PATH));
	sync();
	ok_equal(fsync(fd), 0, "fsync of a file");
	ok_equal(fdatasync(fd), 0, "fdatasync");
	ok_equal(sys(SYS_syncfs, fd), 0, "syncfs");
	ok_equal(sys(SYS_sync_file_range, fd, 0, 0, 7), 0, "sync_file_range");
	ok_errno(fsync(ends[0]), EINVAL, "fsync of a pipe: EINVAL");
	ok_errno(fsync(path), EBADF, "of a path: EBADF");
	ok_errno(fsync(99), EBADF, "of nothing: EBADF");
	ok_equal(sys(SYS_syncfs, 99), -EBADF, "syncfs too");
	ok_equal(sys(SYS_sync_file_range, fd, -1, 0, 0), -EINVAL, "a negative range: EINVAL");
	ok_equal(sys(SYS_sync_file_range, fd, 0, 0, 8), -EINVAL, "a wrong flag: EINVAL");
	ok_equal(sys(SYS_sync_file_range, ends[0], 0, 0, 0), -ESPIPE, "a pipe: ESPIPE");
	close(path);
	path = (int)must(open(".", O_RDONLY));
	ok_equal(fsync(path), 0, "fsync of a folder");
	close(path);
	close(ends[0]);
	close(ends[1]);
	close(fd);
	must(unlink("f"));
}

int main(void)
{
	umask(0);
	enter_scratch();
	truncation();
	allocation();
	holes();
	limits();
	syncing();
	leave_scratch();
	return done();
}
