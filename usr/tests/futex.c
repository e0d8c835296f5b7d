/*
 * futex(2), raw: what each operation compares, wakes, moves and refuses, with words of this process
 * alone and words that a fork shares.
 */
#include "futex.h"

#include <sys/mman.h>

static uint32_t *words; /* shared with children */

static long futex(uint32_t *word, int operation, long value, const void *time, uint32_t *second,
		  uint32_t third)
{
	return sys(SYS_futex, word, operation, value, time, second, third);
}

/* Children that wait, and end with status 0 when they are woken. */

struct wait_for {
	uint32_t *word;
	uint32_t bits;
};

static void waits(void *argument)
{
	const struct wait_for *wait_for = argument;

	EXPECT(futex(wait_for->word, FUTEX_WAIT_BITSET, 0, NULL, NULL, wait_for->bits) == 0);
}

static void start_waiters(pid_t *children, size_t count, uint32_t *word, uint32_t bits)
{
	struct wait_for wait_for = { word, bits };

	for (size_t i = 0; i < count; i++) {
		children[i] = start_child(waits, &wait_for);
		if (!await_state(children[i], 'S'))
			bail("a waiter does not sleep");
	}
}

/* How many of the children have ended by now, well; they are forgotten. */
static int ended(pid_t *children, size_t count)
{
	int sum = 0, status;

	for (size_t i = 0; i < count; i++)
		if (children[i] && waitpid(children[i], &status, 0) == children[i]) {
			sum += status == 0;
			children[i] = 0;
		}
	return sum;
}

static void refusals(void)
{
	struct timespec wrong = { .tv_nsec = 1000000000 }, negative = { .tv_sec = -1 },
			none = { 0 };
	uint32_t *closed = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		 *constant = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t word = 1;

	ok_equal(futex(&word, FUTEX_WAIT, 2, NULL, NULL, 0), -EAGAIN,
		 "another value than expected is EAGAIN");
	ok_equal(futex((uint32_t *)((char *)&word + 1), FUTEX_WAIT, 1, &none, NULL, 0), -EINVAL,
		 "a word that is not aligned is EINVAL");
	ok_equal(futex((uint32_t *)((char *)&word + 2), FUTEX_WAKE, 1, NULL, NULL, 0), -EINVAL,
		 "for a wake too");
	ok_equal(futex(&word, 99, 1, NULL, NULL, 0), -ENOSYS, "an unknown operation is ENOSYS");
	ok_equal(futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0), -ENOSYS,
		 "a clock for a wake too");
	ok_equal(futex(&word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 1, &none, NULL, 0), -ENOSYS,
		 "and for a time to wait");
	ok_equal(futex(&word, FUTEX_WAIT_BITSET, 1, &none, NULL, 0), -EINVAL,
		 "no bits to wait for is EINVAL");
	ok_equal(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0), -EINVAL, "no bits to wake too");
	ok_equal(futex(&word, FUTEX_WAIT, 1, &wrong, NULL, 0), -EINVAL, "a wrong time is EINVAL");
	ok_equal(futex(&word, FUTEX_WAIT, 1, &negative, NULL, 0), -EINVAL, "a negative one too");
	ok_equal(futex(&word, FUTEX_WAIT, 1, (void *)8, NULL, 0), -EFAULT, "a wild time is EFAULT");
	ok_equal(futex((uint32_t *)8, FUTEX_WAIT, 0, NULL, NULL, 0), -EFAULT,
		 "a wild word is EFAULT");
	ok_equal(futex((uint32_t *)8, FUTEX_WAIT | FUTEX_PRIVATE, 0, NULL, NULL, 0), -EFAULT,
		 "a private one too");
	ok_equal(futex((uint32_t *)(1UL << 63), FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL, NULL, 0),
		 -EFAULT, "and one of the kernel's");
	ok_equal(futex(closed, FUTEX_WAIT, 0, NULL, NULL, 0), -EFAULT,
		 "a page that is closed is EFAULT");
	ok_equal(futex(constant, FUTEX_WAIT | FUTEX_PRIVATE, 1, NULL, NULL, 0), -EAGAIN,
		 "a page that is read only can be waited on");
	ok_equal(futex(&word, FUTEX_REQUEUE, -1, (void *)1L, &word, 0), -EINVAL,
		 "a negative count to requeue is EINVAL");
	ok_equal(futex(&word, FUTEX_REQUEUE, 1, (void *)-1L, &word, 0), -EINVAL, "either one");
	ok_equal(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1L, &words[1], 2), -EAGAIN,
		 "CMP_REQUEUE compares");
	ok_equal(futex(&word, FUTEX_WAKE_OP, 1, (void *)1L, constant, 0), -EFAULT,
		 "WAKE_OP cannot write there");
	ok_equal(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0, "a wake of nobody is 0");
}

static void timeouts(void)
{
	struct timespec time = { .tv_nsec = 20000000 }, past = { 0 };
	uint64_t before = now_ns();
	uint32_t word = 0;

	ok_equal(futex(&word, FUTEX_WAIT, 0, &time, NULL, 0), -ETIMEDOUT, "FUTEX_WAIT times out");
	ok(now_ns() - before >= 20000000, "not too early");
	ok_equal(futex(&word, FUTEX_WAIT, 0, &past, NULL, 0), -ETIMEDOUT, "a time of 0 at once");
	ok_equal(futex(&word, FUTEX_WAIT_BITSET, 0, &past, NULL, FUTEX_ANY), -ETIMEDOUT,
		 "a time that is past too");
	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec++;
	time.tv_nsec = 0;
	before = (uint64_t)time.tv_sec * 1000000000;
	ok_equal(futex(&word, FUTEX_WAIT_BITSET, 0, &time, NULL, FUTEX_ANY), -ETIMEDOUT,
		 "FUTEX_WAIT_BITSET waits until a time");
	ok(now_ns() >= before, "and not less");
	clock_gettime(CLOCK_REALTIME, &time);
	before = now_ns();
	time.tv_nsec += 20000000;
	if (time.tv_nsec >= 1000000000) {
		time.tv_nsec -= 1000000000;
		time.tv_sec++;
	}
	ok_equal(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &time, NULL, FUTEX_ANY),
		 -ETIMEDOUT, "of the other clock too");
	ok(now_ns() - before >= 15000000, "that is not long ago");
}

static void waking(void)
{
	pid_t children[4];

	start_waiters(children, 4, words, FUTEX_ANY);
	ok_equal(futex(words, FUTEX_WAKE, 1, NULL, NULL, 0), 1, "one of four is woken");
	ok_equal(futex(words, FUTEX_WAKE, 2, NULL, NULL, 0), 2, "then two");
	ok_equal(ended(children, 3), 3, "the first three that came");
	ok_equal(waitpid(children[3], NULL, WNOHANG), 0, "the last one sleeps");
	ok_equal(futex(words, FUTEX_WAKE, 1000, NULL, NULL, 0), 1, "then who is left");
	ok_equal(ended(children, 4), 1, "all are awake");

	start_waiters(children, 2, words, FUTEX_ANY);
	ok_equal(futex(words + 1, FUTEX_WAKE, 9, NULL, NULL, 0), 0, "another word wakes nobody");
	ok_equal(futex(words, FUTEX_WAKE, 0, NULL, NULL, 0), 1, "a count of 0 wakes one");
	ok_equal(futex(words, FUTEX_WAKE, -1, NULL, NULL, 0), 1, "as does -1");
	ok_equal(ended(children, 2), 2, "both are awake");

	start_waiters(children, 1, words, 1);
	start_waiters(children + 1, 1, words, 6);
	ok_equal(futex(words, FUTEX_WAKE_BITSET, 9, NULL, NULL, 8), 0, "no bit in common");
	ok_equal(futex(words, FUTEX_WAKE_BITSET, 9, NULL, NULL, 4), 1, "one in common");
	ok_equal(futex(words, FUTEX_WAKE, 9, NULL, NULL, 0), 1, "FUTEX_WAKE has all bits");
	ok_equal(ended(children, 2), 2, "both are awake");
}

static void requeueing(void)
{
	pid_t children[4];

	start_waiters(children, 4, words, FUTEX_ANY);
	ok_equal(futex(words, FUTEX_CMP_REQUEUE, 1, (void *)2L, words + 1, 0), 3,
		 "CMP_REQUEUE wakes one and moves two");
	ok_equal(ended(children, 1), 1, "the first one is awake");
	ok_equal(futex(words, FUTEX_WAKE, 9, NULL, NULL, 0), 1, "one was not moved");
	ok_equal(futex(words + 1, FUTEX_WAKE, 9, NULL, NULL, 0), 2, "two were");
	ok_equal(ended(children + 1, 3), 3, "all are awake");
	start_waiters(children, 2, words, FUTEX_ANY);
	ok_equal(futex(words, FUTEX_REQUEUE, 0, (void *)9L, words + 700, 0), 2,
		 "REQUEUE moves without a wake");
	ok_equal(futex(words + 700, FUTEX_WAKE, 9, NULL, NULL, 0), 2, "there they are");
	ok_equal(ended(children, 2), 2, "both are awake");
	start_waiters(children, 2, words, FUTEX_ANY);
	ok_equal(futex(words, FUTEX_REQUEUE, 1, (void *)1L, words, 0), 2,
		 "a word can be its own target");
	ok_equal(futex(words, FUTEX_WAKE, 9, NULL, NULL, 0), 1, "who was moved is there");
	ok_equal(ended(children, 2), 2, "both are awake");
	start_waiters(children, 1, words, FUTEX_ANY);
	futex(words, FUTEX_REQUEUE, 0, (void *)1L, words + 5, 0);
	must(kill(children[0], SIGKILL));
	ok_equal(death_signal(wait_child(children[0])), SIGKILL,
		 "one that was moved can be killed");
	ok_equal(futex(words + 5, FUTEX_WAKE, 9, NULL, NULL, 0), 0, "and is in no line then");
}

/* FUTEX_WAKE_OP's code: op, operand, comparison, compared with. */
static uint32_t code(unsigned op, unsigned operand, unsigned comparison, unsigned wanted)
{
	return op << 28 | comparison << 24 | (operand & 0xfff) << 12 | (wanted & 0xfff);
}

static void operating(void)
{
	static const struct {
		const char *name;
		uint32_t before, op, operand, after;
	} table[] = {
		{ "sets", 5, 0, 9, 9 },
		{ "adds", 5, 1, 9, 14 },
		{ "adds a negative", 5, 1, 0xfff, 4 },
		{ "ors", 5, 2, 2, 7 },
		{ "and-nots", 7, 3, 2, 5 },
		{ "xors", 5, 4, 1, 4 },
		{ "shifts its operand", 1, 8 | 2, 4, 17 },
	};
	pid_t children[2];
	uint32_t *second = words + 9;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		*second = table[i].before;
		futex(words, FUTEX_WAKE_OP, 0, NULL, second,
		      code(table[i].op, table[i].operand, 0, 0));
		ok_equal(*second, table[i].after, "WAKE_OP %s", table[i].name);
	}
	*second = 0;
	start_waiters(children, 1, words, FUTEX_ANY);
	start_waiters(children + 1, 1, second, FUTEX_ANY);
	ok_equal(futex(words, FUTEX_WAKE_OP, 1, (void *)1L, second, code(0, 0, 0, 7)), 1,
		 "the second word's waiters sleep on if it was not what is asked for");
	ok_equal(futex(words, FUTEX_WAKE_OP, 1, (void *)1L, second, code(0, 0, 0, 0)), 1,
		 "and are woken if it was");
	ok_equal(ended(children, 2), 2, "both are awake");
	ok_equal(futex(words, FUTEX_WAKE_OP, 1, (void *)1L, second, code(7, 0, 0, 0)), -ENOSYS,
		 "an unknown operation is ENOSYS");
}

/* Private memory of a fork is each one's own. */
static void not_shared(void)
{
	static uint32_t own;
	struct timespec shortly = { .tv_nsec = 30000000 };
	pid_t child = (pid_t)must(fork());

	if (child == 0)
		_exit(futex(&own, FUTEX_WAIT, 0, &shortly, NULL, 0) == -ETIMEDOUT ? 0 : 1);
	await_state(child, 'S');
	ok_equal(futex(&own, FUTEX_WAKE, 9, NULL, NULL, 0), 0,
		 "a fork's copy of a word is another word");
	ok_equal(wait_child(child), 0, "nobody wakes who waits there");
}

int main(void)
{
	words = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(words == MAP_FAILED ? -1 : 0);
	refusals();
	timeouts();
	waking();
	requeueing();
	operating();
	not_shared();
	return done();
}
