/*
 * The shell's variables. Those that are exported make up the environment of programs.
 */
#include "sh.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <usr.h>

struct variable {
	struct variable *next;
	char *name, *value; /* value NULL: not set, only marked for export */
	bool exported;
};

static struct variable *variables;
char **parameters;

size_t name_length(const char *text)
{
	size_t length = 0;

	if (isdigit((unsigned char)*text))
		return 0;
	while (isalnum((unsigned char)text[length]) || text[length] == '_')
		length++;
	return length;
}

static char *keep(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		exit(complain(errno, "out of memory"));
	return copy;
}

static struct variable *find(const char *name, bool make)
{
	struct variable *found = variables;

	while (found && strcmp(found->name, name) != 0)
		found = found->next;
	if (!found && make) {
		found = malloc(sizeof(*found));
		if (!found)
			exit(complain(errno, "out of memory"));
		*found = (struct variable){ .next = variables, .name = keep(name) };
		variables = found;
	}
	return found;
}

const char *variable(const char *name)
{
	const struct variable *found = find(name, false);

	return found ? found->value : NULL;
}

void set_variable(const char *name, const char *value)
{
	struct variable *set = find(name, true);
	char *copy = keep(value);

	free(set->value);
	set->value = copy;
}

void assign(const char *assignment, bool exported)
{
	const char *equals = strchr(assignment, '=');
	const char *name = copy_text(assignment, (size_t)(equals - assignment));

	set_variable(name, expand_text(equals + 1));
	if (exported)
		export_variable(name);
}

void export_variable(const char *name)
{
	find(name, true)->exported = true;
}

void unset_variable(const char *name)
{
	struct variable *unset = find(name, false);

	if (!unset)
		return;
	free(unset->value);
	unset->value = NULL;
	unset->exported = false;
}

void import_variables(char **environment)
{
	for (; *environment; environment++) {
		size_t length = name_length(*environment);

		if (length > 0 && (*environment)[length] == '=') {
			const char *name = copy_text(*environment, length);

			set_variable(name, *environment + length + 1);
			export_variable(name);
		}
	}
}

char **exported_variables(void)
{
	size_t count = 0;
	char **list;

	for (const struct variable *each = variables; each; each = each->next)
		count++;
	list = allocate((count + 1) * sizeof(list[0]));
	count = 0;
	for (const struct variable *each = variables; each; each = each->next) {
		struct buffer text = { NULL, 0, 0 };

		if (!each->exported || !each->value)
			continue;
		buffer_add_text(&text, each->name);
		buffer_add(&text, '=');
		buffer_add_text(&text, each->value);
		list[count++] = buffer_text(&text);
	}
	return list;
}
