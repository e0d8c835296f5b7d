/*
 * File names for a pattern: * is any text, ? any character, [abc] and [a-z] one of these, [!...]
 * one of the others. A backslash protects the next character. A name that starts with a dot has to
 * be asked for by a dot.
 */
#include "sh.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Does the bracket expression at *pattern, behind its "[", hold `character`? Moves past its end. */
static bool in_brackets(const char **pattern, size_t *left, char character)
{
	const char *at = *pattern, *end = at + *left;
	bool inverted = at < end && *at == '!';
	bool found = false;

	at += inverted;
	for (const char *first = at; at < end && (*at != ']' || at == first); at++) {
		if (at + 2 < end && at[1] == '-' && at[2] != ']') {
			found |= at[0] <= character && character <= at[2];
			at += 2;
		} else {
			found |= *at == character;
		}
	}
	at += at < end;
	*left = (size_t)(end - at);
	*pattern = at;
	return found != inverted;
}

static bool matches(const char *pattern, size_t left, const char *name)
{
	while (left > 0) {
		char character = *pattern++;

		left--;
		if (character == '*') {
			for (; *name; name++) {
				if (matches(pattern, left, name))
					return true;
			}
			continue;
		}
		if (!*name)
			return false;
		if (character == '[') {
			if (!in_brackets(&pattern, &left, *name))
				return false;
		} else if (character != '?') {
			if (character == '\\' && left > 0) {
				character = *pattern++;
				left--;
			}
			if (character != *name)
				return false;
		}
		name++;
	}
	return !*name;
}

static void add_match(struct matches *found, const char *path)
{
	if (found->count == found->size) {
		char **paths = allocate((found->size * 2 + 16) * sizeof(paths[0]));

		if (found->count > 0)
			memcpy(paths, found->paths, found->count * sizeof(paths[0]));
		found->size = found->size * 2 + 16;
		found->paths = paths;
	}
	found->paths[found->count++] = copy_text(path, strlen(path));
}

/* Add what matches `pattern` below `prefix`, a path that is there, up to its last slash. */
static void match_below(struct matches *found, const char *prefix, const char *pattern)
{
	size_t length = strcspn(pattern, "/");
	size_t slashes = strspn(pattern + length, "/");
	struct dirent *entry;
	DIR *directory = opendir(*prefix ? prefix : ".");

	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		struct buffer path = { NULL, 0, 0 };

		if ((entry->d_name[0] == '.' && *pattern != '.') ||
		    !matches(pattern, length, entry->d_name))
			continue;
		buffer_add_text(&path, prefix);
		buffer_add_text(&path, entry->d_name);
		buffer_add_text(&path, copy_text(pattern + length, slashes));
		if (pattern[length + slashes])
			match_below(found, buffer_text(&path), pattern + length + slashes);
		else if (slashes == 0 || access(buffer_text(&path), F_OK) == 0)
			add_match(found, buffer_text(&path));
	}
	closedir(directory);
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

struct matches find_matches(const char *pattern)
{
	struct matches found = { NULL, 0, 0 };
	size_t slashes = strspn(pattern, "/");

	match_below(&found, copy_text(pattern, slashes), pattern + slashes);
	if (found.count > 0)
		qsort(found.paths, found.count, sizeof(found.paths[0]), by_name);
	return found;
}
