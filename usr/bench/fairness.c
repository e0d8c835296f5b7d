/*
 * How processes share the processor: equals, unequal nice values, long and short jobs.
 *
 * Each knows when it had the processor (scheduling.h), so what they report needs nothing from the
 * kernel and is the same on every one.
 */
#include "scheduling.h"
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * Long enough for several rounds of four at the common slice of 20 ms; windows that are no multiple
 * of such a round, so that the length of a slice shows in them.
 */
enum { MOST_PEERS = 4, RUN = 1000 * MS, WINDOW = 100 * MS, POINT = 10 * MS };

struct peers {
	uint64_t start; /* ticks */
	unsigned count;
	struct hog hogs[MOST_PEERS];
};

/* Peers work for RUN, each at its nice value. */
static const struct peers *peers_run(const int *nice_values, unsigned count)
{
	struct peers *peers = gate_make(sizeof(*peers));
	uint64_t run = ticks_of(RUN);

	peers->count = count;
	for (unsigned i = 0; i < count; i++) {
		if (gate_child() == 0) {
			uint64_t start;

			setpriority(PRIO_PROCESS, 0, nice_values[i]);
			start = gate_wait();
			hog_work(&peers->hogs[i], start + run);
			peers->start = start;
			_exit(0);
		}
	}
	gate_open();
	for (unsigned i = 0; i < count; i++) {
		if (peers->hogs[i].too_many) {
			errno = ENOBUFS;
			give_up("too many switches");
		}
	}
	return peers;
}

static uint64_t moment(const struct peers *peers, uint64_t ns_after_start)
{
	return peers->start + ticks_of(ns_after_start);
}

/* What each has had of the processor. */
static void draw_shares(const struct peers *peers)
{
	struct point points[RUN / POINT + 1];
	char label[sizeof("hog_4294967295_cpu_us")];

	for (unsigned hog = 0; hog < peers->count; hog++) {
		for (unsigned i = 0; i <= RUN / POINT; i++) {
			uint64_t at = moment(peers, (uint64_t)i * POINT);

			points[i].x = (uint64_t)i * POINT;
			points[i].y = ns_of(hog_ran(&peers->hogs[hog], peers->start, at)) / US;
		}
		snprintf(label, sizeof(label), "hog_%u_cpu_us", hog + 1);
		series(label, points, RUN / POINT + 1);
	}
}

/* Jain, Chiu and Hawe, "A quantitative measure of fairness", 1984: 1 for equal shares, 1/n if one
 * has all; in millionths. */
static uint64_t jain(const struct peers *peers, uint64_t from, uint64_t to)
{
	uint64_t sum = 0, squares = 0;

	for (unsigned i = 0; i < peers->count; i++) {
		uint64_t us = ns_of(hog_ran(&peers->hogs[i], from, to)) / US;

		sum += us;
		squares += us * us;
	}
	return squares ? sum * sum * 1000000 / (peers->count * squares) : 0;
}

/* The longest that one which could have run did not, the wait for its first turn included. */
static uint64_t longest_wait(const struct peers *peers)
{
	uint64_t longest = 0, end = moment(peers, RUN);

	for (unsigned i = 0; i < peers->count; i++) {
		const struct hog *hog = &peers->hogs[i];
		uint64_t since = peers->start;

		for (unsigned next = 0; next <= hog->count; next++) {
			uint64_t until = next < hog->count ? hog->stretches[next].from : end;

			if (until > since && until - since > longest)
				longest = until - since;
			if (next < hog->count)
				since = hog->stretches[next].to;
		}
	}
	return ns_of(longest);
}

/* How far the one that is furthest from its equal share is from it, at this moment. */
static uint64_t largest_lag(const struct peers *peers, uint64_t at)
{
	uint64_t share = (at - peers->start) / peers->count, largest = 0;

	for (unsigned i = 0; i < peers->count; i++) {
		uint64_t ran = hog_ran(&peers->hogs[i], peers->start, at);
		uint64_t lag = ran > share ? ran - share : share - ran;

		largest = lag > largest ? lag : largest;
	}
	return ns_of(largest);
}

static void equals_perform(const struct experiment *experiment);

static struct experiment equals = { .seed = "equals", .perform = equals_perform };
static struct figure fairness = { .of = &equals }, lag = { .of = &equals },
		     starvation = { .of = &equals }, throughput = { .of = &equals },
		     switches = { .of = &equals };

/* Returns the largest of all moments. */
static uint64_t draw_lag(const struct peers *peers)
{
	struct point points[RUN / POINT + 1];
	uint64_t worst = 0;

	for (unsigned i = 0; i <= RUN / POINT; i++) {
		uint64_t now = largest_lag(peers, moment(peers, (uint64_t)i * POINT));

		points[i].x = (uint64_t)i * POINT;
		points[i].y = now;
		worst = now > worst ? now : worst;
	}
	series("largest_lag_ns", points, RUN / POINT + 1);
	return worst;
}

static void equals_perform(const struct experiment *experiment)
{
	static const int nice_values[MOST_PEERS];
	const struct peers *peers = peers_run(nice_values, MOST_PEERS);
	uint64_t units = 0, switched = 0;

	(void)experiment;
	figure_clear(&fairness);
	for (uint64_t at = 0; at < RUN; at += WINDOW)
		figure_add(&fairness, jain(peers, moment(peers, at), moment(peers, at + WINDOW)));
	for (unsigned i = 0; i < MOST_PEERS; i++) {
		units += peers->hogs[i].units;
		switched += peers->hogs[i].switches;
	}
	figure_set(&throughput, units);
	figure_set(&switches, switched);
	figure_set(&starvation, longest_wait(peers));
	figure_set(&lag, draw_lag(peers));
	draw_shares(peers);
}

static void unequals_perform(const struct experiment *experiment);

enum { LEVELS = 3 };
static const int levels[LEVELS] = { 0, 5, 10 };
static struct experiment unequals = { .seed = "unequals", .perform = unequals_perform };
static struct figure share[LEVELS] = { { .of = &unequals },
				       { .of = &unequals },
				       { .of = &unequals } };

/* Of what all had together. */
static void unequals_perform(const struct experiment *experiment)
{
	const struct peers *peers = peers_run(levels, LEVELS);
	uint64_t ran[LEVELS], sum = 0;

	(void)experiment;
	for (unsigned i = 0; i < LEVELS; i++) {
		ran[i] = hog_ran(&peers->hogs[i], peers->start, moment(peers, RUN));
		sum += ran[i];
	}
	for (unsigned i = 0; i < LEVELS; i++)
		figure_set(&share[i], ran[i] * 1000000 / sum);
	draw_shares(peers);
}

/*
 * Jobs that all come at once, the long ones first: what a scheduler without a slice would make of
 * it is the convoy, in which each short one waits for all long ones.
 */
enum { LONG_JOBS = 2, SHORT_JOBS = 6, ALL_JOBS = LONG_JOBS + SHORT_JOBS };
enum { LONG_JOB = 80 * MS, SHORT_JOB = 5 * MS };

static void jobs_perform(const struct experiment *experiment);

static struct experiment jobs = { .seed = "jobs", .perform = jobs_perform };
static struct figure turnaround = { .of = &jobs }, turnaround_short = { .of = &jobs };

static void jobs_perform(const struct experiment *experiment)
{
	uint64_t *took = gate_make(ALL_JOBS * sizeof(*took)), all = 0, of_short = 0;

	(void)experiment;
	for (unsigned i = 0; i < ALL_JOBS; i++) {
		if (gate_child() == 0) {
			uint64_t opened = gate_wait();

			work_for(ticks_of(i < LONG_JOBS ? LONG_JOB : SHORT_JOB));
			took[i] = ns_of(ticks() - opened);
			_exit(0);
		}
	}
	gate_open();
	for (unsigned i = 0; i < ALL_JOBS; i++) {
		all += took[i];
		of_short += i < LONG_JOBS ? 0 : took[i];
	}
	figure_set(&turnaround, all / ALL_JOBS);
	figure_set(&turnaround_short, of_short / SHORT_JOBS);
}

static const struct measure table[] = {
	{ .name = "fairness",
	  .what = "Jain's index of 4 equal hogs, in each of 10 windows of 100 ms",
	  .rounds = RUN / WINDOW,
	  .unit = "ratio_ppm",
	  FIGURE(fairness) },
	{ .name = "lag_worst",
	  .what = "the furthest that one of them was from its equal share",
	  .rounds = 1,
	  .unit = "ns",
	  FIGURE(lag) },
	{ .name = "starvation",
	  .what = "the longest that one of them could have run and did not",
	  .rounds = 1,
	  .unit = "ns",
	  FIGURE(starvation) },
	{ .name = "throughput",
	  .what = "work of all of them in a second, in units of 1,000 instructions",
	  .rounds = 1,
	  .unit = "count",
	  FIGURE(throughput) },
	{ .name = "preemptions",
	  .what = "how often one of them was taken off the processor meanwhile",
	  .rounds = 1,
	  .unit = "count",
	  FIGURE(switches) },
	{ .name = "share_nice_0",
	  .what = "part that a hog gets beside ones of nice 5 and 10, in a second",
	  .rounds = 1,
	  .unit = "ratio_ppm",
	  FIGURE(share[0]) },
	{ .name = "share_nice_5",
	  .what = "the same of the one with nice 5",
	  .rounds = 1,
	  .unit = "ratio_ppm",
	  FIGURE(share[1]) },
	{ .name = "share_nice_10",
	  .what = "the same of the one with nice 10",
	  .rounds = 1,
	  .unit = "ratio_ppm",
	  FIGURE(share[2]) },
	{ .name = "turnaround",
	  .what = "mean of 2 jobs of 80 ms and 6 of 5 ms that come at once",
	  .rounds = 1,
	  .unit = "ns",
	  FIGURE(turnaround) },
	{ .name = "turnaround_short",
	  .what = "the same of the 6 alone",
	  .rounds = 1,
	  .unit = "ns",
	  FIGURE(turnaround_short) },
};

const struct measures fairness_measures = MEASURES("scheduling", table);
