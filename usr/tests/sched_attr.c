/*
 * sched_setattr(2) and sched_getattr(2), SCHED_RESET_ON_FORK, ioprio_set(2), and nice values of
 * many threads: sizes, flags, errors, and what a user without rights may do.
 */
#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#define WILD 8L
#define RESET_ON_FORK 1
#define KEEP_POLICY 8
#define KEEP_PARAMS 16

struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t least, most;
	uint64_t beyond[8];
};

static long get(struct attributes *attributes)
{
	memset(attributes, 0xee, sizeof(*attributes));
	return sys(SYS_sched_getattr, 0, attributes, 56, 0);
}

static long set(struct attributes attributes)
{
	return sys(SYS_sched_setattr, 0, &attributes, 0);
}

static void asking(void)
{
	struct attributes told;

	ok_equal(get(&told), 0, "sched_getattr");
	ok(told.size == 56 && told.policy == SCHED_OTHER && told.flags == 0 && told.nice == 0 &&
		   told.priority == 0,
	   "says what one starts as");
	memset(&told, 0xee, sizeof(told));
	ok_equal(sys(SYS_sched_getattr, 0, &told, 48, 0), 0, "in the first form of 48 bytes");
	ok(told.size == 48 && told.least == 0xeeeeeeee, "which are all that is written");
	memset(&told, 0xee, sizeof(told));
	ok_equal(sys(SYS_sched_getattr, 0, &told, 100, 0), 0, "in 100 bytes");
	ok_equal(told.size, 56, "of which 56 are known");
	ok_equal(sys(SYS_sched_getattr, 0, &told, 47, 0), -EINVAL, "47 are too few: EINVAL");
	ok_equal(sys(SYS_sched_getattr, 0, &told, 4097, 0), -EINVAL, "4,097 too many: EINVAL");
	ok_equal(sys(SYS_sched_getattr, 0, &told, 56, 1), -EINVAL, "a flag: EINVAL");
	ok_equal(sys(SYS_sched_getattr, -1, &told, 56, 0), -EINVAL, "thread -1: EINVAL");
	ok_equal(sys(SYS_sched_getattr, 0x7fffff0, &told, 56, 0), -ESRCH, "nobody: ESRCH");
	ok_equal(sys(SYS_sched_getattr, 0, 0, 56, 0), -EINVAL, "NULL: EINVAL");
	ok_equal(sys(SYS_sched_getattr, 0, WILD, 56, 0), -EFAULT, "nowhere: EFAULT");
}

static void wrong_sizes(void)
{
	struct attributes wanted = { .size = 47 };

	ok_equal(sys(SYS_sched_setattr, 0, &wanted, 0), -E2BIG, "47 bytes to set: E2BIG");
	ok_equal(wanted.size, 56, "which says how many there are");
	wanted = (struct attributes){ .size = 5000 };
	ok_equal(sys(SYS_sched_setattr, 0, &wanted, 0), -E2BIG, "more than a page: E2BIG");
	wanted = (struct attributes){ .size = sizeof(wanted) };
	ok_equal(sys(SYS_sched_setattr, 0, &wanted, 0), 0, "zeros beyond are nothing");
	wanted.beyond[7] = 1;
	ok_equal(sys(SYS_sched_setattr, 0, &wanted, 0), -E2BIG, "anything else is E2BIG");
	ok_equal(set((struct attributes){ .size = 0 }), 0, "size 0 is the first form's");
	ok_equal(sys(SYS_sched_setattr, 0, 0, 0), -EINVAL, "NULL: EINVAL");
	ok_equal(sys(SYS_sched_setattr, 0, WILD, 0), -EFAULT, "nowhere: EFAULT");
	wanted = (struct attributes){ .size = 56 };
	ok_equal(sys(SYS_sched_setattr, 0, &wanted, 1), -EINVAL, "a flag: EINVAL");
	ok_equal(sys(SYS_sched_setattr, -1, &wanted, 0), -EINVAL, "thread -1: EINVAL");
	ok_equal(sys(SYS_sched_setattr, 0x7fffff0, &wanted, 0), -ESRCH, "nobody: ESRCH");
}

static void setting(void)
{
	struct attributes told;

	ok_equal(set((struct attributes){ .size = 56, .nice = 5 }), 0, "a nice value is set");
	ok(get(&told) == 0 && told.nice == 5, "and told");
	ok_equal(sys(SYS_getpriority, 0, 0), 15, "by getpriority too");
	ok_equal(set((struct attributes){ .size = 56, .nice = 99 }), 0, "one beyond the range");
	ok(get(&told) == 0 && told.nice == 19, "is its end");
	ok_equal(set((struct attributes){ .size = 56, .policy = SCHED_BATCH, .nice = -7 }), 0,
		 "SCHED_BATCH");
	ok(get(&told) == 0 && told.policy == SCHED_BATCH && told.nice == -7, "has one");
	ok_equal(set((struct attributes){ .size = 56, .policy = SCHED_FIFO, .priority = 9 }), 0,
		 "SCHED_FIFO");
	ok(get(&told) == 0 && told.priority == 9 && told.nice == 0, "has a priority in its place");
	ok_equal(set((struct attributes){ .size = 56, .flags = KEEP_POLICY, .priority = 3 }), 0,
		 "KEEP_POLICY");
	ok(get(&told) == 0 && told.policy == SCHED_FIFO && told.priority == 3, "keeps it");
	ok_equal(set((struct attributes){ .size = 56, .policy = SCHED_RR, .flags = KEEP_PARAMS }),
		 0, "KEEP_PARAMS");
	ok(get(&told) == 0 && told.policy == SCHED_FIFO && told.priority == 3,
	   "keeps the policy as well");
	ok_equal(set((struct attributes){ .size = 56, .policy = SCHED_RR }), -EINVAL,
		 "priority 0 of SCHED_RR: EINVAL");
	ok_equal(set((struct attributes){ .size = 56, .policy = SCHED_RR, .priority = 100 }),
		 -EINVAL, "100: EINVAL");
	ok_equal(set((struct attributes){ .size = 56, .priority = 1 }), -EINVAL,
		 "1 of SCHED_OTHER: EINVAL");
	ok_equal(set((struct attributes){ .size = 56, .policy = 4 }), -EINVAL, "policy 4: EINVAL");
	ok_equal(set((struct attributes){ .size = 56, .policy = 0x80000000 }), -EINVAL,
		 "a negative one: EINVAL");
	ok_equal(set((struct attributes){ .size = 56, .flags = 1ull << 40 }), -EINVAL,
		 "an unknown flag: EINVAL");
	ok_equal(set((struct attributes){ .size = 56, .flags = 1ull << 30 }), -EINVAL,
		 "another: EINVAL");
	ok_equal(set((struct attributes){ .size = 56, .nice = 0 }), 0, "and back");
}

static void was_reset(void *nice)
{
	struct attributes told;

	EXPECT(get(&told) == 0 && told.policy == SCHED_OTHER && told.flags == 0);
	EXPECT(told.nice == *(int *)nice);
}

static void reset_on_fork(void)
{
	int level = 5, zero = 0, eleven = 11;
	struct attributes told;

	ok_equal(sys(SYS_sched_setscheduler, 0, SCHED_FIFO | 0x40000000, &level), 0,
		 "SCHED_FIFO with SCHED_RESET_ON_FORK");
	ok_equal(sys(SYS_sched_getscheduler, 0), SCHED_FIFO | 0x40000000, "are told together");
	ok(get(&told) == 0 && told.flags == RESET_ON_FORK, "or as a flag");
	ok_child(was_reset, &zero, "a child is SCHED_OTHER");
	ok_equal(set((struct attributes){ .size = 56, .flags = RESET_ON_FORK, .nice = -9 }), 0,
		 "of a nice value below 0");
	ok_child(was_reset, &zero, "it gets 0");
	ok_equal(set((struct attributes){ .size = 56, .flags = RESET_ON_FORK, .nice = 11 }), 0,
		 "of one above");
	ok_child(was_reset, &eleven, "that one");
	ok_equal(set((struct attributes){ .size = 56 }), 0, "and back");
	ok(get(&told) == 0 && told.flags == 0, "without");
}

static void as_user(void *other)
{
	struct rlimit none = { 0, 0 }, some = { 0, 20 };
	struct attributes wanted = { .size = 56, .nice = 3 };
	int zero = 0;

	bool raised;

	must(setrlimit(RLIMIT_RTPRIO, &none));
	raised = setrlimit(RLIMIT_NICE, &some) == 0; /* there are roots that may not */
	must(sys(SYS_sched_setscheduler, 0, SCHED_OTHER | 0x40000000, &zero));
	must(setresuid(1000, 1000, 1000));
	EXPECT(set(wanted) == -EPERM); /* RESET_ON_FORK would be lost */
	wanted.flags = RESET_ON_FORK;
	EXPECT(set(wanted) == 0);
	wanted.nice = 2;
	EXPECT(set(wanted) == -EPERM);
	EXPECT(sys(SYS_setpriority, 0, 0, 2) == -EACCES);
	some.rlim_cur = 18;
	if (raised) {
		must(setrlimit(RLIMIT_NICE, &some));
		EXPECT(set(wanted) == 0);
		wanted.nice = 1;
		EXPECT(set(wanted) == -EPERM);
	}
	EXPECT(set((struct attributes){
		       .size = 56, .policy = SCHED_FIFO, .priority = 1, .flags = RESET_ON_FORK }) ==
	       -EPERM);
	wanted.nice = 4;
	EXPECT(sys(SYS_sched_setattr, *(pid_t *)other, &wanted, 0) == -EPERM);
	EXPECT(sys(SYS_setpriority, 0, *(pid_t *)other, 10) == -EPERM);
	EXPECT(set((struct attributes){
		       .size = 56, .policy = SCHED_IDLE, .flags = RESET_ON_FORK }) == 0);
	some.rlim_cur = 0;
	if (raised)
		must(setrlimit(RLIMIT_NICE, &some));
	EXPECT(set(wanted) == -EPERM); /* out of SCHED_IDLE again */
}

static void waits(void *gate)
{
	pass_gate(gate);
}

static void users(void)
{
	struct gate gate = new_gate();
	pid_t other = start_child(waits, &gate);

	ok_child(as_user, &other, "what a user may not do without RLIMIT_NICE and RLIMIT_RTPRIO");
	open_gate(&gate);
	wait_child(other);
	free_gate(&gate);
}

static void *has_nice(void *gates)
{
	struct gate *gate = gates;
	long nice;

	must(sys(SYS_setpriority, PRIO_PROCESS, 0, 7));
	open_gate(&gate[0]);
	pass_gate(&gate[1]);
	nice = 20 - sys(SYS_getpriority, PRIO_PROCESS, 0);
	return (void *)nice;
}

static void group_of_threads(void *unused)
{
	struct gate gates[2] = { new_gate(), new_gate() };
	pthread_t thread;
	void *nice;

	(void)unused;
	must(setpgid(0, 0));
	EXPECT(pthread_create(&thread, NULL, has_nice, gates) == 0);
	pass_gate(&gates[0]);
	EXPECT(sys(SYS_getpriority, PRIO_PROCESS, 0) == 20);
	must(sys(SYS_setpriority, PRIO_PROCESS, 0, 9));
	EXPECT(sys(SYS_getpriority, PRIO_PGRP, 0) == 20 - 7);
	must(sys(SYS_setpriority, PRIO_PGRP, 0, 12));
	open_gate(&gates[1]);
	EXPECT(pthread_join(thread, &nice) == 0 && (long)nice == 12);
	EXPECT(sys(SYS_getpriority, PRIO_PROCESS, 0) == 20 - 12);
}

#define IO(class, level) ((class) << 13 | (level))

static void io_child(void *unused)
{
	(void)unused;
	EXPECT(sys(SYS_ioprio_get, 1, 0) == IO(2, 6));
	must(setpgid(0, 0));
	EXPECT(sys(SYS_ioprio_set, 2, 0, IO(2, 1)) == 0);
	EXPECT(sys(SYS_ioprio_get, 2, 0) == IO(2, 1));
	must(setresuid(1000, 1000, 1000));
	EXPECT(sys(SYS_ioprio_set, 1, 0, IO(1, 1)) == -EPERM);
	EXPECT(sys(SYS_ioprio_set, 1, 0, IO(3, 0)) == 0);
	EXPECT(sys(SYS_ioprio_set, 1, getppid(), IO(2, 1)) == -EPERM);
}

static void io_priorities(void)
{
	if (sys(SYS_ioprio_get, 1, 0) == -ENOSYS) {
		skip("Linux without block devices has no ioprio_get");
		return;
	}
	ok_equal(sys(SYS_ioprio_set, 1, 0, IO(2, 6)), 0, "the priority of input and output is set");
	ok_equal(sys(SYS_ioprio_get, 1, 0), IO(2, 6), "and told");
	ok_equal(sys(SYS_ioprio_get, 1, getpid()), IO(2, 6), "by pid too");
	ok_child(io_child, NULL, "a child has it, and a user may not raise it");
	ok_equal(sys(SYS_ioprio_set, 1, 0, IO(1, 3)), 0, "root may have real time");
	ok_equal(sys(SYS_ioprio_set, 1, 0, IO(5, 0)), -EINVAL, "class 5: EINVAL");
	ok_equal(sys(SYS_ioprio_set, 4, 0, IO(2, 0)), -EINVAL, "who is 4? EINVAL");
	ok_equal(sys(SYS_ioprio_get, 0, 0), -EINVAL, "or 0? EINVAL");
	ok_equal(sys(SYS_ioprio_get, 1, 0x7fffff0), -ESRCH, "nobody: ESRCH");
	ok_equal(sys(SYS_ioprio_set, 1, 0x7fffff0, IO(2, 0)), -ESRCH, "to set it too");
	ok_equal(sys(SYS_ioprio_set, 1, 0, IO(0, 0)), 0, "and back");
}

int main(void)
{
	asking();
	wrong_sizes();
	setting();
	reset_on_fork();
	users();
	ok_child(group_of_threads, NULL, "a group's nice value is that of all its threads");
	io_priorities();
	return done();
}
