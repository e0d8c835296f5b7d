/*
 * A file that gets shorter takes its pages back from all who map it: what touches them gets
 * SIGBUS, and finds zeroes when the file has grown again. Shared and private mappings, the parent's
 * and the child's, split, joined and moved ones. A hole that is made (MADV_REMOVE) takes the file's
 * pages only.
 */
#include "tap.h"

#include <sys/mman.h>

#define RW (PROT_READ | PROT_WRITE)

static int fd;

static void touch(void *address)
{
	*(volatile char *)address = 1;
}

static void peek(void *address)
{
	(void)*(volatile char *)address;
}

static bool is_bus(void *address)
{
	return death_signal(child_status(peek, address)) == SIGBUS;
}

static char *map(size_t pages, int flags, off_t from)
{
	char *block = mmap(NULL, pages * PAGE, RW, flags, fd, from * (off_t)PAGE);

	if (block == MAP_FAILED)
		bail("mmap: errno %d", errno);
	return block;
}

/* Page i begins with i + 1. */
static void fill(size_t pages)
{
	must(ftruncate(fd, 0));
	must(ftruncate(fd, (off_t)(pages * PAGE)));
	for (size_t i = 0; i < pages; i++) {
		char byte = (char)(i + 1);

		must(pwrite(fd, &byte, 1, (off_t)(i * PAGE)));
	}
}

static void both_kinds(void)
{
	char *shared, *private;

	fill(8);
	shared = map(8, MAP_SHARED, 0);
	private = map(8, MAP_PRIVATE, 0);
	for (size_t i = 0; i < 8; i++)
		(void)*(volatile char *)(shared + i * PAGE);
	private[1] = 9;
	private[3 * PAGE + 1] = 9;
	private[5 * PAGE + 1] = 9;
	must(ftruncate(fd, 3 * PAGE + 100));
	ok(shared[2 * PAGE] == 3 && private[2 * PAGE] == 3, "what is left can be read");
	ok(private[1] == 9 && private[3 * PAGE + 1] == 9, "also what was written privately");
	ok_equal(death_signal(child_status(peek, shared + 4 * PAGE)), SIGBUS,
		 "beyond the end a shared mapping is SIGBUS to read");
	ok_equal(death_signal(child_status(touch, shared + 7 * PAGE)), SIGBUS, "and to write");
	ok(is_bus(private + 4 * PAGE), "so is a private one");
	ok(is_bus(private + 5 * PAGE), "even where it had been written to");
	must(ftruncate(fd, 8 * PAGE));
	ok(shared[4 * PAGE] == 0 && shared[7 * PAGE] == 0, "grown again it is zeroes");
	ok(private[5 * PAGE] == 0 && private[5 * PAGE + 1] == 0, "for both");
	ok(shared[3 * PAGE] == 4 && shared[3 * PAGE + 100] == 0,
	   "the last page was cut in its middle");
	shared[5 * PAGE] = 77;
	ok(pread(fd, private, 1, 5 * PAGE) == 1 && private[0] == 77,
	   "what is written is in the file");
	must(munmap(shared, 8 * PAGE));
	must(munmap(private, 8 * PAGE));
}

static void pieces(void)
{
	char *block, *moved;

	fill(8);
	block = map(8, MAP_SHARED, 0);
	for (size_t i = 0; i < 8; i++)
		(void)*(volatile char *)(block + i * PAGE);
	must(mprotect(block + 2 * PAGE, 2 * PAGE, PROT_READ));
	must(mprotect(block + 5 * PAGE, PAGE, PROT_NONE));
	moved = mremap(block + 6 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       block + 64 * PAGE);
	ok(moved != MAP_FAILED && *moved == 7, "a mapping is cut into five, one of them moved");
	must(ftruncate(fd, PAGE));
	ok(block[0] == 1, "the first page is left");
	ok(is_bus(block + PAGE) && is_bus(block + 2 * PAGE) && is_bus(block + 4 * PAGE),
	   "all behind it is SIGBUS");
	ok(is_bus(moved) && is_bus(moved + PAGE), "moved or not");
	must(mprotect(block, 6 * PAGE, RW));
	ok(is_bus(block + 5 * PAGE), "what was closed too, once it is opened");
	must(munmap(moved, 2 * PAGE));
	must(munmap(block, 6 * PAGE));
	fill(8);
	block = map(3, MAP_SHARED, 5);
	ok(block[0] == 6 && block[2 * PAGE] == 8, "a mapping of the file's end");
	must(ftruncate(fd, 6 * PAGE));
	ok(block[0] == 6 && is_bus(block + PAGE), "is cut by the file's pages, not by its own");
	must(ftruncate(fd, 0));
	ok(is_bus(block), "an empty file has none");
	must(munmap(block, 3 * PAGE));
}

struct family {
	char *shared, *private;
	struct gate there, cut, again;
};

static void child(void *arg)
{
	struct family *family = arg;

	EXPECT(family->shared[3 * PAGE] == 4 && family->private[3 * PAGE] == 99);
	family->private[2 * PAGE] = 98;
	open_gate(&family->there);
	pass_gate(&family->cut);
	EXPECT(family->shared[0] == 1 && family->private[PAGE] == 2);
	EXPECT(is_bus(family->shared + 3 * PAGE) && is_bus(family->private + 3 * PAGE));
	EXPECT(is_bus(family->private + 2 * PAGE));
	/* The child cuts it for the parent. */
	must(ftruncate(fd, PAGE));
	open_gate(&family->again);
}

static void over_fork(void)
{
	struct family family = { .there = new_gate(), .cut = new_gate(), .again = new_gate() };
	pid_t pid;

	fill(4);
	family.shared = map(4, MAP_SHARED, 0);
	family.private = map(4, MAP_PRIVATE, 0);
	for (size_t i = 0; i < 4; i++)
		(void)*(volatile char *)(family.shared + i * PAGE);
	family.private[3 * PAGE] = 99;
	pid = start_child(child, &family);
	close(family.there.fd[1]); /* a child that died opens no gate: that is seen */
	close(family.again.fd[1]);
	pass_gate(&family.there);
	must(ftruncate(fd, 2 * PAGE));
	open_gate(&family.cut);
	pass_gate(&family.again);
	ok(wait_child(pid) == 0, "a child loses what its parent cuts off");
	ok(family.shared[0] == 1 && is_bus(family.shared + PAGE) && is_bus(family.private + PAGE),
	   "and the parent what its child does");
	must(munmap(family.shared, 4 * PAGE));
	must(munmap(family.private, 4 * PAGE));
	close(family.there.fd[0]);
	close(family.again.fd[0]);
	free_gate(&family.cut);
}

/* Opened with O_TRUNC, by another descriptor. */
static void by_open(const char *path)
{
	char *block;

	fill(2);
	block = map(2, MAP_SHARED, 0);
	ok(block[0] == 1 && block[PAGE] == 2, "a file is mapped");
	must(close((int)must(open(path, O_WRONLY | O_TRUNC))));
	ok(is_bus(block) && is_bus(block + PAGE), "O_TRUNC takes all of it");
	must(munmap(block, 2 * PAGE));
}

static void into_the_end(void *arg)
{
	char *block = arg;

	/* The kernel's own touch of such a page is an error, not a signal. */
	EXPECT(sys(SYS_pread64, fd, block + PAGE, 8, 0) == -EFAULT);
	EXPECT(sys(SYS_write, 1, block + PAGE, 0) == 0);
}

static void by_the_kernel(void)
{
	char *block;

	fill(2);
	block = map(2, MAP_SHARED, 0);
	block[PAGE] = 1;
	must(ftruncate(fd, PAGE));
	ok_child(into_the_end, block, "a system call's buffer beyond the end is EFAULT");
	must(munmap(block, 2 * PAGE));
}

static void punched(void)
{
	char *shared, *private, *anonymous;

	fill(6);
	shared = map(6, MAP_SHARED, 0);
	private = map(6, MAP_PRIVATE, 0);
	for (size_t i = 0; i < 6; i++)
		(void)*(volatile char *)(shared + i * PAGE),
			(void)*(volatile char *)(private + i * PAGE);
	private[2 * PAGE] = 99;
	ok_equal(madvise(shared + PAGE, 3 * PAGE, MADV_REMOVE), 0, "a hole is made in a file");
	ok(shared[PAGE] == 0 && shared[3 * PAGE] == 0, "it is zeroes");
	ok(shared[0] == 1 && shared[4 * PAGE] == 5, "its borders are not");
	ok(private[PAGE] == 0 && private[3 * PAGE] == 0, "for another mapping as well");
	ok_equal(private[2 * PAGE], 99, "which keeps what was written to it");
	ok_errno(madvise(private, PAGE, MADV_REMOVE), EACCES, "a private mapping makes no hole");
	must(munmap(shared, 6 * PAGE));
	must(munmap(private, 6 * PAGE));
	anonymous = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(anonymous, 1, 4 * PAGE);
	ok_equal(madvise(anonymous + PAGE, 2 * PAGE, MADV_REMOVE), 0, "so does shared memory");
	ok(anonymous[0] == 1 && anonymous[PAGE] == 0 && anonymous[3 * PAGE] == 1, "it is empty");
	anonymous[PAGE] = 5;
	ok_equal(anonymous[PAGE], 5, "and can be written again");
	must(munmap(anonymous, 4 * PAGE));
	anonymous = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ok_errno(madvise(anonymous, PAGE, MADV_REMOVE), EINVAL, "private memory has no file");
	must(munmap(anonymous, PAGE));
}

int main(void)
{
	char path[] = "/tmp/truncate-XXXXXX";

	fd = (int)must(mkstemp(path));
	both_kinds();
	pieces();
	over_fork();
	by_open(path);
	by_the_kernel();
	punched();
	must(unlink(path));
	return done();
}
