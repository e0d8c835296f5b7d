// renamed: lib/string.c
// flags: -O2
// The kernel's memory and string functions against the C library's.
#include "tap.h"

#include <string.h>
#include <sys/mman.h>

void *facet_memcpy(void *restrict, const void *restrict, size_t);
void *facet_memmove(void *, const void *, size_t);
void *facet_memset(void *, int, size_t);
int facet_memcmp(const void *, const void *, size_t);
void *facet_memchr(const void *, int, size_t);
size_t facet_strlen(const char *);
size_t facet_strnlen(const char *, size_t);
int facet_strcmp(const char *, const char *);
int facet_strncmp(const char *, const char *, size_t);
char *facet_strchr(const char *, int);
char *facet_strrchr(const char *, int);
char *facet_strstr(const char *, const char *);
size_t facet_strlcpy(char *restrict, const char *restrict, size_t);

#define PAGE 4096
#define SIZE_TRIED 300

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

/*
 * Two pages, with a page that cannot be touched on either side: a byte too far faults, also in
 * assembly, which the sanitizers do not see.
 */
static unsigned char *guarded_pages(void)
{
	unsigned char *all = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(all + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE);
	return all + PAGE;
}

static void fill_random(unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = tap_random();
}

TEST(memcpy_copies_every_size_and_nothing_else)
{
	unsigned char from[SIZE_TRIED + 8], to[SIZE_TRIED + 16], expected[sizeof(to)];

	fill_random(from, sizeof(from));
	for (size_t size = 0; size <= SIZE_TRIED; size++) {
		for (size_t shift = 0; shift < 8; shift++) {
			fill_random(to, sizeof(to));
			memcpy(expected, to, sizeof(to));
			memcpy(expected + shift, from + 7 - shift, size);
			CHECK(facet_memcpy(to + shift, from + 7 - shift, size) == to + shift);
			CHECK(!memcmp(to, expected, sizeof(to)));
		}
	}
}

TEST(memmove_copies_over_itself_in_both_directions)
{
	unsigned char bytes[3 * SIZE_TRIED], expected[sizeof(bytes)];

	for (size_t size = 0; size <= SIZE_TRIED; size += size < 70 ? 1 : 13) {
		for (size_t to = 0; to < sizeof(bytes) - SIZE_TRIED; to += 1 + to / 40) {
			fill_random(bytes, sizeof(bytes));
			memcpy(expected, bytes, sizeof(bytes));
			memmove(expected + to, expected + SIZE_TRIED, size);
			CHECK(facet_memmove(bytes + to, bytes + SIZE_TRIED, size) == bytes + to);
			CHECK(!memcmp(bytes, expected, sizeof(bytes)));
		}
	}
}

TEST(memset_fills_every_size_and_nothing_else)
{
	unsigned char to[SIZE_TRIED + 16], expected[sizeof(to)];

	for (size_t size = 0; size <= SIZE_TRIED; size++) {
		for (size_t shift = 0; shift < 8; shift++) {
			int byte = (int)tap_random();

			fill_random(to, sizeof(to));
			memcpy(expected, to, sizeof(to));
			memset(expected + shift, byte, size);
			CHECK(facet_memset(to + shift, byte, size) == to + shift);
			CHECK(!memcmp(to, expected, sizeof(to)));
		}
	}
}

TEST(memory_next_to_a_guard_page_is_all_that_is_touched)
{
	unsigned char *pages = guarded_pages(), *other = guarded_pages();
	unsigned char *end = pages + 2 * PAGE, *other_end = other + 2 * PAGE;

	for (size_t size = 0; size <= SIZE_TRIED; size++) {
		facet_memset(end - size, 1, size);
		facet_memset(pages, 1, size);
		facet_memcpy(other_end - size, end - size, size);
		facet_memcpy(other, pages, size);
		facet_memmove(end - size, other_end - size, size);
		facet_memmove(pages, other, size);
		CHECK(!facet_memcmp(end - size, other_end - size, size));
		CHECK(!facet_memchr(end - size, 2, size));
		CHECK(facet_strnlen((char *)end - size, size) == size);
	}
}

TEST(memcmp_has_the_sign_of_the_first_difference)
{
	unsigned char left[64], right[64];

	for (int round = 0; round < 20000; round++) {
		size_t size = tap_below(sizeof(left) + 1);

		fill_random(left, sizeof(left));
		memcpy(right, left, sizeof(left));
		for (int changes = tap_below(4); changes; changes--)
			right[tap_below(sizeof(right))] = tap_random();
		CHECK(sign(facet_memcmp(left, right, size)) == sign(memcmp(left, right, size)));
		CHECK(sign(facet_memcmp(right, left, size)) == sign(memcmp(right, left, size)));
	}
}

TEST(memchr_finds_the_first)
{
	/* bytes around the wanted one, where the word-wise search could be wrong by a borrow */
	static const unsigned char close_to[] = { 0x00, 0x01, 0x7f, 0x80, 0x81, 0xff };
	unsigned char bytes[40];

	for (int round = 0; round < 50000; round++) {
		size_t size = tap_below(sizeof(bytes) + 1);
		int wanted = close_to[tap_below(6)];

		for (size_t i = 0; i < sizeof(bytes); i++) {
			bytes[i] = close_to[tap_below(6)];
			if (bytes[i] == wanted && tap_below(8))
				bytes[i] = wanted ^ 1 << tap_below(8);
		}
		CHECK(facet_memchr(bytes, wanted, size) == memchr(bytes, wanted, size));
		CHECK(facet_memchr(bytes, wanted - 256, size) == memchr(bytes, wanted, size));
	}
}

/* Short strings of few letters, so that most comparisons get far; also bytes above 127. */
static void random_string(char *string, size_t longest)
{
	size_t length = tap_below(longest + 1);

	for (size_t i = 0; i < length; i++)
		string[i] = "ab\xe4"[tap_below(3)];
	string[length] = '\0';
}

TEST(string_functions_agree_with_the_c_library)
{
	char left[20], right[20];

	for (int round = 0; round < 50000; round++) {
		size_t size = tap_below(sizeof(left));
		int character = "ab\xe4\0c"[tap_below(5)];

		random_string(left, 12);
		random_string(right, round % 2 ? 12 : 3);
		CHECK(facet_strlen(left) == strlen(left));
		CHECK(facet_strnlen(left, size) == strnlen(left, size));
		CHECK(sign(facet_strcmp(left, right)) == sign(strcmp(left, right)));
		CHECK(sign(facet_strncmp(left, right, size)) == sign(strncmp(left, right, size)));
		CHECK(facet_strchr(left, character) == strchr(left, character));
		CHECK(facet_strrchr(left, character) == strrchr(left, character));
		CHECK(facet_strstr(left, right) == strstr(left, right));
	}
}

TEST(strlcpy_cuts_off_and_says_so)
{
	char from[20], to[24];

	for (int round = 0; round < 20000; round++) {
		size_t size = tap_below(20), length, kept;

		random_string(from, 16);
		memset(to, '#', sizeof(to));
		length = facet_strlcpy(to, from, size);
		CHECK(length == strlen(from));
		if (!size) {
			CHECK(to[0] == '#');
			continue;
		}
		kept = length < size ? length : size - 1;
		CHECK(!memcmp(to, from, kept) && to[kept] == '\0' && to[kept + 1] == '#');
	}
}
