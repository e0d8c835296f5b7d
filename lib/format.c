/*
 * format.c -- vsnprintf.
 *
 * One pass over the format, piece by piece: what stands between two conversions is one copy.
 * put_text() counts all bytes and stores those that fit. Decimal digits are made two at a time, a
 * multiplication for both, for /proc is made of them.
 * No locks, no allocation, some 100 bytes of stack: it may be called from anywhere.
 */
#include <facet/format.h>
#include <facet/string.h>
#include <facet/types.h>

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

static size_t room_for(const struct output *out, size_t length)
{
	size_t room = out->length < out->size ? out->size - out->length : 0;

	return MIN(length, room);
}

static void put_text(struct output *out, const char *text, size_t length)
{
	size_t fits = room_for(out, length);

	if (fits)
		memcpy(out->buffer + out->length, text, fits);
	out->length += length;
}

static void put_repeated(struct output *out, char character, size_t count)
{
	size_t fits = room_for(out, count);

	if (fits)
		memset(out->buffer + out->length, character, fits);
	out->length += count;
}

/*
 * Padding, prefix (a sign or 0x), zeros, text, padding: what is missing of the width goes in front,
 * or behind if there was a `-`.
 */
static void put_field(struct output *out, const struct conversion *how, const char *prefix,
		      size_t zeros, const char *text, size_t length)
{
	size_t prefix_length = *prefix ? strlen(prefix) : 0;
	size_t total = prefix_length + zeros + length;
	size_t padding = total < how->width ? how->width - total : 0;

	if (padding && !how->left)
		put_repeated(out, ' ', padding);
	if (prefix_length)
		put_text(out, prefix, prefix_length);
	if (zeros)
		put_repeated(out, '0', zeros);
	put_text(out, text, length);
	if (padding && how->left)
		put_repeated(out, ' ', padding);
}

/* "00" to "99" */
static const char pairs[] = "00010203040506070809101112131415161718192021222324"
			    "25262728293031323334353637383940414243444546474849"
			    "50515253545556575859606162636465666768697071727374"
			    "75767778798081828384858687888990919293949596979899";

char *format_decimal(char *end, uint64_t value)
{
	while (value >= 100) {
		uint64_t rest = value / 100;

		end -= 2;
		memcpy(end, pairs + 2 * (value - rest * 100), 2);
		value = rest;
	}
	if (value < 10) {
		*--end = (char)('0' + value);
		return end;
	}
	end -= 2;
	memcpy(end, pairs + 2 * value, 2);
	return end;
}

/* `shift` bits are a digit. */
static char *put_bits(char *end, uint64_t value, unsigned shift, const char *digit_names)
{
	do {
		*--end = digit_names[value & ((1u << shift) - 1)];
		value >>= shift;
	} while (value);
	return end;
}

static void put_number(struct output *out, const struct conversion *how, const char *prefix,
		       uint64_t value, unsigned base, const char *digit_names)
{
	char digits[DIGITS_MAX], *end = digits + DIGITS_MAX, *start = end;
	size_t count, zeros = how->has_precision ? how->precision : 1;

	if (value)
		start = base == 10 ? format_decimal(end, value)
				   : put_bits(end, value, base == 16 ? 4 : 3, digit_names);
	count = (size_t)(end - start);
	if (base == 8 && how->alternate && zeros <= count)
		zeros = count + 1;
	if (how->zero && !how->left && !how->has_precision && zeros < how->width)
		zeros = MAX(zeros, how->width - MIN(strlen(prefix), how->width));
	put_field(out, how, prefix, zeros > count ? zeros - count : 0, start, count);
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
	put_field(out, how, "", 0, text,
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
		put_field(out, &how, "", 0, &character, 1);
		break;
	case 's':
		put_string(out, &how, va_arg(arguments->list, const char *));
		break;
	case '%':
		put_text(out, "%", 1);
		break;
	case '\0':
		put_text(out, start, at - start);
		return at;
	default:
		put_text(out, start, at + 1 - start);
	}
	return at + 1;
}

/* Most conversions are a letter and nothing else; %lu and %ld are among them. */
static const char *convert_quickly(struct output *out, const char *at, struct arguments *arguments)
{
	char digits[DECIMAL_MAX + 1], *end = digits + sizeof(digits), *start;
	bool wide = *at == 'l';
	const char *text;
	int64_t value;

	switch (at[wide]) {
	case 'd':
		value = wide ? va_arg(arguments->list, int64_t) : va_arg(arguments->list, int);
		start = format_decimal(end, value < 0 ? -(uint64_t)value : (uint64_t)value);
		if (value < 0)
			*--start = '-';
		break;
	case 'u':
		start = format_decimal(end, wide ? va_arg(arguments->list, uint64_t)
						 : va_arg(arguments->list, unsigned));
		break;
	case 's':
		if (wide)
			return convert(out, at, arguments);
		text = va_arg(arguments->list, const char *);
		put_text(out, text ? text : "(null)", strlen(text ? text : "(null)"));
		return at + 1;
	default:
		return convert(out, at, arguments);
	}
	put_text(out, start, (size_t)(end - start));
	return at + wide + 1;
}

int vsnprintf(char *buffer, size_t size, const char *format, va_list list)
{
	struct output out = { .buffer = buffer, .size = size };
	struct arguments arguments;

	va_copy(arguments.list, list);
	for (;;) {
		const char *start = format;

		while (*format && *format != '%')
			format++;
		if (format != start)
			put_text(&out, start, (size_t)(format - start));
		if (!*format)
			break;
		format = convert_quickly(&out, format + 1, &arguments);
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
