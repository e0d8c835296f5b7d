/*
 * madvise: pages are given back or made, a child gets no mapping or an empty one, hints are taken,
 * and what is not known is refused. mincore says what is there, msync what is mapped.
 */
#include "tap.h"

#include <sys/mman.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define UPPER_HALF ((void *)0xffff800000000000)

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

static char *map(size_t pages, int rights, int flags)
{
	char *block = mmap(NULL, pages * PAGE, rights, flags, -1, 0);

	if (block == MAP_FAILED)
		bail("mmap of %lu pages: errno %d", (unsigned long)pages, errno);
	return block;
}

static long advise(void *at, size_t pages, int advice)
{
	return sys(SYS_madvise, at, pages * PAGE, advice);
}

/* How many of the pages are in memory; -errno. */
static long resident(void *at, size_t pages)
{
	unsigned char there[64];
	long error = sys(SYS_mincore, at, pages * PAGE, there), count = 0;

	for (size_t i = 0; !error && i < pages; i++)
		count += there[i] & 1;
	return error ? error : count;
}

static void giving_back(void)
{
	char *block = map(8, RW, ANON), *shared = map(2, RW, MAP_SHARED | MAP_ANONYMOUS);

	ok_equal(resident(block, 8), 0, "untouched pages are not in memory");
	memset(block, 1, 8 * PAGE);
	ok_equal(resident(block, 8), 8, "touched ones are");
	ok_equal(advise(block + 2 * PAGE, 3, MADV_DONTNEED), 0, "three are given back");
	ok_equal(resident(block, 8), 5, "and gone");
	ok(block[2 * PAGE] == 0 && block[4 * PAGE + 5] == 0, "touched again they are zero");
	ok(block[PAGE] == 1 && block[5 * PAGE] == 1, "their neighbours are not");
	must(mprotect(block + 6 * PAGE, PAGE, PROT_READ));
	must(mprotect(block + 7 * PAGE, PAGE, PROT_NONE));
	ok_equal(advise(block, 8, MADV_DONTNEED), 0,
		 "over several mappings, whatever their rights");
	must(mprotect(block, 8 * PAGE, RW));
	ok(block[0] == 0 && block[6 * PAGE] == 0 && block[7 * PAGE] == 0, "all are zero");
	memset(shared, 1, 2 * PAGE);
	ok_equal(advise(shared, 2, MADV_DONTNEED), 0, "of shared memory");
	ok(shared[0] == 1 && shared[PAGE] == 1, "it is only the mapping that forgets");
	memset(block, 2, 8 * PAGE);
	ok_equal(advise(block, 8, MADV_FREE), 0, "MADV_FREE takes private memory");
	ok(block[0] == 0 || block[0] == 2, "which may be zero from then on");
	ok_equal(advise(shared, 2, MADV_FREE), -EINVAL, "no shared memory");
	must(munmap(block, 8 * PAGE));
	must(munmap(shared, 2 * PAGE));
}

static void making(void)
{
	char *block = map(8, RW, ANON);

	ok_equal(advise(block, 4, MADV_POPULATE_WRITE), 0, "pages are made to be written");
	ok_equal(advise(block + 4 * PAGE, 2, MADV_POPULATE_READ), 0, "and to be read");
	ok_equal(resident(block, 8), 6, "all those are there");
	ok(block[0] == 0 && block[5 * PAGE] == 0, "and zero");
	must(mprotect(block, PAGE, PROT_READ));
	ok_equal(advise(block, 1, MADV_POPULATE_READ), 0, "what can be read is made to be read");
	ok_equal(advise(block, 1, MADV_POPULATE_WRITE), -EINVAL, "but not to be written");
	must(mprotect(block, PAGE, PROT_NONE));
	ok_equal(advise(block, 1, MADV_POPULATE_READ), -EINVAL, "what is closed is not");
	must(munmap(block + 3 * PAGE, PAGE));
	ok_equal(advise(block + PAGE, 4, MADV_POPULATE_READ), -ENOMEM, "nor over a hole");
	must(munmap(block, 8 * PAGE));
}

static void child_without(void *arg)
{
	char *block = arg;

	EXPECT(resident(block, 1) >= 0 && block[0] == 1);
	EXPECT(resident(block + PAGE, 1) == -ENOMEM);
	EXPECT(block[2 * PAGE] == 0 && block[3 * PAGE] == 1);
	block[2 * PAGE] = 7;
}

static void children(void)
{
	char *block = map(4, RW, ANON), *file = map(1, RW, MAP_SHARED | MAP_ANONYMOUS);

	memset(block, 1, 4 * PAGE);
	ok_equal(advise(block + PAGE, 1, MADV_DONTFORK), 0, "a page is not for children");
	ok_equal(advise(block + 2 * PAGE, 1, MADV_WIPEONFORK), 0, "another is empty for them");
	ok_child(child_without, block, "a child finds it so");
	ok(block[PAGE] == 1 && block[2 * PAGE] == 1, "the parent has its pages");
	ok_equal(advise(block, 4, MADV_DOFORK), 0, "that can be taken back");
	ok_equal(advise(block, 4, MADV_KEEPONFORK), 0, "both");
	ok_equal(advise(file, 1, MADV_WIPEONFORK), -EINVAL, "shared memory is never wiped");
	ok_equal(advise(file, 1, MADV_DONTFORK), 0, "but withheld");
	must(munmap(block, 4 * PAGE));
	must(munmap(file, PAGE));
}

static void hints(void)
{
	static const int
		known[] = { MADV_NORMAL,   MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
			    MADV_DONTDUMP, MADV_DODUMP, 20 /* COLD */,   21 /* PAGEOUT */ };
	static const int unknown[] = { 5, 6, 7, 99, -1, 1 << 16 };
	char *block = map(8, RW, ANON);
	bool good = true;

	memset(block, 3, 8 * PAGE);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		ok_equal(advise(block, 8, known[i]), 0, "advice %d is taken", known[i]);
	for (size_t i = 0; i < 8; i++)
		good = good && block[i * PAGE] == 3;
	ok(good, "and changes no page");
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		ok_equal(advise(block, 8, unknown[i]), -EINVAL, "advice %d is not", unknown[i]);
	ok_equal(sys(SYS_madvise, block + 1, PAGE, MADV_NORMAL), -EINVAL,
		 "an odd address is EINVAL");
	ok_equal(sys(SYS_madvise, block, -1UL, MADV_NORMAL), -EINVAL, "so is a size that wraps");
	ok_equal(sys(SYS_madvise, block, -8UL * PAGE, MADV_NORMAL), -EINVAL,
		 "or a range that does");
	ok_equal(sys(SYS_madvise, block, 0, MADV_DONTNEED), 0, "length 0 does nothing");
	ok_equal(block[0], 3, "nothing at all");
	must(munmap(block + 3 * PAGE, PAGE));
	ok_equal(advise(block, 8, MADV_NORMAL), -ENOMEM, "a hole is ENOMEM");
	ok_equal(advise(block, 8, MADV_DONTNEED), -ENOMEM, "when the rest has been done");
	ok(block[0] == 0 && block[7 * PAGE] == 0, "on both sides of it");
	must(munmap(block, 8 * PAGE));
	ok_equal(advise(block, 2, MADV_DONTNEED), -ENOMEM, "nothing there at all is ENOMEM");
}

static void what_is_there(void)
{
	char *block = map(4, RW, ANON);
	unsigned char *bytes = (unsigned char *)map(2, RW, ANON);

	block[PAGE] = 1;
	ok_equal(sys(SYS_mincore, block, 4 * PAGE, bytes), 0, "mincore looks at four pages");
	ok((bytes[0] & 1) == 0 && (bytes[1] & 1) == 1 && (bytes[2] & 1) == 0, "one is there");
	ok_equal(sys(SYS_mincore, block, 1, bytes), 0, "a part of a page is a page");
	ok_equal(sys(SYS_mincore, block, 0, NULL), 0, "no page needs no room");
	ok_equal(sys(SYS_mincore, block + 1, PAGE, bytes), -EINVAL, "an odd address is EINVAL");
	ok_equal(sys(SYS_mincore, block, -1UL, bytes), -ENOMEM, "all addresses are ENOMEM");
	ok_equal(sys(SYS_mincore, UPPER_HALF, PAGE, bytes), -ENOMEM, "the upper half is");
	ok_equal(sys(SYS_mincore, block, 4 * PAGE, NULL), -EFAULT, "no room is EFAULT");
	ok_equal(sys(SYS_mincore, block, 4 * PAGE, UPPER_HALF), -EFAULT, "nor is the kernel's");
	must(mprotect(bytes + PAGE, PAGE, PROT_READ));
	ok_equal(sys(SYS_mincore, block, 4 * PAGE, bytes + PAGE), -EFAULT,
		 "read-only room is EFAULT");
	ok_equal(sys(SYS_mincore, block, 4 * PAGE, bytes + PAGE - 4), 0, "four bytes before it do");
	must(munmap(bytes + PAGE, PAGE));
	ok_equal(sys(SYS_mincore, block, 4 * PAGE, bytes + PAGE - 3), -EFAULT, "three do not");
	must(munmap(block + 2 * PAGE, PAGE));
	ok_equal(sys(SYS_mincore, block, 4 * PAGE, bytes), -ENOMEM, "a hole is ENOMEM");
	must(munmap(block, 4 * PAGE));
	must(munmap(bytes, PAGE));
}

static void in_files(void)
{
	char path[] = "/tmp/madvise-XXXXXX", *block;
	int fd = (int)must(mkstemp(path));

	must(unlink(path));
	must(ftruncate(fd, 4 * PAGE));
	must(pwrite(fd, "xy", 2, PAGE));
	block = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
	ok_equal(resident(block + PAGE, 1), 1, "a file's page is in memory before it is touched");
	block[PAGE] = 'z';
	ok_equal(advise(block + PAGE, 1, MADV_DONTNEED), 0, "a private copy is given back");
	ok(block[PAGE] == 'x' && block[PAGE + 1] == 'y', "touched again it is the file's page");
	ok_equal(advise(block, 4, MADV_WILLNEED), 0, "a file may be needed");
	must(munmap(block, 4 * PAGE));
	block = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	block[0] = 'a';
	ok_equal(sys(SYS_msync, block, 4 * PAGE, MS_SYNC), 0, "msync writes it");
	ok_equal(sys(SYS_msync, block, 4 * PAGE, MS_ASYNC | MS_INVALIDATE), 0, "without waiting");
	ok(pread(fd, path, 2, 0) == 2 && path[0] == 'a', "a read finds it");
	ok_equal(sys(SYS_msync, block, PAGE, MS_SYNC | MS_ASYNC), -EINVAL, "not both ways");
	ok_equal(sys(SYS_msync, block, PAGE, 8), -EINVAL, "an unknown flag is EINVAL");
	ok_equal(sys(SYS_msync, block + 1, PAGE, MS_SYNC), -EINVAL, "an odd address is EINVAL");
	ok_equal(sys(SYS_msync, block, -1UL & ~(PAGE - 1), MS_SYNC), -ENOMEM, "a range that wraps");
	ok_equal(sys(SYS_msync, block, 0, MS_SYNC), 0, "length 0 is none");
	must(munmap(block + PAGE, PAGE));
	ok_equal(sys(SYS_msync, block, 4 * PAGE, MS_SYNC), -ENOMEM, "a hole is ENOMEM");
	must(munmap(block, 4 * PAGE));
	must(close(fd));
}

int main(void)
{
	giving_back();
	making();
	children();
	hints();
	what_is_there();
	in_files();
	return done();
}
