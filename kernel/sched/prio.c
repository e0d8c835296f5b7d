/*
 * Priorities as on Linux: real-time levels 1 to 99 above nice -20 to 19 above SCHED_IDLE.
 *
 * A list a level and a bitmap of levels in use: all operations are O(1). Real-time levels are
 * strict. The others take turns: who has used up its slice, or yields, moves to the expired queue,
 * and when no other thread is active the two queues change places. So every thread runs once in a
 * round, and nice decides how soon and, by the length of the slice, how much: nobody starves. The
 * slice is measured in time that was really run, so sleeping through the ticks does not stretch it.
 *
 * Every function: run queue's lock held, interrupts off. Alternative: rr.c.
 */
#include "quantum.h"

#include <facet/clock.h>
#include <facet/sched_policy.h>
#include <facet/thread.h>

#define LEVEL_NORMAL 99 /* below it: 99 - rt_priority */
#define LEVEL_IDLE (LEVEL_NORMAL + 40)
#define LEVELS (LEVEL_IDLE + 1)
#define MAP_WORDS ((LEVELS + 63) / 64)

struct levels {
	uint64_t used[MAP_WORDS];
	struct list lists[LEVELS];
};

struct queues {
	struct levels *active, *expired;
	struct levels levels[2];
};

static PER_CPU(struct queues, queues);

const char sched_policy_name[] = "prio";

/*
 * The policy's words of a sched_entity: ran_cycles when the slice began, and where the thread is
 * queued.
 */
#define slice_began(entity) ((entity)->policy[0])
#define is_expired(entity) ((entity)->policy[1])

void sched_policy_init(void)
{
	struct queues *own = this_cpu(queues);

	own->active = &own->levels[0];
	own->expired = &own->levels[1];
	for (unsigned level = 0; level < LEVELS; level++) {
		list_init(&own->active->lists[level]);
		list_init(&own->expired->lists[level]);
	}
}

static bool slice_used_up(const struct thread *thread)
{
	const struct sched_entity *entity = &thread->sched;

	return entity->level >= LEVEL_NORMAL &&
	       entity->ran_cycles - slice_began(entity) >=
		       sched_policy_slice(thread) * clock_tick_cycles();
}

void sched_policy_enqueue(struct thread *thread, enum sched_why why)
{
	struct queues *own = this_cpu(queues);
	struct sched_entity *entity = &thread->sched;
	struct levels *levels = own->active;
	bool turn_is_over = why == SCHED_EXPIRED || why == SCHED_YIELDED || slice_used_up(thread);

	if (turn_is_over) {
		entity->slice_left = 0;
		slice_began(entity) = entity->ran_cycles;
	}
	is_expired(entity) = turn_is_over && entity->level >= LEVEL_NORMAL;
	if (is_expired(entity))
		levels = own->expired;
	if (why == SCHED_PREEMPTED && !turn_is_over)
		list_push_front(&levels->lists[entity->level], &entity->link);
	else
		list_push_back(&levels->lists[entity->level], &entity->link);
	levels->used[entity->level / 64] |= 1ull << entity->level % 64;
}

static void take_out(struct levels *levels, struct sched_entity *entity)
{
	list_remove(&entity->link);
	if (list_empty(&levels->lists[entity->level]))
		levels->used[entity->level / 64] &= ~(1ull << entity->level % 64);
}

void sched_policy_dequeue(struct thread *thread, enum sched_why why)
{
	struct queues *own = this_cpu(queues);

	if (why == SCHED_CHANGED)
		take_out(is_expired(&thread->sched) ? own->expired : own->active, &thread->sched);
}

static struct thread *first_of(struct levels *levels)
{
	for (unsigned word = 0; word < MAP_WORDS; word++) {
		if (!levels->used[word])
			continue;
		unsigned level = word * 64 + (unsigned)__builtin_ctzll(levels->used[word]);

		return list_first_entry(&levels->lists[level], struct thread, sched.link);
	}
	return NULL;
}

struct thread *sched_policy_pick(void)
{
	struct queues *own = this_cpu(queues);
	struct thread *thread = first_of(own->active);

	if (!thread) {
		struct levels *round_over = own->active;

		own->active = own->expired;
		own->expired = round_over;
		thread = first_of(own->active);
	}
	if (thread) {
		is_expired(&thread->sched) = false;
		take_out(own->active, &thread->sched);
	}
	return thread;
}

/* Nice -20 gets eight quanta, 0 one, 19 a twentieth; at least a tick. */
unsigned sched_policy_slice(const struct thread *thread)
{
	const struct sched_params *params = &thread->sched.params;
	int percent = params->nice < 0 ? 100 - 35 * params->nice : 5 * (20 - params->nice);

	if (params->class == SCHED_FIFO)
		return SLICE_NONE;
	if (params->class == SCHED_RR)
		return QUANTUM_TICKS;
	if (params->class == SCHED_IDLE)
		return 1;
	return MAX(QUANTUM_TICKS * (unsigned)percent / 100, 1u);
}

bool sched_policy_preempts(const struct thread *running, const struct thread *woken)
{
	return woken->sched.level < running->sched.level && !is_expired(&woken->sched);
}

void sched_policy_set(struct thread *thread, const struct sched_params *params)
{
	struct sched_entity *entity = &thread->sched;
	unsigned rt_priority = MAX(params->rt_priority, entity->inherited);

	entity->params = *params;
	if (rt_priority)
		entity->level = (uint8_t)(LEVEL_NORMAL - rt_priority);
	else if (params->class == SCHED_IDLE)
		entity->level = LEVEL_IDLE;
	else
		entity->level = (uint8_t)(LEVEL_NORMAL + 20 + params->nice);
}
