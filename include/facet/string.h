/*
 * string.h -- memory and strings, with the meaning that they have in C.
 *
 * The compiler itself calls memcpy, memmove, memset and memcmp. The macros let it expand those
 * whose size it knows, which -ffreestanding alone would forbid.
 */
#ifndef FACET_STRING_H
#define FACET_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *left, const void *right, size_t size);
void *memchr(const void *where, int byte, size_t size);

size_t strlen(const char *string);
size_t strnlen(const char *string, size_t size);
int strcmp(const char *left, const char *right);
int strncmp(const char *left, const char *right, size_t size);
char *strchr(const char *string, int character);
char *strrchr(const char *string, int character);
char *strstr(const char *string, const char *part);

/*
 * Copy as much as fits into `size` bytes and end it with a NUL (unless size is 0). Returns the
 * length of `from`: the copy is whole if that is less than `size`.
 */
size_t strlcpy(char *restrict to, const char *restrict from, size_t size);

#define memcpy(to, from, size) __builtin_memcpy(to, from, size)
#define memmove(to, from, size) __builtin_memmove(to, from, size)
#define memset(to, byte, size) __builtin_memset(to, byte, size)
#define memcmp(left, right, size) __builtin_memcmp(left, right, size)
#define strlen(string) __builtin_strlen(string)

#endif
