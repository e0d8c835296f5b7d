/*
 * bench [--raw] [-s SEED] [-r ROUNDS] [-p PASSES] [-l SECONDS] [NAME...]: measure what operations
 * cost.
 *
 * The same program runs on Linux, for comparison. A NAME may be a pattern, as in bench 'fork_*', or
 * a group, as in bench @fork; without one it is all. bench --list names them. A line a measure:
 *
 *	bench: NAME MEDIAN UNIT min=N mode=N rounds=N config=HASH
 *
 * mode is the most frequent value, and config the hash of the kernel's configuration, by which a
 * figure can be traced to what it was measured on; on another kernel release=... stands there. The
 * unit "tsc" is a tick of the time stamp counter: see ticks() in bench.h. What cannot be measured
 * here is named on a line "bench-skip: NAME reason", and is no error. The last line, "# clock:
 * ...", says what that counter is worth (clock.c).
 *
 * For programs, --raw prints all that was found; config= stands then in the first line alone:
 *
 *	samples: NAME UNIT VALUE[:INTERRUPTS] ...  every round in order, and the interrupts in it
 *	series: NAME LABEL X:Y ...                 a curve
 *	activity: NAME KEY=DIFFERENCE ...          what /proc/stat counted in all of the rounds
 *	counters: NAME KEY=DIFFERENCE ...          what the kernel itself did
 *
 * The counters are /proc/facet/counters' (CONFIG_COUNTERS), without those that did not move, and
 * with what --raw itself does: it reads /proc/stat before and after each window.
 *
 * -r ROUNDS is the most rounds of a measure; many have fewer. -p PASSES goes through the names so
 * many times, with a pause of 300 ms in between: where the host of the machine is busy with
 * something else for a moment, not all rounds of a measure fall into it.
 *
 * -l SECONDS is how long a measure may take, its set-up included: one that takes longer is skipped,
 * so that an operation that is dear on one kernel does not cost the figures of all others.
 *
 * -s SEED lets up to 8 ms pass before the rounds, so that timer ticks fall into other places of
 * them, and seeds what a workload does at random. Without it both are always the same.
 */
#include "bench.h"
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <usr.h>

static const struct measures *const all[] = {
	&program_measures, /* first: it looks at what the boot has left */
	&call_measures,           &file_measures,        &switch_measures,    &pipe_measures,
	&poll_measures,           &memory_measures,      &fork_measures,      &fork_parent_measures,
	&fork_structure_measures, &fork_memory_measures, &fork_exec_measures, &latency_measures,
	&response_measures,       &fairness_measures,    &timer_measures,     &futex_measures,
};

#define PAUSE_NS 300000000 /* longer than a host's other work often takes */

enum { TABLES = sizeof(all) / sizeof(all[0]), LONGEST_LIMIT = 3600 };

struct options options = { .rounds = MOST_ROUNDS, .passes = 1 };

/* What is measured: name_kernel(). */
static struct utsname kernel;
const char *kernel_key = "release=", *kernel_value = kernel.release;

static bool is_named(const struct measures *table, const struct measure *measure,
		     const char *pattern)
{
	if (pattern[0] == '@')
		return strcmp(table->group, pattern + 1) == 0;
	return fnmatch(pattern, measure->name, 0) == 0;
}

/* Run all measures of this name, pattern or group. Returns how many there are. */
static unsigned run_named(const char *pattern)
{
	unsigned found = 0;

	for (size_t table = 0; table < TABLES; table++) {
		for (size_t i = 0; i < all[table]->count; i++) {
			if (is_named(all[table], &all[table]->first[i], pattern)) {
				run_measure(&all[table]->first[i]);
				found++;
			}
		}
	}
	return found;
}

/* One pass: those that are named, or all. */
static int run_all(char **names)
{
	int status = 0;

	if (!*names)
		run_named("*");
	for (; *names; names++) {
		if (run_named(*names) == 0)
			status = complain(0, "%s: there is no such measure; see --list", *names);
	}
	return status;
}

static int list(void)
{
	for (size_t table = 0; table < TABLES; table++) {
		for (size_t i = 0; i < all[table]->count; i++)
			print("%-22s @%-10s %s\n", all[table]->first[i].name, all[table]->group,
			      all[table]->first[i].what);
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

/* Linux leaves these to init; there as here, they may be mounted already. */
static void mount_if_missing(const char *type, const char *folder, const char *file)
{
	if (access(file, F_OK) == 0)
		return;
	mkdir(folder, 0755);
	mount(type, folder, type, 0, NULL);
}

/* Returns the index of the first name, or 0 after a complaint. */
static int take_options(int argc, char **argv)
{
	int i = 1;
	long number;

	for (; i < argc && argv[i][0] == '-'; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--raw") == 0) {
			options.raw = true;
			continue;
		}
		if (strcmp(argv[i], "-r") == 0 && parse_number(value, 1, MOST_ROUNDS, &number)) {
			options.rounds = (unsigned)number;
		} else if (strcmp(argv[i], "-p") == 0 &&
			   parse_number(value, 1, MOST_PASSES, &number)) {
			options.passes = (unsigned)number;
		} else if (strcmp(argv[i], "-l") == 0 &&
			   parse_number(value, 1, LONGEST_LIMIT, &number)) {
			options.longest_s = (unsigned)number;
		} else if (strcmp(argv[i], "-s") == 0 &&
			   parse_number(value, 0, LONG_MAX, &number)) {
			options.seeded = true;
			options.seed = (uint64_t)number;
		} else {
			complain(0,
				 "%s%s%s is not understood; usage: bench [--raw] [-s SEED] "
				 "[-r 1..%d] [-p 1..%d] [-l 1..%d] [NAME...], bench --list",
				 argv[i], *value ? " " : "", value, MOST_ROUNDS, MOST_PASSES,
				 LONGEST_LIMIT);
			return 0;
		}
		i++;
	}
	return i;
}

int main(int argc, char **argv)
{
	int first, status = 0;

	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	first = take_options(argc, argv);
	if (first == 0)
		return 1;
	mount_if_missing("proc", "/proc", "/proc/stat");
	mount_if_missing("devtmpfs", "/dev", "/dev/null");
	name_kernel();
	if (!options.raw)
		clock_begin();
	for (; options.pass < options.passes && !status; options.pass++) {
		if (options.pass)
			nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
		status = run_all(argv + first);
	}
	if (!options.raw)
		clock_print();
	return status;
}
