/*
 * mmap and munmap of anonymous memory: where it is put, what is refused, holes torn into areas,
 * and that pages come as zeroes (mmap(2)).
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/resource.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define FREE_PLACE ((char *)0x200000000000UL)

static char *map(void *hint, size_t pages, int protection, int flags)
{
	return mmap(hint, pages * PAGE, protection, flags, -1, 0);
}

static void touch(void *address)
{
	*(volatile char *)address = 1;
}

static void peek(void *address)
{
	(void)*(volatile char *)address;
}

static bool mapped(char *page)
{
	return death_signal(child_status(peek, page)) != SIGSEGV;
}

static void zeroes(void)
{
	char *block = map(NULL, 100, RW, ANON);
	unsigned char sum = 0;

	ok(block != MAP_FAILED && !((uintptr_t)block & (PAGE - 1)), "a mapping is page aligned");
	for (size_t i = 0; i < 100 * PAGE; i += 64)
		sum |= (unsigned char)block[i];
	ok_equal(sum, 0, "100 pages read as zeroes");
	for (size_t i = 0; i < 100; i += 2)
		block[i * PAGE + 9] = (char)i;
	for (size_t i = 0; i < 100; i++)
		sum |= block[i * PAGE + 9] != (i & 1 ? 0 : (char)i) || block[i * PAGE + 10];
	ok_equal(sum, 0, "writing every other page leaves the others zero");
	memset(block, 0xee, 100 * PAGE);
	must(munmap(block, 100 * PAGE));
	block = map(block, 100, RW, ANON | MAP_FIXED);
	for (size_t i = 0; i < 100 * PAGE; i += 64)
		sum |= (unsigned char)block[i];
	ok_equal(sum, 0, "mapped again they are zeroes again");
	must(munmap(block, 100 * PAGE));
}

static void placement(void)
{
	char *block = map(FREE_PLACE, 4, RW, ANON), *other;

	ok(block == FREE_PLACE, "a free place that is hinted at is taken");
	other = map(FREE_PLACE, 4, RW, ANON);
	ok(other != MAP_FAILED && other != FREE_PLACE, "a hint at a taken place gives another");
	must(munmap(other, 4 * PAGE));
	other = map(FREE_PLACE + 8 * PAGE + 5, 1, RW, ANON);
	ok(other != MAP_FAILED && !((uintptr_t)other & (PAGE - 1)),
	   "an unaligned hint is no error");
	must(munmap(other, PAGE));

	block[PAGE] = 1;
	block[2 * PAGE] = 2;
	other = map(FREE_PLACE + PAGE, 1, RW, ANON | MAP_FIXED);
	ok(other == FREE_PLACE + PAGE && *other == 0, "MAP_FIXED replaces what was there");
	ok_equal(block[2 * PAGE], 2, "and nothing beside it");
	ok_errno(map(FREE_PLACE + PAGE, 1, RW, ANON | MAP_FIXED_NOREPLACE), EEXIST,
		 "MAP_FIXED_NOREPLACE of a taken place is EEXIST");
	ok_errno(map(FREE_PLACE + 3 * PAGE, 4, RW, ANON | MAP_FIXED_NOREPLACE), EEXIST,
		 "of a partly taken one too");
	other = map(FREE_PLACE + 4 * PAGE, 2, RW, ANON | MAP_FIXED_NOREPLACE);
	ok(other == FREE_PLACE + 4 * PAGE, "of a free one it maps there");
	must(munmap(FREE_PLACE, 6 * PAGE));
	ok(!mapped(FREE_PLACE) && !mapped(FREE_PLACE + 5 * PAGE),
	   "one munmap removes several mappings");
}

static void errors(void)
{
	static const struct {
		unsigned long address, length;
		int flags, error;
		const char *what;
	} cases[] = {
		{ 0, 0, ANON, EINVAL, "length 0" },
		{ 0, -1UL, ANON, ENOMEM, "a length that wraps" },
		{ 0, 0x7ffffffff000, ANON, ENOMEM, "more than there is of addresses" },
		{ 0, 1UL << 63, ANON, ENOMEM, "half of all addresses" },
		{ 0x10001, PAGE, ANON | MAP_FIXED, EINVAL, "MAP_FIXED at an odd address" },
		{ 0x7ffffffff000, PAGE, ANON | MAP_FIXED, ENOMEM,
		  "MAP_FIXED at the page never mapped" },
		{ 0x7fffffffe000, 2 * PAGE, ANON | MAP_FIXED, ENOMEM, "MAP_FIXED across the end" },
		{ 0x800000000000, PAGE, ANON | MAP_FIXED, ENOMEM,
		  "MAP_FIXED at no canonical address" },
		{ 0xffff800000000000, PAGE, ANON | MAP_FIXED, ENOMEM,
		  "MAP_FIXED in the upper half" },
		{ 0xfffffffffffff000, PAGE, ANON | MAP_FIXED, ENOMEM,
		  "MAP_FIXED at the last page" },
		{ 0, PAGE, MAP_ANONYMOUS, EINVAL, "neither private nor shared" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok_equal(
			sys(SYS_mmap, cases[i].address, cases[i].length, RW, cases[i].flags, -1, 0),
			-cases[i].error, "mmap of %s is refused", cases[i].what);
	ok_equal(sys(SYS_mmap, 0, PAGE, RW, MAP_PRIVATE, -1, 0), -EBADF,
		 "no file and no MAP_ANONYMOUS");
	ok_equal(sys(SYS_mmap, 0, PAGE, RW, MAP_PRIVATE, 99, 0), -EBADF,
		 "a descriptor that is not open");
	ok_equal(sys(SYS_mmap, 0, PAGE, RW, ANON, -1, 17), -EINVAL, "an offset off the page");
	ok_equal(sys(SYS_munmap, FREE_PLACE + 1, PAGE), -EINVAL, "munmap of an odd address");
	ok_equal(sys(SYS_munmap, FREE_PLACE, 0), -EINVAL, "munmap of length 0");
	ok_equal(sys(SYS_munmap, FREE_PLACE, -1UL), -EINVAL, "munmap of a length that wraps");
	ok_equal(sys(SYS_munmap, 0xffff800000000000, PAGE), -EINVAL, "munmap in the upper half");
	ok_equal(sys(SYS_munmap, 0x7fffffffe000, 4 * PAGE), -EINVAL, "munmap across the end");
	ok_equal(sys(SYS_munmap, FREE_PLACE, 16 * PAGE), 0, "munmap of nothing is fine");
}

static void holes(void)
{
	char *block = map(NULL, 9, RW, ANON);

	for (size_t i = 0; i < 9; i++)
		block[i * PAGE] = (char)(i + 1);
	must(munmap(block + 3 * PAGE, 3 * PAGE));
	ok(!mapped(block + 3 * PAGE) && !mapped(block + 5 * PAGE),
	   "a hole in the middle is a hole");
	ok(block[0] == 1 && block[2 * PAGE] == 3 && block[6 * PAGE] == 7 && block[8 * PAGE] == 9,
	   "both sides keep their pages");
	must(munmap(block, PAGE));
	must(munmap(block + 8 * PAGE, PAGE));
	ok(!mapped(block) && !mapped(block + 8 * PAGE), "the ends can be cut off");
	ok(block[PAGE] == 2 && block[7 * PAGE] == 8, "what is between is kept");
	must(munmap(block + PAGE, 7 * PAGE));
	ok(!mapped(block + PAGE) && !mapped(block + 7 * PAGE), "one munmap spans a hole");

	block = map(NULL, 2, RW, ANON);
	block[PAGE] = 5;
	must(munmap(block, 1));
	ok(!mapped(block) && block[PAGE] == 5, "a length of 1 is the whole page and no more");
	must(munmap(block + PAGE, PAGE));
}

static void protections(void)
{
	char *block = map(NULL, 1, PROT_READ, ANON);

	ok_equal(*block, 0, "a read-only mapping reads as zero");
	ok_equal(death_signal(child_status(touch, block)), SIGSEGV, "writing it is SIGSEGV");
	must(munmap(block, PAGE));
	block = map(NULL, 1, PROT_NONE, ANON);
	ok_equal(death_signal(child_status(peek, block)), SIGSEGV, "reading PROT_NONE is SIGSEGV");
	must(munmap(block, PAGE));
	block = map(NULL, 3, RW, ANON);
	must(munmap(block + PAGE, PAGE));
	ok_equal(death_signal(child_status(touch, block + PAGE)), SIGSEGV,
		 "writing a hole is SIGSEGV");
	must(munmap(block, 3 * PAGE));
}

static void limited(void *unused)
{
	struct rlimit limit = { 16 << 20, 16 << 20 };
	char *block;

	(void)unused;
	must(setrlimit(RLIMIT_AS, &limit));
	EXPECT(map(NULL, 4096, PROT_NONE, ANON) == MAP_FAILED && errno == ENOMEM);
	block = map(NULL, 256, RW, ANON);
	EXPECT(block != MAP_FAILED);
	block[0] = 1;
	EXPECT(munmap(block, 256 * PAGE) == 0);
	EXPECT(map(NULL, 256, RW, ANON) != MAP_FAILED);
}

/* One page each end of every level of the page table. */
static void far_apart(void)
{
	static const unsigned long places[] = { 0x10000,
						0x3ffff000,
						0x40000000,
						0x7fffff000,
						0x8000000000,
						0x100000000000,
						0x7f0000000000 - PAGE,
						0x10001fe00000 };
	char *got[ARRAY_SIZE(places)];
	bool good = true;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		got[i] = map((void *)places[i], 1, RW, ANON | MAP_FIXED_NOREPLACE);
		good = good && got[i] == (char *)places[i];
		if (good)
			*got[i] = (char)(i + 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		good = good && *got[i] == (char)(i + 1) && munmap(got[i], PAGE) == 0;
	ok(good, "single pages all over the address space");
}

int main(void)
{
	zeroes();
	placement();
	errors();
	holes();
	protections();
	ok_child(limited, NULL,
		 "RLIMIT_AS limits what is mapped, and what is unmapped counts no more");
	far_apart();
	return done();
}
