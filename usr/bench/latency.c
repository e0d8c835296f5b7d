/*
 * Wake-up latency, on an idle machine and among hogs.
 *
 * It is measured by who wakes up: from the moment that a deadline names or a writer wrote down, to
 * the first instruction afterwards.
 */
#include "scheduling.h"
#include <unistd.h>

/*
 * Readers wait for a pipe that a hog writes to while it works; sleepers for a deadline.
 * As many of each as give a distribution from a few rounds of the hogs: a process that goes to the
 * tail of eight hogs waits for eight slices. Work and sleep before each are spread over the longest
 * common slice, so that writes and deadlines fall anywhere within one.
 */
enum {
	MOST_HOGS = 8,
	READERS = 16,
	SLEEPERS = 4,
	SLEEPS = 4,
	SPREAD = 20 * MS,
};

struct wakes {
	unsigned left; /* to be measured: then the hogs end */
	int pipes[READERS][2];
	uint64_t write_after[READERS]; /* ticks of work, or of sleep where nothing works */
	uint64_t sleep_for[SLEEPERS][SLEEPS];
	uint64_t by_write[READERS], by_sleep[SLEEPERS][SLEEPS]; /* the latencies */
};

static void wakes_read(struct wakes *wakes, unsigned reader)
{
	uint64_t written;

	gate_wait();
	if (read(wakes->pipes[reader][0], &written, sizeof(written)) == sizeof(written))
		wakes->by_write[reader] = ns_of(ticks() - written);
	__atomic_sub_fetch(&wakes->left, 1, __ATOMIC_SEQ_CST);
	_exit(0);
}

static void wakes_sleep(struct wakes *wakes, unsigned sleeper)
{
	gate_wait();
	for (unsigned i = 0; i < SLEEPS; i++) {
		uint64_t deadline = now_ns() + wakes->sleep_for[sleeper][i];

		sleep_until(deadline);
		wakes->by_sleep[sleeper][i] = now_ns() - deadline;
		__atomic_sub_fetch(&wakes->left, 1, __ATOMIC_SEQ_CST);
	}
	_exit(0);
}

static void wake(struct wakes *wakes, unsigned reader)
{
	uint64_t now = ticks();

	if (write(wakes->pipes[reader][1], &now, sizeof(now)) != sizeof(now))
		_exit(1);
}

/* Of `hogs`, each wakes its readers, and works on until all has been measured. */
static void wakes_hog(struct wakes *wakes, unsigned self, unsigned long hogs)
{
	gate_wait();
	for (unsigned reader = self; reader < READERS; reader += hogs) {
		work_for(ticks_of(wakes->write_after[reader]));
		wake(wakes, reader);
	}
	while (__atomic_load_n(&wakes->left, __ATOMIC_RELAXED) > 0)
		work_unit();
	_exit(0);
}

/* Without hogs somebody still has to write: who otherwise sleeps. */
static void wakes_idle(struct wakes *wakes)
{
	gate_wait();
	for (unsigned reader = 0; reader < READERS; reader++) {
		sleep_until(now_ns() + wakes->write_after[reader]);
		wake(wakes, reader);
	}
	_exit(0);
}

static void wakes_start(struct wakes *wakes, unsigned long hogs)
{
	for (unsigned i = 0; i < READERS; i++) {
		wakes->write_after[i] = random_next() % SPREAD;
		if (gate_child() == 0)
			wakes_read(wakes, i);
	}
	for (unsigned i = 0; i < SLEEPERS; i++) {
		for (unsigned sleep = 0; sleep < SLEEPS; sleep++)
			wakes->sleep_for[i][sleep] = random_next() % SPREAD;
		if (gate_child() == 0)
			wakes_sleep(wakes, i);
	}
	for (unsigned i = 0; i < hogs; i++) {
		if (gate_child() == 0)
			wakes_hog(wakes, i, hogs);
	}
	if (hogs == 0 && gate_child() == 0)
		wakes_idle(wakes);
}

static void wakes_perform(const struct experiment *experiment);

static struct experiment wakes[] = {
	[0] = { .seed = "wakes_0", .perform = wakes_perform, .parameter = 0 },
	[1] = { .seed = "wakes_1", .perform = wakes_perform, .parameter = 1 },
	[MOST_HOGS] = { .seed = "wakes_8", .perform = wakes_perform, .parameter = MOST_HOGS },
};

/* By how they were woken, and the number of hogs. */
#define BY_HOGS                                                                            \
	{                                                                                  \
		[0].of = &wakes[0], [1].of = &wakes[1], [MOST_HOGS].of = &wakes[MOST_HOGS] \
	}
static struct figure by_write[MOST_HOGS + 1] = BY_HOGS, by_sleep[MOST_HOGS + 1] = BY_HOGS;
static struct figure by_write_worst = { .of = &wakes[MOST_HOGS] };
static struct figure by_sleep_worst = { .of = &wakes[MOST_HOGS] };

static void wakes_perform(const struct experiment *experiment)
{
	unsigned long hogs = experiment->parameter;
	struct wakes *wakes = gate_make(sizeof(*wakes));

	wakes->left = READERS + SLEEPERS * SLEEPS;
	for (unsigned i = 0; i < READERS; i++) {
		if (pipe(wakes->pipes[i]))
			give_up("pipe");
	}
	wakes_start(wakes, hogs);
	gate_open();
	figure_clear(&by_write[hogs]);
	figure_clear(&by_sleep[hogs]);
	for (unsigned i = 0; i < READERS; i++) {
		close(wakes->pipes[i][0]);
		close(wakes->pipes[i][1]);
		figure_add(&by_write[hogs], wakes->by_write[i]);
	}
	for (unsigned i = 0; i < SLEEPERS * SLEEPS; i++)
		figure_add(&by_sleep[hogs], wakes->by_sleep[i / SLEEPS][i % SLEEPS]);
	if (hogs == MOST_HOGS) {
		figure_set(&by_write_worst, figure_worst(&by_write[hogs]));
		figure_set(&by_sleep_worst, figure_worst(&by_sleep[hogs]));
	}
}

static const struct measure table[] = {
	{ .name = "wake_write_0",
	  .what = "from a write to the reader's return, on an idle machine",
	  .rounds = READERS,
	  .unit = "ns",
	  FIGURE(by_write[0]) },
	{ .name = "wake_write_1",
	  .what = "the same, the writer going on to work",
	  .rounds = READERS,
	  .unit = "ns",
	  FIGURE(by_write[1]) },
	{ .name = "wake_write_8",
	  .what = "the same among 8 that work, the writer one of them",
	  .rounds = READERS,
	  .unit = "ns",
	  FIGURE(by_write[MOST_HOGS]) },
	{ .name = "wake_write_8_worst",
	  .what = "the longest of these",
	  .rounds = 1,
	  .unit = "ns",
	  FIGURE(by_write_worst) },
	{ .name = "wake_sleep_0",
	  .what = "from a sleep's deadline to its return, on an idle machine",
	  .rounds = SLEEPERS * SLEEPS,
	  .unit = "ns",
	  FIGURE(by_sleep[0]) },
	{ .name = "wake_sleep_1",
	  .what = "the same beside one that works",
	  .rounds = SLEEPERS * SLEEPS,
	  .unit = "ns",
	  FIGURE(by_sleep[1]) },
	{ .name = "wake_sleep_8",
	  .what = "the same among 8 that work",
	  .rounds = SLEEPERS * SLEEPS,
	  .unit = "ns",
	  FIGURE(by_sleep[MOST_HOGS]) },
	{ .name = "wake_sleep_8_worst",
	  .what = "the longest of these",
	  .rounds = 1,
	  .unit = "ns",
	  FIGURE(by_sleep_worst) },
};

const struct measures latency_measures = MEASURES("scheduling", table);
