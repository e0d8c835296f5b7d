/*
 * mmap's flags and mprotect's: areas that grow downwards, low addresses, the two kinds of shared
 * mappings, files by what they were opened for; what RLIMIT_DATA counts; two threads that map and
 * fault at once.
 */
#include "futex.h"
#include "tap.h"

#include <sched.h>
#include <sys/mman.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define ROOM ((char *)0x400000000000) /* far from everything */

#ifndef MAP_SYNC
#define MAP_SYNC 0x80000
#endif
#ifndef MAP_SHARED_VALIDATE
#define MAP_SHARED_VALIDATE 3
#endif
#ifndef PROT_GROWSDOWN
#define PROT_GROWSDOWN 0x01000000
#define PROT_GROWSUP 0x02000000
#endif

static long map(void *at, size_t pages, int rights, int flags, int fd)
{
	return sys(SYS_mmap, at, pages * PAGE, rights, flags, fd, 0);
}

static bool mapped(void *page)
{
	return sys(SYS_msync, page, PAGE, MS_ASYNC) == 0;
}

static void touch(void *address)
{
	*(volatile char *)address = 1;
}

static void downwards(void)
{
	char *block = (char *)map(ROOM, 2, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1);

	ok(block == ROOM, "a mapping may grow downwards");
	touch(block - 1);
	ok(mapped(block - PAGE) && !mapped(block - 2 * PAGE),
	   "a touch below it grows it by a page");
	touch(block - 20 * PAGE);
	ok(mapped(block - 20 * PAGE) && mapped(block - 10 * PAGE), "or by as many as it takes");
	ok(block[-1] == 1 && block[-10 * (long)PAGE] == 0, "new pages are zeroes");
	ok_equal(sys(SYS_mprotect, block, PAGE, PROT_READ | PROT_GROWSDOWN), 0,
		 "PROT_GROWSDOWN changes it from where it begins");
	ok_equal(death_signal(child_status(touch, block - 15 * PAGE)), SIGSEGV,
		 "that is read-only");
	ok_equal(child_status(touch, block + PAGE), 0, "what is above the range is not");
	ok_equal(sys(SYS_mprotect, block + PAGE, PAGE, PROT_READ | PROT_GROWSUP), -EINVAL,
		 "nothing grows upwards");
	ok_equal(sys(SYS_mprotect, block, PAGE, RW | PROT_GROWSDOWN | PROT_GROWSUP), -EINVAL,
		 "nor both ways");
	must(munmap(block - 20 * PAGE, 22 * PAGE));
	block = (char *)map(ROOM, 2, RW, ANON | MAP_FIXED, -1);
	ok_equal(sys(SYS_mprotect, block, PAGE, RW | PROT_GROWSDOWN), -EINVAL,
		 "PROT_GROWSDOWN of what does not grow is EINVAL");
	ok_equal(death_signal(child_status(touch, block - 1)), SIGSEGV, "which does not grow");
	must(munmap(block, 2 * PAGE));
	ok_equal(map(NULL, 1, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1), -EINVAL,
		 "shared memory does not grow downwards");
}

/* Something that was mapped first keeps what grows off it by 256 pages. */
static void apart(void)
{
	char *below = (char *)map(ROOM, 1, RW, ANON | MAP_FIXED, -1), *block;

	block = (char *)map(ROOM + 300 * PAGE, 1, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1);
	touch(block - PAGE);
	ok(mapped(block - PAGE), "what grows does so while it is far from what is below");
	ok_equal(death_signal(child_status(touch, ROOM + 100 * PAGE)), SIGSEGV,
		 "but keeps apart from it");
	must(munmap(below, 301 * PAGE));
}

static void low(void)
{
	char *blocks[3];
	bool good = true;

	for (size_t i = 0; i < 3; i++) {
		blocks[i] = (char *)map(NULL, 16, RW, ANON | MAP_32BIT, -1);
		good = good && (uintptr_t)blocks[i] < 1UL << 31;
		blocks[i][15 * PAGE] = 1;
	}
	ok(good && blocks[0] != blocks[1] && blocks[1] != blocks[2], "MAP_32BIT maps below 2 GiB");
	for (size_t i = 0; i < 3; i++)
		must(munmap(blocks[i], 16 * PAGE));
	ok_equal(map(NULL, (2UL << 30) / PAGE, PROT_NONE, ANON | MAP_32BIT, -1), -ENOMEM,
		 "more than is there is ENOMEM");
	ok(map(ROOM, 1, RW, ANON | MAP_32BIT | MAP_FIXED, -1) == (long)ROOM,
	   "MAP_FIXED is stronger than it");
	must(munmap(ROOM, PAGE));
	ok((unsigned long)map(ROOM, 1, RW, ANON | MAP_32BIT, -1) < 1UL << 31,
	   "it is stronger than a hint");
}

static void kinds(int fd)
{
	long block;

	ok_equal(map(NULL, 1, RW, MAP_SHARED_VALIDATE | MAP_SYNC, fd), -EOPNOTSUPP,
		 "MAP_SYNC is refused to who asks for it to be known");
	block = map(NULL, 1, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_SYNC, -1);
	ok(block > 0 && munmap((void *)block, PAGE) == 0, "and ignored for others");
	block = map(NULL, 1, RW, MAP_SHARED_VALIDATE, fd);
	ok(block > 0 && munmap((void *)block, PAGE) == 0, "MAP_SHARED_VALIDATE maps a file");
	ok_equal(map(NULL, 1, RW, MAP_SHARED_VALIDATE | 0x200000, fd), -EOPNOTSUPP,
		 "but with no flag that is unknown");
	ok_equal(map(NULL, 1, RW, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1), -EINVAL,
		 "and nothing without a file");
	block = map(NULL, 1, RW, ANON | 0x200000, -1);
	ok(block > 0 && munmap((void *)block, PAGE) == 0, "unknown flags are ignored else");
	block = map(NULL, 1, RW | 0x100, ANON, -1);
	ok(block > 0 && munmap((void *)block, PAGE) == 0, "so are unknown rights");
	ok_equal(map(NULL, 1, RW, 0, fd), -EINVAL, "neither shared nor private is EINVAL");
	block = map(NULL, 1, RW, ANON | MAP_NORESERVE | MAP_STACK | MAP_DENYWRITE, 99);
	ok(block > 0 && munmap((void *)block, PAGE) == 0, "a descriptor counts for files only");
}

static void by_opening(const char *path)
{
	static const struct {
		int open, rights, flags, error;
		const char *what;
	} cases[] = {
		{ O_RDONLY, PROT_READ, MAP_SHARED, 0, "a file to be read, to be read" },
		{ O_RDONLY, RW, MAP_SHARED, EACCES, "to be written" },
		{ O_RDONLY, RW, MAP_PRIVATE, 0, "to be written privately" },
		{ O_WRONLY, PROT_READ, MAP_PRIVATE, EACCES, "a file to be written, to be read" },
		{ O_WRONLY, PROT_WRITE, MAP_SHARED, EACCES, "to be written" },
		{ O_RDWR, RW, MAP_SHARED, 0, "a file to be both, to be both" },
		{ O_PATH, PROT_READ, MAP_PRIVATE, EBADF, "a place (O_PATH)" },
	};
	long block;
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fd = (int)must(open(path, cases[i].open));
		block = map(NULL, 1, cases[i].rights, cases[i].flags, fd);
		ok_equal(block > 0 ? 0 : block, -cases[i].error, "mmap of %s", cases[i].what);
		if (block > 0)
			must(munmap((void *)block, PAGE));
		must(close(fd));
	}
	fd = (int)must(open(path, O_RDONLY));
	block = map(NULL, 1, PROT_READ, MAP_SHARED, fd);
	ok_errno(mprotect((void *)block, PAGE, RW), EACCES, "rights come not later either");
	must(munmap((void *)block, PAGE));
	must(close(fd));
	fd = (int)must(open("/tmp", O_RDONLY));
	ok_equal(map(NULL, 1, PROT_READ, MAP_PRIVATE, fd), -ENODEV, "a directory is not mapped");
	must(close(fd));
	fd = (int)must(open("/dev/zero", O_RDWR));
	block = map(NULL, 1, RW, MAP_SHARED, fd);
	ok(block > 0 && *(char *)block == 0, "/dev/zero is shared memory");
	ok(child_status(touch, (void *)block) == 0 && *(char *)block == 1, "over fork");
	must(munmap((void *)block, PAGE));
	must(close(fd));
}

/* The page tells where it is from. */
static void of_a_file(int fd)
{
	char *private, *shared, byte = 0;

	must(ftruncate(fd, 2 * PAGE));
	must(pwrite(fd, "a", 1, 0));
	private = (char *)map(NULL, 2, RW, MAP_PRIVATE, fd);
	shared = (char *)map(NULL, 2, RW, MAP_SHARED, fd);
	must(pwrite(fd, "b", 1, 0));
	ok(*private == 'b' && *shared == 'b', "what is written to a file shows in its mappings");
	*shared = 'c';
	ok(pread(fd, &byte, 1, 0) == 1 && byte == 'c',
	   "what is written to a shared one in the file");
	*private = 'd';
	must(pwrite(fd, "e", 1, 0));
	ok(*private == 'd' && *shared == 'e', "what is written to a private one stays in it");
	must(munmap(private, 2 * PAGE));
	ok(child_status(touch, shared + PAGE) == 0 && shared[PAGE] == 1,
	   "a child writes to what it shares");
	must(munmap(shared, 2 * PAGE));
	ok_equal(sys(SYS_mmap, NULL, 2 * PAGE, RW, MAP_SHARED, fd, -PAGE), -EOVERFLOW,
		 "one that wraps is EOVERFLOW");
	ok_equal(sys(SYS_mmap, NULL, PAGE, RW, MAP_SHARED, fd, 5), -EINVAL, "an odd one is EINVAL");
}

static void data_limited(void *unused)
{
	struct rlimit limit = { 2 << 20, 2 << 20 };
	char *block;

	(void)unused;
	must(setrlimit(RLIMIT_DATA, &limit));
	EXPECT(map(NULL, 1024, RW, ANON, -1) == -ENOMEM);
	block = (char *)map(NULL, 1024, PROT_READ, ANON, -1);
	EXPECT((long)block > 0);
	EXPECT(sys(SYS_mprotect, block, 1024 * PAGE, RW) == -ENOMEM);
	EXPECT(sys(SYS_mprotect, block, 64 * PAGE, RW) == 0);
	EXPECT(small_machine() || map(NULL, 768, RW, MAP_SHARED | MAP_ANONYMOUS, -1) > 0);
	EXPECT(map(NULL, 64, RW, ANON, -1) > 0);
	block = (char *)sys(SYS_brk, 0);
	EXPECT((char *)sys(SYS_brk, block + (16 << 20)) == block);
}

/* --- two threads of one space --- */

enum { ROUNDS = 300 };

static struct {
	char *window; /* mapped and unmapped by one, touched by the other */
	volatile int stop;
	volatile int ended;
	volatile long touched, refused;
} duel;

/* A read of what may be gone: the call's own error is the answer, no signal. */
static int toucher(void *unused)
{
	(void)unused;
	while (!duel.stop) {
		char *page = duel.window + ((duel.touched + duel.refused) % 16) * (long)PAGE;

		if (sys(SYS_clock_gettime, CLOCK_MONOTONIC, page) == 0)
			duel.touched++;
		else
			duel.refused++;
		if ((duel.touched + duel.refused) % 64 == 0)
			sys(SYS_sched_yield);
	}
	return 0;
}

static void two_threads(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			  CLONE_CHILD_CLEARTID;
	bool zero = true, placed = true;

	duel.window = ROOM;
	duel.ended = 1;
	map(ROOM, 16, RW, ANON | MAP_FIXED, -1);
	must(clone(toucher, stack + sizeof(stack), flags, NULL, NULL, NULL, &duel.ended));
	for (int i = 0; i < ROUNDS; i++) {
		char *other;

		switch (i % 4) {
		case 0:
			must(munmap(ROOM, 16 * PAGE));
			break;
		case 1:
			placed = placed && map(ROOM, 16, RW, ANON | MAP_FIXED, -1) == (long)ROOM;
			break;
		case 2:
			must(mprotect(ROOM + 4 * PAGE, 4 * PAGE, PROT_READ));
			must(madvise(ROOM, 16 * PAGE, MADV_DONTNEED));
			break;
		case 3:
			other = mremap(ROOM, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
				       ROOM + 64 * PAGE);
			placed = placed && other == ROOM + 64 * PAGE;
			must(munmap(other, 4 * PAGE));
			break;
		}
		other = (char *)map(NULL, 4, RW, ANON, -1);
		for (size_t j = 0; j < 4 * PAGE; j += 64)
			zero = zero && !other[j];
		memset(other, 0xee, 4 * PAGE);
		must(munmap(other, 4 * PAGE));
		if (i % 5 == 0) /* after each of the four */
			sys(SYS_sched_yield);
	}
	duel.stop = 1;
	while (duel.ended)
		sys(SYS_futex, &duel.ended, FUTEX_WAIT, 1, NULL);
	ok(zero, "pages that one thread gets are zero, whatever another one touches");
	ok(placed, "and lie where they should");
	ok(duel.touched > 0, "that one touched some as well");
	munmap(ROOM, 128 * PAGE);
}

int main(void)
{
	char path[] = "/tmp/mmap-XXXXXX";
	int fd = (int)must(mkstemp(path));

	must(ftruncate(fd, PAGE));
	downwards();
	apart();
	low();
	kinds(fd);
	by_opening(path);
	of_a_file(fd);
	ok_child(data_limited, NULL, "RLIMIT_DATA limits private memory that can be written");
	two_threads();
	must(unlink(path));
	return done();
}
