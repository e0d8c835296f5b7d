/*
 * string.c -- memory and strings.
 *
 * Tuned for the number of instructions. Most copies in a kernel are small (names, structures, a few
 * words of a pipe), so up to 32 bytes are moved by two overlapping pairs of loads and stores chosen
 * by size, without a loop. Above that `rep movsq` and `rep stosq` take eight bytes a round, and the
 * odd bytes at the end are one more, overlapping, word. `rep movsb` is avoided: emulators make a
 * round of each byte.
 *
 * The direction flag is never set: moving down is a plain loop. No locks; any context.
 */
#include <facet/string.h>

#include <stdint.h>

#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen

/* Words at any address, aliasing whatever is there. */
typedef uint64_t word64 __attribute__((aligned(1), may_alias));
typedef uint32_t word32 __attribute__((aligned(1), may_alias));
typedef uint16_t word16 __attribute__((aligned(1), may_alias));

#define AT(type, pointer, offset) (*(type *)((uintptr_t)(pointer) + (offset)))

/* Up to 16 bytes. All is loaded before anything is stored, so the areas may overlap. */
static inline void move_small(void *to, const void *from, size_t size)
{
	if (size >= 8) {
		uint64_t head = AT(const word64, from, 0);
		uint64_t tail = AT(const word64, from, size - 8);

		AT(word64, to, 0) = head;
		AT(word64, to, size - 8) = tail;
	} else if (size >= 4) {
		uint32_t head = AT(const word32, from, 0);
		uint32_t tail = AT(const word32, from, size - 4);

		AT(word32, to, 0) = head;
		AT(word32, to, size - 4) = tail;
	} else if (size >= 2) {
		uint16_t head = AT(const word16, from, 0);
		uint16_t tail = AT(const word16, from, size - 2);

		AT(word16, to, 0) = head;
		AT(word16, to, size - 2) = tail;
	} else if (size) {
		AT(uint8_t, to, 0) = AT(const uint8_t, from, 0);
	}
}

/* 17 to 32 bytes; the areas may overlap. */
static inline void move_medium(void *to, const void *from, size_t size)
{
	uint64_t first = AT(const word64, from, 0);
	uint64_t second = AT(const word64, from, 8);
	uint64_t third = AT(const word64, from, size - 16);
	uint64_t fourth = AT(const word64, from, size - 8);

	AT(word64, to, 0) = first;
	AT(word64, to, 8) = second;
	AT(word64, to, size - 16) = third;
	AT(word64, to, size - 8) = fourth;
}

/*
 * More than 8 bytes, upwards: whole words, all but the last 1 to 8 bytes; then the last word, which
 * was loaded before the words ahead of it could overwrite it.
 */
static inline void move_up(void *to, const void *from, size_t size)
{
	uint64_t tail = AT(const word64, from, size - 8);
	void *last = (char *)to + size - 8;
	size_t words = (size - 1) / 8;

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
	AT(word64, last, 0) = tail;
}

/* The same downwards: the first word is stored last. */
static inline void move_down(void *to, const void *from, size_t size)
{
	uint64_t head = AT(const word64, from, 0);

	for (; size > 8; size -= 8)
		AT(volatile word64, to, size - 8) = AT(const word64, from, size - 8);
	AT(word64, to, 0) = head;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	if (size <= 16)
		move_small(to, from, size);
	else if (size <= 32)
		move_medium(to, from, size);
	else
		move_up(to, from, size);
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	if (size <= 16)
		move_small(to, from, size);
	else if (size <= 32)
		move_medium(to, from, size);
	else if ((uintptr_t)to - (uintptr_t)from >= size)
		move_up(to, from, size); /* `to` lies below `from`, or behind its end */
	else
		move_down(to, from, size);
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	uint64_t pattern = (uint8_t)byte * 0x0101010101010101ULL;
	size_t words = (size - 1) / 8;
	void *at = to;

	if (size > 32) {
		AT(word64, to, size - 8) = pattern;
		__asm__ volatile("rep stosq" : "+D"(at), "+c"(words) : "a"(pattern) : "memory");
	} else if (size >= 16) {
		AT(word64, to, 0) = pattern;
		AT(word64, to, 8) = pattern;
		AT(word64, to, size - 16) = pattern;
		AT(word64, to, size - 8) = pattern;
	} else if (size >= 8) {
		AT(word64, to, 0) = pattern;
		AT(word64, to, size - 8) = pattern;
	} else if (size >= 4) {
		AT(word32, to, 0) = pattern;
		AT(word32, to, size - 4) = pattern;
	} else if (size >= 2) {
		AT(word16, to, 0) = pattern;
		AT(word16, to, size - 2) = pattern;
	} else if (size) {
		AT(uint8_t, to, 0) = pattern;
	}
	return to;
}

/* Two words that differ: the first byte that does decides, which is the highest when swapped. */
static int order(uint64_t left, uint64_t right)
{
	return __builtin_bswap64(left) < __builtin_bswap64(right) ? -1 : 1;
}

int memcmp(const void *left, const void *right, size_t size)
{
	size_t at = 0;

	for (; size - at >= 8; at += 8) {
		uint64_t a = AT(const word64, left, at), b = AT(const word64, right, at);

		if (a != b)
			return order(a, b);
	}
	if (size - at >= 4) {
		uint32_t a = AT(const word32, left, at), b = AT(const word32, right, at);

		if (a != b)
			return order(a, b);
		at += 4;
	}
	for (; at < size; at++) {
		int difference = AT(const uint8_t, left, at) - AT(const uint8_t, right, at);

		if (difference)
			return difference;
	}
	return 0;
}

void *memchr(const void *where, int byte, size_t size)
{
	const uint64_t ones = 0x0101010101010101ULL;
	const uint8_t *at = where;

	/* The lowest byte whose top bit survives is the first that equals `byte`. */
	for (; size >= 8; size -= 8, at += 8) {
		uint64_t zero_at_hit = AT(const word64, at, 0) ^ (uint8_t)byte * ones;
		uint64_t hits = (zero_at_hit - ones) & ~zero_at_hit & ones << 7;

		if (hits)
			return (void *)(at + __builtin_ctzll(hits) / 8);
	}
	for (; size; size--, at++) {
		if (*at == (uint8_t)byte)
			return (void *)at;
	}
	return NULL;
}

size_t strlen(const char *string)
{
	const char *end = string;

	while (*end)
		end++;
	return end - string;
}

size_t strnlen(const char *string, size_t size)
{
	const char *end = memchr(string, 0, size);

	return end ? (size_t)(end - string) : size;
}

int strcmp(const char *left, const char *right)
{
	while (*left && *left == *right)
		left++, right++;
	return (uint8_t)*left - (uint8_t)*right;
}

int strncmp(const char *left, const char *right, size_t size)
{
	for (; size; size--, left++, right++) {
		if (*left != *right || !*left)
			return (uint8_t)*left - (uint8_t)*right;
	}
	return 0;
}

char *strchr(const char *string, int character)
{
	for (; *string != (char)character; string++) {
		if (!*string)
			return NULL;
	}
	return (char *)string;
}

char *strrchr(const char *string, int character)
{
	const char *found = NULL;

	do {
		if (*string == (char)character)
			found = string;
	} while (*string++);
	return (char *)found;
}

char *strstr(const char *string, const char *part)
{
	size_t length = strlen(part);

	for (; strncmp(string, part, length); string++) {
		if (!*string)
			return NULL;
	}
	return (char *)string;
}

size_t strlcpy(char *restrict to, const char *restrict from, size_t size)
{
	size_t length = strlen(from);
	size_t fits;

	if (size) {
		fits = length < size ? length : size - 1;
		memcpy(to, from, fits);
		to[fits] = '\0';
	}
	return length;
}
