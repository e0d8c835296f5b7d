/*
 * select and pselect6: three sets, their words, timeouts, masks, errors (select(2)).
 */
#include "tap.h"

#include <sys/mman.h>
#include <sys/select.h>

#define MS 1000000ul

static int ends[2];

static bool has(const fd_set *set, int fd)
{
	return FD_ISSET(fd, set);
}

static fd_set only(int fd)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return set;
}

static void sets(void)
{
	struct timeval none = { 0, 0 };
	fd_set reads, writes, others;
	int highest, high;
	char byte;

	must(pipe(ends));
	highest = ends[1] + 1;
	reads = only(ends[0]);
	writes = only(ends[1]);
	others = only(ends[0]);
	ok_equal(select(highest, &reads, &writes, &others, &none), 1,
		 "an empty pipe: one is ready");
	ok(!has(&reads, ends[0]) && has(&writes, ends[1]) && !has(&others, ends[0]),
	   "the writing end");
	must(write(ends[1], "x", 1));
	reads = only(ends[0]);
	FD_SET(ends[1], &reads);
	ok_equal(select(highest, &reads, &writes, NULL, &none), 2, "with a byte both are");
	ok(has(&reads, ends[0]) && !has(&reads, ends[1]), "each in its set");
	reads = only(ends[0]);
	ok_equal(select(ends[0], &reads, NULL, NULL, &none), 0, "those below the count are asked");
	high = (int)must(dup2(ends[0], 200));
	reads = only(high);
	ok_equal(select(high + 1, &reads, NULL, NULL, &none), 1, "a high number");
	ok(has(&reads, high), "is found");
	must(read(ends[0], &byte, 1));
	ok_equal(select(high + 1, &reads, NULL, NULL, &none), 0, "read empty it is not ready");
	ok(!has(&reads, high), "and taken out of its set");
	reads = only(ends[0]);
	writes = only(ends[1]);
	close(ends[1]);
	ok_equal(select(highest, &reads, NULL, NULL, &none), 1, "end of file is something to read");
	ok_errno(select(highest, NULL, &writes, NULL, &none), EBADF, "what is not open: EBADF");
	close(high);
	close(ends[0]);
	must(pipe(ends));
	close(ends[0]);
	writes = only(ends[1]);
	reads = only(ends[1]);
	ok_equal(select(highest, &reads, &writes, NULL, &none), 2,
		 "no readers: both, by the error");
	close(ends[1]);
}

static void times(void)
{
	struct timeval wait = { 0, 20000 };
	struct timespec exact = { 0, 10 * MS };
	fd_set reads;
	uint64_t start = now_ns();

	must(pipe(ends));
	reads = only(ends[0]);
	ok_equal(sys(SYS_select, ends[0] + 1, &reads, NULL, NULL, &wait), 0, "20 ms pass");
	ok(now_ns() - start >= 20 * MS, "not less");
	ok(wait.tv_sec == 0 && wait.tv_usec == 0, "nothing is left of them");
	start = now_ns();
	ok_equal(sys(SYS_pselect6, 0, NULL, NULL, NULL, &exact, NULL), 0, "pselect6 as a sleep");
	ok(now_ns() - start >= 10 * MS, "of 10 ms");
	wait = (struct timeval){ 1000, 0 };
	must(write(ends[1], "x", 1));
	reads = only(ends[0]);
	ok_equal(sys(SYS_select, ends[0] + 1, &reads, NULL, NULL, &wait), 1, "ready at once");
	ok_equal(wait.tv_sec, 999, "almost all is left");
	wait = (struct timeval){ 0, 200000000 };
	ok_equal(sys(SYS_select, ends[0] + 1, &reads, NULL, NULL, &wait), 1, "200,000,000 us");
	ok_equal(wait.tv_sec, 199, "are 200 s");
	wait = (struct timeval){ -1, 0 };
	ok_equal(sys(SYS_select, 0, NULL, NULL, NULL, &wait), -EINVAL, "a negative time is EINVAL");
	exact = (struct timespec){ 0, 1000000000 };
	ok_equal(sys(SYS_pselect6, 0, NULL, NULL, NULL, &exact, NULL), -EINVAL, "10^9 ns too");
	close(ends[0]);
	close(ends[1]);
}

static void errors(void)
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	struct timeval none = { 0, 0 };
	uint64_t packed[2] = { 16, 8 }, mask = 0;

	ok_equal(sys(SYS_select, -1, NULL, NULL, NULL, &none), -EINVAL, "a negative count");
	ok_equal(sys(SYS_select, 1, 16, NULL, NULL, &none), -EFAULT, "a wild set");
	ok_equal(sys(SYS_select, 1, NULL, 16, NULL, &none), -EFAULT, "the second");
	ok_equal(sys(SYS_select, 1, NULL, NULL, 16, &none), -EFAULT, "the third");
	ok_equal(sys(SYS_select, 0, NULL, NULL, NULL, 16), -EFAULT, "a wild time");
	ok_equal(sys(SYS_select, 64, pages, NULL, NULL, &none), 0, "an empty set");
	must(mprotect(pages + PAGE, PAGE, PROT_NONE));
	ok_equal(sys(SYS_select, 64, pages + PAGE - 8, NULL, NULL, &none), 0, "up to a page's end");
	ok_equal(sys(SYS_select, 65, pages + PAGE - 8, NULL, NULL, &none), -EFAULT, "and beyond");
	must(mprotect(pages, PAGE, PROT_READ));
	ok_equal(sys(SYS_select, 1, pages, NULL, NULL, &none), -EFAULT, "a read-only set");
	ok_equal(sys(SYS_pselect6, 0, NULL, NULL, NULL, &none, packed), -EFAULT, "a wild mask");
	packed[0] = (uint64_t)&mask;
	packed[1] = 4;
	ok_equal(sys(SYS_pselect6, 0, NULL, NULL, NULL, &none, packed), -EINVAL, "one of 4 bytes");
	ok_equal(sys(SYS_pselect6, 0, NULL, NULL, NULL, &none, 16), -EFAULT, "a wild pair");
	munmap(pages, 2 * PAGE);
}

static volatile sig_atomic_t signals;

static void count_signal(int signal)
{
	(void)signal;
	signals++;
}

static void masked(void *unused)
{
	struct sigaction action = { .sa_handler = count_signal };
	uint64_t blocked = 1ul << (SIGUSR1 - 1), mask = 0;
	uint64_t packed[2] = { (uint64_t)&mask, 8 };
	fd_set reads = only(ends[0]);

	(void)unused;
	must(sigaction(SIGUSR1, &action, NULL));
	must(sys(SYS_rt_sigprocmask, SIG_BLOCK, &blocked, NULL, 8));
	raise(SIGUSR1);
	EXPECT(sys(SYS_pselect6, ends[0] + 1, &reads, NULL, NULL, NULL, packed) == -EINTR);
	EXPECT(signals == 1 && has(&reads, ends[0]));
	EXPECT(sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8) == 0 && mask == blocked);
}

static void wait_readable(void *unused)
{
	fd_set reads = only(ends[0]);

	(void)unused;
	EXPECT(select(ends[0] + 1, &reads, NULL, NULL, NULL) == 1 && has(&reads, ends[0]));
}

static void waiting(void)
{
	pid_t child;

	must(pipe(ends));
	child = start_child(wait_readable, NULL);
	ok(await_state(child, 'S'), "select waits");
	must(kill(child, SIGSTOP));
	ok(await_state(child, 'T'), "can be stopped");
	must(kill(child, SIGCONT));
	ok(await_state(child, 'S'), "waits on");
	must(write(ends[1], "x", 1));
	ok_equal(wait_child(child), 0, "and is woken");
	close(ends[0]);
	close(ends[1]);
	must(pipe(ends));
	ok_child(masked, NULL, "pselect6's mask holds for the call alone, and the sets stay");
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	sets();
	times();
	errors();
	waiting();
	return done();
}
