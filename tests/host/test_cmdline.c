// sources: lib/cmdline.c
// Words of a command line, quotes as Linux takes them, and lines of random characters.
#include "tap.h"

#include <facet/cmdline.h>
#include <facet/errno.h>

#include <stdlib.h>
#include <string.h>

#define FUZZ_ROUNDS 20000

/* The words of `line`, as init would see them, joined by '|', are `expected`. */
static bool splits(const char *line, const char *expected)
{
	char joined[300] = "";
	struct cmdline_word word;
	size_t length = 0;

	while (cmdline_next(&line, &word)) {
		if (length)
			joined[length++] = '|';
		length += cmdline_text(&word, joined + length, sizeof(joined) - length);
	}
	if (!strcmp(joined, expected))
		return true;
	printf("# \"%s\", expected \"%s\"\n", joined, expected);
	return false;
}

TEST(words_are_split_at_white_space)
{
	CHECK(splits("", ""));
	CHECK(splits(" \t\n ", ""));
	CHECK(splits("quiet", "quiet"));
	CHECK(splits("  init=/bin/sh\tquiet \n console=ttyS0  ",
		     "init=/bin/sh|quiet|console=ttyS0"));
	CHECK(splits("a\vb\fc\rd", "a|b|c|d"));
}

TEST(quotes_hide_white_space)
{
	CHECK(splits("a=\"b c\" d", "a=b c|d"));
	CHECK(splits("\"a=b c\" d", "a=b c|d"));
	CHECK(splits("\"a b\" c", "a b|c"));
	CHECK(splits("a=b\"c d\"e f", "a=b\"c d\"e|f"));
	CHECK(splits("a=\"b c", "a=b c"));
	CHECK(splits("\"a b", "a b"));
	CHECK(splits("a=\"\" b", "a=|b"));
	CHECK(splits("a=\" ", "a= "));
	CHECK(splits("a=\"", "a="));
	CHECK(splits("a=\"b\"c\" d\"", "a=b\"c\" d"));
	CHECK(splits("\"a=\"b c\"\" d", "a=b|c\"\"|d"));
}

static bool has_value(const char *line, const char *name, const char *value)
{
	struct cmdline_word word;

	if (!cmdline_next(&line, &word) || !cmdline_is(&word, name))
		return false;
	if (!value)
		return !word.value;
	return word.value && word.value_length == strlen(value) &&
	       !memcmp(word.value, value, word.value_length);
}

TEST(names_and_values_are_told_apart)
{
	CHECK(has_value("a", "a", NULL));
	CHECK(has_value("a=", "a", ""));
	CHECK(has_value("a=b=c", "a", "b=c"));
	CHECK(has_value("=a", "=a", NULL));
	CHECK(has_value("=a=b", "=a", "b"));
	CHECK(has_value("\"a\"", "a", NULL));
	CHECK(has_value("\"\"", "", NULL));
	CHECK(has_value("\"", "", NULL));
	CHECK(!has_value("ab", "a", NULL) && !has_value("a", "ab", NULL));
}

TEST(dash_and_underscore_are_the_same_in_names)
{
	CHECK(has_value("log-buf_len=a-b", "log_buf-len", "a-b"));
	CHECK(!has_value("log.buf", "log-buf", NULL));
}

TEST(last_of_a_name_counts_up_to_the_double_dash)
{
	static const char line[] = "init=/a quiet init=\"/b c\" -- init=/d single";
	struct cmdline_word word;
	char value[8];

	CHECK(cmdline_get(line, "init", value, sizeof(value)) == 4 && !strcmp(value, "/b c"));
	CHECK(cmdline_get(line, "quiet", value, sizeof(value)) == 0 && !strcmp(value, ""));
	CHECK(cmdline_get(line, "single", value, sizeof(value)) == -ENOENT);
	CHECK(!cmdline_find(line, "single", &word) && cmdline_find(line, "quiet", &word));
	CHECK(cmdline_get(line, "init", value, 5) == 4);
	CHECK(cmdline_get(line, "init", value, 4) == -ERANGE);
	CHECK(cmdline_get(line, "init", value, 0) == -ERANGE);
	CHECK(cmdline_get("--=1 a=2", "a", value, sizeof(value)) == 1);
}

TEST(text_is_cut_off_and_its_length_returned)
{
	const char *line = "name=\"a value\"";
	struct cmdline_word word;

	cmdline_next(&line, &word);
	for (size_t size = 0; size < 20; size++) {
		char *exact = malloc(size ? size : 1);

		CHECK(cmdline_text(&word, exact, size) == 12);
		if (size)
			CHECK(strlen(exact) == (size < 13 ? size - 1 : 12) &&
			      !strncmp(exact, "name=a value", strlen(exact)));
		free(exact);
	}
}

TEST(random_lines_are_split_within_their_bounds)
{
	for (int round = 0; round < FUZZ_ROUNDS; round++) {
		size_t length = tap_below(40), visible = 0, kept = 0;
		char *line = malloc(length + 1), text[64], value[8];
		const char *rest = line, *before = line;
		struct cmdline_word word;

		for (size_t i = 0; i < length; i++) {
			line[i] = tap_below(20) ? " \"=-ab\t_"[tap_below(8)]
						: (char)(1 + tap_below(255));
			visible += line[i] != ' ' && (line[i] < '\t' || line[i] > '\r') &&
				   line[i] != '"';
		}
		line[length] = '\0';
		while (cmdline_next(&rest, &word)) {
			size_t size = cmdline_text(&word, text, sizeof(text));

			CHECK(rest > before && rest <= line + length);
			CHECK(size == strlen(text) && size < sizeof(text));
			CHECK(word.name >= before && word.name + word.name_length <= rest);
			CHECK(!word.value || (word.value > word.name + word.name_length - 1 &&
					      word.value + word.value_length <= rest));
			for (char *at = text; *at; at++)
				kept += *at != ' ' && (*at < '\t' || *at > '\r') && *at != '"';
			before = rest;
		}
		CHECK(rest == line + length);
		CHECK(kept == visible);
		cmdline_get(line, "a", value, sizeof(value));
		free(line);
	}
}
