/*
 * How much execve takes: a string of 128 KiB with its end, and arguments and environment
 * together a quarter of the stack limit, pointers included (execve(2)). Beyond it is E2BIG, and
 * the caller goes on.
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/resource.h>

#define STRING_MOST (128 * 1024)
#define STACK_LIMIT (1024 * 1024) /* so a quarter is 256 KiB */

static char *big; /* two strings of STRING_MOST and some */
static char **vector;

static int try(char **argv, char **envp)
{
	pid_t child = (pid_t)must(fork());

	if (child == 0) {
		struct rlimit limit = { STACK_LIMIT, STACK_LIMIT };

		must(setrlimit(RLIMIT_STACK, &limit));
		execve(self_path(), argv, envp);
		_exit(errno == E2BIG ? 20 : 21);
	}
	return exit_code(wait_child(child));
}

/* One string of `length` characters, beside another. */
static int try_string(size_t length, size_t other, bool environment)
{
	char *first = big, *second = big + 2 * STRING_MOST;
	char *argv[] = { "limits", first, NULL }, *envp[] = { second, NULL };
	int result;

	first[length] = 0;
	second[other] = 0;
	if (environment)
		argv[1] = NULL, envp[0] = first;
	result = try(argv, envp);
	first[length] = second[other] = 'x';
	return result;
}

static int try_count(size_t count)
{
	char *none[] = { NULL };
	int result;

	vector[0] = "limits";
	for (size_t i = 1; i < count; i++)
		vector[i] = "";
	vector[count] = NULL;
	result = try(vector, none);
	return result;
}

int main(int argc, char **argv)
{
	if (argc >= 1 && !strcmp(argv[0], "limits"))
		return argc > 100 ? 11 : 10;

	size_t size = 4 * STRING_MOST;

	big = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	vector = mmap(NULL, 50000 * sizeof(*vector), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (big == MAP_FAILED || vector == MAP_FAILED)
		bail("no memory");
	memset(big, 'x', size);

	ok_equal(try_string(STRING_MOST - 1, 1, false), 10, "an argument of 128 KiB is taken");
	ok_equal(try_string(STRING_MOST, 1, false), 20, "one byte more is E2BIG");
	ok_equal(try_string(STRING_MOST - 1, 1, true), 10,
		 "an environment string of 128 KiB is taken");
	ok_equal(try_string(STRING_MOST, 1, true), 20, "one byte more is E2BIG");
	ok_equal(try_string(STRING_MOST - 1, 100 * 1024, false), 10,
		 "228 KiB together fit a quarter of a stack of 1 MiB");
	ok_equal(try_string(STRING_MOST - 1, STRING_MOST - 1, false), 20,
		 "256 KiB and pointers do not");
	ok_equal(try_count(20000), 11, "20,000 empty arguments fit: 9 bytes each");
	ok_equal(try_count(40000), 20, "40,000 do not: pointers count");
	ok_equal(try_count(1), 10, "after all that an exec works");
	munmap(big, size);
	munmap(vector, 50000 * sizeof(*vector));
	return done();
}
