/*
 * timespec.h -- times as user programs pass them. Context: thread, for user memory is copied.
 */
#ifndef FACET_TIMESPEC_H
#define FACET_TIMESPEC_H

#include <facet/types.h>

/*
 * Nanoseconds from a struct timespec. What is further away than the clock can count is for ever.
 * Returns 0, -EFAULT or -EINVAL.
 */
int timespec_from_user(uint64_t *ns, const void __user *from);
/* 0 or -EFAULT. */
int timespec_to_user(void __user *to, uint64_t ns);
/* The same with microseconds: struct timeval. */
int timeval_from_user(uint64_t *ns, const void __user *from);
int timeval_to_user(void __user *to, uint64_t ns);

/* clock_ns() in `ns` from now: a deadline, and never NO_DEADLINE. */
uint64_t deadline_after(uint64_t ns);

#endif
