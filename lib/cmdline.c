/*
 * cmdline.c -- the reader of the kernel's command line.
 *
 * No locks, no allocation: words are pieces of the line.
 */
#include <facet/cmdline.h>
#include <facet/errno.h>
#include <facet/string.h>

static bool is_space(char character)
{
	return character == ' ' || (character >= '\t' && character <= '\r');
}

bool cmdline_next(const char **rest, struct cmdline_word *word)
{
	const char *at = *rest, *equals = NULL, *end;
	bool in_quotes, strip;

	while (is_space(*at))
		at++;
	if (!*at) {
		*rest = at;
		return false;
	}

	strip = in_quotes = *at == '"';
	if (in_quotes)
		at++;
	word->name = at;
	for (; *at && (in_quotes || !is_space(*at)); at++) {
		if (*at == '"')
			in_quotes = !in_quotes;
		else if (*at == '=' && !equals && at > word->name)
			equals = at; /* a name is not empty: a leading = is part of it */
	}
	*rest = end = at;

	word->value = equals ? equals + 1 : NULL;
	if (equals && *word->value == '"') {
		word->value++;
		strip = true;
	}
	if (strip && end > word->name && end[-1] == '"')
		end--;

	word->name_length = (equals ? equals : end) - word->name;
	word->value_length = equals && end > word->value ? end - word->value : 0;
	return true;
}

static char dash_as_underscore(char character)
{
	return character == '-' ? '_' : character;
}

bool cmdline_is(const struct cmdline_word *word, const char *name)
{
	size_t i;

	if (strlen(name) != word->name_length)
		return false;
	for (i = 0; i < word->name_length; i++) {
		if (dash_as_underscore(name[i]) != dash_as_underscore(word->name[i]))
			return false;
	}
	return true;
}

/* Copy what fits behind `length` bytes that are there, and return the length of all. */
static size_t append(char *buffer, size_t size, size_t length, const char *text, size_t count)
{
	size_t room = length < size ? size - length : 0;

	if (room)
		memcpy(buffer + length, text, count < room ? count : room);
	return length + count;
}

size_t cmdline_text(const struct cmdline_word *word, char *buffer, size_t size)
{
	size_t length = append(buffer, size, 0, word->name, word->name_length);

	if (word->value) {
		length = append(buffer, size, length, "=", 1);
		length = append(buffer, size, length, word->value, word->value_length);
	}
	if (size)
		buffer[length < size ? length : size - 1] = '\0';
	return length;
}

bool cmdline_find(const char *line, const char *name, struct cmdline_word *word)
{
	struct cmdline_word candidate;
	bool found = false;

	while (cmdline_next(&line, &candidate)) {
		if (!candidate.value && cmdline_is(&candidate, "--"))
			break;
		if (cmdline_is(&candidate, name)) {
			*word = candidate;
			found = true;
		}
	}
	return found;
}

int cmdline_get(const char *line, const char *name, char *buffer, size_t size)
{
	struct cmdline_word word;

	if (!cmdline_find(line, name, &word))
		return -ENOENT;
	if (word.value_length >= size)
		return -ERANGE;
	if (word.value_length)
		memcpy(buffer, word.value, word.value_length);
	buffer[word.value_length] = '\0';
	return word.value_length;
}
