/*
 * One measure, from its set-up to the lines that tell what came of it.
 *
 * A first round, which brings in pages and fills caches, does not count, but in a cold measure. The
 * lines are those that scripts/compare/transcript.py reads; main.c says what each is.
 */
#include "bench.h"
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <usr.h>

enum { VALUES_A_LINE = 100, LONGEST_LINE = 4000, OFFSET_NS = 8000000, NS_A_SECOND = 1000000000 };

static const struct measure *current;
static uint64_t values[MOST_ROUNDS];
static uint64_t interrupts[MOST_ROUNDS]; /* in the windows of each round */

static uint64_t opened_at, in_windows; /* the count at the start of a window; of this round */

/* Where give_up() goes, and what it leaves there. */
static jmp_buf gave_up;
static const char *failed_call;
static int failed_error;
static pid_t measuring;

static uint64_t begun_ns; /* when this measure did */

void window_opens(void)
{
	if (options.raw)
		opened_at = interrupt_count();
}

void window_closed(void)
{
	if (options.raw)
		in_windows += interrupt_count() - opened_at;
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_A_SECOND + (uint64_t)now.tv_nsec;
}

bool is_overdue(void)
{
	uint64_t longest_ns = (uint64_t)options.longest_s * NS_A_SECOND;

	if (!options.longest_s || now_ns() - begun_ns <= longest_ns)
		return false;
	errno = ETIMEDOUT;
	return true;
}

void give_up(const char *what)
{
	if (getpid() != measuring)
		_exit(1); /* a child's failure: its parent reports it */
	failed_call = what;
	failed_error = errno;
	longjmp(gave_up, 1);
}

/* Lines "HEAD WORD WORD ...", a new one where one is full. */
struct line {
	const char *head;
	char text[LONGEST_LINE];
	size_t length, words;
};

static void line_end(struct line *line)
{
	if (line->words > 0)
		print("%s%s\n", line->head, line->text);
	line->length = line->words = 0;
}

/* The word is "A" or "A:B". */
static void line_add(struct line *line, uint64_t first, const uint64_t *second)
{
	char *end = line->text + line->length;
	size_t room = sizeof(line->text) - line->length;

	line->length += (size_t)(second ? snprintf(end, room, " %lu:%lu", first, *second)
					: snprintf(end, room, " %lu", first));
	if (++line->words == VALUES_A_LINE)
		line_end(line);
}

static const char *unit_of(const struct measure *measure)
{
	return measure->unit ? measure->unit : "tsc";
}

void series(const char *label, const struct point *points, size_t count)
{
	static struct line line;
	char head[128];

	if (!options.raw)
		return;
	snprintf(head, sizeof(head), "series: %s %s", current->name, label);
	line.head = head;
	for (size_t i = 0; i < count; i++)
		line_add(&line, points[i].x, &points[i].y);
	line_end(&line);
}

static void print_samples(const struct measure *measure, unsigned rounds)
{
	static struct line line;
	char head[128];

	snprintf(head, sizeof(head), "samples: %s %s", measure->name, unit_of(measure));
	line.head = head;
	for (unsigned i = 0; i < rounds; i++)
		line_add(&line, values[i], interrupts[i] ? &interrupts[i] : NULL);
	line_end(&line);
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

/* Let a time pass that the seed decides, up to two ticks of the slowest timer, without a pause. */
static void shift_phase(void)
{
	uint64_t until;

	if (!options.seeded || options.pass)
		return;
	until = now_ns() + random_next() % OFFSET_NS;
	while (now_ns() < until)
		;
}

static void do_rounds(const struct measure *measure, unsigned rounds)
{
	if (!measure->cold)
		measure->round(measure->parameter);
	shift_phase();
	if (options.raw)
		counters_take();
	for (unsigned i = 0; i < rounds; i++) {
		if (is_overdue())
			give_up("its rounds");
		in_windows = 0;
		values[i] = measure->round(measure->parameter);
		interrupts[i] = in_windows;
	}
	if (options.raw)
		counters_print(measure->name);
}

/* Returns false, and says why, if the measure cannot be done here. */
static bool complete(const struct measure *measure, unsigned rounds)
{
	begun_ns = options.longest_s ? now_ns() : 0;
	if (measure->set_up && !measure->set_up(measure->parameter)) {
		skip(measure, "set-up", errno);
		return false;
	}
	failed_call = NULL;
	if (setjmp(gave_up))
		skip(measure, failed_call, failed_error);
	else
		do_rounds(measure, rounds);
	if (measure->tear_down)
		measure->tear_down(measure->parameter);
	return !failed_call;
}

void run_measure(const struct measure *measure)
{
	unsigned rounds = measure->rounds < options.rounds ? measure->rounds : options.rounds;

	current = measure;
	measuring = getpid();
	memset(values, 0,
	       rounds * sizeof(values[0])); /* not a page may be missing when it counts */
	memset(interrupts, 0, rounds * sizeof(interrupts[0]));
	random_begin(measure->name);
	if (!complete(measure, rounds))
		return;
	if (options.raw)
		print_samples(measure, rounds);
	qsort(values, rounds, sizeof(values[0]), by_value);
	print("bench: %s %lu %s min=%lu mode=%lu rounds=%u%s%s%s\n", measure->name,
	      values[rounds / 2], unit_of(measure), values[0], most_frequent(rounds), rounds,
	      options.raw ? "" : " ", options.raw ? "" : kernel_key,
	      options.raw ? "" : kernel_value);
}
