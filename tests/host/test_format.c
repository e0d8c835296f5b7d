// renamed: lib/format.c lib/parse.c
// vsnprintf against the C library's, and the parser of numbers.
#include "tap.h"

#include <facet/errno.h>

#include <limits.h>
#include <stdlib.h>
#include <stddef.h>
#include <string.h>

int facet_snprintf(char *, size_t, const char *, ...);
int facet_parse_u64(const char *, unsigned, uint64_t *);

/* Both write the same text and return the same length, for a buffer of any size. */
#define SAME(...)                                                                      \
	CHECK(same_text(#__VA_ARGS__, facet_snprintf(ours, sizeof(ours), __VA_ARGS__), \
			snprintf(theirs, sizeof(theirs), __VA_ARGS__)))

static char ours[400], theirs[400];

static bool same_text(const char *what, int our_length, int their_length)
{
	if (our_length == their_length && !strcmp(ours, theirs))
		return true;
	printf("# %s: \"%s\" (%d), expected \"%s\" (%d)\n", what, ours, our_length, theirs,
	       their_length);
	return false;
}

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
#pragma GCC diagnostic ignored "-Wformat-zero-length"
#pragma GCC diagnostic ignored "-Wformat-truncation"

TEST(plain_text_is_copied)
{
	SAME("");
	SAME("text");
	SAME("100%% of %s", "it");
}

/* One integer conversion with every combination of flags, widths, precisions and values. */
static void try_integers(const char *size, const char *letter)
{
	static const char *const widths[] = { "", "1", "7", "25" };
	static const char *const precisions[] = { "", ".", ".0", ".1", ".5", ".30" };
	/* clang-format off */
	static const uint64_t values[] = { 0, 1, 7, 8, 42, 255, 256, 65535, 65536, INT_MAX,
					   INT_MIN, UINT_MAX, INT64_MAX, INT64_MIN, UINT64_MAX,
					   0xffffff80, 0x123456789abcdef0 };
	/* clang-format on */
	char format[40];

	for (unsigned flags = 0; flags < 32; flags++) {
		for (int w = 0; w < 4; w++) {
			for (int p = 0; p < 6; p++) {
				snprintf(format, sizeof(format), "<%%%s%s%s%s%s%s%s%s%s>",
					 flags & 1 ? "-" : "", flags & 2 ? "0" : "",
					 flags & 4 ? "+" : "", flags & 8 ? " " : "",
					 flags & 16 ? "#" : "", widths[w], precisions[p], size,
					 letter);
				for (size_t v = 0; v < sizeof(values) / sizeof(*values); v++)
					SAME(format, values[v]);
			}
		}
	}
}

TEST(integers_of_all_sizes_flags_widths_and_precisions)
{
	static const char *const sizes[] = { "hh", "h", "", "l", "ll", "z", "t", "j" };
	static const char *const letters[] = { "d", "i", "u", "x", "X", "o" };

	for (int s = 0; s < 8; s++) {
		for (int l = 0; l < 6; l++)
			try_integers(sizes[s], letters[l]);
	}
}

/* Around each power of ten, where the count of digits changes, and anywhere. */
TEST(decimal_digits_of_every_length)
{
	uint64_t power = 1, random = 1;

	for (int digits = 1; digits <= 20; digits++, power *= 10) {
		for (uint64_t value = power - 2; value != power + 3; value++) {
			SAME("%lu|%ld|%u|%d", value, (int64_t)value, (unsigned)value, (int)value);
			SAME("%20lu|%-21ld|%021lu", value, -(int64_t)value, value);
		}
	}
	for (int i = 0; i < 20000; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		SAME("%lu %ld", random >> (i % 64), -(int64_t)(random >> (i % 64)));
	}
}

TEST(width_and_precision_from_arguments)
{
	for (int width = -12; width <= 12; width++) {
		for (int precision = -2; precision <= 12; precision++) {
			SAME("%*d|", width, 42);
			SAME("%.*d|", precision, -42);
			SAME("%*.*x|%s", width, precision, 0xbeef, "next");
			SAME("%0*.*d|", width, precision, 42);
			SAME("%*.*s|", width, precision, "string");
			SAME("%*c|", width, 'c');
		}
	}
}

TEST(strings_and_characters)
{
	char unended[4] = { 'a', 'b', 'c', 'd' };

	SAME("%s|%10s|%-10s|%.2s|%10.2s|%-10.2s|%.0s|", "abc", "abc", "abc", "abc", "abc", "abc",
	     "abc");
	SAME("%c%c%3c|%-3c|", 'x', 0xe4, 'y', 'z');
	SAME("%.4s", unended);
	facet_snprintf(ours, sizeof(ours), "%s", (char *)NULL);
	CHECK(!strcmp(ours, "(null)"));
	CHECK(facet_snprintf(ours, sizeof(ours), "a%cb", 0) == 3 && !memcmp(ours, "a\0b", 4));
}

TEST(many_arguments_of_all_kinds)
{
	SAME("%d %s %ld %c %zu %x %hhd %o %u %lx %s %td", 1, "two", 3L, '4', (size_t)5, 6, 7, 8, 9,
	     10L, "eleven", (ptrdiff_t)-12);
}

TEST(pointers_are_hexadecimal)
{
	SAME("%p|%20p|%-20p|", (void *)0xffffffff80123456, (void *)0x10, (void *)0x10);
	facet_snprintf(ours, sizeof(ours), "%p", NULL);
	CHECK(!strcmp(ours, "0x0"));
}

TEST(unknown_conversions_print_themselves)
{
	static const char *const formats[] = {
		"%y", "%5y|", "%-08.3lq|", "%", "%5", "%-.3l", "%f"
	};

	for (int i = 0; i < 7; i++) {
		CHECK(facet_snprintf(ours, sizeof(ours), formats[i]) == (int)strlen(formats[i]));
		CHECK(!strcmp(ours, formats[i]));
	}
}

TEST(text_is_cut_off_at_the_size_and_its_length_returned)
{
	for (size_t size = 0; size < 30; size++) {
		char *exact = malloc(size ? size : 1);
		char expected[30];

		exact[0] = '#';
		CHECK(facet_snprintf(exact, size, "%s-%05d-%x", "text", 42, 0xabc) == 14);
		snprintf(expected, size, "%s-%05d-%x", "text", 42, 0xabc);
		CHECK(size ? !strcmp(exact, expected) : exact[0] == '#');
		free(exact);
	}
	CHECK(facet_snprintf(NULL, 0, "%d", 12345) == 5);
}

static bool parses(const char *text, unsigned base, uint64_t expected)
{
	uint64_t value = ~expected;

	return facet_parse_u64(text, base, &value) == 0 && value == expected;
}

static bool refuses(const char *text, unsigned base, int error)
{
	uint64_t value = 77;

	return facet_parse_u64(text, base, &value) == error && value == 77;
}

TEST(numbers_are_parsed_in_every_base)
{
	CHECK(parses("0", 0, 0) && parses("0", 10, 0) && parses("0", 16, 0));
	CHECK(parses("42", 10, 42) && parses("42", 0, 42) && parses("052", 0, 42));
	CHECK(parses("0x2a", 0, 42) && parses("0X2A", 16, 42) && parses("2a", 16, 42));
	CHECK(parses("052", 10, 52) && parses("101", 2, 5) && parses("zz", 36, 1295));
	CHECK(parses("42\n", 10, 42) && parses("0x0\n", 0, 0));
	CHECK(parses("18446744073709551615", 10, UINT64_MAX));
	CHECK(parses("ffffffffffffffff", 16, UINT64_MAX));
	CHECK(parses("01777777777777777777777", 0, UINT64_MAX));
}

TEST(what_is_not_a_number_is_refused)
{
	static const char *const texts[] = { "",  "\n", " 1",  "1 ",  "1\n\n", "-1",  "+1",
					     "x", "0x", "0xg", "12a", "08",    "1.5", "\x80" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		CHECK(refuses(texts[i], 0, -EINVAL));
	CHECK(refuses("0x10", 10, -EINVAL) && refuses("2", 2, -EINVAL) &&
	      refuses("g", 16, -EINVAL));
	CHECK(refuses("18446744073709551616", 10, -ERANGE));
	CHECK(refuses("20000000000000000000", 10, -ERANGE));
	CHECK(refuses("99999999999999999999999", 10, -ERANGE));
	CHECK(refuses("10000000000000000", 16, -ERANGE));
}
