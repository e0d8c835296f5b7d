/*
 * What pthread programs leave behind: robust mutexes, cancellation, keys and thread-local memory.
 * pthreads(7).
 */
#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

enum { THREADS = 8, ROUNDS = 500 };

static pthread_t threads[THREADS];
static volatile int ready;

static void start_all(void *(*body)(void *))
{
	ready = 0;
	for (long i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, body, (void *)i))
			bail("no thread");
}

static long join_all(void)
{
	long results = 0;

	for (int i = 0; i < THREADS; i++) {
		void *result;

		if (pthread_join(threads[i], &result))
			bail("no join");
		results += (long)result;
	}
	return results;
}

/* --- robust mutexes, and those that processes share --- */

static void *dies_with_it(void *robust)
{
	pthread_mutex_lock(robust);
	return NULL;
}

static void dies_in_process(void *robust)
{
	EXPECT(pthread_mutex_lock(robust) == 0);
	raise(SIGKILL);
}

static void adds_in_process(void *shared)
{
	pthread_mutex_t *common = shared;
	volatile long *number = (volatile long *)(common + 1);

	for (int i = 0; i < ROUNDS; i++) {
		EXPECT(pthread_mutex_lock(common) == 0);
		++*number;
		if (i % 32 == 0)
			sched_yield();
		EXPECT(pthread_mutex_unlock(common) == 0);
	}
}

static void robust(void)
{
	pthread_mutex_t *common = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0),
			own;
	pthread_mutexattr_t kind;
	pthread_t thread;
	pid_t children[4];
	int failed = 0;

	pthread_mutexattr_init(&kind);
	pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&own, &kind);
	if (pthread_create(&thread, NULL, dies_with_it, &own))
		bail("no thread");
	pthread_join(thread, NULL);
	ok_equal(pthread_mutex_lock(&own), EOWNERDEAD, "a robust mutex tells that its owner ended");
	ok_equal(pthread_mutex_consistent(&own), 0, "is made consistent");
	ok_equal(pthread_mutex_unlock(&own), 0, "and unlocked");
	pthread_create(&thread, NULL, dies_with_it, &own);
	pthread_join(thread, NULL);
	ok_equal(pthread_mutex_lock(&own), EOWNERDEAD, "if it is not made so");
	pthread_mutex_unlock(&own);
	ok_equal(pthread_mutex_lock(&own), ENOTRECOVERABLE, "nobody gets it any more");
	pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(common, &kind);
	wait_child(start_child(dies_in_process, common));
	ok_equal(pthread_mutex_lock(common), EOWNERDEAD, "a process that was killed too");
	pthread_mutex_consistent(common);
	pthread_mutex_unlock(common);
	for (size_t i = 0; i < ARRAY_SIZE(children); i++)
		children[i] = start_child(adds_in_process, common);
	for (size_t i = 0; i < ARRAY_SIZE(children); i++)
		failed += wait_child(children[i]) != 0;
	ok(!failed && *(long *)(common + 1) == 4L * ROUNDS, "a shared mutex keeps processes apart");
	munmap(common, PAGE);
}

/* --- cancellation, keys, memory of a thread's own --- */

static volatile int cleaned, destroyed;

static void clean(void *amount)
{
	cleaned += (int)(long)amount;
}

static void *is_cancelled(void *asleep)
{
	pthread_cleanup_push(clean, (void *)1L);
	pthread_cleanup_push(clean, (void *)10L);
	ready = 1;
	if (asleep)
		for (;;)
			pause();
	for (;;)
		pthread_testcancel();
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *cannot_be(void *unused)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	ready = 1;
	for (int i = 0; i < 50; i++)
		sched_yield();
	return unused;
}

static void *at_once(void *unused)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	ready = 1;
	for (;;)
		__asm__ volatile("" : : : "memory");
	return unused;
}

static void *cancelled(void *(*body)(void *), void *argument)
{
	pthread_t thread;
	void *result;

	ready = cleaned = 0;
	if (pthread_create(&thread, NULL, body, argument))
		bail("no thread");
	while (!ready)
		sched_yield();
	pthread_cancel(thread);
	pthread_join(thread, &result);
	return result;
}

static pthread_key_t key;
static __thread long mine = 5;

static void destroy(void *value)
{
	destroyed += (int)(long)value;
}

static void *has_its_own(void *own)
{
	long wrong = mine != 5;

	mine = (long)own;
	pthread_setspecific(key, (void *)1L);
	for (int i = 0; i < 100; i++) {
		sched_yield();
		wrong += mine != (long)own || pthread_getspecific(key) != (void *)1L;
	}
	return (void *)wrong;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int onces;

static void do_once(void)
{
	sched_yield();
	onces++;
}

static void *does_once(void *unused)
{
	pthread_once(&once, do_once);
	(void)unused;
	return (void *)(long)(onces != 1);
}

static void own(void)
{
	ok(cancelled(is_cancelled, (void *)1L) == PTHREAD_CANCELED && cleaned == 11,
	   "a sleeping thread is cancelled and cleans up");
	ok(cancelled(is_cancelled, NULL) == PTHREAD_CANCELED && cleaned == 11, "one that asks too");
	ok(cancelled(cannot_be, NULL) == NULL, "one that forbids it is not");
	ok(cancelled(at_once, NULL) == PTHREAD_CANCELED, "one that computes is, if it allows it");
	pthread_key_create(&key, destroy);
	start_all(has_its_own);
	ok_equal(join_all(), 0, "each thread has its own memory");
	ok(mine == 5 && destroyed == THREADS, "which is given back at its end");
	start_all(does_once);
	ok(join_all() == 0 && onces == 1, "pthread_once does it once");
}

int main(void)
{
	robust();
	own();
	return done();
}
