/*
 * How long who is wanted waits: the response time of an interactive process among hogs, and a lock
 * whose holder is kept from running.
 */
#include "scheduling.h"
#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <usr.h>

/*
 * An interactive process: a job is released each period and wants a burst of work done by its
 * deadline. Alone it would use a twentieth of the processor. Three hogs make a round of 60 ms at
 * the common slice of 20: longer than the period and than the deadline, so a scheduler that does
 * not care for it misses, and one that does has room to meet all. Hogs go on until the last job is
 * done; jobs that are late queue up.
 */
enum { RIVALS = 3, JOBS = 16, BURST = 2 * MS, DEADLINE = 20 * MS };
/* No multiple of a tick, so that the releases fall anywhere between two. */
enum { PERIOD = 40 * MS + 300 * US };

struct interaction {
	unsigned left; /* jobs */
	uint64_t responses[JOBS];
};

static void interact(struct interaction *interaction)
{
	uint64_t first, burst = ticks_of(BURST);

	gate_wait();
	first = now_ns() + PERIOD;
	for (unsigned i = 0; i < JOBS; i++) {
		uint64_t release = first + i * PERIOD;

		sleep_until(release);
		work_for(burst);
		interaction->responses[i] = now_ns() - release;
		interaction->left--;
	}
	_exit(0);
}

static void response_perform(const struct experiment *experiment);

/* The process is an equal of the hogs, or has a better nice value. */
enum { EQUAL, URGENT, URGENT_NICE = -10 };
static struct experiment responses[] = {
	{ .seed = "response", .perform = response_perform, .parameter = EQUAL },
	{ .seed = "response_urgent", .perform = response_perform, .parameter = URGENT },
};
#define BY_URGENCY                               \
	{                                        \
		{ .of = &responses[EQUAL] },     \
		{                                \
			.of = &responses[URGENT] \
		}                                \
	}
static struct figure response[] = BY_URGENCY, response_worst[] = BY_URGENCY,
		     response_missed[] = BY_URGENCY;

static void response_perform(const struct experiment *experiment)
{
	struct interaction *interaction = gate_make(sizeof(*interaction));
	unsigned long urgency = experiment->parameter;
	uint64_t missed = 0;

	interaction->left = JOBS;
	if (gate_child() == 0) {
		if (urgency == URGENT)
			setpriority(PRIO_PROCESS, 0, URGENT_NICE);
		interact(interaction);
	}
	for (unsigned i = 0; i < RIVALS; i++) {
		if (gate_child() == 0) {
			gate_wait();
			while (__atomic_load_n(&interaction->left, __ATOMIC_RELAXED) > 0)
				work_unit();
			_exit(0);
		}
	}
	gate_open();
	figure_clear(&response[urgency]);
	for (unsigned i = 0; i < JOBS; i++) {
		figure_add(&response[urgency], interaction->responses[i]);
		missed += interaction->responses[i] > DEADLINE;
	}
	figure_set(&response_worst[urgency], figure_worst(&response[urgency]));
	figure_set(&response_missed[urgency], missed);
}

/*
 * Priority inversion. The lock is a byte in a pipe: who reads it holds it. The lowest of three
 * real-time processes takes it and works for HOLD; CALL later the highest asks for it, and at the
 * same moment the middle one, which has nothing to do with the lock, starts to work. The highest
 * need only wait for what is left of HOLD. Where the middle one keeps the lowest from running, it
 * waits for RIVAL as well: the lock is worth nothing without priority inheritance.
 */
enum { HOLD = 30 * MS, CALL = 10 * MS, RIVAL = 60 * MS };
enum { LOWEST = 10, MIDDLE = 20, HIGHEST = 30 };

static int lock_pipe[2];

static void lock_take(void)
{
	char byte;

	while (read(lock_pipe[0], &byte, 1) != 1)
		;
}

static void lock_drop(void)
{
	char byte = 0;

	if (write(lock_pipe[1], &byte, 1) != 1)
		_exit(1);
}

static void lock_lowest(uint64_t *taken)
{
	gate_wait();
	lock_take();
	*taken = now_ns();
	work_for(ticks_of(HOLD));
	lock_drop();
	_exit(0);
}

/* The highest, if there is somewhere to put how long it waited, or the middle one. */
static void lock_caller(const volatile uint64_t *taken, uint64_t *waited)
{
	uint64_t asked;

	gate_wait();
	while (!*taken)
		sleep_until(now_ns() + MS);
	sleep_until(*taken + CALL);
	if (!waited) {
		work_for(ticks_of(RIVAL));
		_exit(0);
	}
	asked = now_ns();
	lock_take();
	*waited = now_ns() - asked;
	lock_drop();
	_exit(0);
}

/* The C library's function does nothing. */
static bool set_class(int class, int priority)
{
	return syscall(SYS_sched_setscheduler, 0, class,
		       &(struct sched_param){ .sched_priority = priority }) == 0;
}

/* Asked for beforehand, so that it does not fail in a child that the others wait for. */
static void set_real_time(int priority)
{
	if (!set_class(SCHED_FIFO, priority))
		complain(errno, "sched_setscheduler");
}

static void lock_perform(const struct experiment *experiment);

/* Without, and with the middle one. */
static struct experiment locks[] = {
	{ .seed = "lock_wait", .perform = lock_perform, .parameter = false },
	{ .seed = "lock_wait_inverted", .perform = lock_perform, .parameter = true },
};
static struct figure lock_wait[] = { { .of = &locks[0] }, { .of = &locks[1] } };

static void lock_perform(const struct experiment *experiment)
{
	struct {
		uint64_t taken, waited;
	} * times;

	if (!set_class(SCHED_FIFO, LOWEST) || !set_class(SCHED_OTHER, 0))
		give_up("sched_setscheduler");
	times = gate_make(sizeof(*times));
	if (pipe(lock_pipe))
		give_up("pipe");
	lock_drop();
	if (gate_child() == 0) {
		set_real_time(LOWEST);
		lock_lowest(&times->taken);
	}
	if (experiment->parameter && gate_child() == 0) {
		set_real_time(MIDDLE);
		lock_caller(&times->taken, NULL);
	}
	if (gate_child() == 0) {
		set_real_time(HIGHEST);
		lock_caller(&times->taken, &times->waited);
	}
	gate_open();
	close(lock_pipe[0]);
	close(lock_pipe[1]);
	figure_set(&lock_wait[experiment->parameter], times->waited);
}

static const struct measure table[] = {
	{ .name = "response",
	  .what = "2 ms of work each 40.3 ms among 3 hogs, from release to done",
	  .rounds = JOBS,
	  .unit = "ns",
	  FIGURE(response[EQUAL]) },
	{ .name = "response_worst",
	  .what = "the longest of these",
	  .rounds = 1,
	  .unit = "ns",
	  FIGURE(response_worst[EQUAL]) },
	{ .name = "response_missed",
	  .what = "how many of these 16 took more than 20 ms",
	  .rounds = 1,
	  .unit = "count",
	  FIGURE(response_missed[EQUAL]) },
	{ .name = "response_urgent",
	  .what = "the same work with nice -10",
	  .rounds = JOBS,
	  .unit = "ns",
	  FIGURE(response[URGENT]) },
	{ .name = "response_urgent_worst",
	  .what = "the longest of these",
	  .rounds = 1,
	  .unit = "ns",
	  FIGURE(response_worst[URGENT]) },
	{ .name = "response_urgent_missed",
	  .what = "how many of these 16 took more than 20 ms",
	  .rounds = 1,
	  .unit = "count",
	  FIGURE(response_missed[URGENT]) },
	{ .name = "lock_wait",
	  .what = "for a lock that a lower priority holds for 30 ms, asked for after 10",
	  .rounds = 1,
	  .unit = "ns",
	  FIGURE(lock_wait[0]) },
	{ .name = "lock_wait_inverted",
	  .what = "the same while a middle priority works for 60 ms",
	  .rounds = 1,
	  .unit = "ns",
	  FIGURE(lock_wait[1]) },
};

const struct measures response_measures = MEASURES("scheduling", table);
