/*
 * Futexes with priority inheritance: the states of the word, hand-over, what is refused, owners
 * that end, and that whoever holds a lock runs at the priority of the best that waits for it.
 *
 * The locks lie in memory that all processes share. Each test leaves its words at 0.
 */
#include "futex.h"

#include <sched.h>
#include <sys/mman.h>

#define FUTEX_UNLOCK_PI 7
#define FUTEX_TRYLOCK_PI 8
#define FUTEX_LOCK_PI2 13
#define WAITERS 0x80000000u
#define OWNER_DIED 0x40000000u

static struct shared {
	uint32_t words[2];
	volatile int order[3], length;
	volatile long spins, spins_before;
	volatile bool over;
} * shared;

static struct gate gates[2];

static long operate(uint32_t *word, int operation, const struct timespec *until)
{
	return sys(SYS_futex, word, operation, 0, until, NULL, 0);
}

static long lock(uint32_t *word)
{
	return operate(word, FUTEX_LOCK_PI, NULL);
}

static long unlock(uint32_t *word)
{
	return operate(word, FUTEX_UNLOCK_PI, NULL);
}

static uint32_t self(void)
{
	return (uint32_t)sys(SYS_gettid);
}

static void become_real_time(int level)
{
	must(sys(SYS_sched_setscheduler, 0, SCHED_FIFO, &level));
}

static void states(void)
{
	uint32_t *word = shared->words, of_nobody = 0x3ffffff0;
	struct timespec past = { 1, 0 }, wrong = { 0, -1 };

	ok_equal(lock(word), 0, "a lock that is free");
	ok_equal(*word, self(), "has its owner's number then");
	ok_equal(lock(word), -EDEADLK, "once more is EDEADLK");
	ok_equal(operate(word, FUTEX_TRYLOCK_PI, NULL), -EDEADLK, "for a try too");
	ok_equal(unlock(word), 0, "it is given up");
	ok_equal(*word, 0, "and free");
	ok_equal(unlock(word), -EPERM, "what nobody holds cannot be given up");
	ok_equal(operate(word, FUTEX_TRYLOCK_PI, NULL), 0, "a try takes it");
	ok_equal(unlock(word), 0, "too");
	*word = OWNER_DIED;
	ok_equal(operate(word, FUTEX_LOCK_PI2, &past), 0, "a lock whose owner died is free");
	ok_equal(*word, self() | OWNER_DIED, "and still says so");
	*word = 0;
	ok_equal(lock(&of_nobody), -ESRCH, "an owner that there is not is ESRCH");
	*word = (uint32_t)getppid();
	ok_equal(unlock(word), -EPERM, "another's cannot be given up");
	ok_equal(operate(word, FUTEX_TRYLOCK_PI, NULL), -EAGAIN, "a try of another's is EAGAIN");
	ok_equal(operate(word, FUTEX_LOCK_PI, &past), -ETIMEDOUT, "a time that has passed");
	ok_equal(operate(word, FUTEX_LOCK_PI2, &past), -ETIMEDOUT, "for the other clock too");
	ok_equal(*word, (uint32_t)getppid() | WAITERS, "the owner will see that somebody waited");
	ok_equal(operate(word, FUTEX_LOCK_PI, &wrong), -EINVAL, "a wrong time is EINVAL");
	ok_equal(operate(word, FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME, NULL), -ENOSYS,
		 "only LOCK_PI2 has a choice of clocks");
	*word = 0;
	ok_equal(lock((uint32_t *)((char *)word + 1)), -EINVAL, "a word that is not aligned");
	ok_equal(lock((uint32_t *)8), -EFAULT, "nowhere is EFAULT");
	ok_equal(unlock((uint32_t *)8), -EFAULT, "for both");
}

static void take_and_note(void *argument)
{
	uint32_t *word = shared->words;

	if ((long)argument == 3)
		become_real_time(10);
	EXPECT(lock(word) == 0);
	EXPECT((*word & ~WAITERS) == self());
	shared->order[shared->length++] = (int)(long)argument;
	EXPECT(unlock(word) == 0);
}

static pid_t start_waiting(void (*body)(void *), void *argument)
{
	pid_t child = start_child(body, argument);

	if (!await_state(child, 'S'))
		bail("a child does not come to wait");
	return child;
}

/* The best comes last: from then on this one runs like that, and would yield to no other. */
static void hand_over(void)
{
	pid_t pids[3];

	EXPECT(lock(shared->words) == 0);
	for (long i = 0; i < 3; i++)
		pids[i] = start_waiting(take_and_note, (void *)(i + 1));
	ok_equal(shared->words[0], self() | WAITERS, "the word says that others wait");
	ok_equal(unlock(shared->words), 0, "the lock is given up");
	for (int i = 0; i < 3; i++)
		EXPECT(wait_child(pids[i]) == 0);
	ok(shared->length == 3 && shared->order[0] == 3 && shared->order[1] == 1 &&
		   shared->order[2] == 2,
	   "to the best, then to who came first");
	ok_equal(shared->words[0], 0, "and is free in the end");
}

static void hold_until_killed(void *unused)
{
	(void)unused;
	EXPECT(lock(shared->words) == 0);
	open_gate(&gates[0]);
	for (;;)
		pause();
}

static void hold_and_execute(void *unused)
{
	char *arguments[] = { "futex_pi", "pause", NULL };

	(void)unused;
	EXPECT(lock(shared->words) == 0);
	open_gate(&gates[0]);
	pass_gate(&gates[1]);
	execv(self_path(), arguments);
}

static void take_over(void *unused)
{
	(void)unused;
	EXPECT(lock(shared->words) == 0);
	EXPECT((shared->words[0] & ~WAITERS) == (self() | OWNER_DIED));
	EXPECT(unlock(shared->words) == 0);
}

static void owners_that_leave(void)
{
	pid_t owner = start_child(hold_until_killed, NULL), waiter;

	pass_gate(&gates[0]);
	waiter = start_waiting(take_over, NULL);
	must(kill(owner, SIGKILL));
	wait_child(owner);
	ok_equal(wait_child(waiter), 0, "who waits for an owner that is killed gets its lock");

	owner = start_child(hold_and_execute, NULL);
	pass_gate(&gates[0]);
	waiter = start_waiting(take_over, NULL);
	open_gate(&gates[1]);
	ok_equal(wait_child(waiter), 0, "and who waits for one that runs another program");
	must(kill(owner, SIGKILL));
	wait_child(owner);
}

static void lock_both(void *level)
{
	if (level)
		become_real_time((int)(long)level);
	EXPECT(lock(&shared->words[1]) == 0);
	open_gate(&gates[0]);
	EXPECT(lock(&shared->words[0]) == 0);
	EXPECT(unlock(&shared->words[0]) == 0);
	EXPECT(unlock(&shared->words[1]) == 0);
}

static void circles(void)
{
	pid_t child;

	EXPECT(lock(&shared->words[0]) == 0);
	child = start_waiting(lock_both, NULL);
	pass_gate(&gates[0]);
	ok_equal(lock(&shared->words[1]), -EDEADLK, "two that would wait for each other: EDEADLK");
	EXPECT(unlock(&shared->words[0]) == 0);
	ok_equal(wait_child(child), 0, "and the other goes on");
	shared->words[1] = 0;
}

static void nothing(int signal_number)
{
	(void)signal_number;
}

static void wait_through_signal(void *unused)
{
	struct sigaction action = { .sa_handler = nothing };

	(void)unused;
	sigaction(SIGUSR1, &action, NULL);
	EXPECT(lock(shared->words) == 0);
	EXPECT(unlock(shared->words) == 0);
}

static void signals(void)
{
	pid_t child;

	EXPECT(lock(shared->words) == 0);
	child = start_waiting(wait_through_signal, NULL);
	must(kill(child, SIGUSR1));
	must(await_state(child, 'S') ? 0 : -1);
	EXPECT(unlock(shared->words) == 0);
	ok_equal(wait_child(child), 0, "a signal does not end the wait");
}

static void hold_first(void *unused)
{
	(void)unused;
	become_real_time(10);
	EXPECT(lock(&shared->words[0]) == 0);
	open_gate(&gates[0]);
	pass_gate(&gates[1]);
	EXPECT(unlock(&shared->words[0]) == 0);
}

static void spin_between(void *unused)
{
	uint64_t end = now_ns() + 300000000;

	(void)unused;
	become_real_time(20);
	open_gate(&gates[1]);
	while (now_ns() < end && !shared->over)
		shared->spins++;
}

static void lock_second(void *unused)
{
	(void)unused;
	become_real_time(40);
	EXPECT(lock(&shared->words[1]) == 0);
	shared->spins_before = shared->spins;
	shared->over = true;
	EXPECT(unlock(&shared->words[1]) == 0);
}

/* 40 wants a lock of 11, which waits for one of 10. 20 lets that go on, and runs. */
static void inheritance(void)
{
	pid_t pids[4];

	if (on_facet() && !config_has("CONFIG_SCHED_PRIO=y")) {
		skip("the scheduler keeps no priorities");
		return;
	}
	pids[0] = start_waiting(hold_first, NULL);
	pass_gate(&gates[0]);
	pids[1] = start_waiting(lock_both, (void *)11);
	pass_gate(&gates[0]);
	pids[2] = start_waiting(lock_second, NULL);
	pids[3] = start_child(spin_between, NULL);
	for (int i = 0; i < 4; i++)
		EXPECT(wait_child(pids[i]) == 0);
	ok(shared->over && shared->spins_before == 0,
	   "along a chain, owners run at the priority of the best that waits");
}

int main(int argc, char **argv)
{
	unsigned long first_cpu[16] = { 1 };

	(void)argv;
	if (argc > 1)
		pause();
	if (!on_facet())
		sys(SYS_sched_setaffinity, 0, sizeof(first_cpu), first_cpu);
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		bail("no shared page");
	gates[0] = new_gate();
	gates[1] = new_gate();
	states();
	if (geteuid() == 0)
		hand_over();
	owners_that_leave();
	circles();
	signals();
	if (geteuid() == 0)
		inheritance();
	return done();
}
