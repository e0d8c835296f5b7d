/*
 * mremap: a mapping shrinks, grows where it is or elsewhere, moves to where it is told, and keeps
 * its pages, its rights and its file. What it may not do is refused and changes nothing.
 */
#include "tap.h"

#include <sys/mman.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED (MAP_SHARED | MAP_ANONYMOUS)
#define ROOM ((char *)0x400000000000) /* far from everything */

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static char *map(void *at, size_t pages, int flags)
{
	char *block = mmap(at, pages * PAGE, RW, flags | (at ? MAP_FIXED : 0), -1, 0);

	if (block == MAP_FAILED)
		bail("mmap of %lu pages: errno %d", (unsigned long)pages, errno);
	return block;
}

/* The raw call: its last argument counts whatever the flags are. */
static long remap(void *from, size_t old_pages, size_t new_pages, long flags, void *to)
{
	return sys(SYS_mremap, from, old_pages * PAGE, new_pages * PAGE, flags, to);
}

static void number(char *block, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		block[i * PAGE] = (char)(i + 1);
}

static bool numbered(const char *block, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		if (block[i * PAGE] != (char)(i + 1))
			return false;
	return true;
}

static bool zero(const char *block, size_t from, size_t to)
{
	for (size_t i = from * PAGE; i < to * PAGE; i += 512)
		if (block[i])
			return false;
	return true;
}

static bool mapped(void *page)
{
	return sys(SYS_msync, page, PAGE, MS_ASYNC) == 0;
}

static void touch(void *address)
{
	*(volatile char *)address = 1;
}

static void in_place(void)
{
	char *block = map(ROOM, 4, ANON);

	number(block, 4);
	ok(remap(block, 4, 2, 0, NULL) == (long)block, "shrinking stays where it is");
	ok(numbered(block, 2), "what is kept has its content");
	ok(!mapped(block + 2 * PAGE) && !mapped(block + 3 * PAGE), "the rest is unmapped");
	ok(remap(block, 2, 8, 0, NULL) == (long)block, "growing into free room stays as well");
	ok(numbered(block, 2) && zero(block, 2, 8), "the new pages are zeroes, also the lost ones");
	ok(remap(block, 8, 8, 0, NULL) == (long)block, "the same size is no change");
	ok(remap(block + 3 * PAGE, 5, 6, 0, NULL) == (long)block + 3 * (long)PAGE,
	   "the end of a mapping grows");
	ok(mapped(block + 8 * PAGE), "by its own size");
	ok_equal(remap(block, 3, 4, 0, NULL), -ENOMEM, "its middle cannot grow in place");
	map(block + 9 * PAGE, 1, ANON);
	must(mprotect(block + 9 * PAGE, PAGE, PROT_READ));
	ok_equal(remap(block, 9, 10, 0, NULL), -ENOMEM, "nor can it over a neighbour");
	ok(remap(block, 9, 1, MREMAP_MAYMOVE, NULL) == (long)block, "MAYMOVE shrinks in place");
	must(munmap(block, 10 * PAGE));
}

static void moving(void)
{
	char *block = map(ROOM, 4, ANON), *other;

	number(block, 4);
	map(ROOM + 4 * PAGE, 1, SHARED);
	other = (char *)remap(block, 4, 600, MREMAP_MAYMOVE, NULL);
	ok((long)other > 0 && other != block, "what has no room goes elsewhere");
	ok(numbered(other, 4) && zero(other, 4, 600), "its pages go with it, new ones are zeroes");
	ok(!mapped(block) && !mapped(block + 3 * PAGE), "its old place is free");
	ok(mapped(block + 4 * PAGE), "its old neighbour is not touched");
	other[599 * PAGE] = 1;
	block = (char *)remap(other, 600, 3, MREMAP_MAYMOVE | MREMAP_FIXED, ROOM + PAGE);
	ok(block == ROOM + PAGE, "MREMAP_FIXED moves to where it is told");
	ok(numbered(block, 3), "and shrinks on the way");
	ok(!mapped(other) && !mapped(other + 599 * PAGE), "nothing of the old place is left");
	ok(block[3 * PAGE] == 0, "what is behind the target is what it was");
	block = (char *)remap(block, 2, 2, MREMAP_MAYMOVE | MREMAP_FIXED, ROOM + 4 * PAGE);
	ok(block == ROOM + 4 * PAGE && numbered(block, 2), "it replaces what is there");
	ok(ROOM[3 * PAGE] == 3, "a part of a mapping can be moved out of it");
	ok(!mapped(ROOM + PAGE) && !mapped(ROOM + 2 * PAGE), "which leaves a hole");
	must(munmap(ROOM, 8 * PAGE));
}

static void rights(void)
{
	char *block = map(ROOM, 2, ANON), *other;

	number(block, 2);
	must(mprotect(block, 2 * PAGE, PROT_READ));
	other = (char *)remap(block, 2, 2, MREMAP_MAYMOVE | MREMAP_FIXED, ROOM + 8 * PAGE);
	ok(numbered(other, 2), "a read-only mapping can be moved");
	ok_equal(death_signal(child_status(touch, other)), SIGSEGV, "and stays read-only");
	must(mprotect(other, 2 * PAGE, PROT_NONE));
	other = (char *)remap(other, 2, 3, MREMAP_MAYMOVE | MREMAP_FIXED, ROOM);
	ok_equal(death_signal(child_status(touch, other)), SIGSEGV, "so does a closed one");
	must(mprotect(other, 3 * PAGE, RW));
	ok(numbered(other, 2) && zero(other, 2, 3), "opened again it has its pages");
	must(munmap(other, 3 * PAGE));
}

/* Moved and grown in the child: the parent's pages are its own, and so are its places. */
static void child_moves(void *arg)
{
	char *block = arg, *other;

	other = (char *)remap(block, 4, 64, MREMAP_MAYMOVE | MREMAP_FIXED, ROOM + 64 * PAGE);
	EXPECT((long)other > 0 && numbered(other, 4));
	memset(other, 0xff, 64 * PAGE);
	EXPECT(remap(other, 64, 4, MREMAP_MAYMOVE | MREMAP_FIXED, block) == (long)block);
	EXPECT(block[0] == (char)0xff);
}

static void over_fork(void)
{
	char *block = map(ROOM, 4, ANON);

	number(block, 4);
	ok_child(child_moves, block, "a child moves what it has from its parent");
	ok(numbered(block, 4), "whose pages are untouched");
	block[0] = 9;
	block = (char *)remap(block, 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, ROOM + 8 * PAGE);
	ok(block[0] == 9 && block[PAGE] == 2, "and move after it as before");
	must(munmap(block, 4 * PAGE));
}

static void shared(void)
{
	char *block = map(ROOM, 4, SHARED), *second;

	number(block, 4);
	second = (char *)remap(block, 0, 4, MREMAP_MAYMOVE, NULL);
	ok((long)second > 0 && second != block, "an old size of 0 maps shared memory once more");
	ok(numbered(second, 4) && numbered(block, 4), "the same pages");
	second[PAGE] = 77;
	ok_equal(block[PAGE], 77, "what one writes shows in the other");
	must(munmap(second, 4 * PAGE));
	second = (char *)remap(block + 2 * PAGE, 0, 1, MREMAP_MAYMOVE | MREMAP_FIXED,
			       ROOM + 9 * PAGE);
	ok(second == ROOM + 9 * PAGE && *second == 3, "also from its middle, to a fixed place");
	must(munmap(second, PAGE));
	second = map(ROOM + 9 * PAGE, 1, ANON);
	ok_equal(remap(second, 0, 1, MREMAP_MAYMOVE, NULL), -EINVAL, "private memory cannot be");
	must(munmap(second, PAGE));
	must(munmap(block, 4 * PAGE));
}

static void of_files(void)
{
	char path[] = "/tmp/mremap-XXXXXX", *block, *other;
	int fd = (int)must(mkstemp(path));

	must(unlink(path));
	must(ftruncate(fd, 4 * PAGE));
	block = mmap(ROOM, 4 * PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0);
	number(block, 4);
	must(munmap(block, 4 * PAGE));
	block = mmap(ROOM, PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, PAGE);
	ok_equal(block[0], 2, "a file's second page is mapped");
	block[1] = 5;
	other = (char *)remap(block, 1, 3, MREMAP_MAYMOVE | MREMAP_FIXED, ROOM + 16 * PAGE);
	ok(other[0] == 2 && other[PAGE] == 3 && other[2 * PAGE] == 4,
	   "grown elsewhere it shows what follows in the file");
	ok_equal(other[1], 5, "and keeps what was written to it");
	must(munmap(other, 3 * PAGE));
	must(close(fd));
}

static void leaves_the_place(void)
{
	char *block = map(ROOM, 4, ANON), *other;

	number(block, 4);
	other = (char *)remap(block, 4, 4, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	ok((long)other > 0 && other != block && numbered(other, 4),
	   "MREMAP_DONTUNMAP moves the pages");
	ok(mapped(block) && zero(block, 0, 4), "and leaves the place mapped, without them");
	number(block, 2);
	ok(numbered(other, 4) && numbered(block, 2), "both are to be used");
	must(munmap(other, 4 * PAGE));
	other = (char *)remap(block, 4, 4, MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED,
			      ROOM + 32 * PAGE);
	ok(other == ROOM + 32 * PAGE && numbered(other, 2), "also to a fixed place");
	ok_equal(remap(other, 4, 5, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL), -EINVAL,
		 "but not with another size");
	ok_equal(remap(other, 4, 4, MREMAP_DONTUNMAP, NULL), -EINVAL, "nor without MAYMOVE");
	must(munmap(block, 4 * PAGE));
	must(munmap(other, 4 * PAGE));
}

static void errors(void)
{
	static const struct {
		unsigned long from, old_size, new_size, flags, to;
		int error;
		const char *what;
	} cases[] = {
		{ 1, 4 * PAGE, PAGE, 0, 0, EINVAL, "an odd address" },
		{ 0, 4 * PAGE, 0, 0, 0, EINVAL, "a new size of 0" },
		{ 0, 4 * PAGE, 8 * PAGE, 8, 0, EINVAL, "an unknown flag" },
		{ 0, 4 * PAGE, 8 * PAGE, MREMAP_FIXED, 0x1000000, EINVAL, "FIXED alone" },
		{ 0, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 0x1000001, EINVAL,
		  "an odd target" },
		{ 0, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 0x7ffffffff000, EINVAL,
		  "a target at the end of all addresses" },
		{ 0, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, -8UL * PAGE, EINVAL,
		  "one in the upper half" },
		{ 0, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 0x400000000000 + PAGE,
		  EINVAL, "one that overlaps" },
		{ 0, 4 * PAGE, 1UL << 62, MREMAP_MAYMOVE, 0, EINVAL, "more than all addresses" },
		{ 0, 4 * PAGE, -1UL, MREMAP_MAYMOVE, 0, EINVAL, "a new size that wraps" },
		{ 8 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0, EFAULT, "what is not mapped" },
		{ 0, 5 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, 0, EFAULT, "more than is mapped" },
		{ 2 * PAGE, 3 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, 0, EFAULT,
		  "more than is mapped, from its middle" },
	};
	char *block = map(ROOM, 4, ANON);

	number(block, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok_equal(sys(SYS_mremap, (unsigned long)ROOM + cases[i].from, cases[i].old_size,
			     cases[i].new_size, cases[i].flags, cases[i].to),
			 -cases[i].error, "mremap with %s is refused", cases[i].what);
	ok(numbered(block, 4), "all that changed nothing");
	must(mprotect(block + PAGE, PAGE, PROT_READ));
	ok_equal(remap(block, 4, 8, MREMAP_MAYMOVE, NULL), -EFAULT, "growing over two mappings is");
	must(munmap(block, 4 * PAGE));
}

static void limited(void *arg)
{
	struct rlimit limit = { 16 << 20, 16 << 20 };
	char *block = arg;

	must(setrlimit(RLIMIT_AS, &limit));
	EXPECT(remap(block, 4, 8192, MREMAP_MAYMOVE, NULL) == -ENOMEM);
	EXPECT(numbered(block, 4));
	EXPECT(remap(block, 4, 64, MREMAP_MAYMOVE, NULL) > 0);
}

int main(void)
{
	char *block;

	in_place();
	moving();
	rights();
	over_fork();
	shared();
	of_files();
	leaves_the_place();
	errors();
	block = map(ROOM, 4, ANON);
	number(block, 4);
	ok_child(limited, block, "RLIMIT_AS limits what a mapping grows to");
	must(munmap(block, 4 * PAGE));
	return done();
}
