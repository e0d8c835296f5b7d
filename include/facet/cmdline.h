/*
 * cmdline.h -- the words of the kernel's command line, read as Linux reads them.
 *
 * Words are separated by white space. A double quote hides white space up to the next one; those
 * around a whole word or a whole value (name="two words", "name=two words") are not part of it. In
 * names, - and _ are the same. Behind a word -- all belongs to init.
 *
 * The line is read where it stands and never changed. Source: Linux's kernel-parameters document.
 */
#ifndef FACET_CMDLINE_H
#define FACET_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

/* Both point into the line and are not ended by a NUL. */
struct cmdline_word {
	const char *name;
	const char *value; /* NULL if there was no = */
	size_t name_length;
	size_t value_length;
};

/*
 * Take the next word off the line:  for (rest = line; cmdline_next(&rest, &word);)
 * False at the end.
 */
bool cmdline_next(const char **rest, struct cmdline_word *word);

/* Is this word called `name`? */
bool cmdline_is(const struct cmdline_word *word, const char *name);

/*
 * The word as init is to see it, without quotes: name or name=value. As strlcpy(): it is ended by a
 * NUL, and the length of the whole is returned, which was cut off if that is not less than `size`.
 */
size_t cmdline_text(const struct cmdline_word *word, char *buffer, size_t size);

/* Find the last word called `name` that stands before a --. False if there is none. */
bool cmdline_find(const char *line, const char *name, struct cmdline_word *word);

/*
 * The value of the last word called `name`, as a string in `buffer`. Returns its length (0 too if
 * it has no value), -ENOENT if there is no such word, -ERANGE if the buffer is too small.
 */
int cmdline_get(const char *line, const char *name, char *buffer, size_t size);

#endif
