/*
 * Experiments of scheduling: figures that share a run, a common start, and hogs that know when they
 * had the processor. The workloads are in latency.c and fairness.c.
 */
#include "scheduling.h"
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MOST_SHARED = 256 * 1024 };

/* --- figures --- */

uint64_t figure_next(unsigned long parameter)
{
	struct figure *figure = (struct figure *)parameter;
	struct experiment *experiment = figure->of;

	if (figure->run == experiment->runs && figure->next == figure->count) {
		random_begin(experiment->seed);
		for (unsigned run = 0; run < experiment->runs; run++)
			random_next(); /* another run is another sample */
		experiment->perform(experiment);
		experiment->runs++;
	}
	if (figure->run != experiment->runs) {
		figure->run = experiment->runs;
		figure->next = 0;
	}
	return figure->values[figure->next++];
}

void figure_add(struct figure *figure, uint64_t value)
{
	if (!figure->values)
		figure->values = shared_memory(MOST_VALUES * sizeof(uint64_t));
	if (!figure->values)
		give_up("mmap");
	if (figure->count == MOST_VALUES) {
		errno = ENOBUFS;
		give_up("too many values");
	}
	figure->values[figure->count++] = value;
}

void figure_clear(struct figure *figure)
{
	figure->count = 0;
}

void figure_set(struct figure *figure, uint64_t value)
{
	figure_clear(figure);
	figure_add(figure, value);
}

uint64_t figure_worst(const struct figure *figure)
{
	uint64_t worst = 0;

	for (unsigned i = 0; i < figure->count; i++)
		worst = figure->values[i] > worst ? figure->values[i] : worst;
	return worst;
}

/* --- time --- */

void sleep_until(uint64_t deadline)
{
	struct timespec time = { (time_t)(deadline / SECOND), (long)(deadline % SECOND) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
		;
}

/* Parts in 2^20 of a tick that a nanosecond has. */
static uint64_t ticks_a_ns(void)
{
	static uint64_t rate;
	uint64_t start_ns, start, ns;

	if (rate)
		return rate;
	now_ns(); /* the second call takes as long as the last one */
	start_ns = now_ns();
	start = ticks();
	while ((ns = now_ns() - start_ns) < MS)
		;
	rate = ((ticks() - start) << 20) / ns;
	return rate;
}

uint64_t ticks_of(uint64_t ns)
{
	return ns * ticks_a_ns() >> 20;
}

uint64_t ns_of(uint64_t ticks)
{
	return (ticks << 20) / ticks_a_ns();
}

/* --- processes --- */

struct gate {
	volatile uint64_t opened;
	char shared[];
};

static struct gate *gate;
/* Each child writes a byte to `here` when it has come, and holds it open until it exits. All wait
 * for the end of `closed`, which is when the parent closes it. */
static int closed[2], here[2], coming;

void *gate_make(size_t size)
{
	ticks_a_ns();
	if (!gate)
		gate = shared_memory(MOST_SHARED);
	if (!gate)
		give_up("mmap");
	if (size > MOST_SHARED - sizeof(*gate)) {
		errno = ENOMEM;
		give_up("shared memory");
	}
	memset(gate, 0, MOST_SHARED);
	coming = 0;
	if (pipe(closed))
		give_up("pipe");
	if (pipe(here)) {
		close(closed[0]);
		close(closed[1]);
		give_up("pipe");
	}
	return gate->shared;
}

static void gate_remove(void)
{
	close(closed[0]);
	close(here[0]);
}

pid_t gate_child(void)
{
	pid_t child = start_child();

	if (child < 0) {
		gate_remove();
		close(closed[1]);
		close(here[1]);
		give_up("fork");
	}
	coming++;
	return child;
}

uint64_t gate_wait(void)
{
	char byte = 0;

	close(closed[1]);
	close(here[0]);
	if (write(here[1], &byte, 1) != 1)
		_exit(1);
	while (read(closed[0], &byte, 1) > 0)
		;
	return gate->opened;
}

void gate_open(void)
{
	uint64_t offset = ticks_of(random_next() % LONGEST_TICK);
	char byte;

	close(here[1]);
	while (coming > 0 && read(here[0], &byte, 1) == 1)
		coming--;
	for (uint64_t start = ticks(); ticks() - start < offset;)
		work_unit();
	gate->opened = ticks();
	close(closed[1]);
	while (read(here[0], &byte, 1) > 0)
		;
	end_children();
	gate_remove();
}

static void stretch_add(struct hog *hog, uint64_t from, uint64_t to)
{
	if (hog->count == MOST_STRETCHES)
		hog->too_many = true;
	else
		hog->stretches[hog->count++] = (struct stretch){ from, to };
}

static uint64_t involuntary_switches(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? 0 : (uint64_t)usage.ru_nivcsw;
}

void hog_work(struct hog *hog, uint64_t until)
{
	uint64_t gap = ticks_of(GAP), before = involuntary_switches();
	uint64_t from = ticks(), last = from, now = from;

	while (now < until) {
		work_unit();
		hog->units++;
		now = ticks();
		if (now - last > gap) {
			stretch_add(hog, from, last);
			from = now;
		}
		last = now;
	}
	stretch_add(hog, from, last);
	hog->switches += involuntary_switches() - before;
}

void work_for(uint64_t ticks_to_run)
{
	uint64_t gap = ticks_of(GAP), ran = 0;

	for (uint64_t last = ticks(), now; ran < ticks_to_run; last = now) {
		work_unit();
		now = ticks();
		if (now - last <= gap)
			ran += now - last;
	}
}

uint64_t hog_ran(const struct hog *hog, uint64_t from, uint64_t to)
{
	uint64_t ran = 0;

	for (unsigned i = 0; i < hog->count; i++) {
		uint64_t begin = hog->stretches[i].from, end = hog->stretches[i].to;

		begin = begin > from ? begin : from;
		end = end < to ? end : to;
		if (begin < end)
			ran += end - begin;
	}
	return ran;
}
