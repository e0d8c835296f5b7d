/*
 * parse.c -- text to numbers. The other way: format.c.
 */
#include <facet/errno.h>
#include <facet/format.h>

#include <stdbool.h>

/* The value of a digit; 255, which no base allows, if it is none. */
static unsigned digit_value(char character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	if (character >= 'a' && character <= 'z')
		return character - 'a' + 10;
	if (character >= 'A' && character <= 'Z')
		return character - 'A' + 10;
	return 255;
}

int parse_u64(const char *text, unsigned base, uint64_t *value)
{
	bool prefixed = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	uint64_t result = 0;

	if (base == 0)
		base = prefixed ? 16 : text[0] == '0' ? 8 : 10;
	if (base == 16 && prefixed)
		text += 2;
	if (digit_value(*text) >= base)
		return -EINVAL;
	for (; digit_value(*text) < base; text++) {
		if (__builtin_mul_overflow(result, base, &result) ||
		    __builtin_add_overflow(result, digit_value(*text), &result))
			return -ERANGE;
	}
	if (*text == '\n')
		text++;
	if (*text)
		return -EINVAL;
	*value = result;
	return 0;
}
