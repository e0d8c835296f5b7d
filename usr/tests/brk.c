/*
 * brk: grows and shrinks by the byte, keeps what was written, gives zeroes after shrinking and
 * growing again, and answers what it cannot do with the old end (brk(2), the raw call).
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/resource.h>

static char *start;

static char *move(char *to)
{
	return (char *)sys(SYS_brk, to);
}

static bool all_zero(const char *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (from[i])
			return false;
	return true;
}

static void grow_and_shrink(void)
{
	ok(move(0) == start, "brk(0) tells the end and moves nothing");
	ok(move(start + 10 * PAGE) == start + 10 * PAGE, "it grows by ten pages");
	ok(all_zero(start, 10 * PAGE), "which are zero");
	memset(start, 0x11, 10 * PAGE);
	ok(move(start + 5 * PAGE) == start + 5 * PAGE, "it shrinks by five");
	ok(start[0] == 0x11 && start[5 * PAGE - 1] == 0x11, "what is left is kept");
	ok(move(start + 20 * PAGE) == start + 20 * PAGE, "it grows again");
	ok(start[5 * PAGE - 1] == 0x11, "still keeping it");
	ok(all_zero(start + 5 * PAGE, 15 * PAGE), "pages given back come again as zeroes");
	ok(move(start + 20 * PAGE + 123) == start + 20 * PAGE + 123, "the end may be any byte");
	start[20 * PAGE + 4000] = 1; /* the page is there to its end */
	ok(move(start + 20 * PAGE + 1) == start + 20 * PAGE + 1, "it shrinks within a page");
	ok(move(start + 20 * PAGE + 5000) == start + 20 * PAGE + 5000, "and grows past it");
	ok(all_zero(start + 21 * PAGE, 900), "the next page is zero");
	ok(move(start) == start, "back at the start");
}

static void touch(void *address)
{
	*(volatile char *)address = 1;
}

static void refusals(void)
{
	char *end = start + 2 * PAGE;
	static const unsigned long wild[] = {
		1,   0x1000, 0x7ffffffff000, 0x800000000000, 0xffff800000000000, 0xfffffffffffff000,
		-1UL
	};

	must(move(end) == end ? 0 : -1);
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++)
		ok(move((char *)wild[i]) == end, "brk(0x%lx) is answered with the old end",
		   wild[i]);
	ok(move(start - PAGE) == end, "below the start too");
	ok(move(start) == start, "the start itself is allowed");
}

static void faults(void)
{
	move(start + PAGE);
	ok_equal(child_status(touch, start), 0, "the page inside can be written");
	move(start);
	ok_equal(death_signal(child_status(touch, start + PAGE)), SIGSEGV,
		 "a page beyond the end is SIGSEGV");
	move(start + 4 * PAGE);
	memset(start, 1, 4 * PAGE);
	move(start + 2 * PAGE);
	ok_equal(death_signal(child_status(touch, start + 3 * PAGE)), SIGSEGV,
		 "a page given back is SIGSEGV");
	move(start);
}

/* The heap does not run into a mapping. */
static void neighbour(void)
{
	char *aligned = (char *)(((uintptr_t)start + PAGE - 1) & ~(PAGE - 1));
	char *block = mmap(aligned + 8 * PAGE, PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (!ok(block == aligned + 8 * PAGE, "a mapping is placed above the heap"))
		return;
	*block = 42;
	ok(move(aligned + 4 * PAGE) == aligned + 4 * PAGE, "the heap grows below it");
	ok(move(aligned + 9 * PAGE) == aligned + 4 * PAGE, "but not over it");
	ok_equal(*block, 42, "which keeps its content");
	munmap(block, PAGE);
	move(start);
}

static void limited(void *unused)
{
	struct rlimit limit = { 64 * PAGE, 64 * PAGE };
	char *end = move(0);

	(void)unused;
	must(setrlimit(RLIMIT_DATA, &limit));
	EXPECT(move(end + 4096 * PAGE) == end);
	EXPECT(move(end + PAGE) == end + PAGE);
	limit.rlim_cur = limit.rlim_max = 0;
	must(setrlimit(RLIMIT_AS, &limit));
	EXPECT(move(end + 2 * PAGE) == end + PAGE);
	EXPECT(move(end) == end);
}

static void stays_over_fork(void *unused)
{
	char *end = move(0);

	(void)unused;
	EXPECT(end == start + 3 * PAGE);
	EXPECT(start[0] == 7 && start[2 * PAGE] == 9);
	EXPECT(move(end + PAGE) == end + PAGE);
	end[0] = 1;
}

int main(void)
{
	start = move(0);
	grow_and_shrink();
	refusals();
	faults();
	neighbour();
	ok_child(limited, NULL, "RLIMIT_DATA and RLIMIT_AS limit the heap");
	move(start + 3 * PAGE);
	start[0] = 7;
	start[2 * PAGE] = 9;
	ok_child(stays_over_fork, NULL, "a child has the heap of its parent and moves its own end");
	ok(move(0) == start + 3 * PAGE, "the parent's end stays");
	move(start);
	return done();
}
