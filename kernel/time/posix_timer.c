/*
 * POSIX timers: any number for each process, on any clock, each with a signal of its own.
 *
 * A timer owns one entry of a queue of pending signals. While that is pending, a further time is
 * counted as an overrun; so a timer never has two signals pending. Neither exec nor fork keeps
 * timers.
 *
 * Locks: process_tree_lock and the owner's signals.lock, both, for what a timer is set to; the
 * second alone, when its signal is taken. Source: timer_create(2), sigevent(7).
 */
#include <facet/clock.h>
#include <facet/errno.h>
#include <facet/process.h>
#include <facet/process_timers.h>
#include <facet/slab.h>

#include "posix_timer.h"

/* --- running: both locks held -------------------------------------------------------------- */

uint64_t posix_timer_now(const struct posix_timer *timer)
{
	struct cpu_clock clock;

	if (timer->period.next_ns & DEADLINE_REALTIME)
		return clock_realtime_ns() | DEADLINE_REALTIME;
	if (!clock_is_cpu(timer->clock))
		return clock_ns();
	return cpu_clock_find(timer->clock, timer->process, &clock) ? 0 : cpu_clock_ns(&clock);
}

/* A clock may have ended: then its time never comes. */
void posix_timer_start(struct posix_timer *timer)
{
	struct cpu_clock clock;

	if (timer->notify == SIGEV_NONE || !timer->period.next_ns)
		return;
	if (!clock_is_cpu(timer->clock))
		timeout_set(&timer->timeout, timer->period.next_ns);
	else if (!cpu_clock_find(timer->clock, timer->process, &clock))
		cpu_timer_set(&timer->cpu, &clock, timer->period.next_ns);
}

/* `next_ns` 0 is what one that was called a moment ago finds, and does nothing for. */
void posix_timer_stop(struct posix_timer *timer)
{
	timer->period.next_ns = 0;
	timeout_cancel(&timer->timeout);
	cpu_timer_cancel(&timer->cpu);
}

static void send(struct posix_timer *timer)
{
	struct thread *thread = NULL;

	if (timer->notify == SIGEV_THREAD_ID) {
		thread = thread_find(timer->tid);
		if (!thread || thread->process != timer->process)
			return; /* it has ended: nobody is told */
	}
	signal_post_entry(timer->process, thread, timer->signal);
}

static void expire(struct posix_timer *timer, uint64_t now_ns)
{
	uint64_t times = period_advance(&timer->period, now_ns);

	if (times && list_linked(&timer->signal->link)) {
		timer->overruns += times;
	} else if (times) {
		timer->overruns = times - 1;
		send(timer);
	}
	posix_timer_start(timer); /* also if it, or the clock, was set a moment ago */
}

static void wall_expired(struct timeout *timeout)
{
	struct posix_timer *timer = container_of(timeout, struct posix_timer, timeout);
	struct process *process = timer->process;

	posix_timers_lock(process);
	expire(timer, posix_timer_now(timer));
	posix_timers_unlock(process);
}

/* The tree's lock is held by whoever looks at such clocks. */
static void cpu_expired(struct cpu_timer *cpu, uint64_t now_ns)
{
	struct posix_timer *timer = container_of(cpu, struct posix_timer, cpu);
	struct process *process = timer->process;

	spin_lock(&process->signals.lock);
	expire(timer, now_ns);
	spin_unlock(&process->signals.lock);
}

void posix_timer_init(struct posix_timer *timer)
{
	timeout_init(&timer->timeout, wall_expired);
	cpu_timer_init(&timer->cpu, cpu_expired);
}

/* What has passed since the last tick counts too, where the clock can be read without the tree. */
int posix_timer_taken(struct posix_timer *timer)
{
	if (!clock_is_cpu(timer->clock)) {
		uint64_t times = period_advance(&timer->period, posix_timer_now(timer));

		timer->overruns += times;
		if (times)
			posix_timer_start(timer);
	}
	timer->last_overruns = (int)MIN(timer->overruns, (uint64_t)INT32_MAX);
	timer->overruns = 0;
	return timer->last_overruns;
}

/* --- by their ids -------------------------------------------------------------------------- */

static bool by_id(const struct tree_node *a, const struct tree_node *b)
{
	return container_of(a, struct posix_timer, node)->id <
	       container_of(b, struct posix_timer, node)->id;
}

int posix_timer_publish(struct posix_timer *timer, const struct siginfo *info)
{
	struct process *process = timer->process;
	struct process_timers *timers = process->timers;
	int error = 0;

	posix_timers_lock(process);
	timer->signal = signal_entry_alloc(process, info);
	if (timer->signal) {
		do {
			timer->id = timers->next_id;
			timers->next_id = (timers->next_id + 1) & INT32_MAX;
		} while (posix_timer_find(timer->id));
		timer->signal->timer = timer;
		timer->signal->info.pid = timer->id;
		if (timer->value_is_id)
			timer->signal->info.value = (uint64_t)timer->id;
		tree_add(&timers->posix, &timer->node, by_id);
	} else {
		error = -EAGAIN;
	}
	posix_timers_unlock(process);
	return error;
}

struct posix_timer *posix_timer_find(int id)
{
	const struct process_timers *timers = current_process()->timers;
	struct tree_node *node = timers ? timers->posix.root : NULL;

	while (node) {
		struct posix_timer *timer = container_of(node, struct posix_timer, node);

		if (timer->id == id)
			return timer;
		node = id < timer->id ? node->left : node->right;
	}
	return NULL;
}

void posix_timer_take_out(struct posix_timer *timer)
{
	posix_timer_stop(timer);
	tree_remove(&timer->process->timers->posix, &timer->node);
	signal_entry_free(timer->process, timer->signal);
}

void posix_timer_free(struct posix_timer *timer)
{
	timeout_cancel_wait(&timer->timeout);
	kfree(timer);
}

void posix_timers_delete_all(struct process *process)
{
	struct posix_timer *timer;

	if (!process->timers)
		return;
	posix_timers_lock(process);
	tree_for_each_entry(timer, &process->timers->posix, node)
		posix_timer_stop(timer);
	signals_forget_timers(process);
	posix_timers_unlock(process);
	do {
		posix_timers_lock(process);
		timer = tree_entry(tree_first(&process->timers->posix), struct posix_timer, node);
		if (timer)
			posix_timer_take_out(timer);
		posix_timers_unlock(process);
		if (timer)
			posix_timer_free(timer);
	} while (timer);
}
