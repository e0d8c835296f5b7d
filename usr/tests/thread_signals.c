/*
 * Signals among threads: whose they are, who takes those of the process, masks of each thread, and
 * stopping and continuing many. pthreads(7), signal(7).
 */
#include "tap.h"

#include <pthread.h>
#include <sched.h>

static volatile int ready, calls;
static volatile pid_t taker;
static volatile int code;

static pid_t own_id(void)
{
	return (pid_t)sys(SYS_gettid);
}

static void note(int signal_number, siginfo_t *info, void *context)
{
	(void)signal_number;
	(void)context;
	taker = own_id();
	code = info->si_code;
	__atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST);
}

static void await(volatile int *word, int value)
{
	while (__atomic_load_n(word, __ATOMIC_SEQ_CST) < value)
		sched_yield();
}

static void mask(int how, int signal_number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal_number);
	must(pthread_sigmask(how, &set, NULL));
}

static pthread_t start(void *(*body)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, argument))
		bail("no thread");
	return thread;
}

/* A thread that waits in a pipe until it is let go, and says who it is. */
struct sleeper {
	pthread_t thread;
	pid_t tid;
	struct gate gate;
	int unblocks; /* a signal that it lets through first, or 0 */
	bool computes;
	volatile bool over;
};

static void *sleep_in_gate(void *argument)
{
	struct sleeper *self = argument;

	if (self->unblocks)
		mask(SIG_UNBLOCK, self->unblocks);
	self->tid = own_id();
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	while (self->computes && !self->over)
		;
	if (!self->computes)
		pass_gate(&self->gate);
	return NULL;
}

static void start_sleeper(struct sleeper *sleeper, int unblocks, bool computes)
{
	*sleeper =
		(struct sleeper){ .gate = new_gate(), .unblocks = unblocks, .computes = computes };
	ready = 0;
	sleeper->thread = start(sleep_in_gate, sleeper);
	await(&ready, 1);
}

static void end_sleeper(struct sleeper *sleeper)
{
	sleeper->over = true;
	open_gate(&sleeper->gate);
	must(pthread_join(sleeper->thread, NULL));
	free_gate(&sleeper->gate);
}

static void directed(bool computes, const char *doing)
{
	struct sleeper sleeper;

	start_sleeper(&sleeper, 0, computes);
	calls = 0;
	must((long)sys(SYS_tgkill, getpid(), sleeper.tid, SIGUSR1));
	await(&calls, 1);
	ok(taker == sleeper.tid && code == SI_TKILL, "tgkill reaches its thread, which %s", doing);
	must(pthread_kill(sleeper.thread, SIGUSR1));
	await(&calls, 2);
	ok(taker == sleeper.tid, "as does pthread_kill");
	mask(SIG_BLOCK, SIGUSR1);
	must(kill(getpid(), SIGUSR1));
	await(&calls, 3);
	ok(taker == sleeper.tid, "and kill, when the first one blocks it");
	mask(SIG_UNBLOCK, SIGUSR1);
	ok_equal(calls, 3, "nothing is left for the first");
	end_sleeper(&sleeper);
}

static void own_pending(void)
{
	struct sleeper sleeper;
	sigset_t set;

	mask(SIG_BLOCK, SIGUSR1);
	start_sleeper(&sleeper, 0, false);
	calls = 0;
	must((long)sys(SYS_tgkill, getpid(), sleeper.tid, SIGUSR1));
	must(sigpending(&set));
	ok(!sigismember(&set, SIGUSR1), "what is pending for one thread is not for another");
	end_sleeper(&sleeper);
	mask(SIG_UNBLOCK, SIGUSR1);
	ok_equal(calls, 0, "and ends with it");
	mask(SIG_BLOCK, SIGUSR1);
	must(kill(getpid(), SIGUSR1));
	must(sigpending(&set));
	ok(sigismember(&set, SIGUSR1) == 1, "what all block is pending for all");
	start_sleeper(&sleeper, SIGUSR1, false);
	await(&calls, 1);
	ok(taker == sleeper.tid, "whoever lets it through takes it");
	end_sleeper(&sleeper);
	mask(SIG_UNBLOCK, SIGUSR1);
	ok_equal(calls, 1, "once");
}

/* --- handing over: the one who was told blocks the signal before it acts, or ends --- */

static void *blocks_and_stays(void *unused)
{
	for (int i = 0; i < 2000; i++) {
		mask(SIG_BLOCK, SIGUSR1);
		mask(SIG_UNBLOCK, SIGUSR1);
	}
	mask(SIG_BLOCK, SIGUSR1);
	return unused;
}

static void handed_over(void)
{
	pthread_t threads[3];
	int sent = 0;

	calls = 0;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = start(blocks_and_stays, NULL);
	for (int i = 0; i < 200; i++) {
		must(kill(getpid(), SIGUSR1));
		sent++;
		await(&calls, sent);
	}
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		must(pthread_join(threads[i], NULL));
	ok_equal(calls, sent, "none is lost while threads block and unblock and end");
}

static void *waits_for_it(void *result)
{
	sigset_t set;
	siginfo_t info;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	do /* Linux may wake two for one signal */
		*(volatile int *)result = sigwaitinfo(&set, &info);
	while (*(volatile int *)result < 0 && errno == EINTR);
	return NULL;
}

static void waited_for(void)
{
	int results[3] = { 0 };
	pthread_t threads[3];

	mask(SIG_BLOCK, SIGUSR2);
	ready = 0;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = start(waits_for_it, &results[i]);
	await(&ready, 3);
	for (int i = 0; i < 3; i++) {
		int before = (results[0] > 0) + (results[1] > 0) + (results[2] > 0);

		must(kill(getpid(), SIGUSR2));
		while ((*(volatile int *)&results[0] > 0) + (*(volatile int *)&results[1] > 0) +
			       (*(volatile int *)&results[2] > 0) ==
		       before)
			sched_yield();
	}
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		must(pthread_join(threads[i], NULL));
	ok(results[0] == SIGUSR2 && results[1] == SIGUSR2 && results[2] == SIGUSR2,
	   "each of three waiting threads gets one of three signals");
	mask(SIG_UNBLOCK, SIGUSR2);
}

/* --- stop and continue --- */

static volatile unsigned long counters[4];

static void *counts(void *counter)
{
	for (;;)
		++*(volatile unsigned long *)counter;
	return NULL;
}

static void counting_crowd(void *gate)
{
	struct sleeper sleeper;

	start_sleeper(&sleeper, 0, false);
	for (size_t i = 1; i < ARRAY_SIZE(counters); i++)
		start(counts, (void *)&counters[i]);
	open_gate(gate);
	counts((void *)&counters[0]);
}

static void stopping(void)
{
	struct gate gate = new_gate();
	pid_t child = start_child(counting_crowd, &gate);
	int status;

	pass_gate(&gate);
	for (int round = 0; round < 5; round++) {
		must(kill(child, SIGSTOP));
		must(waitpid(child, &status, WUNTRACED));
		if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP)
			diag("round %d: status 0x%x", round, (unsigned)status);
		if (round == 0)
			ok_equal(process_state(child), 'T', "a stopped process of threads is in T");
		must(kill(child, SIGCONT));
		must(waitpid(child, &status, WCONTINUED));
		if (round == 0)
			ok(WIFCONTINUED(status), "and is told to go on");
	}
	must(kill(child, SIGSTOP));
	must(waitpid(child, &status, WUNTRACED));
	ok(WIFSTOPPED(status), "five times");
	ok_equal(waitpid(child, &status, WNOHANG | WUNTRACED), 0, "a stop is told once");
	must(kill(child, SIGTERM));
	ok_equal(waitpid(child, &status, WNOHANG), 0, "stopped, it does not act on SIGTERM");
	must(kill(child, SIGCONT));
	ok_equal(death_signal(wait_child(child)), SIGTERM, "but when it goes on");
	child = start_child(counting_crowd, &gate);
	pass_gate(&gate);
	must(kill(child, SIGSTOP));
	must(waitpid(child, &status, WUNTRACED));
	must(kill(child, SIGKILL));
	ok_equal(death_signal(wait_child(child)), SIGKILL, "SIGKILL ends stopped threads");
	free_gate(&gate);
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_RESTART };

	must(sigaction(SIGUSR1, &action, NULL));
	directed(false, "sleeps");
	directed(true, "computes");
	own_pending();
	handed_over();
	waited_for();
	stopping();
	return done();
}
