/*
 * What is pending: real-time signals in their order and with their values, standard ones once,
 * sigpending, sigtimedwait, sigsuspend, and the limit of what may be queued. signal(7).
 */
#include "tap.h"

#include <sys/mman.h>

static volatile int calls;
static int order[16];
static siginfo_t infos[16];

static void note(int signal_number, siginfo_t *info, void *context)
{
	(void)context;
	if (calls < 16) {
		order[calls] = signal_number;
		infos[calls] = *info;
	}
	calls++;
}

static void catch_signal(int signal_number)
{
	struct sigaction action = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };

	sigfillset(&action.sa_mask);
	must(sigaction(signal_number, &action, NULL));
}

static sigset_t set_of(int first, int second)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, first);
	if (second)
		sigaddset(&set, second);
	return set;
}

static void block(int first, int second)
{
	sigset_t set = set_of(first, second);

	must(sigprocmask(SIG_BLOCK, &set, NULL));
	calls = 0;
}

static void unblock_all(void)
{
	sigset_t set;

	sigemptyset(&set);
	must(sigprocmask(SIG_SETMASK, &set, NULL));
}

static void queue(int signal_number, int value)
{
	must(sigqueue(getpid(), signal_number, (union sigval){ .sival_int = value }));
}

static void order_of_real_time(void)
{
	int low = SIGRTMIN + 1, high = SIGRTMIN + 5;

	catch_signal(low);
	catch_signal(high);
	block(low, high);
	queue(high, 1);
	queue(low, 2);
	queue(low, 3);
	queue(high, 4);
	queue(low, 5);
	unblock_all();
	ok_equal(calls, 5, "each real-time signal is delivered");
	ok(order[0] == low && order[1] == low && order[2] == low && order[3] == high &&
		   order[4] == high,
	   "the lowest number first");
	ok(infos[0].si_value.sival_int == 2 && infos[1].si_value.sival_int == 3 &&
		   infos[2].si_value.sival_int == 5 && infos[3].si_value.sival_int == 1 &&
		   infos[4].si_value.sival_int == 4,
	   "those of one number in the order of sending, with their values");
	ok(infos[0].si_code == SI_QUEUE && infos[0].si_pid == getpid() &&
		   infos[0].si_uid == getuid() && infos[0].si_signo == low,
	   "sigqueue says who sent it");
	block(low, 0);
	must(kill(getpid(), low));
	must(kill(getpid(), low));
	unblock_all();
	ok(calls == 2 && infos[1].si_code == SI_USER, "kill queues them too");
}

static void standard_once(void)
{
	catch_signal(SIGUSR1);
	catch_signal(SIGRTMIN);
	block(SIGUSR1, SIGRTMIN);
	queue(SIGRTMIN, 9);
	queue(SIGUSR1, 1);
	queue(SIGUSR1, 2);
	must(kill(getpid(), SIGUSR1));
	unblock_all();
	ok(calls == 2 && order[0] == SIGUSR1 && order[1] == SIGRTMIN,
	   "a standard signal is delivered once, and first");
	ok(infos[0].si_value.sival_int == 1 && infos[0].si_code == SI_QUEUE,
	   "with what came with the first of them");
}

static void pending_set(void)
{
	sigset_t set;

	catch_signal(SIGUSR1);
	block(SIGUSR1, SIGUSR2);
	must(sigpending(&set));
	ok(!sigismember(&set, SIGUSR1) && !sigismember(&set, SIGUSR2), "nothing is pending");
	must(kill(getpid(), SIGUSR1));
	must((int)sys(SYS_tgkill, getpid(), getpid(), SIGUSR2));
	must(sigpending(&set));
	ok(sigismember(&set, SIGUSR1) == 1 && sigismember(&set, SIGUSR2) == 1,
	   "what was sent to process and thread is pending");
	signal(SIGUSR2, SIG_IGN);
	must(sigpending(&set));
	ok(!sigismember(&set, SIGUSR2), "but not what has come to be ignored");
	must(kill(getpid(), SIGUSR2));
	must(sigpending(&set));
	ok(sigismember(&set, SIGUSR2) == 1, "a blocked one stays pending though ignored");
	unblock_all();
	must(sigpending(&set));
	ok(sigisemptyset(&set) && calls == 1, "unblocked, they are delivered or dropped");
	signal(SIGUSR2, SIG_DFL);
	ok_equal(sys(SYS_rt_sigpending, 8, 8), -EFAULT, "a wild set is EFAULT");
	ok_equal(sys(SYS_rt_sigpending, &set, 16), -EINVAL, "a longer set is EINVAL");
}

static void waiting(void)
{
	struct timespec none = { 0 }, wrong = { .tv_nsec = 1000000000 },
			shortly = { .tv_nsec = 20000000 };
	sigset_t set = set_of(SIGUSR1, SIGRTMIN + 2);
	siginfo_t info = { 0 };
	uint64_t before;

	block(SIGUSR1, SIGRTMIN + 2);
	ok_errno(sigtimedwait(&set, &info, &none), EAGAIN, "sigtimedwait: nothing is there");
	before = now_ns();
	ok_errno(sigtimedwait(&set, &info, &shortly), EAGAIN, "nothing comes");
	ok(now_ns() - before >= 20000000, "it has waited so long");
	queue(SIGRTMIN + 2, 7);
	queue(SIGRTMIN + 2, 8);
	must(kill(getpid(), SIGUSR1));
	ok_equal(sigwaitinfo(&set, &info), SIGUSR1, "the lowest is taken first");
	ok(info.si_code == SI_USER && info.si_pid == getpid(), "with its sender");
	ok_equal(sigtimedwait(&set, &info, &none), SIGRTMIN + 2, "then the next");
	ok_equal(info.si_value.sival_int, 7, "the first of its kind");
	ok_equal(sigtimedwait(&set, NULL, &none), SIGRTMIN + 2, "the second, without info");
	ok_errno(sigtimedwait(&set, &info, &none), EAGAIN, "and no more");
	ok_equal(calls, 0, "no handler was called");
	ok_errno(sigtimedwait(&set, &info, &wrong), EINVAL, "a wrong time is EINVAL");
	ok_equal(sys(SYS_rt_sigtimedwait, 8, NULL, &none, 8), -EFAULT, "a wild set is EFAULT");
	ok_equal(sys(SYS_rt_sigtimedwait, &set, NULL, 8, 8), -EFAULT, "a wild time too");
	ok_equal(sys(SYS_rt_sigtimedwait, &set, NULL, &none, 4), -EINVAL, "a short set is EINVAL");
	queue(SIGUSR1, 1);
	ok_equal(sys(SYS_rt_sigtimedwait, &set, 8, &none, 8), -EFAULT, "a wild info is EFAULT");
	ok_errno(sigtimedwait(&set, &info, &none), EAGAIN, "though the signal was taken");
	unblock_all();
}

static void wait_and_answer(void *unused)
{
	sigset_t set = set_of(SIGUSR1, 0);
	siginfo_t info;

	(void)unused;
	EXPECT(sigwaitinfo(&set, &info) == SIGUSR1);
	EXPECT(info.si_pid == getppid());
}

static void waits_unblocked(void *unused)
{
	sigset_t set = set_of(SIGUSR2, 0);

	(void)unused;
	catch_signal(SIGUSR2);
	calls = 0;
	EXPECT(sigwaitinfo(&set, NULL) == SIGUSR2);
	EXPECT(calls == 0);
}

static void waits_for_ignored(void *unused)
{
	sigset_t set = set_of(SIGCHLD, 0);

	(void)unused;
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	EXPECT(sigwaitinfo(&set, NULL) == SIGCHLD);
}

static void from_others(void)
{
	pid_t child;

	block(SIGUSR1, 0);
	child = start_child(wait_and_answer, NULL);
	await_state(child, 'S');
	must(kill(child, SIGUSR1));
	ok_equal(wait_child(child), 0, "sigwaitinfo is woken by a signal from another process");
	unblock_all();
	child = start_child(waits_unblocked, NULL);
	await_state(child, 'S');
	must(kill(child, SIGUSR2));
	ok_equal(wait_child(child), 0,
		 "and by one that is not blocked, whose handler is not called");
	child = start_child(waits_for_ignored, NULL);
	await_state(child, 'S');
	must(kill(child, SIGCHLD));
	ok_equal(wait_child(child), 0, "and by one that is ignored by default");
	child = start_child(wait_and_answer, NULL);
	await_state(child, 'S');
	must(kill(child, SIGTERM));
	ok_equal(death_signal(wait_child(child)), SIGTERM, "another signal acts as usual");
}

static void suspending(void)
{
	sigset_t mask, now;

	catch_signal(SIGUSR1);
	catch_signal(SIGUSR2);
	block(SIGUSR1, SIGUSR2);
	must(kill(getpid(), SIGUSR1));
	mask = set_of(SIGUSR2, 0);
	must(kill(getpid(), SIGUSR2));
	ok_errno(sigsuspend(&mask), EINTR, "sigsuspend ends with EINTR when a handler was called");
	ok(calls == 1 && order[0] == SIGUSR1, "only what its mask lets through is delivered");
	must(sigprocmask(SIG_BLOCK, NULL, &now));
	ok(sigismember(&now, SIGUSR1) == 1 && sigismember(&now, SIGUSR2) == 1,
	   "behind it the old mask holds again");
	mask = set_of(SIGTERM, 0);
	ok_errno(sigsuspend(&mask), EINTR, "one that is pending ends the next at once");
	ok(calls == 2 && order[1] == SIGUSR2, "it is the other");
	must(sigprocmask(SIG_BLOCK, NULL, &now));
	ok(sigismember(&now, SIGTERM) == 0, "sigsuspend's mask is gone");
	ok_equal(sys(SYS_rt_sigsuspend, 8, 8), -EFAULT, "a wild mask is EFAULT");
	ok_equal(sys(SYS_rt_sigsuspend, &mask, 7), -EINVAL, "an odd size is EINVAL");
	unblock_all();
}

/* In a child, as a user of its own: Linux counts what is queued for all of a user's processes. */
static void limited(void *unused)
{
	struct rlimit limit = { 4, 4 };
	siginfo_t info = { .si_code = SI_QUEUE };
	int queued = 0;

	(void)unused;
	if (getuid() == 0)
		must(setuid(54321));
	block(SIGRTMIN, SIGUSR1);
	must(setrlimit(RLIMIT_SIGPENDING, &limit));
	while (queued < 100 && sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 }) == 0)
		queued++;
	EXPECT(errno == EAGAIN);
	EXPECT(queued == 4);
	EXPECT(sys(SYS_tgkill, getpid(), getpid(), SIGRTMIN + 1) == -EAGAIN);
	catch_signal(SIGUSR1);
	EXPECT(kill(getpid(), SIGUSR1) == 0);
	EXPECT(kill(getpid(), SIGRTMIN) == 0);
	EXPECT(sys(SYS_rt_sigqueueinfo, getpid(), SIGUSR2 + 50, &info) == -EAGAIN);
	catch_signal(SIGRTMIN);
	unblock_all();
	EXPECT(calls == queued + 1);
	EXPECT(order[0] == SIGUSR1 && infos[0].si_pid == getpid());
	EXPECT(sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 }) == 0);
	EXPECT(calls == queued + 2);
}

static void many(void *unused)
{
	(void)unused;
	catch_signal(SIGRTMIN);
	block(SIGRTMIN, 0);
	for (int i = 0; i < 1000; i++)
		queue(SIGRTMIN, i);
	unblock_all();
	EXPECT(calls == 1000);
}

static void queue_errors(void)
{
	siginfo_t info = { .si_code = SI_QUEUE };
	pid_t gone = start_child(limited, NULL), parent = getppid();

	ok_equal(wait_child(gone), 0, "RLIMIT_SIGPENDING bounds what is queued, not what is sent");
	ok_child(many, NULL, "1,000 wait in line");
	ok_equal(sys(SYS_rt_sigqueueinfo, gone, SIGUSR1, &info), -ESRCH, "nobody's pid is ESRCH");
	ok_equal(sys(SYS_rt_sigqueueinfo, getpid(), 65, &info), -EINVAL, "signal 65 is EINVAL");
	ok_equal(sys(SYS_rt_sigqueueinfo, getpid(), 0, &info), 0, "signal 0 asks only");
	ok_equal(sys(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, 8), -EFAULT, "wild info is EFAULT");
	info.si_code = SI_USER;
	ok_equal(sys(SYS_rt_sigqueueinfo, parent, 0, &info), -EPERM,
		 "nobody else may look like kill");
	info.si_code = SI_TKILL;
	ok_equal(sys(SYS_rt_sigqueueinfo, parent, 0, &info), -EPERM, "nor like tkill");
	info.si_code = 0x80;
	ok_equal(sys(SYS_rt_tgsigqueueinfo, parent, parent, 0, &info), -EPERM,
		 "nor like the kernel");
	info.si_code = SI_QUEUE;
	ok_equal(sys(SYS_rt_tgsigqueueinfo, 0, getpid(), SIGUSR1, &info), -EINVAL,
		 "process 0 is EINVAL");
	ok_equal(sys(SYS_rt_tgsigqueueinfo, gone, getpid(), SIGUSR1, &info), -ESRCH,
		 "a thread of another process is ESRCH");
	info.si_value.sival_int = 77;
	catch_signal(SIGUSR1);
	calls = 0;
	ok_equal(sys(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &info), 0,
		 "rt_tgsigqueueinfo to a thread");
	ok(calls == 1 && infos[0].si_value.sival_int == 77 && infos[0].si_code == SI_QUEUE,
	   "with its value");
}

int main(void)
{
	unblock_all();
	order_of_real_time();
	standard_once();
	pending_set();
	waiting();
	from_others();
	suspending();
	queue_errors();
	return done();
}
