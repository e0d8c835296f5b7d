/*
 * Processor time as a clock: reading it, the timers on it, and the limits of it.
 *
 * A process's timers stand in a list without order, for all of them are on different clocks; it is
 * walked in a tick of a process that has any. Lock: process_tree_lock. Source:
 * timer_create(2), clock_getcpuclockid(3), getrlimit(2) (RLIMIT_CPU, RLIMIT_RTTIME).
 */
#include <facet/errno.h>
#include <facet/pending.h>
#include <facet/process.h>
#include <facet/sched.h>
#include <facet/tick.h>

#include "time_private.h"

/* User time as the ticks saw it. It never goes back while no thread ends. */
static uint64_t user_ns(const struct cpu_clock *clock)
{
	const struct thread *thread;
	uint64_t ns = clock->process->usage.user_ns;

	if (clock->thread)
		return clock->thread->user_ticks * TICK_NS;
	list_for_each_entry(thread, &clock->process->threads, process_link)
		ns += thread->user_ticks * TICK_NS;
	return ns;
}

/* Linux's ids: the kind in two bits, one for a thread's clock, and above them ~pid or ~tid. */
#define KIND_MASK 3
#define OF_THREAD 4
#define ID_SHIFT 3

int cpu_clock_find(int clock, const struct process *owner, struct cpu_clock *found)
{
	bool named = clock < 0;
	int id = named ? ~(clock >> ID_SHIFT) : 0;

	found->kind = named ? (enum cpu_clock_kind)(clock & KIND_MASK) : CPU_CLOCK_SCHED;
	if (found->kind > CPU_CLOCK_SCHED)
		return -EINVAL;
	if (named ? clock & OF_THREAD : clock == CLOCK_THREAD_CPUTIME_ID) {
		found->thread = id ? thread_find(id) : current_thread();
		found->process = found->thread ? found->thread->process : NULL;
		return found->process == owner ? 0 : -EINVAL;
	}
	found->thread = NULL;
	found->process = id ? process_find(id) : current_process();
	return found->process ? 0 : -EINVAL;
}

int cpu_clock_id(const struct cpu_clock *clock)
{
	int id = clock->thread ? clock->thread->tid : clock->process->pid;

	return (int)(~(unsigned)id << ID_SHIFT) | (clock->thread ? OF_THREAD : 0) |
	       (int)clock->kind;
}

uint64_t cpu_clock_ns(const struct cpu_clock *clock)
{
	struct usage usage;

	if (clock->kind == CPU_CLOCK_VIRTUAL)
		return user_ns(clock);
	if (clock->thread)
		return sched_ran_ns(clock->thread);
	process_usage(clock->process, &usage);
	return usage.user_ns + usage.system_ns;
}

void cpu_timer_init(struct cpu_timer *timer,
		    void (*expired)(struct cpu_timer *timer, uint64_t now_ns))
{
	list_init(&timer->link);
	timer->expired = expired;
}

void cpu_timer_set(struct cpu_timer *timer, const struct cpu_clock *clock, uint64_t deadline_ns)
{
	list_remove(&timer->link);
	if (clock->process->zombie)
		return; /* it stands still */
	timer->clock = *clock;
	timer->deadline_ns = deadline_ns;
	list_push_back(&clock->process->cpu_timers, &timer->link);
	cpu_timers_watch(clock->process);
}

void cpu_timer_cancel(struct cpu_timer *timer)
{
	list_remove(&timer->link);
}

bool cpu_time_is_limited(const struct process *process)
{
	return process->limits[RLIMIT_CPU].current != RLIM_INFINITY ||
	       process->limits[RLIMIT_RTTIME].current != RLIM_INFINITY;
}

void cpu_timers_watch(struct process *process)
{
	bool watched = !list_empty(&process->cpu_timers) || cpu_time_is_limited(process);
	struct thread *thread;

	list_for_each_entry(thread, &process->threads, process_link)
		thread->cpu_watched = watched;
}

/* SIGXCPU each second from the soft limit on, and SIGKILL at the hard one. */
static void check_limit(struct process *process)
{
	const struct cpu_clock clock = { process, NULL, CPU_CLOCK_PROF };
	struct rlimit *limit = &process->limits[RLIMIT_CPU];
	uint64_t seconds;

	if (limit->current == RLIM_INFINITY)
		return;
	seconds = cpu_clock_ns(&clock) / NS_PER_SEC;
	if (seconds >= limit->maximum) {
		signal_send(process, SIGKILL);
	} else if (seconds >= limit->current) {
		limit->current = seconds + 1;
		signal_send(process, SIGXCPU);
	}
}

/*
 * The same for a real-time thread that does not wait, in microseconds. That it has waited is seen
 * by its switches; for ready threads the count goes on.
 */
static void check_real_time_limit(struct thread *thread)
{
	struct rlimit *limit = &thread->process->limits[RLIMIT_RTTIME];
	uint64_t ran_ns = sched_ran_ns(thread), us;

	if (limit->current == RLIM_INFINITY)
		return;
	if (!thread->sched.params.rt_priority || !thread->rt_since_ns ||
	    thread->rt_switches != thread->voluntary_switches) {
		thread->rt_switches = thread->voluntary_switches;
		thread->rt_since_ns = ran_ns;
		return;
	}
	us = (ran_ns - thread->rt_since_ns) / 1000;
	if (us >= limit->maximum) {
		signal_send(thread->process, SIGKILL);
	} else if (us >= limit->current) {
		limit->current += NS_PER_SEC / 1000;
		signal_send(thread->process, SIGXCPU);
	}
}

/* The bottom of PENDING_CPU_TIMERS. There may have been a switch since: then it is for nobody. */
static void check_timers(void)
{
	struct process *process = current_process();
	struct cpu_timer *timer, *next;

	if (!current_thread()->cpu_watched)
		return;
	spin_lock(&process_tree_lock);
	list_for_each_entry_safe(timer, next, &process->cpu_timers, link) {
		uint64_t now = cpu_clock_ns(&timer->clock);

		if (now < timer->deadline_ns)
			continue;
		list_remove(&timer->link);
		timer->expired(timer, now);
	}
	check_limit(process);
	check_real_time_limit(current_thread());
	cpu_timers_watch(process);
	spin_unlock(&process_tree_lock);
}

void cpu_timers_init(void)
{
	pending_register(PENDING_CPU_TIMERS, check_timers);
}

void cpu_timers_end(struct process *process, const struct thread *thread)
{
	struct cpu_timer *timer, *next;

	list_for_each_entry_safe(timer, next, &process->cpu_timers, link)
		if (!thread || timer->clock.thread == thread)
			list_remove(&timer->link);
}
