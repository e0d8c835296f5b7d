/*
 * usr.h -- what the programs in usr/ share: output, messages, numbers, small files.
 *
 * stdio would do, at 15 KiB a program. The archive of all programs has to fit into a machine of
 * 8 MiB together with the kernel, so print() formats with lib/format.c and writes at once. Where
 * that is not linked in, the C library's vsnprintf takes its place.
 */
#ifndef USR_H
#define USR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Format and write to standard output, or to `fd`, in one write, so that lines of several
 * processes do not mix. No %f. What is longer than 4 KiB is cut. Returns false if a write failed.
 */
bool print(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool print_to(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * "PROGRAM: text: reason" on standard error. `error` is an errno value, or 0 for no reason.
 * Returns 1, the exit status of a program that failed.
 */
int complain(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Write all of it, however many calls that takes. Returns false, with errno set, if one failed. */
bool write_all(int fd, const void *data, size_t size);

/* Copy what is left of `from` to `to`. Returns false, with errno set, if a call failed. */
bool copy_all(int from, int to);

/*
 * The start of a small file, as a string in `text`, of at most `size` - 1 bytes. Meant for /proc.
 * Returns its length, or -1 with errno set.
 */
ssize_t read_text(const char *path, char *text, size_t size);

/* The value, in KiB, of a line "Name:  123 kB" of /proc/meminfo, or -1 if there is none. */
long meminfo_kib(const char *name);

/* The whole of `text` as a decimal number from `lowest` to `highest`; false if it is none. */
bool parse_number(const char *text, long lowest, long highest, long *value);

/*
 * Take the leading arguments of the form -abc, whose letters are from `letters`; a "--" ends them.
 * Sets bit i of *flags if letters[i] was given. Returns the index of the first other argument, or
 * -1 after a complaint about a letter that is not known.
 */
int take_flags(char **argv, const char *letters, unsigned *flags);

#endif
