/*
 * format.c -- vsnprintf, and the parser of numbers.
 *
 * One pass over the format; every byte goes through put(), which counts all and stores what fits.
 * No locks, no allocation, some 100 bytes of stack: it may be called from anywhere.
 */
#include <facet/errno.h>
#include <facet/format.h>
#include <facet/string.h>

#include <stdbool.h>

#define DIGITS_MAX 22 /* 2^64 - 1 in octal */

struct output {
	char *buffer;
	size_t size;
	size_t length; /* of the whole text, stored or not */
};

enum argument_size { SIZE_CHAR, SIZE_SHORT, SIZE_INT, SIZE_LONG };

/* What stands between a % and its conversion. */
struct conversion {
	bool left; /* - */
	bool zero; /* 0 */
	bool plus; /* + */
	bool space;
	bool alternate; /* # */
	bool has_precision;
	size_t width;
	size_t precision;
	enum argument_size size; /* long long, size_t and their like are as large as long */
};

static void put(struct output *out, char character)
{
	if (out->length < out->size)
		out->buffer[out->length] = character;
	out->length++;
}

static void put_text(struct output *out, const char *text, size_t length)
{
	while (length--)
		put(out, *text++);
}

static void put_repeated(struct output *out, char character, size_t count)
{
	while (count--)
		put(out, character);
}

/* What is missing of the width goes in front, or behind if it was a `-`. */
static void put_padded(struct output *out, const struct conversion *how, const char *text,
		       size_t length)
{
	size_t padding = length < how->width ? how->width - length : 0;

	if (!how->left)
		put_repeated(out, ' ', padding);
	put_text(out, text, length);
	if (how->left)
		put_repeated(out, ' ', padding);
}

char *format_decimal(char *end, uint64_t value)
{
	do {
		*--end = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	return end;
}

/* padding, prefix (a sign or 0x), zeros, digits, padding */
static void put_number(struct output *out, const struct conversion *how, const char *prefix,
		       uint64_t value, unsigned base, const char *digit_names)
{
	char digits[DIGITS_MAX];
	size_t start = DIGITS_MAX;
	size_t prefix_length = strlen(prefix);
	size_t count, zeros, length, padding;

	for (; value; value /= base)
		digits[--start] = digit_names[value % base];
	count = DIGITS_MAX - start;

	zeros = how->has_precision ? how->precision : 1;
	if (base == 8 && how->alternate && zeros <= count)
		zeros = count + 1;
	if (how->zero && !how->left && !how->has_precision && zeros + prefix_length < how->width)
		zeros = how->width - prefix_length;
	zeros = zeros > count ? zeros - count : 0;

	length = prefix_length + zeros + count;
	padding = length < how->width ? how->width - length : 0;
	if (!how->left)
		put_repeated(out, ' ', padding);
	put_text(out, prefix, prefix_length);
	put_repeated(out, '0', zeros);
	put_text(out, digits + start, count);
	if (how->left)
		put_repeated(out, ' ', padding);
}

static void put_signed(struct output *out, const struct conversion *how, int64_t value)
{
	const char *prefix = how->plus ? "+" : how->space ? " " : "";
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;

	put_number(out, how, value < 0 ? "-" : prefix, magnitude, 10, "0123456789");
}

static void put_unsigned(struct output *out, const struct conversion *how, uint64_t value,
			 char letter)
{
	bool prefixed = how->alternate && value;

	if (letter == 'o')
		put_number(out, how, "", value, 8, "01234567");
	else if (letter == 'x')
		put_number(out, how, prefixed ? "0x" : "", value, 16, "0123456789abcdef");
	else if (letter == 'X')
		put_number(out, how, prefixed ? "0X" : "", value, 16, "0123456789ABCDEF");
	else
		put_number(out, how, "", value, 10, "0123456789");
}

static void put_string(struct output *out, const struct conversion *how, const char *text)
{
	if (!text)
		text = "(null)";
	put_padded(out, how, text,
		   how->has_precision ? strnlen(text, how->precision) : strlen(text));
}

static const char *parse_flags(const char *at, struct conversion *how)
{
	for (;; at++) {
		switch (*at) {
		case '-':
			how->left = true;
			break;
		case '0':
			how->zero = true;
			break;
		case '+':
			how->plus = true;
			break;
		case ' ':
			how->space = true;
			break;
		case '#':
			how->alternate = true;
			break;
		default:
			return at;
		}
	}
}

static const char *parse_size(const char *at, struct conversion *how)
{
	how->size = SIZE_INT;
	if (*at == 'h' && at[1] == 'h') {
		how->size = SIZE_CHAR;
		return at + 2;
	}
	if (*at == 'h') {
		how->size = SIZE_SHORT;
		return at + 1;
	}
	if (*at == 'l' || *at == 'z' || *at == 't' || *at == 'j') {
		how->size = SIZE_LONG;
		return at[0] == 'l' && at[1] == 'l' ? at + 2 : at + 1;
	}
	return at;
}

static const char *parse_decimal(const char *at, size_t *value)
{
	for (*value = 0; *at >= '0' && *at <= '9'; at++)
		*value = *value * 10 + (*at - '0');
	return at;
}

static int64_t sign_extend(uint64_t value, enum argument_size size)
{
	switch (size) {
	case SIZE_CHAR:
		return (signed char)value;
	case SIZE_SHORT:
		return (short)value;
	case SIZE_INT:
		return (int)value;
	default:
		return (int64_t)value;
	}
}

static uint64_t truncate(uint64_t value, enum argument_size size)
{
	switch (size) {
	case SIZE_CHAR:
		return (unsigned char)value;
	case SIZE_SHORT:
		return (unsigned short)value;
	case SIZE_INT:
		return (unsigned)value;
	default:
		return value;
	}
}

/* A va_list passed down is one only inside a structure: as a parameter it is a pointer. */
struct arguments {
	va_list list;
};

static uint64_t next_integer(struct arguments *arguments, enum argument_size size)
{
	if (size == SIZE_LONG)
		return va_arg(arguments->list, uint64_t);
	return va_arg(arguments->list, unsigned);
}

static const char *parse_width(const char *at, struct conversion *how, struct arguments *arguments)
{
	int width;

	if (*at != '*')
		return parse_decimal(at, &how->width);
	width = va_arg(arguments->list, int);
	if (width < 0)
		how->left = true;
	how->width = width < 0 ? -(size_t)width : (size_t)width;
	return at + 1;
}

static const char *parse_precision(const char *at, struct conversion *how,
				   struct arguments *arguments)
{
	int precision;

	if (*at != '.')
		return at;
	how->has_precision = true;
	if (at[1] != '*')
		return parse_decimal(at + 1, &how->precision);
	precision = va_arg(arguments->list, int);
	how->has_precision = precision >= 0;
	how->precision = precision;
	return at + 2;
}

/* `at` is behind a %; returns what is behind the conversion. */
static const char *convert(struct output *out, const char *at, struct arguments *arguments)
{
	const char *start = at - 1;
	struct conversion how = { 0 };
	char character;

	at = parse_flags(at, &how);
	at = parse_width(at, &how, arguments);
	at = parse_precision(at, &how, arguments);
	at = parse_size(at, &how);

	switch (*at) {
	case 'd':
	case 'i':
		put_signed(out, &how, sign_extend(next_integer(arguments, how.size), how.size));
		break;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_unsigned(out, &how, truncate(next_integer(arguments, how.size), how.size), *at);
		break;
	case 'p':
		put_number(out, &how, "0x", next_integer(arguments, SIZE_LONG), 16,
			   "0123456789abcdef");
		break;
	case 'c':
		character = va_arg(arguments->list, int);
		put_padded(out, &how, &character, 1);
		break;
	case 's':
		put_string(out, &how, va_arg(arguments->list, const char *));
		break;
	case '%':
		put(out, '%');
		break;
	case '\0':
		put_text(out, start, at - start);
		return at;
	default:
		put_text(out, start, at + 1 - start);
	}
	return at + 1;
}

int vsnprintf(char *buffer, size_t size, const char *format, va_list list)
{
	struct output out = { .buffer = buffer, .size = size };
	struct arguments arguments;

	va_copy(arguments.list, list);
	while (*format) {
		if (*format == '%')
			format = convert(&out, format + 1, &arguments);
		else
			put(&out, *format++);
	}
	va_end(arguments.list);

	if (size)
		buffer[out.length < size ? out.length : size - 1] = '\0';
	return out.length;
}

int snprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}

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
