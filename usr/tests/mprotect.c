/*
 * mprotect: splits areas and joins them, takes rights away from pages that are there and gives
 * them back with their content. Also a thousand areas at once, and that data is code only where
 * it was said to be.
 */
#include "tap.h"

#include <sys/mman.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void touch(void *address)
{
	*(volatile char *)address = 1;
}

static void peek(void *address)
{
	(void)*(volatile char *)address;
}

static void call(void *address)
{
	((void (*)(void))address)();
}

static bool readable(char *page)
{
	return child_status(peek, page) == 0;
}

static bool writable(char *page)
{
	return child_status(touch, page) == 0;
}

static void middle(void)
{
	char *block = mmap(NULL, 5 * PAGE, RW, ANON, -1, 0);

	for (size_t i = 0; i < 5; i++)
		block[i * PAGE] = (char)(i + 1);
	ok_equal(mprotect(block + 2 * PAGE, PAGE, PROT_READ), 0,
		 "the middle of an area becomes read-only");
	ok(!writable(block + 2 * PAGE) && readable(block + 2 * PAGE),
	   "it can be read, not written");
	ok(writable(block + PAGE) && writable(block + 3 * PAGE), "its neighbours can be written");
	ok_equal(block[2 * PAGE], 3, "its content is kept");
	ok_equal(mprotect(block, 5 * PAGE, PROT_NONE), 0, "all of it is closed, over the split");
	ok(!readable(block) && !readable(block + 2 * PAGE) && !readable(block + 4 * PAGE),
	   "nothing can be read");
	ok_equal(mprotect(block, 5 * PAGE, RW), 0, "and opened again");
	for (size_t i = 0; i < 5; i++)
		ok_equal(block[i * PAGE], (long)(i + 1), "page %lu has its content again",
			 (unsigned long)i);
	block[2 * PAGE] = 9;
	ok_equal(block[2 * PAGE], 9, "and can be written");
	must(munmap(block, 5 * PAGE));
}

static void errors(void)
{
	char *block = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);

	must(munmap(block + 2 * PAGE, PAGE));
	ok_equal(sys(SYS_mprotect, block + 1, PAGE, RW), -EINVAL, "an odd address is EINVAL");
	ok_equal(sys(SYS_mprotect, block, 0, PROT_READ), 0, "length 0 does nothing");
	ok(writable(block), "nothing at all");
	ok_equal(sys(SYS_mprotect, block, 4 * PAGE, PROT_READ), -ENOMEM,
		 "a hole in the range is ENOMEM");
	ok(!writable(block) && !writable(block + PAGE), "what is before it has changed");
	ok(writable(block + 3 * PAGE), "what is behind it has not");
	must(mprotect(block, 2 * PAGE, RW));
	ok_equal(sys(SYS_mprotect, block, -PAGE, PROT_READ), -ENOMEM,
		 "a length that wraps is ENOMEM");
	ok_equal(sys(SYS_mprotect, 0xffff800000000000, PAGE, PROT_READ), -ENOMEM,
		 "the upper half is ENOMEM");
	ok_equal(sys(SYS_mprotect, block, PAGE, 0x40), -EINVAL, "an unknown protection is EINVAL");
	ok_equal(sys(SYS_mprotect, block, 0, 0x40), 0, "but not of no bytes");
	ok_equal(sys(SYS_mprotect, block + 1, 0, 0x40), -EINVAL, "unless the address is odd");
	must(munmap(block, 4 * PAGE));
}

static void data_is_not_code(void)
{
	static const unsigned char ret = 0xc3;
	unsigned char *block = mmap(NULL, PAGE, RW, ANON, -1, 0);
	unsigned char on_stack[16];

	memcpy(block, &ret, 1);
	memcpy(on_stack, &ret, 1);
	ok_equal(death_signal(child_status(call, block)), SIGSEGV,
		 "running a data page is SIGSEGV");
	ok_equal(death_signal(child_status(call, on_stack)), SIGSEGV,
		 "running the stack is SIGSEGV");
	ok_equal(mprotect(block, PAGE, PROT_READ | PROT_EXEC), 0, "a written page may become code");
	ok_equal(child_status(call, block), 0, "which runs");
	ok_equal(death_signal(child_status(touch, block)), SIGSEGV, "and is not writable");
	ok_equal(mprotect(block, PAGE, PROT_READ), 0, "the right to run is taken back");
	ok_equal(death_signal(child_status(call, block)), SIGSEGV, "running it is SIGSEGV again");
	must(munmap(block, PAGE));
	ok_equal(death_signal(child_status(touch, (void *)middle)), SIGSEGV,
		 "writing the text is SIGSEGV");
	ok_equal(death_signal(child_status(touch, (void *)&ret)), SIGSEGV,
		 "writing read-only data is SIGSEGV");
}

/* As on Linux, unless Facet was told on its command line that no page may be both. */
static void both_at_once(void)
{
	const int both = PROT_READ | PROT_WRITE | PROT_EXEC;
	char *page = mmap(NULL, PAGE, RW, ANON, -1, 0), *other, line[512] = "";

	*page = (char)0xc3; /* ret */
	read_text("/proc/cmdline", line, sizeof(line));
	if (strstr(line, "wx=0")) {
		ok_errno(mprotect(page, PAGE, both), EACCES,
			 "with wx=0 no written page is made executable as well");
		ok(writable(page), "it is what it was");
		ok_errno(mmap(NULL, PAGE, both, ANON, -1, 0), EACCES, "none is mapped so");
	} else {
		ok_equal(mprotect(page, PAGE, both), 0,
			 "a written page becomes executable as well");
		ok(writable(page) && child_status(call, page) == 0, "it is both");
		other = mmap(NULL, PAGE, both, ANON, -1, 0);
		ok(other != MAP_FAILED, "one is mapped so");
		*other = (char)0xc3;
		ok_equal(child_status(call, other), 0, "what is written to it runs");
		must(munmap(other, PAGE));
	}
	must(munmap(page, PAGE));
}

/* A read-only page after fork must not become writable by the parent's or child's old rights. */
static void over_fork(void)
{
	char *page = mmap(NULL, PAGE, RW, ANON, -1, 0);
	struct gate gate = new_gate();
	pid_t child;

	*page = 1;
	must(mprotect(page, PAGE, PROT_READ));
	ok_equal(death_signal(child_status(touch, page)), SIGSEGV,
		 "a child has the rights of its parent");
	child = (pid_t)must(fork());
	if (child == 0) {
		pass_gate(&gate);
		touch(page);
		_exit(0);
	}
	must(mprotect(page, PAGE, RW));
	*page = 2;
	open_gate(&gate);
	ok_equal(death_signal(wait_child(child)), SIGSEGV,
		 "what the parent changes later is its own");
	must(mprotect(page, PAGE, PROT_NONE));
	must(mprotect(page, PAGE, RW));
	ok_equal(*page, 2, "the parent's page is its own too");
	free_gate(&gate);
	must(munmap(page, PAGE));
}

static void many_areas(void)
{
	enum { AREAS = 1000 };
	char *block = mmap(NULL, AREAS * PAGE, RW, ANON, -1, 0);
	bool good = true;

	for (size_t i = 0; i < AREAS; i += 2)
		good = good && mprotect(block + i * PAGE, PAGE, PROT_READ) == 0;
	ok(good, "%d areas are made by every other page", AREAS);
	for (size_t i = 1; i < AREAS; i += 2)
		block[i * PAGE] = (char)i;
	ok(!writable(block + 500 * PAGE) && writable(block + 501 * PAGE),
	   "each has its own rights");
	good = true;
	for (size_t i = 0; i < AREAS; i++)
		good = good && block[i * PAGE] == (i & 1 ? (char)i : 0);
	ok(good, "and its own content");
	ok_equal(mprotect(block, AREAS * PAGE, RW), 0, "all are made one again");
	for (size_t i = 0; i < AREAS; i++)
		block[i * PAGE + 1] = 1;
	for (size_t i = 0; i < AREAS; i += 3)
		must(munmap(block + i * PAGE, PAGE));
	ok(!readable(block + 333 * PAGE) && readable(block + 334 * PAGE),
	   "every third is unmapped");
	ok_equal(munmap(block, AREAS * PAGE), 0, "the rest goes at once");
	ok(!readable(block + PAGE) && !readable(block + (AREAS - 1) * PAGE), "all of it");
}

int main(void)
{
	middle();
	errors();
	data_is_not_code();
	both_at_once();
	over_fork();
	if (small_machine())
		skip("1,000 areas twice need more memory than this machine has");
	else
		many_areas();
	return done();
}
