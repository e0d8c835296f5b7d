/*
 * What a word means: $NAME and $(command), quotes taken away, split where it was not quoted, and
 * file names for * ? and [.
 *
 * While a field is built, a backslash stands before each character that quotes protect from being
 * taken for a pattern; it is dropped when the field is complete.
 */
#include "sh.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

struct expansion {
	struct buffer text; /* of the field that is being built */
	bool started;       /* there is one, if only an empty one in quotes */
	bool pattern;       /* it has a * ? or [ that is not quoted */
	bool split;         /* make fields at all; otherwise everything is one text */
	bool quoted;        /* inside double quotes */
	char **fields;
	size_t count, size;
};

static void add_field(struct expansion *out, char *text)
{
	if (out->count + 1 >= out->size) {
		char **fields = allocate((out->size * 2 + 8) * sizeof(fields[0]));

		if (out->count > 0)
			memcpy(fields, out->fields, out->count * sizeof(fields[0]));
		out->size = out->size * 2 + 8;
		out->fields = fields;
	}
	out->fields[out->count++] = text;
	out->fields[out->count] = NULL;
}

static void drop_backslashes(char *text)
{
	char *to = text;

	while (*text) {
		if (*text == '\\' && text[1])
			text++;
		*to++ = *text++;
	}
	*to = '\0';
}

static void end_field(struct expansion *out)
{
	char *text = buffer_text(&out->text);
	struct matches found = { NULL, 0, 0 };

	if (!out->started)
		return;
	if (out->pattern)
		found = find_matches(text);
	for (size_t i = 0; i < found.count; i++)
		add_field(out, found.paths[i]);
	if (found.count == 0) {
		drop_backslashes(text);
		add_field(out, text);
	}
	out->text = (struct buffer){ NULL, 0, 0 };
	out->started = out->pattern = false;
}

static void add_literal(struct expansion *out, char character)
{
	if (strchr("*?[]\\", character))
		buffer_add(&out->text, '\\');
	buffer_add(&out->text, character);
	out->started = true;
}

/* A character that may be part of a pattern, as typed or from an unquoted $NAME. */
static void add_active(struct expansion *out, char character)
{
	if (strchr("*?[", character))
		out->pattern = out->split;
	else if (character == '\\')
		buffer_add(&out->text, '\\');
	buffer_add(&out->text, character);
	out->started = true;
}

static void add_value(struct expansion *out, const char *value)
{
	for (; value && *value; value++) {
		if (out->quoted || !out->split)
			add_literal(out, *value);
		else if (isspace((unsigned char)*value))
			end_field(out);
		else
			add_active(out, *value);
	}
}

/* $@ and $*: "$@" makes a field of each parameter, the others split like any value. */
static void add_parameters(struct expansion *out, bool each)
{
	for (char **parameter = parameters; *parameter && *++parameter;) {
		add_value(out, *parameter);
		if (each && out->quoted)
			out->started = true;
		if (!parameter[1])
			break;
		if (each || !out->quoted)
			end_field(out);
		else
			add_literal(out, ' ');
	}
}

static const char *parameter(size_t number)
{
	for (size_t i = 0; parameters[i]; i++) {
		if (i == number)
			return parameters[i];
	}
	return NULL;
}

/* Add the value of the special parameter, if `name` is one. */
static bool add_special(struct expansion *out, char name)
{
	char text[24];
	int count = 0;

	if (name == '@' || name == '*') {
		add_parameters(out, name == '@');
		return true;
	}
	if (isdigit((unsigned char)name)) {
		add_value(out, parameter((size_t)(name - '0')));
		return true;
	}
	while (parameters[count])
		count++;
	if (!name || !strchr("?$#!", name) || (name == '!' && !last_background))
		return name == '!';
	snprintf(text, sizeof(text), "%d",
		 name == '?'   ? last_status
		 : name == '$' ? getpid()
		 : name == '#' ? count - 1
			       : last_background);
	add_value(out, text);
	return true;
}

/* The ")" that ends the command which starts at `text`, or the end of the string. */
static const char *end_of_command(const char *text)
{
	for (int depth = 0; *text && (*text != ')' || depth > 0); text++) {
		if (*text == '\\' && text[1]) {
			text++;
		} else if ((*text == '\'' || *text == '"') && strchr(text + 1, *text)) {
			text = strchr(text + 1, *text);
		} else {
			depth += (*text == '(') - (*text == ')');
		}
	}
	return text;
}

/* `text` is behind a dollar. Returns what is behind the name. */
static const char *expand_dollar(struct expansion *out, const char *text)
{
	bool braces = *text == '{';
	const char *name = text + braces;
	size_t length = name_length(name);

	if (*text == '(') {
		const char *end = end_of_command(text + 1);

		add_value(out, output_of(copy_text(text + 1, (size_t)(end - text - 1))));
		return *end ? end + 1 : end;
	}
	if (length > 0)
		add_value(out, variable(copy_text(name, length)));
	else if (add_special(out, *name))
		length = 1;
	else
		add_literal(out, '$');
	name += length;
	return braces && length > 0 && *name == '}' ? name + 1 : braces && !length ? text : name;
}

static void expand(struct expansion *out, const char *text)
{
	while (*text) {
		char character = *text++;

		if (character == '"') {
			out->quoted = !out->quoted;
			/* "$@" of no parameters is no field, unlike "". */
			if (out->quoted && strncmp(text, "$@\"", 3) != 0)
				out->started = true;
		} else if (character == '$') {
			text = expand_dollar(out, text);
		} else if (character == '\\' && *text) {
			if (out->quoted && !strchr("$`\"\\\n", *text))
				add_literal(out, '\\');
			if (*text != '\n')
				add_literal(out, *text);
			text++;
		} else if (character == '\'' && !out->quoted) {
			out->started = true;
			for (; *text && *text != '\''; text++)
				add_literal(out, *text);
			text += *text == '\'';
		} else if (out->quoted) {
			add_literal(out, character);
		} else {
			add_active(out, character);
		}
	}
}

char **expand_words(const struct word *list)
{
	struct expansion out = { .split = true };

	for (; list; list = list->next) {
		out.quoted = false;
		expand(&out, list->text);
		end_field(&out);
	}
	return out.fields ? out.fields : allocate(sizeof(out.fields[0]));
}

char *expand_text(const char *text)
{
	struct expansion out = { .split = false };

	expand(&out, text);
	drop_backslashes(buffer_text(&out.text));
	return out.text.data;
}
