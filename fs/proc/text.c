/*
 * text.c -- text that grows by doubling. Context: any that may allocate; nothing is locked.
 */
#include "proc.h"

#define TEXT_FIRST 512

bool text_reserve(struct text *text, size_t size)
{
	size_t capacity = MAX(text->capacity, (size_t)TEXT_FIRST);
	char *bytes;

	if (text->failed)
		return false;
	while (capacity - text->size < size)
		capacity *= 2;
	if (capacity == text->capacity)
		return true;
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

void text_pad(struct text *text, size_t line_start, size_t column)
{
	while (!text->failed && text->size < line_start + column)
		text_add(text, " ", 1);
}

void text_free(struct text *text)
{
	kfree(text->bytes);
	*text = (struct text){ 0 };
}
