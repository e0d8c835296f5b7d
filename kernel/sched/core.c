/*
 * The scheduler's mechanism: one run queue a CPU, the switch, and the slice. Which thread is next
 * is the policy's answer (rr.c or prio.c).
 *
 * The run queue's lock guards every thread's state and sched_entity; it is innermost. A thread
 * alone may write its own state without it, with preemption off, on its way to schedule(). It is
 * taken by the thread that switches away and released by the one switched to (finish_switch).
 * Interrupts are off while it is held.
 */
#include <arch/cpu.h>
#include <arch/irqflags.h>
#include <facet/clock.h>
#include <facet/counters.h>
#include <facet/panic.h>
#include <facet/pending.h>
#include <facet/printk.h>
#include <facet/process.h>
#include <facet/sched.h>
#include <facet/space.h>
#include <facet/trace.h>

struct run_queue {
	struct spinlock lock;
	unsigned ready; /* threads in the policy's queue */
	uint64_t since; /* cycles when the current thread was last charged */
	uint64_t switches;
	struct space *left; /* by the last switch: its reference is to be dropped */
};

static PER_CPU(struct run_queue, run_queue) = { .lock = SPINLOCK_INIT(RANK_RUN_QUEUE) };
static PER_CPU(struct thread, idle_thread) = { .state = THREAD_IDLE };

static uint64_t run_queue_lock(struct run_queue *queue)
{
	uint64_t flags = irq_save();

	spin_lock(&queue->lock);
	return flags;
}

static void run_queue_unlock(struct run_queue *queue, uint64_t flags)
{
	spin_unlock(&queue->lock);
	irq_restore(flags);
}

void sched_init(void)
{
	struct cpu *cpu = cpu_self();

	cpu->idle = this_cpu(idle_thread);
	cpu->current = cpu->idle;
	this_cpu(run_queue)->since = rdtsc(); /* the firmware's time is nobody's */
	sched_policy_init();
	timeouts_init();
}

noreturn void sched_idle(void)
{
	preempt_disable();
	schedule();
	for (;;)
		cpu_idle();
}

static void enqueue(struct run_queue *queue, struct thread *thread, enum sched_why why)
{
	thread->state = THREAD_READY;
	queue->ready++;
	sched_policy_enqueue(thread, why);
}

/* Whether `woken` should run at once. The idle thread gives way to everybody. */
static void check_preempt(const struct thread *woken)
{
	const struct thread *running = current_thread();

	if (running == cpu_get(idle) || sched_policy_preempts(running, woken))
		pending_set(PENDING_RESCHED);
}

/* What the current thread ran since the last switch, or the last look, is charged to it. */
static inline void charge(struct run_queue *queue, struct thread *thread)
{
	uint64_t now = rdtsc();

	thread->sched.ran_cycles += now - queue->since;
	queue->since = now;
}

/* The current thread leaves the processor: back into the queue if it still wants to run. */
static void put_previous(struct run_queue *queue, struct thread *thread)
{
	uint32_t left = cpu_get(slice_left);

	thread->sched.slice_left = left;
	if (thread->state == THREAD_RUNNING) {
		enum sched_why why = thread->yielded ? SCHED_YIELDED
				     : left          ? SCHED_PREEMPTED
						     : SCHED_EXPIRED;

		count_event(COUNT_switch_preempted + (why - SCHED_PREEMPTED));
		thread->yielded = false;
		enqueue(queue, thread, why);
	} else if (thread->state == THREAD_BLOCKED) {
		sched_policy_dequeue(thread, SCHED_BLOCKED);
	} else if (thread->state == THREAD_ZOMBIE) {
		sched_policy_dequeue(thread, SCHED_EXITED);
	}
}

static struct thread *pick_next(struct run_queue *queue)
{
	struct thread *next = sched_policy_pick();

	if (!next) {
		cpu_set(slice_left, SLICE_NONE);
		return cpu_get(idle);
	}
	queue->ready--;
	next->state = THREAD_RUNNING;
	if (!next->sched.slice_left)
		next->sched.slice_left = sched_policy_slice(next);
	cpu_set(slice_left, next->sched.slice_left);
	return next;
}

/* Why the current thread is about to leave the processor, as an event. */
static inline enum trace_kind reason_to_leave(const struct thread *thread)
{
	switch (thread->state) {
	case THREAD_BLOCKED:
		return TRACE_switch_blocked;
	case THREAD_ZOMBIE:
		return TRACE_switch_exited;
	case THREAD_IDLE:
		return TRACE_switch_from_idle;
	default:
		return thread->yielded       ? TRACE_switch_yielded
		       : cpu_get(slice_left) ? TRACE_switch_preempted
					     : TRACE_switch_expired;
	}
}

/* `previous` still counts as the one that runs. It may be picked again; idle, that is no event. */
static inline void trace_switch(enum trace_kind why, const struct thread *previous,
				const struct thread *next)
{
	if (previous != next || why != TRACE_switch_from_idle)
		trace_event_irqs_off(why, (uint32_t)next->tid);
}

/* Why `previous` left the processor, and what the switch goes between. */
static inline void count_switch(const struct thread *previous, const struct thread *next)
{
	static const enum counter reasons[] = {
		[THREAD_BLOCKED] = COUNT_switch_blocked,
		[THREAD_ZOMBIE] = COUNT_switch_exited,
		[THREAD_IDLE] = COUNT_switch_from_idle,
	};

	count_event(COUNT_switch_kernel_kernel + 2u * previous->to_user + next->to_user);
	if (previous->state != THREAD_READY)
		count_event(reasons[previous->state]);
}

/* In the thread switched to: releases the run queue, frees what the last thread left. */
static inline void switched(struct thread *previous)
{
	struct run_queue *queue = this_cpu(run_queue);
	struct space *left = queue->left;

	queue->left = NULL;
	if (IS_ENABLED(CONFIG_COUNTERS))
		current_thread()->to_user = false;
	spin_drop(&queue->lock);
	irq_enable();
	if (unlikely(previous->state == THREAD_ZOMBIE))
		thread_free(previous);
	if (left)
		space_release(left);
	preempt_enable();
}

void schedule(void)
{
	struct run_queue *queue = this_cpu(run_queue);
	struct thread *previous = current_thread(), *next;
	enum trace_kind why = TRACE_KINDS;

	irq_disable();
	debug_assert(preempt_count() == 1);
	lock_order_assert_switch();
	spin_take(&queue->lock);
	cpu_pending_clear(1u << PENDING_RESCHED);
	charge(queue, previous);
	if (IS_ENABLED(CONFIG_TRACE))
		why = reason_to_leave(previous);
	put_previous(queue, previous);
	next = pick_next(queue);
	if (IS_ENABLED(CONFIG_TRACE))
		trace_switch(why, previous, next);
	if (next != previous) {
		queue->switches++;
		if (previous->state == THREAD_BLOCKED)
			previous->voluntary_switches++;
		else
			previous->involuntary_switches++;
		if (IS_ENABLED(CONFIG_COUNTERS))
			count_switch(previous, next);
		if (next->process && next->process->space)
			queue->left = space_activate(next->process->space);
		cpu_set(current, next);
		switch_context(&previous->context, &next->context);
		previous = switch_to(previous, next);
	}
	switched(previous);
}

void finish_switch(struct thread *previous)
{
	switched(previous);
}

/*
 * The parent shares the rest of its slice with the child: nobody gains processor time by forking.
 */
static void split_slice(struct thread *child)
{
	uint32_t left = cpu_get(slice_left);

	if (left == SLICE_NONE)
		return;
	child->sched.slice_left = MAX((left + 1) / 2, 1u);
	cpu_set(slice_left, left / 2);
	if (left == 1)
		pending_set(PENDING_RESCHED);
}

void sched_start(struct thread *thread)
{
	struct run_queue *queue = this_cpu(run_queue);
	uint64_t flags = run_queue_lock(queue);

	trace_event_irqs_off(TRACE_fork, (uint32_t)thread->tid);
	split_slice(thread);
	enqueue(queue, thread, SCHED_NEW);
	check_preempt(thread);
	run_queue_unlock(queue, flags);
}

bool sched_wake(struct thread *thread)
{
	struct run_queue *queue = this_cpu(run_queue);
	uint64_t flags = run_queue_lock(queue);
	bool blocked = thread->state == THREAD_BLOCKED;

	count_events(COUNT_wake_ups, blocked);
	if (blocked)
		trace_event_irqs_off(TRACE_wake, (uint32_t)thread->tid);
	if (blocked && thread == current_thread()) {
		thread->state = THREAD_RUNNING; /* marked, but not yet switched away */
	} else if (blocked) {
		enqueue(queue, thread, SCHED_WOKEN);
		check_preempt(thread);
	}
	run_queue_unlock(queue, flags);
	return blocked;
}

void sched_block(enum sleep_state state)
{
	struct thread *thread = current_thread();

	preempt_disable();
	thread->sleep_state = (uint8_t)state;
	thread->state = THREAD_BLOCKED;
}

void sched_unblock(void)
{
	current_thread()->state = THREAD_RUNNING;
	preempt_enable();
}

noreturn void sched_exit(void)
{
	current_thread()->state = THREAD_ZOMBIE;
	schedule();
	panic("a zombie was scheduled");
}

/* New parameters may shorten what is left of a slice, or end the counting; they never give more. */
static void limit_slice(struct thread *thread)
{
	bool running = thread->state == THREAD_RUNNING;
	uint32_t left = running ? cpu_get(slice_left) : thread->sched.slice_left;
	uint32_t slice = sched_policy_slice(thread);

	thread->sched.slice_left = slice == SLICE_NONE ? slice : MIN(left, slice);
	if (running)
		cpu_set(slice_left, thread->sched.slice_left);
}

/* NULL: as it is. */
static void set_params(struct thread *thread, const struct sched_params *params,
		       const unsigned *inherited)
{
	struct run_queue *queue = this_cpu(run_queue);
	uint64_t flags = run_queue_lock(queue);
	bool queued = thread->state == THREAD_READY;

	if (queued)
		sched_policy_dequeue(thread, SCHED_CHANGED);
	if (inherited)
		thread->sched.inherited = (uint8_t)*inherited;
	sched_policy_set(thread, params ? params : &thread->sched.params);
	limit_slice(thread);
	if (queued)
		sched_policy_enqueue(thread, SCHED_CHANGED);
	if (thread->state != THREAD_BLOCKED)
		pending_set(PENDING_RESCHED); /* who should run may have changed */
	run_queue_unlock(queue, flags);
}

void sched_set_params(struct thread *thread, const struct sched_params *params)
{
	set_params(thread, params, NULL);
}

unsigned sched_rt_priority(const struct thread *thread)
{
	return MAX(thread->sched.params.rt_priority, thread->sched.inherited);
}

void sched_inherit(struct thread *thread, unsigned rt_priority)
{
	set_params(thread, NULL, &rt_priority);
}

uint64_t sched_ran_ns(struct thread *thread)
{
	struct run_queue *queue = this_cpu(run_queue);
	uint64_t flags = run_queue_lock(queue), ran;

	if (thread == current_thread())
		charge(queue, thread);
	ran = thread->sched.ran_cycles;
	run_queue_unlock(queue, flags);
	return clock_cycles_to_ns(ran);
}

unsigned sched_running_count(void)
{
	return this_cpu(run_queue)->ready + (current_thread() != cpu_get(idle));
}

uint64_t sched_switch_count(void)
{
	return this_cpu(run_queue)->switches;
}
