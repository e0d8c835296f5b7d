/*
 * What timer_create and timer_settime refuse, and pointers that are not what they seem.
 */
#include "posix_timers.h"

#include <sys/mman.h>

static void bad_events(void)
{
	struct event event = { .signal = RT, .notify = NOTIFY_THREAD_ID, .tid = getppid() };
	int id;

	ok_equal(sys(SYS_timer_create, CLOCK_MONOTONIC, &event, &id), -EINVAL,
		 "a thread of another process");
	event.tid = 0x7fffffff;
	ok_equal(sys(SYS_timer_create, CLOCK_MONOTONIC, &event, &id), -EINVAL, "or of none");
	ok_equal(create(CLOCK_MONOTONIC, 3, RT, 0), -EINVAL, "an unknown way to tell");
	ok_equal(create(CLOCK_MONOTONIC, 99, RT, 0), -EINVAL, "another one");
	ok_equal(create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, 0, 0), -EINVAL, "no signal");
	ok_equal(create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, 65, 0), -EINVAL, "a signal too high");
	ok_equal(create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, -1, 0), -EINVAL, "and too low");
	ok_equal(create(99, NOTIFY_SIGNAL, RT, 0), -EINVAL, "an unknown clock");
	ok_equal(create(CLOCK_MONOTONIC_RAW, NOTIFY_SIGNAL, RT, 0), -EOPNOTSUPP, "a raw one");
	ok_equal(create(CLOCK_REALTIME_COARSE, NOTIFY_SIGNAL, RT, 0), -EOPNOTSUPP, "a coarse one");
	ok_equal(create(cpu_clock(0x3ffffff, SCHED), NOTIFY_SIGNAL, RT, 0), -EINVAL,
		 "a process's that is not there");
}

static void bad_settings(void)
{
	static const struct setting bad[] = {
		{ { 0, 0 }, { 0, SECOND } }, { { 0, 0 }, { 0, -1 } }, { { 0, 0 }, { -1, 0 } },
		{ { 0, SECOND }, { 1, 0 } }, { { 0, -1 }, { 1, 0 } }, { { -1, 0 }, { 1, 0 } },
	};
	static const struct setting soon = { { 0, 0 }, { 5, 0 } };
	static const struct setting longest = { { INT64_MAX, 0 }, { 5, 0 } };
	int id = create(CLOCK_MONOTONIC, NOTIFY_SIGNAL, RT, 0);
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	struct setting *split = (void *)(pages + PAGE - 8);

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		ok_equal(sys(SYS_timer_settime, id, 0, &bad[i], NULL), -EINVAL,
			 "a value that is no time is EINVAL, %lu", (unsigned long)i);
	ok_equal(left_ns(id), 0, "none of them set it");
	ok_equal(sys(SYS_timer_settime, id, 0, NULL, NULL), -EINVAL, "no value is EINVAL");
	ok_equal(set(12345, MS, 0, 0), -EINVAL, "a number that is no timer's is EINVAL");
	ok_equal(set(-1, MS, 0, 0), -EINVAL, "a negative one too");
	must(sys(SYS_timer_settime, id, 0, &longest, NULL));
	must(sys(SYS_timer_gettime, id, split));
	ok(split->interval.tv_sec == INT64_MAX / SECOND &&
		   split->interval.tv_nsec == INT64_MAX % SECOND,
	   "the longest interval is what 63 bits of nanoseconds tell");
	*split = (struct setting){ { 3, 0 }, { 100, 0 } };
	ok_equal(sys(SYS_timer_settime, id, 0, split, NULL), 0, "a value may cross a page");
	memset(split, 0, sizeof(*split));
	ok_equal(sys(SYS_timer_gettime, id, split), 0, "in both directions");
	ok(split->interval.tv_sec == 3 && split->value.tv_sec >= 90, "it is what was set");
	must(mprotect(pages, PAGE, PROT_READ));
	ok_equal(sys(SYS_timer_gettime, id, pages), -EFAULT, "into a page that may be read only");
	ok_equal(sys(SYS_timer_gettime, id, NULL), -EFAULT, "or nowhere");
	ok_equal(set(id, 100 * SECOND, 0, 0), 0, "it is set still");
	ok_equal(sys(SYS_timer_settime, id, 0, &soon, pages), -EFAULT,
		 "an old value into such a page");
	ok(left_ns(id) <= 5 * SECOND, "comes too late to set nothing");
	sys(SYS_timer_delete, id);
	munmap(pages, 2 * PAGE);
}

int main(void)
{
	bad_events();
	bad_settings();
	return done();
}
