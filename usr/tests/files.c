/*
 * Files in /tmp: creating, writing, holes, appending, truncating, unlinking while open, and what
 * stat says of them.
 */
#include "files.h"

static char buffer[3 * PAGE];

static void create_and_open(void)
{
	struct stat status;
	int fd = open("new", O_RDWR | O_CREAT | O_EXCL, 0640);

	ok(fd >= 0, "O_CREAT makes a file");
	ok_errno(open("new", O_RDWR | O_CREAT | O_EXCL, 0640), EEXIST,
		 "O_EXCL of an existing one is EEXIST");
	ok(fstat(fd, &status) == 0 && S_ISREG(status.st_mode), "it is a regular file");
	ok_equal(status.st_mode & 07777, 0640, "with the mode that was asked for");
	ok_equal(status.st_size, 0, "and empty");
	ok_equal(status.st_nlink, 1, "it has one name");
	ok_equal(read(fd, buffer, 10), 0, "a read gives end of file");
	close(fd);
	ok_errno(open("none", O_RDONLY), ENOENT, "open of what is not there is ENOENT");
	ok_errno(open("new", O_RDONLY | O_DIRECTORY), ENOTDIR, "O_DIRECTORY of a file is ENOTDIR");
	ok_errno(open(".", O_RDWR), EISDIR, "a folder cannot be opened for writing");
	ok_errno(open(".", O_CREAT | O_EXCL, 0644), EEXIST, "nor made");
	ok_errno(open("none/new", O_CREAT | O_RDWR, 0644), ENOENT, "nor a file made in no folder");
	ok_errno(open("new/below", O_CREAT | O_RDWR, 0644), ENOTDIR, "or below a file");
	ok_errno(open("slash/", O_CREAT | O_RDWR, 0644), EISDIR,
		 "or by a name with a slash at its end");
}

static void content(void)
{
	int fd = (int)must(open("content", O_RDWR | O_CREAT | O_TRUNC, 0644));
	struct stat status;
	bool same = true;

	for (size_t i = 0; i < sizeof(buffer); i++)
		buffer[i] = (char)(i * 31 + i / 256);
	ok_equal(write(fd, buffer, 100), 100, "a write");
	ok_equal(write(fd, buffer + 100, sizeof(buffer) - 100), sizeof(buffer) - 100,
		 "another over pages");
	fstat(fd, &status);
	ok_equal(status.st_size, sizeof(buffer), "the size is what was written");
	ok(status.st_blocks * 512 >= (long)sizeof(buffer), "it takes up blocks");
	memset(buffer, 0, sizeof(buffer));
	must(lseek(fd, 0, SEEK_SET));
	for (size_t at = 0; at < sizeof(buffer);)
		at += (size_t)must(read(fd, buffer + at, 777));
	for (size_t i = 0; i < sizeof(buffer); i++)
		same = same && buffer[i] == (char)(i * 31 + i / 256);
	ok(same, "it reads as it was written");
	must(lseek(fd, PAGE - 2, SEEK_SET));
	must(write(fd, "WXYZ", 4));
	must(lseek(fd, PAGE - 3, SEEK_SET));
	must(read(fd, buffer, 6));
	ok(!memcmp(buffer + 1, "WXYZ", 4), "a write over a page's edge");
	ok(buffer[0] == (char)((PAGE - 3) * 31 + (PAGE - 3) / 256), "leaves what is beside it");
	fstat(fd, &status);
	ok_equal(status.st_size, sizeof(buffer), "and the size");
	close(fd);
	fd = (int)must(open("content", O_RDWR | O_TRUNC));
	fstat(fd, &status);
	ok_equal(status.st_size, 0, "O_TRUNC empties it");
	must(lseek(fd, 100, SEEK_SET));
	must(write(fd, "x", 1));
	must(lseek(fd, 0, SEEK_SET));
	ok_equal(read(fd, buffer, sizeof(buffer)), 101, "a write after that");
	same = buffer[100] == 'x';
	for (int i = 0; i < 100; i++)
		same = same && buffer[i] == 0;
	ok(same, "shows nothing of the old content");
	close(fd);
}

static void holes(void)
{
	int fd = (int)must(open("sparse", O_RDWR | O_CREAT, 0644));
	struct stat status;
	bool zero = true;

	must(lseek(fd, 10 * 1024 * 1024, SEEK_SET));
	ok_equal(write(fd, "end", 3), 3, "a write far beyond the end");
	fstat(fd, &status);
	ok_equal(status.st_size, 10 * 1024 * 1024 + 3, "makes a large file");
	ok(status.st_blocks * 512 < 1024 * 1024, "of few blocks");
	must(lseek(fd, 5 * 1024 * 1024 - 100, SEEK_SET));
	ok_equal(read(fd, buffer, sizeof(buffer)), sizeof(buffer), "the hole can be read");
	for (size_t i = 0; i < sizeof(buffer); i++)
		zero = zero && buffer[i] == 0;
	ok(zero, "as zeroes");
	must(lseek(fd, -3, SEEK_END));
	ok_equal(read(fd, buffer, 10), 3, "the end is there");
	ok(!memcmp(buffer, "end", 3), "as written");
	close(fd);
	unlink("sparse");
}

static void appending(void)
{
	int fd = (int)must(open("log", O_RDWR | O_CREAT | O_APPEND, 0644));
	int other = (int)must(open("log", O_WRONLY));

	must(write(fd, "one", 3));
	must(lseek(fd, 0, SEEK_SET));
	must(write(fd, "two", 3));
	must(write(other, "ONE", 3));
	must(write(fd, "three", 5));
	must(lseek(fd, 0, SEEK_SET));
	ok_equal(read(fd, buffer, 100), 11, "O_APPEND writes at the end, wherever the offset is");
	ok(!memcmp(buffer, "ONEtwothree", 11), "in order, beside others");
	close(fd);
	close(other);
}

static void open_but_gone(void)
{
	int fd = (int)must(open("gone", O_RDWR | O_CREAT, 0644));
	struct stat status;

	must(write(fd, "still here", 10));
	ok_equal(unlink("gone"), 0, "an open file is unlinked");
	ok_errno(open("gone", O_RDONLY), ENOENT, "its name is gone");
	ok(fstat(fd, &status) == 0 && status.st_nlink == 0, "it has no name left");
	must(lseek(fd, 0, SEEK_SET));
	ok_equal(read(fd, buffer, 100), 10, "it can be read");
	ok_equal(write(fd, "!", 1), 1, "and written");
	close(fd);
	fd = (int)must(open("gone", O_RDWR | O_CREAT | O_EXCL, 0644));
	ok_equal(read(fd, buffer, 100), 0, "a new file of the name is another");
	close(fd);
	ok_errno(unlink("none"), ENOENT, "unlink of nothing is ENOENT");
	ok_errno(unlink("."), EISDIR, "of a folder EISDIR");
	ok_errno(unlink("gone/x"), ENOTDIR, "below a file ENOTDIR");
}

static void numbers(void)
{
	struct stat first, again, other;

	write_text("a", "x", 0644);
	write_text("b", "x", 0755);
	must(stat("a", &first));
	must(stat("./a", &again));
	must(stat("b", &other));
	ok(first.st_ino == again.st_ino && first.st_dev == again.st_dev, "a file has one number");
	ok(first.st_ino != other.st_ino, "another file another");
	ok(first.st_blksize > 0 && first.st_uid == 0 && first.st_gid == 0,
	   "it has a block size and an owner");
	must(lstat("a", &again));
	ok_equal((long)again.st_ino, (long)first.st_ino, "lstat agrees");
	int fd = (int)must(open("a", O_RDONLY));

	must(fstat(fd, &again));
	ok_equal((long)again.st_ino, (long)first.st_ino, "fstat too");
	close(fd);
	ok_equal(access("a", R_OK | W_OK), 0, "it may be read and written");
	ok_errno(access("a", X_OK), EACCES, "but not run, even by root");
	ok_equal(access("b", X_OK), 0, "which the other may");
	ok_errno(access("none", F_OK), ENOENT, "access of nothing is ENOENT");
}

/* Two processes write to one open file: the offset is one, so nothing is overwritten. */
static void shared_writes(void)
{
	int fd = (int)must(open("both", O_RDWR | O_CREAT, 0644)), children = 0;
	struct stat status;

	for (int i = 0; i < 2; i++) {
		pid_t child = (pid_t)must(fork());

		if (child == 0) {
			for (int n = 0; n < 50; n++)
				EXPECT(write(fd, i ? "1111" : "0000", 4) == 4);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		children++;
	must(fstat(fd, &status));
	ok_equal(status.st_size, 400, "%d processes write to one open file without loss", children);
	close(fd);
}

int main(void)
{
	enter_scratch();
	create_and_open();
	content();
	holes();
	appending();
	open_but_gone();
	numbers();
	shared_writes();
	leave_scratch();
	return done();
}
