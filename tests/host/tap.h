/*
 * tap.h -- a unit test program: TEST(name) { ... CHECK(condition); ... }, and main() by itself.
 *
 * Prints TAP 13. The first lines of a test_*.c tell tests/host/run how to build it:
 *
 *	// sources: lib/tree.c		compiled in, or assembled (.asm)
 *	// renamed: lib/string.c	the same, but its global names get the prefix facet_, so
 *					that they stand beside those of the C library
 *	// flags: -DCONFIG_X=1		for all of its sources
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define TESTS_MAX 100
#define DIAGNOSTICS_MAX 5 /* a test: the first failures say most */

static struct {
	const char *name;
	void (*run)(void);
} tap_tests[TESTS_MAX];

static int tap_count;
static int tap_failures; /* of the running test */
static uint64_t tap_state;

#define TEST(test)                                                     \
	static void test(void);                                        \
	__attribute__((constructor)) static void register_##test(void) \
	{                                                              \
		tap_tests[tap_count].name = #test;                     \
		tap_tests[tap_count++].run = test;                     \
	}                                                              \
	static void test(void)

/* Yields whether it held, so that a test can stop where going on makes no sense. */
#define CHECK(condition) tap_check((condition), __FILE__, __LINE__, #condition)

static inline bool tap_check(bool holds, const char *file, int line, const char *condition)
{
	if (!holds && tap_failures++ < DIAGNOSTICS_MAX)
		printf("# %s:%d: %s\n", file, line, condition);
	return holds;
}

/* xorshift64: the same numbers in each run of a test. */
static inline uint64_t tap_random(void)
{
	tap_state ^= tap_state << 13;
	tap_state ^= tap_state >> 7;
	tap_state ^= tap_state << 17;
	return tap_state;
}

static inline uint64_t tap_below(uint64_t limit)
{
	return tap_random() % limit;
}

int main(void)
{
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%d\n", tap_count);
	for (int i = 0; i < tap_count; i++) {
		tap_failures = 0;
		tap_state = 0x9e3779b97f4a7c15;
		tap_tests[i].run();
		failed += tap_failures > 0;
		printf("%s %d - %s\n", tap_failures ? "not ok" : "ok", i + 1, tap_tests[i].name);
	}
	return failed > 0;
}

#endif
