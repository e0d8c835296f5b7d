/*
 * preadv, pwritev and their forms with flags; sendfile and copy_file_range; readahead and
 * posix_fadvise, which are checked (readv(2), sendfile(2), copy_file_range(2), posix_fadvise(2)).
 */
#include "files.h"

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

/* Flags of preadv2. */
enum { HIPRI = 1, DSYNC = 2, SYNC = 4, APPEND = 16, UNKNOWN = 0x40000000 };

static int file;
static char buffer[256 * 1024], other[256 * 1024];

static bool holds(int fd, const char *text)
{
	ssize_t size = pread(fd, buffer, sizeof(buffer), 0);

	return size == (ssize_t)strlen(text) && !memcmp(buffer, text, (size_t)size);
}

static long offset_of(int fd)
{
	return lseek(fd, 0, SEEK_CUR);
}

static void fresh(const char *text)
{
	must(ftruncate(file, 0));
	must(pwrite(file, text, strlen(text), 0));
	must(lseek(file, 2, SEEK_SET));
}

static void positioned(void)
{
	struct iovec out[] = { { "ab", 2 }, { NULL, 0 }, { "cde", 3 } };
	struct iovec in[] = { { buffer, 1 }, { buffer + 10, 100 } };

	fresh("0123456789");
	ok_equal(pwritev(file, out, 3, 4), 5, "pwritev gathers");
	ok(holds(file, "0123abcde9"), "to its offset");
	ok_equal(offset_of(file), 2, "and leaves the file's");
	ok_equal(preadv(file, in, 2, 7), 3, "preadv scatters");
	ok(buffer[0] == 'd' && buffer[10] == 'e' && buffer[11] == '9', "from its offset");
	ok_equal(offset_of(file), 2, "and leaves the file's too");
	ok_equal(preadv(file, in, 2, 10), 0, "at the end there is nothing");
	ok_equal(preadv(file, in, 0, 0), 0, "a vector without elements");
	ok_equal(pwritev(file, out, 3, 20), 5, "pwritev beyond the end");
	ok_equal(lseek(file, 0, SEEK_END), 25, "leaves a hole");
}

static long preadv2_(int fd, struct iovec *vector, long count, long offset, int flags)
{
	return sys(SYS_preadv2, fd, vector, count, offset, 0, flags);
}

static long pwritev2_(int fd, struct iovec *vector, long count, long offset, int flags)
{
	return sys(SYS_pwritev2, fd, vector, count, offset, 0, flags);
}

static void with_flags(void)
{
	struct iovec out[] = { { "XY", 2 } }, in[] = { { buffer, 3 } };

	fresh("0123456789");
	ok_equal(preadv2_(file, in, 1, -1, 0), 3, "preadv2 at -1 reads at the file's offset");
	ok(!memcmp(buffer, "234", 3), "the bytes there");
	ok_equal(offset_of(file), 5, "and moves it");
	ok_equal(preadv2_(file, in, 1, 0, HIPRI), 3, "RWF_HIPRI");
	ok_equal(offset_of(file), 5, "at an offset it stays");
	ok_equal(pwritev2_(file, out, 1, -1, DSYNC | SYNC), 2, "RWF_DSYNC, RWF_SYNC");
	ok(holds(file, "01234XY789"), "pwritev2 at -1 writes at the file's offset");
	ok_equal(offset_of(file), 7, "and moves it");
	ok_equal(pwritev2_(file, out, 1, 0, APPEND), 2, "RWF_APPEND with an offset");
	ok(holds(file, "01234XY789XY"), "appends all the same");
	ok_equal(offset_of(file), 7, "and leaves the file's offset");
	ok_equal(pwritev2_(file, out, 1, -1, APPEND), 2, "RWF_APPEND at -1");
	ok_equal(offset_of(file), 14, "moves it to the end");
	ok_equal(preadv2_(file, in, 1, 0, UNKNOWN), -EOPNOTSUPP, "an unknown flag");
	ok_equal(pwritev2_(file, out, 1, 0, UNKNOWN), -EOPNOTSUPP, "of pwritev2");
	ok_equal(preadv2_(file, in, 1, -2, 0), -EINVAL, "another negative offset");
	ok_equal(pwritev2_(file, out, 1, -2, 0), -EINVAL, "of pwritev2");
}

static void vector_errors(void)
{
	struct iovec out[] = { { "ab", 2 }, { "cd", -1ul } }, wild[] = { { (void *)-8, 4 } };
	struct iovec half[] = { { "ab", 2 }, { (void *)16, 2 } };
	struct iovec most[1025];
	int ends[2], reads = (int)must(open("file", O_RDONLY));
	char *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);

	fresh("0123456789");
	must(pipe(ends));
	for (size_t i = 0; i < ARRAY_SIZE(most); i++)
		most[i] = (struct iovec){ buffer, 0 };
	most[1023].iov_len = 4;
	ok_errno(preadv(file, out, 2, 0), EINVAL, "a negative length is EINVAL");
	ok_errno(preadv(file, out, 1, -1), EINVAL, "a negative offset");
	ok_equal(preadv(file, most, 1024, 0), 4, "1,024 elements");
	ok_equal(sys(SYS_preadv, file, most, 1025, 0), -EINVAL, "1,025 are EINVAL");
	ok_equal(sys(SYS_readv, file, most, -1), -EINVAL, "-1 too");
	ok_equal(sys(SYS_readv, file, most, 0x100000000), 0, "the number has 32 bits");
	ok_errno(preadv(ends[0], most, 1, 0), ESPIPE, "of a pipe: ESPIPE");
	ok_errno(pwritev(ends[1], most, 1, 0), ESPIPE, "to a pipe");
	ok_errno(preadv(77, most, 1, 0), EBADF, "of nothing: EBADF");
	ok_errno(pwritev(reads, most, 1024, 0), EBADF, "to what is open for reading");
	ok_errno(preadv(file, (void *)16, 1, 0), EFAULT, "a wild vector: EFAULT");
	ok_errno(preadv(file, wild, 1, 0), EFAULT, "a wild element");
	ok_equal(pwritev(file, half, 2, 0), 2, "a wild second one: what came before is written");
	memcpy(page + PAGE - 8, &(struct iovec){ buffer, 2 }, 8);
	must(mprotect(page + PAGE, PAGE, PROT_NONE));
	ok_errno(preadv(file, (void *)(page + PAGE - 8), 1, 0), EFAULT, "a vector cut by a page");
	memcpy(page, "0123", 4);
	must(mprotect(page, PAGE, PROT_READ));
	ok_errno(preadv(file, &(struct iovec){ page, 4 }, 1, 0), EFAULT, "into a read-only page");
	munmap(page, 2 * PAGE);
	close(reads);
	close(ends[0]);
	close(ends[1]);
}

static void fill(size_t size)
{
	for (size_t i = 0; i < size; i++)
		other[i] = (char)(i * 7 + i / 251);
	must(ftruncate(file, 0));
	must(pwrite(file, other, size, 0));
	must(lseek(file, 0, SEEK_SET));
}

static void drain(void *arg)
{
	int *ends = arg;
	size_t got = 0;

	close(ends[1]);
	for (ssize_t n; (n = read(ends[0], buffer + got, sizeof(buffer) - got)) > 0;)
		got += (size_t)n;
	EXPECT(got == sizeof(other) && !memcmp(buffer, other, got));
}

static void sending(void)
{
	off_t offset = 5;
	int ends[2], out = (int)must(open("out", O_RDWR | O_CREAT | O_TRUNC, 0644));
	int zero = (int)must(open("/dev/zero", O_RDONLY));
	ssize_t moved;
	pid_t child;

	fill(10000);
	ok_equal(sendfile(out, file, NULL, 6000), 6000, "sendfile copies");
	ok_equal(offset_of(file), 6000, "moves the source's offset");
	ok_equal(offset_of(out), 6000, "and the target's");
	ok_equal(sendfile(out, file, NULL, 6000), 4000, "is short at the end");
	ok_equal(sendfile(out, file, NULL, 6000), 0, "and then 0");
	ok(pread(out, buffer, 20000, 0) == 10000 && !memcmp(buffer, other, 10000), "all is there");
	ok_equal(sendfile(out, file, &offset, 100), 100, "from an offset");
	ok_equal(offset, 105, "which it moves");
	ok_equal(offset_of(file), 10000, "in place of the file's");
	ok_equal(sendfile(out, zero, NULL, 100), 100, "from /dev/zero");
	ok_equal(sendfile(out, file, NULL, 0), 0, "nothing");

	fill(sizeof(other));
	must(pipe(ends));
	child = start_child(drain, ends);
	close(ends[0]);
	while ((moved = sendfile(ends[1], file, NULL, sizeof(other))) > 0)
		;
	ok_equal(moved, 0, "to a pipe, waiting");
	close(ends[1]);
	ok_equal(wait_child(child), 0, "which has it all");
	must(pipe2(ends, O_NONBLOCK));
	must(lseek(file, 0, SEEK_SET));
	ok(sendfile(ends[1], file, NULL, sizeof(other)) >= 4096,
	   "to a pipe that is not waited for");
	ok_errno(sendfile(ends[1], file, NULL, 100), EAGAIN, "EAGAIN when it is full");
	ok_errno(sendfile(out, ends[0], NULL, 10), EINVAL, "from a pipe is EINVAL");
	offset = 0;
	ok_errno(sendfile(out, ends[0], &offset, 10), ESPIPE, "with an offset ESPIPE");
	ok_errno(sendfile(77, file, NULL, 10), EBADF, "to nothing: EBADF");
	ok_errno(sendfile(out, 77, NULL, 10), EBADF, "from nothing");
	ok_errno(sendfile(zero, file, NULL, 10), EBADF, "to what is open for reading");
	offset = -1;
	ok_errno(sendfile(out, file, &offset, 10), EINVAL, "a negative offset is EINVAL");
	ok_errno(sendfile(out, file, (off_t *)16, 10), EFAULT, "a wild one EFAULT");
	must(fcntl(out, F_SETFL, O_APPEND));
	ok_errno(sendfile(out, file, NULL, 10), EINVAL, "to O_APPEND is EINVAL");
	close(ends[0]);
	close(ends[1]);
	close(zero);
	close(out);
}

static long copy(int in, off_t *from, int out, off_t *to, size_t size, unsigned flags)
{
	return sys(SYS_copy_file_range, in, from, out, to, size, flags);
}

static void copying(void)
{
	int out = (int)must(open("copy", O_RDWR | O_CREAT | O_TRUNC, 0644)), ends[2];
	int folder = (int)must(open(".", O_RDONLY | O_DIRECTORY));
	int reads = (int)must(open("copy", O_RDONLY));
	off_t from = 10, to = 3, same = 20;

	must(pipe(ends));
	fill(30000);
	ok_equal(copy(file, NULL, out, NULL, 20000, 0), 20000, "copy_file_range");
	ok(offset_of(file) == 20000 && offset_of(out) == 20000, "moves both offsets");
	ok_equal(copy(file, NULL, out, NULL, 20000, 0), 10000, "is short at the end");
	ok_equal(copy(file, NULL, out, NULL, 20000, 0), 0, "and then 0");
	ok(pread(out, buffer, 40000, 0) == 30000 && !memcmp(buffer, other, 30000), "all is there");
	ok_equal(copy(file, &from, out, &to, 50, 0), 50, "with offsets");
	ok(from == 60 && to == 53, "moves those");
	ok(pread(out, buffer, 50, 3) == 50 && !memcmp(buffer, other + 10, 50),
	   "to where it should");
	from = 0, to = 40000;
	ok_equal(copy(out, &from, out, &to, 100, 0), 100, "within a file");
	from = 0;
	ok_equal(copy(out, &from, out, &same, 100, 0), -EINVAL, "not onto itself");
	ok_equal(copy(file, NULL, out, NULL, 10, 1), -EINVAL, "flags are EINVAL");
	ok_equal(copy(folder, NULL, out, NULL, 10, 0), -EISDIR, "a folder is EISDIR");
	ok_equal(copy(ends[0], NULL, out, NULL, 10, 0), -EINVAL, "a pipe EINVAL");
	ok_equal(copy(file, NULL, reads, NULL, 10, 0), -EBADF, "to what is open for reading");
	ok_equal(copy(file, NULL, 77, NULL, 10, 0), -EBADF, "to nothing");
	ok_equal(copy(77, NULL, out, NULL, 10, 0), -EBADF, "from nothing");
	ok_equal(copy(file, (off_t *)16, out, NULL, 10, 0), -EFAULT, "a wild offset");
	ok_equal(copy(file, NULL, out, (off_t *)16, 10, 0), -EFAULT, "the other");
	from = 0x7fffffffffffffff;
	ok_equal(copy(file, &from, out, NULL, 10, 0), 0, "beyond the end there is nothing");
	from = -5;
	ok_equal(copy(file, &from, out, NULL, 10, 0), -EOVERFLOW, "a range that wraps");
	from = 0;
	ok_equal(copy(file, &from, out, NULL, 0, 0), 0, "nothing");
	must(fcntl(out, F_SETFL, O_APPEND));
	ok_equal(copy(file, &from, out, NULL, 10, 0), -EBADF, "to O_APPEND is EBADF");
	close(out);
	close(reads);
	close(folder);
	close(ends[0]);
	close(ends[1]);
}

static void advice(void)
{
	int ends[2], writes = (int)must(open("out", O_WRONLY));

	must(pipe(ends));
	for (int i = 0; i <= 5; i++)
		ok_equal(sys(SYS_fadvise64, file, 0, 100, i), 0, "posix_fadvise: advice %d", i);
	ok_equal(sys(SYS_fadvise64, file, 0, 0, 6), -EINVAL, "an unknown one is EINVAL");
	ok_equal(sys(SYS_fadvise64, file, 0, 0, -1), -EINVAL, "whichever");
	ok_equal(sys(SYS_fadvise64, file, 0, -1, 0), -EINVAL, "a negative length");
	ok_equal(sys(SYS_fadvise64, ends[0], 0, 0, 0), -ESPIPE, "of a pipe: ESPIPE");
	ok_equal(sys(SYS_fadvise64, 77, 0, 0, 0), -EBADF, "of nothing: EBADF");
	ok_equal(sys(SYS_readahead, file, 0, 4096), 0, "readahead");
	ok_equal(sys(SYS_readahead, ends[0], 0, 4096), -EINVAL, "of a pipe is EINVAL");
	ok_equal(sys(SYS_readahead, writes, 0, 4096), -EBADF, "of what is open for writing EBADF");
	ok_equal(sys(SYS_readahead, 77, 0, 4096), -EBADF, "of nothing");
	close(writes);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	enter_scratch();
	file = (int)must(open("file", O_RDWR | O_CREAT, 0644));
	positioned();
	with_flags();
	vector_errors();
	sending();
	copying();
	advice();
	close(file);
	leave_scratch();
	return done();
}
