/*
 * Commands that change the shell itself, or ask about it, and so cannot be programs.
 */
#include "sh.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <usr.h>

static int builtin_cd(char **words)
{
	const char *directory = words[1] ? words[1] : variable("HOME");

	if (!directory || chdir(directory))
		return complain(directory ? errno : 0, "cd: %s", directory ? directory : "no HOME");
	return 0;
}

static int builtin_pwd(char **words)
{
	char path[PATH_MAX];

	if (!getcwd(path, sizeof(path)))
		return complain(errno, "%s", words[0]);
	return print("%s\n", path) ? 0 : 1;
}

/* The number in words[1], or `otherwise` if there is none. */
static int number_argument(char **words, int otherwise)
{
	long number = otherwise;

	if (words[1] && !parse_number(words[1], 0, INT_MAX, &number)) {
		complain(0, "%s: %s is no number", words[0], words[1]);
		return otherwise;
	}
	return (int)number;
}

static int builtin_exit(char **words)
{
	exit(number_argument(words, last_status) & 0xff);
}

static int builtin_export(char **words)
{
	while (*++words) {
		char *equals = strchr(*words, '=');

		if (equals) {
			*equals = '\0';
			set_variable(*words, equals + 1);
		}
		export_variable(*words);
	}
	return 0;
}

static int builtin_unset(char **words)
{
	while (*++words)
		unset_variable(*words);
	return 0;
}

static int builtin_shift(char **words)
{
	char *name = parameters[0];

	for (int count = number_argument(words, 1); count > 0; count--) {
		if (!parameters[1])
			return complain(0, "shift: no parameter is left");
		*++parameters = name;
	}
	return 0;
}

static int builtin_wait(char **words)
{
	int status = 0;

	if (!words[1])
		return jobs_wait();
	for (; words[1]; words++)
		status = wait_child(number_argument(words, 0));
	return status;
}

static int builtin_jobs(char **words)
{
	(void)words;
	jobs_list();
	return 0;
}

static int builtin_break(char **words)
{
	leave_loops = number_argument(words, 1);
	loop_continues = strcmp(words[0], "continue") == 0;
	return 0;
}

/* read NAME...: a line of standard input, a word for each name, the rest for the last. */
static int builtin_read(char **words)
{
	struct buffer line = { NULL, 0, 0 };
	ssize_t count;
	char character, *rest;

	while ((count = read(STDIN_FILENO, &character, 1)) == 1 && character != '\n')
		buffer_add(&line, character);
	rest = buffer_text(&line);
	while (*++words) {
		char *word = rest + strspn(rest, " \t");

		rest = words[1] ? word + strcspn(word, " \t") : "";
		if (*rest)
			*rest++ = '\0';
		set_variable(*words, word);
	}
	return count == 1 ? 0 : 1;
}

static int builtin_true(char **words)
{
	(void)words;
	return 0;
}

builtin *find_builtin(const char *name)
{
	static const struct {
		const char *name;
		builtin *run;
	} builtins[] = {
		{ ":", builtin_true },      { "break", builtin_break },
		{ "cd", builtin_cd },       { "continue", builtin_break },
		{ "exit", builtin_exit },   { "export", builtin_export },
		{ "jobs", builtin_jobs },   { "pwd", builtin_pwd },
		{ "read", builtin_read },   { "shift", builtin_shift },
		{ "unset", builtin_unset }, { "wait", builtin_wait },
	};

	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++) {
		if (strcmp(builtins[i].name, name) == 0)
			return builtins[i].run;
	}
	return NULL;
}
