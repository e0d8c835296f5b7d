/*
 * text.c -- text that grows by doubling. Context: any that may allocate; nothing is locked.
 */
#include "proc.h"

#define TEXT_FIRST 512

static bool text_grow(struct text *text, size_t size)
{
	size_t capacity = MAX(text->capacity, (size_t)TEXT_FIRST);
	char *bytes;

	if (text->failed)
		return false;
	while (capacity - text->size < size)
		capacity *= 2;
	bytes = kmalloc(capacity);
	if (!bytes) {
		text->failed = true;
		return false;
	}
	if (text->size)
		memcpy(bytes, text->bytes, text->size);
	kfree(text->bytes);
	text->bytes = bytes;
	text->capacity = capacity;
	return true;
}

bool text_reserve(struct text *text, size_t size)
{
	return likely(text->capacity - text->size >= size) || text_grow(text, size);
}

void text_add(struct text *text, const void *bytes, size_t size)
{
	if (!text_reserve(text, size))
		return;
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list arguments;
	int length;

	if (!text_reserve(text, 1))
		return;
	va_start(arguments, format);
	length = vsnprintf(text->bytes + text->size, text->capacity - text->size, format,
			   arguments);
	va_end(arguments);
	if ((size_t)length >= text->capacity - text->size) {
		if (!text_reserve(text, (size_t)length + 1))
			return;
		va_start(arguments, format);
		vsnprintf(text->bytes + text->size, text->capacity - text->size, format, arguments);
		va_end(arguments);
	}
	text->size += (size_t)length;
}

void text_field(struct text *text, uint64_t value)
{
	char digits[DECIMAL_MAX + 1], *end = digits + DECIMAL_MAX, *start;

	*end = ' ';
	start = format_decimal(end, value);
	text_add(text, start, (size_t)(end + 1 - start));
}

void text_signed_field(struct text *text, int64_t value)
{
	if (value < 0)
		text_add(text, "-", 1);
	text_field(text, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void text_hex(struct text *text, uint64_t value, unsigned least, char behind)
{
	char digits[17], *end = digits + sizeof(digits) - 1, *start = end;

	*end = behind;
	while (value || end - start < (int)least) {
		*--start = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
	text_add(text, start, (size_t)(end + 1 - start));
}

void text_pad(struct text *text, size_t line_start, size_t column)
{
	size_t end = line_start + column;

	if (text->size >= end || !text_reserve(text, end - text->size))
		return;
	memset(text->bytes + text->size, ' ', end - text->size);
	text->size = end;
}

void text_kib(struct text *text, const char *name, size_t column, uint64_t kib)
{
	char digits[DECIMAL_MAX], *end = digits + DECIMAL_MAX, *start = format_decimal(end, kib);
	size_t line_start = text->size, length = (size_t)(end - start);

	text_add(text, name, strlen(name));
	text_pad(text, line_start, column - MIN(length, column));
	text_add(text, start, length);
	text_add(text, " kB\n", 4);
}

void text_free(struct text *text)
{
	kfree(text->bytes);
	*text = (struct text){ 0 };
}
