/*
 * Memory that is promised: what can be written counts, what cannot does not, and what does not fit
 * is refused where it is asked for. The three modes of vm.overcommit_memory, which on Linux are not
 * the test's to change.
 */
#include "tap.h"

#include <sys/mman.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define MODE "/proc/sys/vm/overcommit_memory"

static long map(unsigned long size, int rights, int flags)
{
	return sys(SYS_mmap, NULL, size, rights, flags, -1, 0);
}

static bool set_mode(const char *mode)
{
	int fd = open(MODE, O_WRONLY);
	bool good = fd >= 0 && write(fd, mode, 1) == 1;

	close(fd);
	return good;
}

static long promised(void)
{
	return meminfo("Committed_AS:") * 1024L;
}

/* What is more by now than before, in pages; others may use a page or two. */
static long more_than(long before)
{
	return (promised() - before) / (long)PAGE;
}

static void by_rights(void)
{
	enum { PAGES = 1024 };
	long before = promised();
	char *block = (char *)map(PAGES * PAGE, PROT_NONE, ANON);

	ok_equal(more_than(before), 0, "what is closed is not promised");
	must(mprotect(block, PAGES / 2 * PAGE, PROT_READ));
	ok_equal(more_than(before), 0, "nor what can be read");
	must(mprotect(block, PAGES / 4 * PAGE, RW));
	ok_equal(more_than(before), PAGES / 4, "what can be written is");
	must(mprotect(block, PAGES * PAGE, PROT_NONE));
	ok_equal(more_than(before), PAGES / 4,
		 "and stays so when it is closed: it may have content");
	must(munmap(block, PAGES / 8 * PAGE));
	ok_equal(more_than(before), PAGES / 8, "until it is unmapped");
	must(munmap(block, PAGES * PAGE));
	ok_equal(more_than(before), 0, "all of it");
	block = (char *)map(PAGES * PAGE, RW, ANON);
	block = mremap(block, PAGES * PAGE, 2 * PAGES * PAGE, MREMAP_MAYMOVE);
	ok_equal(more_than(before), 2 * PAGES, "what it grows by is promised");
	block = mremap(block, 2 * PAGES * PAGE, PAGES * PAGE, 0);
	ok_equal(more_than(before), PAGES, "what it shrinks by is not");
	must(madvise(block, PAGES * PAGE, MADV_DONTNEED));
	ok_equal(more_than(before), PAGES, "pages that were given back still are");
	must(munmap(block, PAGES * PAGE));
	block = (char *)map(PAGES * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS);
	ok_equal(more_than(before), PAGES, "shared memory is promised to all who share it");
	must(munmap(block, PAGES * PAGE));
	ok_equal(more_than(before), 0, "and to nobody when all have left");
}

static void not_forked(void *block)
{
	EXPECT(sys(SYS_msync, block, PAGE, MS_ASYNC) == -ENOMEM);
}

/* Half of what can be promised cannot be promised twice. */
static void of_children(unsigned long limit)
{
	unsigned long size = (limit - (unsigned long)promised()) / 8 * 5 & ~(PAGE - 1);
	char *block = (char *)map(size, RW, ANON);
	pid_t pid;

	ok((long)block > 0, "more than half of what is left can be had");
	pid = fork();
	if (pid == 0)
		_exit(0);
	ok(pid < 0 && errno == ENOMEM, "but a fork would promise it again: ENOMEM");
	must(madvise(block, size, MADV_DONTFORK));
	ok_child(not_forked, block, "unless the child is not to have it");
	must(munmap(block, size));
}

static void strict(unsigned long limit, unsigned long total)
{
	long block = map(2 * total, PROT_NONE, ANON);

	ok(block > 0, "more than all memory can be mapped and closed");
	ok_equal(sys(SYS_mprotect, block, 2 * total, RW), -ENOMEM, "but not opened");
	must(munmap((void *)block, 2 * total));
	ok_equal(map(limit, RW, ANON), -ENOMEM, "all that can be promised cannot be had at once");
	ok_equal(map(limit, RW, ANON | MAP_NORESERVE), -ENOMEM, "MAP_NORESERVE or not");
	ok_equal(map(limit, RW, MAP_SHARED | MAP_ANONYMOUS), -ENOMEM, "shared or not");
	of_children(limit);
}

static void guess(unsigned long limit, unsigned long total)
{
	long block, second;

	ok(set_mode("0"), "mode 0 is set");
	block = map(limit, RW, ANON);
	second = map(limit, RW, ANON);
	ok(block > 0 && second > 0, "what all of memory could hold is promised, more than once");
	ok_equal(map(2 * total, RW, ANON), -ENOMEM, "what is larger is not");
	must(munmap((void *)block, limit));
	must(munmap((void *)second, limit));
	block = map(2 * total, RW, ANON | MAP_NORESERVE);
	ok(block > 0, "unless nothing is to be reserved");
	must(munmap((void *)block, 2 * total));
}

static void always(unsigned long total)
{
	long block;

	ok(set_mode("1"), "mode 1 is set");
	block = map(16 * total, RW, ANON);
	ok(block > 0, "everything is promised");
	*(char *)block = 1;
	((char *)block)[15 * total] = 1;
	must(munmap((void *)block, 16 * total));
}

int main(void)
{
	unsigned long total = (unsigned long)meminfo("MemTotal:") * 1024;
	unsigned long limit = (unsigned long)meminfo("CommitLimit:") * 1024;
	long before = promised();
	char mode[8];

	if (!on_facet() || small_machine()) {
		skip("others change what is promised, or there is not enough of it");
		return done();
	}
	by_rights();
	if (read_text(MODE, mode, sizeof(mode)) <= 0 || mode[0] != '2') {
		skip("the machine was told to promise all");
		return done();
	}
	strict(limit, total);
	guess(limit, total);
	always(total);
	ok(!set_mode("3"), "there is no mode 3");
	ok(set_mode("2"), "mode 2 is set again");
	ok_equal(map(limit, RW, ANON), -ENOMEM, "and kept");
	ok_equal(promised(), before, "nothing more is promised than before");
	return done();
}
