/*
 * sched_private.h -- between the calls of this room.
 */
#ifndef SCHED_PRIVATE_H
#define SCHED_PRIVATE_H

#include <facet/process.h>

#define NICE_MIN (-20)
#define NICE_MAX 19

/* Tree lock held; 0 is the caller. NULL: no such thread, or it has ended. */
struct thread *sched_thread_of(pid_t tid);

/* Whether the caller, who is not root, may change how `target` is scheduled. Tree lock held. */
bool sched_same_owner(const struct process *target);
/* Whether RLIMIT_NICE lets a thread of `target` become as little nice as this. */
bool sched_nice_allowed(const struct process *target, int nice);

#endif
