/*
 * test EXPRESSION, or [ EXPRESSION ]: succeed if it holds, for the shell's if and while.
 *
 * Files: -e there is one, -f a regular file, -d a directory, -s not empty. Strings: -n not empty,
 * -z empty, A = B, A != B. Numbers: A -eq B, and -ne -lt -le -gt -ge. "!" in front negates.
 * Status 0 is yes, 1 is no, 2 is no expression.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <usr.h>

enum { YES = 0, NO = 1, WRONG = 2 };

static int wrong(const char *what)
{
	complain(0, "%s is no expression", what);
	return WRONG;
}

static int test_one(const char *what, const char *operand)
{
	struct stat file;

	if (strcmp(what, "-n") == 0)
		return *operand ? YES : NO;
	if (strcmp(what, "-z") == 0)
		return *operand ? NO : YES;
	if (what[0] != '-' || !what[1] || what[2] || !strchr("efds", what[1]))
		return wrong(what);
	if (stat(operand, &file))
		return NO;
	switch (what[1]) {
	case 'f':
		return S_ISREG(file.st_mode) ? YES : NO;
	case 'd':
		return S_ISDIR(file.st_mode) ? YES : NO;
	case 's':
		return file.st_size > 0 ? YES : NO;
	default:
		return YES;
	}
}

static int test_two(const char *left, const char *what, const char *right)
{
	static const char *const operators[] = { "-eq", "-ne", "-lt", "-le", "-gt", "-ge" };
	long a, b;

	if (strcmp(what, "=") == 0)
		return strcmp(left, right) == 0 ? YES : NO;
	if (strcmp(what, "!=") == 0)
		return strcmp(left, right) != 0 ? YES : NO;
	for (int i = 0; i < 6; i++) {
		if (strcmp(what, operators[i]) != 0)
			continue;
		if (!parse_number(left, LONG_MIN, LONG_MAX, &a))
			return wrong(left);
		if (!parse_number(right, LONG_MIN, LONG_MAX, &b))
			return wrong(right);
		return (bool[]){ a == b, a != b, b > a, a <= b, a > b, a >= b }[i] ? YES : NO;
	}
	return wrong(what);
}

static int test(int count, char **words)
{
	if (count > 1 && strcmp(words[0], "!") == 0) {
		int answer = test(count - 1, words + 1);

		return answer == WRONG ? WRONG : !answer;
	}
	switch (count) {
	case 0:
		return NO;
	case 1:
		return *words[0] ? YES : NO;
	case 2:
		return test_one(words[0], words[1]);
	case 3:
		return test_two(words[0], words[1], words[2]);
	default:
		return wrong(words[3]);
	}
}

int main(int argc, char **argv)
{
	if (strcmp(program_invocation_short_name, "[") == 0) {
		if (strcmp(argv[argc - 1], "]") != 0)
			return wrong("[ without ]");
		argc--;
	}
	return test(argc - 1, argv + 1);
}
