/*
 * Time and memory that are accounted: getrusage, times and what wait tells of the dead
 * (getrusage(2), times(2)).
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/times.h>

static long microseconds(const struct timeval *time)
{
	return time->tv_sec * 1000000 + time->tv_usec;
}

static long used(int who)
{
	struct rusage usage;

	must(sys(SYS_getrusage, who, &usage) ? -1 : 0);
	return microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime);
}

/* Works until it has used so much: its own account, so that competition does not matter. */
static void work(long us)
{
	uint64_t start = now_ns();
	long before = used(RUSAGE_SELF);

	while (used(RUSAGE_SELF) - before < us && now_ns() - start < 5000000000)
		for (volatile int i = 0; i < 20000; i++)
			;
}

static void work_12_ms(void *unused)
{
	(void)unused;
	work(12000);
}

static void work_in_grandchild(void *unused)
{
	(void)unused;
	EXPECT(child_status(work_12_ms, NULL) == 0);
	EXPECT(used(RUSAGE_CHILDREN) >= 12000);
}

static void self(void)
{
	long before = used(RUSAGE_SELF), last = before;
	bool forward = true;

	for (int i = 0; i < 200; i++) {
		long now = used(RUSAGE_SELF);

		forward = forward && now >= last;
		last = now;
	}
	ok(forward, "time used never goes back");
	work(10000);
	ok(used(RUSAGE_SELF) - before >= 10000, "work is accounted");

	uint64_t start = now_ns();
	struct timespec nap = { 0, 60000000 };

	before = used(RUSAGE_SELF);
	sys(SYS_nanosleep, &nap, NULL);
	ok(now_ns() - start >= 60000000 && used(RUSAGE_SELF) - before < 30000, "sleep is not");
}

static void children(void)
{
	struct rusage usage;
	long before = used(RUSAGE_CHILDREN), own = used(RUSAGE_SELF);
	pid_t child = start_child(work_12_ms, NULL);
	int status;

	ok(await_state(child, 'Z'), "a child works and ends");
	ok_equal(used(RUSAGE_CHILDREN), before, "its time does not count before wait");
	ok_equal(wait4(child, &status, 0, &usage), child, "wait4 collects it");
	ok(microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime) >= 12000,
	   "and tells its time");
	ok(used(RUSAGE_CHILDREN) - before >= 12000, "which then counts with the children's");
	ok(used(RUSAGE_SELF) - own < 5000000, "not with one's own");
	before = used(RUSAGE_CHILDREN);
	ok_child(work_in_grandchild, NULL, "a grandchild works");
	ok(used(RUSAGE_CHILDREN) - before >= 12000, "its time comes up through its parent");
}

static void clock_ticks(void)
{
	struct tms before, after;
	long first = sys(SYS_times, &before), last;

	work(40000);
	last = sys(SYS_times, &after);
	ok(last > first, "times returns a clock that goes on");
	ok(after.tms_utime + after.tms_stime >= before.tms_utime + before.tms_stime + 3,
	   "40 ms are about 4 ticks of 100 Hz");
	ok(after.tms_cutime + after.tms_cstime >= 1, "children's too");
	ok(sys(SYS_times, NULL) >= last, "a NULL pointer asks for the clock only");
}

static void touch_a_lot(void *unused)
{
	char *block = mmap(NULL, 512 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	(void)unused;
	EXPECT(block != MAP_FAILED);
	memset(block, 1, 512 * PAGE);
	munmap(block, 512 * PAGE);
}

static void memory(void)
{
	struct rusage before, after;

	must(getrusage(RUSAGE_SELF, &before));
	touch_a_lot(NULL);
	must(getrusage(RUSAGE_SELF, &after));
	ok(after.ru_minflt - before.ru_minflt >= 32, "page faults are counted");
	ok(after.ru_maxrss >= 2048, "and the most memory that was resident");
	ok_equal(sys(SYS_getrusage, 99, &after), -EINVAL, "an unknown whose is EINVAL");
	ok_child(touch_a_lot, NULL, "a child uses memory");
}

int main(void)
{
	self();
	children();
	clock_ticks();
	memory();
	return done();
}
