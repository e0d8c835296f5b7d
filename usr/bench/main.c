/*
 * bench [-r ROUNDS] [NAME...]: measure what operations of the kernel cost; bench --list names them.
 *
 * The same program runs on Linux, for comparison. A name may end in a star: bench 'fork*'. A line a
 * measure: "bench: NAME MEDIAN UNIT min=... mode=... rounds=... config=...", mode being the most
 * frequent value, and config the hash of the kernel's configuration, by which a figure can be
 * traced to what it was measured on; on another kernel release=... stands there. The unit "tsc" is
 * a tick of the time stamp counter: see ticks() in bench.h. What cannot be measured here is named
 * on a line "bench-skip: NAME reason", and is no error.
 *
 * A first round, which brings in pages and fills caches, does not count.
 */
#include "bench.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include <usr.h>

enum { MOST_ROUNDS = 2001 };

static const struct measures *const all[] = {
	&call_measures, &switch_measures, &pipe_measures, &memory_measures, &process_measures,
};

enum { TABLES = sizeof(all) / sizeof(all[0]) };

/* What is measured: name_kernel(). */
static struct utsname kernel;
static const char *kernel_key = "release=", *kernel_value = kernel.release;
static uint64_t values[MOST_ROUNDS];
static pid_t children[MOST_CHILDREN];
static size_t child_count;

/* Where give_up() goes, and what it leaves there. */
static jmp_buf gave_up;
static const char *failed_call;
static int failed_error;

pid_t start_child(void)
{
	pid_t child;

	if (child_count == MOST_CHILDREN) {
		errno = EAGAIN;
		return -1;
	}
	child = fork();
	if (child > 0)
		children[child_count++] = child;
	return child;
}

void end_children(void)
{
	for (size_t i = 0; i < child_count; i++)
		kill(children[i], SIGKILL);
	for (size_t i = 0; i < child_count; i++)
		waitpid(children[i], NULL, 0);
	child_count = 0;
}

void give_up(const char *what)
{
	failed_call = what;
	failed_error = errno;
	longjmp(gave_up, 1);
}

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* The value that most of the sorted ones have; the lowest of several. */
static uint64_t most_frequent(size_t count)
{
	size_t longest = 0, start = 0;
	uint64_t mode = 0;

	for (size_t i = 0; i < count; i++) {
		if (values[i] != values[start])
			start = i;
		if (i - start + 1 > longest) {
			longest = i - start + 1;
			mode = values[i];
		}
	}
	return mode;
}

static void skip(const struct measure *measure, const char *call, int error)
{
	end_children();
	print("bench-skip: %s %s: %s\n", measure->name, call, strerror(error));
}

/* Do the rounds. Returns false, and says why, if they cannot be done here. */
static bool run_rounds(const struct measure *measure, unsigned rounds)
{
	if (measure->set_up && !measure->set_up(measure->parameter)) {
		skip(measure, "set-up", errno);
		return false;
	}
	if (setjmp(gave_up)) {
		skip(measure, failed_call, failed_error);
	} else {
		measure->round(measure->parameter);
		for (unsigned i = 0; i < rounds; i++)
			values[i] = measure->round(measure->parameter);
		failed_call = NULL;
	}
	if (measure->tear_down)
		measure->tear_down(measure->parameter);
	return !failed_call;
}

static void run(const struct measure *measure, unsigned rounds)
{
	if (rounds == 0)
		rounds = measure->rounds;
	if (!run_rounds(measure, rounds))
		return;
	qsort(values, rounds, sizeof(values[0]), by_value);
	print("bench: %s %lu %s min=%lu mode=%lu rounds=%u %s%s\n", measure->name,
	      values[rounds / 2], measure->unit ? measure->unit : "tsc", values[0],
	      most_frequent(rounds), rounds, kernel_key, kernel_value);
}

static bool is_named(const char *name, const char *pattern)
{
	const char *star = strchr(pattern, '*');

	if (!star)
		return strcmp(name, pattern) == 0;
	return !star[1] && strncmp(name, pattern, (size_t)(star - pattern)) == 0;
}

/* Run all measures of this name, or pattern. Returns how many there are. */
static unsigned run_named(const char *pattern, unsigned rounds)
{
	unsigned found = 0;

	for (size_t table = 0; table < TABLES; table++) {
		for (size_t i = 0; i < all[table]->count; i++) {
			if (is_named(all[table]->first[i].name, pattern)) {
				run(&all[table]->first[i], rounds);
				found++;
			}
		}
	}
	return found;
}

static int list(void)
{
	for (size_t table = 0; table < TABLES; table++) {
		for (size_t i = 0; i < all[table]->count; i++)
			print("%-20s %s\n", all[table]->first[i].name, all[table]->first[i].what);
	}
	return 0;
}

/* Facet's version ends in its configuration: "#1 Facet config=1a2b3c4d". */
static void name_kernel(void)
{
	const char *config;

	if (uname(&kernel))
		return;
	print("# %s %s %s\n", kernel.sysname, kernel.release, kernel.version);
	config = strstr(kernel.version, "config=");
	if (config) {
		kernel_key = "";
		kernel_value = config;
	}
}

int main(int argc, char **argv)
{
	long rounds = 0;
	int first = 1, status = 0;

	if (argc == 2 && strcmp(argv[1], "--exit") == 0)
		return 0; /* the child of fork_exec_wait */
	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	if (argc > 2 && strcmp(argv[1], "-r") == 0) {
		if (!parse_number(argv[2], 1, MOST_ROUNDS, &rounds))
			return complain(0, "-r: from 1 to %d rounds", MOST_ROUNDS);
		first = 3;
	}
	own_path = strchr(argv[0], '/') ? argv[0] : "/bin/bench";
	memset(values, 0, sizeof(values)); /* not a page may be missing when it counts */
	name_kernel();
	if (first == argc)
		run_named("*", (unsigned)rounds);
	for (int i = first; i < argc; i++) {
		if (run_named(argv[i], (unsigned)rounds) == 0)
			status = complain(0, "%s: there is no such measure; see --list", argv[i]);
	}
	return status;
}
