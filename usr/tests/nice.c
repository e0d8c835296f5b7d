/*
 * The calls about priorities: policies, levels, nice values, their ranges and errors, and how
 * they are inherited. They hold under every scheduler; what they do is priority.c's matter.
 */
#include "tap.h"

#include <sched.h>
#include <sys/resource.h>

/* The raw calls: musl refuses some of these itself, and the raw getpriority returns 20 - nice. */
static long set_policy(pid_t pid, int policy, int level)
{
	return sys(SYS_sched_setscheduler, pid, policy, &level);
}

static int level_of(pid_t pid)
{
	int level = -1;

	return sys(SYS_sched_getparam, pid, &level) ? -1 : level;
}

static int nice_of(pid_t pid)
{
	return 20 - (int)sys(SYS_getpriority, PRIO_PROCESS, pid);
}

static void wait_for_gate(void *gate)
{
	pass_gate(gate);
}

static void ranges(void)
{
	ok_equal(sys(SYS_sched_get_priority_max, SCHED_FIFO), 99, "SCHED_FIFO goes to 99");
	ok_equal(sys(SYS_sched_get_priority_min, SCHED_FIFO), 1, "from 1");
	ok_equal(sys(SYS_sched_get_priority_max, SCHED_RR), 99, "SCHED_RR too");
	ok_equal(sys(SYS_sched_get_priority_min, SCHED_RR), 1, "from 1");
	ok_equal(sys(SYS_sched_get_priority_max, SCHED_OTHER), 0, "SCHED_OTHER has level 0");
	ok_equal(sys(SYS_sched_get_priority_min, SCHED_OTHER), 0, "only");
	ok_equal(sys(SYS_sched_get_priority_max, 77), -EINVAL, "an unknown policy has no highest");
	ok_equal(sys(SYS_sched_get_priority_min, -1), -EINVAL, "and no lowest");
}

static void policies(pid_t child)
{
	struct timespec interval;
	int64_t interval_ns;

	ok_equal(sys(SYS_sched_getscheduler, 0), SCHED_OTHER, "one starts as SCHED_OTHER");
	ok_equal(level_of(0), 0, "at level 0");
	ok_equal(set_policy(child, SCHED_FIFO, 42), 0, "a child becomes SCHED_FIFO");
	ok_equal(sys(SYS_sched_getscheduler, child), SCHED_FIFO, "and is told as that");
	ok_equal(level_of(child), 42, "with its level");
	ok_equal(sys(SYS_sched_setparam, child, &(int){ 7 }), 0, "its level alone is changed");
	ok_equal(level_of(child), 7, "and told");
	ok_equal(sys(SYS_sched_getscheduler, child), SCHED_FIFO, "the policy stays");
	ok_equal(sys(SYS_sched_rr_get_interval, child, &interval), 0, "its slice can be asked for");
	ok_equal(set_policy(child, SCHED_RR, 99), 0, "it becomes SCHED_RR at the highest level");
	ok_equal(sys(SYS_sched_rr_get_interval, child, &interval), 0, "its slice can be asked for");
	interval_ns = interval.tv_sec * 1000000000ll + interval.tv_nsec;
	ok(interval_ns >= 1000000 && interval_ns <= 1000000000, "and is from 1 ms to a second");
	ok_equal(set_policy(child, SCHED_OTHER, 0), 0, "it becomes SCHED_OTHER again");
	ok_equal(sys(SYS_sched_getscheduler, child), SCHED_OTHER, "and is told as that");
}

static void policy_errors(pid_t child, pid_t gone)
{
	static const struct {
		int policy, level;
	} wrong[] = {
		{ SCHED_FIFO, 0 },   { SCHED_FIFO, 100 },
		{ SCHED_FIFO, -1 },  { SCHED_RR, 0 },
		{ SCHED_RR, 100 },   { SCHED_OTHER, 1 },
		{ SCHED_OTHER, -1 }, { 77, 0 },
		{ -1, 0 },           { 4, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		ok_equal(set_policy(child, wrong[i].policy, wrong[i].level), -EINVAL,
			 "policy %d with level %d is EINVAL", wrong[i].policy, wrong[i].level);
	ok_equal(set_policy(-1, SCHED_OTHER, 0), -EINVAL, "a negative pid is EINVAL");
	ok_equal(set_policy(gone, SCHED_OTHER, 0), -ESRCH, "setscheduler of nobody is ESRCH");
	ok_equal(sys(SYS_sched_getscheduler, gone), -ESRCH, "getscheduler too");
	ok_equal(sys(SYS_sched_getscheduler, -5), -EINVAL, "of a negative pid EINVAL");
	ok_equal(sys(SYS_sched_setparam, gone, &(int){ 0 }), -ESRCH, "setparam of nobody");
	ok_equal(sys(SYS_sched_getparam, gone, &(int){ 0 }), -ESRCH, "getparam of nobody");
	ok_equal(sys(SYS_sched_getparam, -1, &(int){ 0 }), -EINVAL, "of a negative pid");
	ok_equal(sys(SYS_sched_setscheduler, 0, SCHED_OTHER, NULL), -EINVAL,
		 "no parameters at all");
	ok_equal(sys(SYS_sched_getparam, 0, NULL), -EINVAL, "nor a place for them");
	ok_equal(sys(SYS_sched_setparam, 0, &(int){ 5 }), -EINVAL, "a level for SCHED_OTHER");
	ok_equal(sys(SYS_sched_rr_get_interval, gone, &(struct timespec){ 0 }), -ESRCH,
		 "the slice of nobody");
	ok_equal(sys(SYS_sched_rr_get_interval, -1, &(struct timespec){ 0 }), -EINVAL,
		 "of a negative pid");
	ok_equal(level_of(child), 0, "after all that the level is what it was");
}

static void nice_values(pid_t child, pid_t gone)
{
	static const int values[][2] = { { 0, 0 },       { 5, 5 },   { 19, 19 },   { 20, 19 },
					 { 1000, 19 },   { -1, -1 }, { -20, -20 }, { -21, -20 },
					 { -1000, -20 }, { 0, 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		long result = sys(SYS_setpriority, PRIO_PROCESS, child, values[i][0]);

		ok(result == 0 && nice_of(child) == values[i][1], "nice %d is taken as %d",
		   values[i][0], values[i][1]);
	}
	ok_equal(sys(SYS_getpriority, PRIO_PROCESS, 0), 20, "the raw getpriority is 20 - nice");
	ok_equal(sys(SYS_setpriority, 9, 0, 0), -EINVAL, "an unknown kind of whom is EINVAL");
	ok_equal(sys(SYS_getpriority, -1, 0), -EINVAL, "for getpriority too");
	ok_equal(sys(SYS_setpriority, PRIO_PROCESS, gone, 0), -ESRCH, "nobody is ESRCH");
	ok_equal(sys(SYS_getpriority, PRIO_PROCESS, gone), -ESRCH, "for getpriority too");
	ok_equal(sys(SYS_getpriority, PRIO_PGRP, gone), -ESRCH, "and a group of nobody");
	must(setpgid(child, child));
	must(sys(SYS_setpriority, PRIO_PROCESS, child, -3) ? -1 : 0);
	ok_equal(sys(SYS_getpriority, PRIO_PGRP, child), 23, "a group's is that of its best");
	ok_equal(sys(SYS_setpriority, PRIO_PGRP, child, 4), 0, "a group is set");
	ok_equal(nice_of(child), 4, "all of it");
	ok_equal(nice_of(0), 0, "others stay");
	ok(sys(SYS_getpriority, PRIO_USER, 0) >= 20, "PRIO_USER answers");
}

static void child_sees(void *unused)
{
	char *argv[] = { "nice", "inherited", NULL };

	(void)unused;
	EXPECT(nice_of(0) == 7);
	EXPECT(sys(SYS_sched_getscheduler, 0) == SCHED_RR && level_of(0) == 3);
	execv(self_path(), argv);
	_exit(1);
}

static void parent_of_heir(void *unused)
{
	(void)unused;
	EXPECT(sys(SYS_setpriority, PRIO_PROCESS, 0, 7) == 0);
	EXPECT(set_policy(0, SCHED_RR, 3) == 0);
	EXPECT(child_status(child_sees, NULL) == 0);
}

int main(int argc, char **argv)
{
	struct gate gate = new_gate();
	pid_t child, gone;

	if (argc > 1 && !strcmp(argv[1], "inherited"))
		return !(nice_of(0) == 7 && sys(SYS_sched_getscheduler, 0) == SCHED_RR &&
			 level_of(0) == 3);

	gone = start_child(wait_for_gate, &gate);
	open_gate(&gate);
	wait_child(gone);
	child = start_child(wait_for_gate, &gate);
	ranges();
	policies(child);
	policy_errors(child, gone);
	nice_values(child, gone);
	ok_child(parent_of_heir, NULL, "nice, policy and level are inherited over fork and exec");
	open_gate(&gate);
	wait_child(child);
	free_gate(&gate);
	return done();
}
