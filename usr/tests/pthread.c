/*
 * What pthread programs are made of: mutexes of each kind, conditions, read-write locks, barriers
 * and semaphores. pthreads(7). The rest: pthread_own.c.
 */
#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

enum { THREADS = 8, ROUNDS = 500 };

static pthread_t threads[THREADS];
static volatile int ready;
static long sum;

static void start_all(void *(*body)(void *))
{
	ready = 0;
	sum = 0;
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

static struct timespec soon(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	time.tv_nsec += 30000000;
	if (time.tv_nsec >= 1000000000) {
		time.tv_nsec -= 1000000000;
		time.tv_sec++;
	}
	return time;
}

/* --- mutexes --- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *adds_locked(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		long before;

		pthread_mutex_lock(&mutex);
		before = *(volatile long *)&sum;
		if (i % 16 == 0)
			sched_yield();
		*(volatile long *)&sum = before + 1;
		pthread_mutex_unlock(&mutex);
	}
	return unused;
}

static void mutexes(void)
{
	struct timespec time;
	pthread_mutexattr_t kind;
	pthread_mutex_t other;

	start_all(adds_locked);
	join_all();
	ok_equal(sum, (long)THREADS * ROUNDS, "a mutex keeps threads apart");
	pthread_mutexattr_init(&kind);
	pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&other, &kind);
	ok(!pthread_mutex_lock(&other) && !pthread_mutex_lock(&other) &&
		   !pthread_mutex_unlock(&other) && !pthread_mutex_unlock(&other) &&
		   pthread_mutex_unlock(&other) == EPERM,
	   "a recursive one is as often unlocked as locked");
	pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&other, &kind);
	ok(!pthread_mutex_lock(&other) && pthread_mutex_lock(&other) == EDEADLK,
	   "a checking one knows its owner");
	ok_equal(pthread_mutex_trylock(&other), EBUSY, "trylock of a locked one is EBUSY");
	pthread_mutex_lock(&mutex);
	time = soon();
	ok_equal(pthread_mutex_timedlock(&mutex, &time), ETIMEDOUT, "timedlock gives up");
	pthread_mutex_unlock(&mutex);
}

/* --- conditions --- */

static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int turn;

static void *takes_turns(void *own)
{
	for (int i = 0; i < 50; i++) {
		pthread_mutex_lock(&mutex);
		while (turn % THREADS != (long)own)
			pthread_cond_wait(&condition, &mutex);
		turn++;
		pthread_cond_broadcast(&condition);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static int stock, served;

static void *consumes(void *unused)
{
	pthread_mutex_lock(&mutex);
	while (!stock)
		pthread_cond_wait(&condition, &mutex);
	stock--;
	served++;
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void conditions(void)
{
	struct timespec time = soon();
	pthread_condattr_t clock;
	pthread_cond_t other;

	start_all(takes_turns);
	join_all();
	ok_equal(turn, THREADS * 50, "threads take turns by a condition");
	start_all(consumes);
	for (int i = 0; i < THREADS; i++) {
		pthread_mutex_lock(&mutex);
		stock++;
		pthread_cond_signal(&condition);
		pthread_mutex_unlock(&mutex);
		sched_yield();
	}
	join_all();
	ok(served == THREADS && !stock, "each signal of a condition lets one go on");
	pthread_mutex_lock(&mutex);
	ok_equal(pthread_cond_timedwait(&condition, &mutex, &time), ETIMEDOUT,
		 "timedwait gives up");
	ok_equal(pthread_mutex_trylock(&mutex), EBUSY, "with the mutex held");
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&other, &clock);
	clock_gettime(CLOCK_MONOTONIC, &time);
	ok_equal(pthread_cond_timedwait(&other, &mutex, &time), ETIMEDOUT, "by either clock");
	pthread_mutex_unlock(&mutex);
}

/* --- read-write locks, barriers, semaphores --- */

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static long left, right;

static void *reads_and_writes(void *own)
{
	long wrong = 0;

	for (int i = 0; i < ROUNDS; i++) {
		if ((i + (long)own) % 4) {
			pthread_rwlock_rdlock(&lock);
			wrong += *(volatile long *)&left != *(volatile long *)&right;
		} else {
			pthread_rwlock_wrlock(&lock);
			++*(volatile long *)&left;
			if (i % 8 == 0)
				sched_yield();
			++*(volatile long *)&right;
		}
		pthread_rwlock_unlock(&lock);
	}
	return (void *)wrong;
}

static pthread_barrier_t barrier;
static volatile int phase[THREADS];

static void *keeps_step(void *own)
{
	long wrong = 0;

	for (int i = 1; i <= 50; i++) {
		phase[(long)own] = i;
		pthread_barrier_wait(&barrier);
		for (int other = 0; other < THREADS; other++)
			wrong += phase[other] != i;
		pthread_barrier_wait(&barrier);
	}
	return (void *)wrong;
}

static sem_t slots;
static volatile int inside, most;

static void *passes(void *unused)
{
	for (int i = 0; i < 100; i++) {
		int now;

		while (sem_wait(&slots))
			;
		now = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
		if (now > most)
			most = now;
		if (i % 4 == 0)
			sched_yield();
		__atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
		sem_post(&slots);
	}
	return unused;
}

static void others(void)
{
	struct timespec time = soon();
	int value;

	start_all(reads_and_writes);
	ok_equal(join_all(), 0, "readers see no half write");
	ok(left == right && left == (long)THREADS * ROUNDS / 4, "no write is lost");
	pthread_rwlock_rdlock(&lock);
	ok_equal(pthread_rwlock_trywrlock(&lock), EBUSY, "no writer beside a reader");
	ok_equal(pthread_rwlock_tryrdlock(&lock), 0, "but another reader");
	pthread_barrier_init(&barrier, NULL, THREADS);
	start_all(keeps_step);
	ok_equal(join_all(), 0, "a barrier holds all until the last comes");
	sem_init(&slots, 0, 3);
	start_all(passes);
	join_all();
	sem_getvalue(&slots, &value);
	ok(most <= 3 && value == 3, "a semaphore of 3 lets 3 in");
	sem_wait(&slots);
	sem_wait(&slots);
	sem_wait(&slots);
	ok(sem_timedwait(&slots, &time) == -1 && errno == ETIMEDOUT, "and the fourth times out");
}

int main(void)
{
	mutexes();
	conditions();
	others();
	return done();
}
