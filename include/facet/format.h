/*
 * format.h -- numbers to text and back.
 *
 * The conversions are %d %i %u %x %X %o %c %s %p and %%, with the flags - 0 + space and #, width
 * and precision (also as *), and the sizes hh h l ll z t j. %p is 0x and hexadecimal digits. What
 * is none of these is copied as it stands.
 */
#ifndef FACET_FORMAT_H
#define FACET_FORMAT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Write at most `size` bytes, of which the last is a NUL (nothing if size is 0). Return how long
 * the text is without the NUL, whether or not it fitted, as in C99. Context: any; they do not lock,
 * allocate or touch anything but their arguments.
 */
int snprintf(char *buffer, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

#define DECIMAL_MAX 20 /* digits of 2^64 - 1 */

/* Puts the decimal digits of `value` in front of `end`. Returns where they begin. */
char *format_decimal(char *end, uint64_t value);

/*
 * The whole of `text` as an unsigned number; one newline at its end is overlooked, as `echo` writes
 * it into files of /proc. Base 0 is C's: 0x for 16, 0 for 8, else 10. Base 16 allows a 0x.
 * Returns 0, -EINVAL if it is not a number, -ERANGE if it does not fit; *value is set on 0 only.
 */
int parse_u64(const char *text, unsigned base, uint64_t *value);

#endif
