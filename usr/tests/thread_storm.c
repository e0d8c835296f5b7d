/*
 * Threads that clone, end, signal each other, fork, exec and are stopped, at random, for seconds:
 * nothing may be lost, hang or be left behind.
 */
#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

enum { WORKERS = 6, PROCESSES = 3 };

struct shared {
	volatile unsigned long handled, sent, forked, executed, threads;
};

static struct shared *shared;
static uint64_t end_ns;
static volatile pid_t tids[WORKERS];

static unsigned next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(*seed >> 33);
}

static void count(volatile unsigned long *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void handler(int signal_number)
{
	(void)signal_number;
	count(&shared->handled);
}

static void *short_life(void *seed)
{
	uint64_t own = (uint64_t)seed;

	for (unsigned i = next(&own) % 4; i; i--)
		sched_yield();
	count(&shared->threads);
	return NULL;
}

static void make_thread(uint64_t *seed)
{
	pthread_attr_t small;
	pthread_t thread;
	bool joins = next(seed) % 2;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 16384);
	if (!joins)
		pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &small, short_life, (void *)(*seed | 1)))
		return;
	if (joins)
		EXPECT(pthread_join(thread, NULL) == 0);
}

static void signal_someone(uint64_t *seed)
{
	pid_t tid = tids[next(seed) % WORKERS];
	int number = next(seed) % 2 ? SIGUSR1 : SIGRTMIN;

	if (next(seed) % 4 == 0)
		EXPECT(kill(getpid(), number) == 0);
	else if (tid)
		sys(SYS_tgkill, getpid(), tid, number);
	count(&shared->sent);
}

static void make_process(uint64_t *seed)
{
	char *argv[] = { "thread_storm", "short", NULL };
	int kind = (int)(next(seed) % 4), status;
	pid_t child = kind == 3 ? vfork() : fork();

	if (child == 0) {
		if (kind == 1)
			make_thread(seed);
		if (kind >= 2)
			execv(self_path(), argv);
		_exit(kind);
	}
	if (child < 0)
		return;
	if (next(seed) % 4 == 0) {
		kill(child, SIGSTOP);
		kill(child, SIGCONT);
	}
	while (waitpid(child, &status, 0) < 0)
		EXPECT(errno == EINTR);
	EXPECT(WIFEXITED(status));
	EXPECT(WEXITSTATUS(status) == (kind < 2 ? kind : 33));
	count(kind < 2 ? &shared->forked : &shared->executed);
}

static void *work(void *argument)
{
	uint64_t seed = (uint64_t)argument;
	sigset_t set;

	tids[seed % WORKERS] = (pid_t)sys(SYS_gettid);
	seed = seed * 77 + (uint64_t)getpid();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	while (now_ns() < end_ns) {
		switch (next(&seed) % 8) {
		case 0:
			make_thread(&seed);
			break;
		case 1:
			make_process(&seed);
			break;
		case 2:
			pthread_sigmask(SIG_BLOCK, &set, NULL);
			sched_yield();
			pthread_sigmask(SIG_UNBLOCK, &set, NULL);
			break;
		case 3: {
			struct timespec nap = { .tv_nsec = next(&seed) % 2000000 };

			nanosleep(&nap, NULL);
			break;
		}
		default:
			signal_someone(&seed);
		}
	}
	return NULL;
}

/* Ends in one of three ways, with threads at work in two of them. */
static void storm(void *argument)
{
	long way = (long)argument;
	pthread_t threads[WORKERS];

	for (long i = 0; i < WORKERS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)(i + WORKERS * way)))
			bail("no thread");
	if (way == 1) {
		struct timespec nap = { .tv_nsec = 700000000 };

		while (nanosleep(&nap, &nap))
			;
		_exit(0);
	}
	for (int i = 0; i < WORKERS; i++)
		EXPECT(pthread_join(threads[i], NULL) == 0);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	uint64_t seconds = small_machine() ? 1 : argc > 1 ? decimal(argv[1]) : 2;
	pid_t children[PROCESSES];
	bool good = true;

	if (argc > 1 && !strcmp(argv[1], "short"))
		return 33;
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(shared == MAP_FAILED ? -1 : 0);
	must(sigaction(SIGUSR1, &action, NULL));
	must(sigaction(SIGRTMIN, &action, NULL));
	end_ns = now_ns() + seconds * 1000000000;
	for (long i = 0; i < PROCESSES; i++)
		children[i] = start_child(storm, (void *)i);
	must(nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL));
	for (int i = 0; i < 20; i++) {
		kill(children[0], SIGSTOP);
		sched_yield();
		kill(children[0], SIGCONT);
	}
	must(kill(children[PROCESSES - 1], SIGKILL));
	for (int i = 0; i < PROCESSES; i++) {
		int status = wait_child(children[i]), wanted = i == PROCESSES - 1 ? SIGKILL : 0;

		if (status != wanted) {
			good = false;
			diag("process %d: status 0x%x", i, (unsigned)status);
		}
	}
	ok(good, "the processes end as they should");
	ok(shared->handled > 0 && shared->forked > 0 && shared->executed > 0 && shared->threads > 0,
	   "all of it was done");
	diag("%lu signals handled, %lu forks, %lu execs, %lu threads", shared->handled,
	     shared->forked, shared->executed, shared->threads);
	return done();
}
