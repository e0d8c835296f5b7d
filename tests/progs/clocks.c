/*
 * clocks SECONDS: how far the clocks run apart.
 *
 * Sleeps through so many seconds, one tick at a time (a short sleep ends with the next
 * tick), and prints what the time-stamp counter, both clocks and the ticks say has passed. As
 * process 1 it powers the machine off.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ull

struct sample {
	uint64_t tsc, monotonic, realtime;
};

static uint64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

static struct sample next_tick(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	return (struct sample){ __builtin_ia32_rdtsc(), read_clock(CLOCK_MONOTONIC),
				read_clock(CLOCK_REALTIME) };
}

int main(int argc, char **argv)
{
	uint64_t span = (argc > 1 ? strtoull(argv[1], NULL, 10) : 1) * SECOND, ticks = 0;
	struct sample start = next_tick(), now;

	do {
		now = next_tick();
		ticks++;
	} while (now.monotonic - start.monotonic < span);
	printf("clocks: tsc=%llu monotonic=%llu realtime=%llu ticks=%llu date=%llu\n",
	       (unsigned long long)(now.tsc - start.tsc),
	       (unsigned long long)(now.monotonic - start.monotonic),
	       (unsigned long long)(now.realtime - start.realtime), (unsigned long long)ticks,
	       (unsigned long long)(now.realtime / SECOND));
	fflush(stdout);
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	return 0;
}
