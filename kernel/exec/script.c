/*
 * #! lines. Pure. Source: execve(2), "Interpreter scripts": one optional argument, the rest of the
 * line.
 */
#include <facet/errno.h>
#include <facet/string.h>

#include "exec_private.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *skip_blanks(char *text)
{
	while (is_blank(*text))
		text++;
	return text;
}

int script_parse(char *header, size_t size, char **interpreter, char **argument)
{
	char *end = memchr(header, '\n', size), *text;

	bool cut = !end && size == EXEC_HEADER_SIZE;

	/*
	 * A line that does not end in the header may be cut in its argument, but not in its path.
	 */
	if (!end)
		end = header + MIN(size, EXEC_HEADER_SIZE - 1ul);
	*end = '\0';
	while (end > header && is_blank(end[-1]))
		*--end = '\0';

	text = skip_blanks(header + 2);
	if (!*text)
		return -ENOEXEC;
	*interpreter = text;
	while (*text && !is_blank(*text))
		text++;
	*argument = NULL;
	if (!*text)
		return cut ? -ENOEXEC : 0;
	*text = '\0';
	text = skip_blanks(text + 1);
	*argument = *text ? text : NULL;
	return 0;
}
