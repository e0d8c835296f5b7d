/*
 * mlock, mlock2, mlockall and their opposites; MAP_LOCKED and MAP_POPULATE: what is locked is there
 * at once, stays, and counts against RLIMIT_MEMLOCK, which root is above.
 */
#include "tap.h"

#include <sys/mman.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

#ifndef MCL_ONFAULT
#define MCL_ONFAULT 4
#endif

static char *map(size_t pages, int rights, int flags)
{
	char *block = mmap(NULL, pages * PAGE, rights, flags, -1, 0);

	if (block == MAP_FAILED)
		bail("mmap of %lu pages: errno %d", (unsigned long)pages, errno);
	return block;
}

static long resident(void *at, size_t pages)
{
	unsigned char there[64];
	long error = sys(SYS_mincore, at, pages * PAGE, there), count = 0;

	for (size_t i = 0; !error && i < pages; i++)
		count += there[i] & 1;
	return error ? error : count;
}

/* A locked page is not to be given back. */
static bool locked(void *page)
{
	return sys(SYS_msync, page, PAGE, MS_INVALIDATE) == -EBUSY;
}

static void ranges(void)
{
	char *block = map(8, RW, ANON);

	ok_equal(sys(SYS_mlock, block + 2 * PAGE + 5, PAGE), 0, "a page and a bit are locked");
	ok_equal(resident(block, 8), 2, "that is two pages, which are there");
	ok(locked(block + 2 * PAGE) && locked(block + 3 * PAGE), "both are locked");
	ok(!locked(block + PAGE) && !locked(block + 4 * PAGE), "and no others");
	ok(block[2 * PAGE] == 0, "they are zero");
	block[2 * PAGE] = 1;
	ok_equal(sys(SYS_madvise, block, 8 * PAGE, MADV_DONTNEED), -EINVAL,
		 "locked pages are not given back");
	ok_equal(block[2 * PAGE], 1, "they keep what was written");
	ok_equal(sys(SYS_mlock, block, 8 * PAGE), 0, "all are locked, some again");
	ok_equal(resident(block, 8), 8, "all are there");
	ok_equal(sys(SYS_munlock, block + 3 * PAGE, PAGE), 0, "one is unlocked");
	ok(locked(block + 2 * PAGE) && !locked(block + 3 * PAGE) && locked(block + 4 * PAGE),
	   "that one");
	ok_equal(sys(SYS_munlock, block, 8 * PAGE), 0, "all are, locked or not");
	ok(!locked(block) && !locked(block + 7 * PAGE) && block[2 * PAGE] == 1, "and kept");
	ok_equal(sys(SYS_mlock, block, 0), 0, "length 0 locks nothing");
	ok(!locked(block), "nothing at all");
	must(munmap(block, 8 * PAGE));
}

static void errors(void)
{
	char *block = map(4, RW, ANON);

	must(munmap(block + 2 * PAGE, PAGE));
	ok_equal(sys(SYS_mlock, block, 4 * PAGE), -ENOMEM, "a hole is ENOMEM");
	ok_equal(sys(SYS_munlock, block, 4 * PAGE), -ENOMEM, "to be unlocked as well");
	ok_equal(sys(SYS_mlock, 0xffff800000000000, PAGE), -ENOMEM, "the upper half is ENOMEM");
	ok_equal(sys(SYS_mlock, block, -8UL * PAGE), -EINVAL, "a range that wraps is EINVAL");
	ok_equal(sys(SYS_mlock2, block, PAGE, 2), -EINVAL, "an unknown flag of mlock2 is EINVAL");
	ok_equal(sys(SYS_mlockall, 0), -EINVAL, "mlockall without a flag is EINVAL");
	ok_equal(sys(SYS_mlockall, 8 | MCL_CURRENT), -EINVAL, "so is one with an unknown flag");
	ok_equal(sys(SYS_mlockall, MCL_ONFAULT), -EINVAL, "or with MCL_ONFAULT alone");
	must(mprotect(block, PAGE, PROT_NONE));
	ok_equal(sys(SYS_mlock, block, PAGE), -ENOMEM, "what is closed cannot be filled: ENOMEM");
	ok(locked(block), "but it is locked");
	must(munmap(block, 4 * PAGE));
}

static void on_fault(void)
{
	char *block = map(4, RW, ANON);

	ok_equal(sys(SYS_mlock2, block, 4 * PAGE, 1), 0, "mlock2 locks when pages come");
	ok_equal(resident(block, 4), 0, "none has come");
	ok(locked(block), "all the same it is locked");
	block[PAGE] = 1;
	ok_equal(resident(block, 4), 1, "a touch brings one");
	ok_equal(sys(SYS_mlock2, block, 4 * PAGE, 0), 0, "without the flag it is mlock");
	ok_equal(resident(block, 4), 4, "and brings all");
	must(munmap(block, 4 * PAGE));
}

static void mapped(void)
{
	char *block = map(8, RW, ANON | MAP_POPULATE), path[] = "/tmp/mlock-XXXXXX";
	int fd = (int)must(mkstemp(path));

	must(unlink(path));
	ok_equal(resident(block, 8), 8, "MAP_POPULATE brings all pages");
	ok(!locked(block), "and locks none");
	must(munmap(block, 8 * PAGE));
	block = map(8, PROT_READ, ANON | MAP_POPULATE);
	ok_equal(resident(block, 8), 8, "also those that are only to be read");
	must(munmap(block, 8 * PAGE));
	block = map(8, PROT_NONE, ANON | MAP_POPULATE);
	ok_equal(resident(block, 8), 0, "but not what is closed");
	must(munmap(block, 8 * PAGE));
	block = map(4, RW, ANON | MAP_LOCKED);
	ok(resident(block, 4) == 4 && locked(block), "MAP_LOCKED brings and locks");
	block = mremap(block, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	ok(block != MAP_FAILED && resident(block, 8) == 8,
	   "what a locked mapping grows by is there");
	ok(locked(block + 7 * PAGE), "and locked");
	must(munmap(block, 8 * PAGE));
	must(ftruncate(fd, 2 * PAGE));
	block = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_POPULATE, fd, 0);
	ok(block != MAP_FAILED, "a mapping beyond its file's end is populated as far as that");
	ok_equal(resident(block, 2), 2, "which is there");
	ok_equal(sys(SYS_mlock, block, 4 * PAGE), -ENOMEM, "mlock beyond the end is ENOMEM");
	must(munmap(block, 4 * PAGE));
	must(close(fd));
}

static void child_of_locked(void *arg)
{
	char *block = arg;

	EXPECT(!locked(block) && block[0] == 1);
	EXPECT(sys(SYS_madvise, block, PAGE, MADV_DONTNEED) == 0 && block[0] == 0);
}

static void all(void *unused)
{
	char *before = map(4, RW, ANON), *after, *end;

	(void)unused;
	EXPECT(sys(SYS_mlockall, MCL_CURRENT) == 0);
	EXPECT(locked(before) && resident(before, 4) == 4);
	after = map(4, RW, ANON);
	EXPECT(!locked(after) && resident(after, 4) == 0);
	EXPECT(sys(SYS_mlockall, MCL_FUTURE) == 0 && !locked(after));
	after = map(4, RW, ANON);
	EXPECT(locked(after) && resident(after, 4) == 4);
	end = (char *)sys(SYS_brk, 0);
	EXPECT(sys(SYS_brk, end + 4 * PAGE) == (long)end + 4 * (long)PAGE);
	end = (char *)(((uintptr_t)end + PAGE - 1) & ~(PAGE - 1));
	EXPECT(locked(end) && resident(end, 3) == 3);
	before[0] = 1;
	EXPECT(child_status(child_of_locked, before) == 0);
	EXPECT(sys(SYS_mlockall, MCL_FUTURE | MCL_ONFAULT) == 0);
	after = map(4, RW, ANON);
	EXPECT(locked(after) && resident(after, 4) == 0);
	EXPECT(sys(SYS_munlockall) == 0);
	EXPECT(!locked(before) && !locked(after));
	after = map(4, RW, ANON);
	EXPECT(!locked(after) && resident(after, 4) == 0);
}

static void become_nobody(rlim_t soft)
{
	struct rlimit limit = { soft, soft };

	must(setrlimit(RLIMIT_MEMLOCK, &limit));
	must(setresgid(65534, 65534, 65534));
	must(setresuid(65534, 65534, 65534));
}

static void limited(void *unused)
{
	char *block = map(16, RW, ANON), *other;

	(void)unused;
	become_nobody(8 * PAGE);
	EXPECT(sys(SYS_mlock, block, 9 * PAGE) == -ENOMEM && !locked(block));
	EXPECT(sys(SYS_mlock, block, 8 * PAGE) == 0);
	EXPECT(sys(SYS_mlock, block, 8 * PAGE) == 0);
	EXPECT(sys(SYS_mlock, block + 4 * PAGE, 5 * PAGE) == -ENOMEM);
	EXPECT(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0) == MAP_FAILED && errno == EAGAIN);
	EXPECT(sys(SYS_mremap, block, 8 * PAGE, 9 * PAGE, MREMAP_MAYMOVE, 0) == -EAGAIN);
	EXPECT(sys(SYS_munlock, block, 2 * PAGE) == 0);
	other = mmap(NULL, 2 * PAGE, RW, ANON | MAP_LOCKED, -1, 0);
	EXPECT(other != MAP_FAILED && locked(other));
	EXPECT(munmap(other, 2 * PAGE) == 0);
	EXPECT(sys(SYS_mlock, block + 8 * PAGE, 2 * PAGE) == 0);
	EXPECT(sys(SYS_mlockall, MCL_CURRENT) == -ENOMEM);
	EXPECT(sys(SYS_munlockall) == 0);
	EXPECT(sys(SYS_mlockall, MCL_FUTURE) == 0);
	EXPECT(mmap(NULL, 9 * PAGE, RW, ANON, -1, 0) == MAP_FAILED && errno == EAGAIN);
	EXPECT(mmap(NULL, 8 * PAGE, RW, ANON, -1, 0) != MAP_FAILED);
}

static void forbidden(void *unused)
{
	char *block = map(1, RW, ANON);

	(void)unused;
	become_nobody(0);
	EXPECT(sys(SYS_mlock, block, PAGE) == -EPERM);
	EXPECT(sys(SYS_mlock2, block, PAGE, 0) == -EPERM);
	EXPECT(sys(SYS_mlockall, MCL_CURRENT) == -EPERM);
	EXPECT(sys(SYS_mmap, NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0) == -EPERM);
	EXPECT(sys(SYS_munlock, block, PAGE) == 0);
	EXPECT(sys(SYS_munlockall) == 0);
}

static void of_root(void *unused)
{
	struct rlimit none = { 0, 0 };
	char *block = map(4, RW, ANON);

	(void)unused;
	must(setrlimit(RLIMIT_MEMLOCK, &none));
	EXPECT(sys(SYS_mlock, block, 4 * PAGE) == 0 && locked(block));
}

int main(void)
{
	ranges();
	errors();
	on_fault();
	mapped();
	ok_child(all, NULL,
		 "mlockall locks all there is, or all that comes, and children have none");
	if (getuid()) {
		skip("limits are told from root's freedom only by root");
		return done();
	}
	ok_child(of_root, NULL, "root locks whatever the limit is");
	ok_child(limited, NULL, "RLIMIT_MEMLOCK limits what others lock");
	ok_child(forbidden, NULL, "with a limit of 0 they lock nothing");
	return done();
}
