/*
 * Resource limits: what is set is told, soft below hard, errors, fork and exec keep them. What
 * each limit does is tested where it acts: brk, mmap, stack, descriptors, fork_bomb.
 */
#include "tap.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

static long get(int which, struct rlimit *limit)
{
	return sys(SYS_getrlimit, which, limit);
}

static long set(int which, rlim_t soft, rlim_t hard)
{
	struct rlimit limit = { soft, hard };

	return sys(SYS_setrlimit, which, &limit);
}

static void round_trips(void)
{
	struct rlimit limit;
	bool good = true;

	for (int which = 0; which < RLIM_NLIMITS; which++) {
		good = good && get(which, &limit) == 0 && limit.rlim_cur <= limit.rlim_max;
		good = good && set(which, limit.rlim_cur, limit.rlim_max) == 0;
	}
	ok(good, "all sixteen can be read, and set to what they are");
	ok_equal(get(RLIM_NLIMITS, &limit), -EINVAL, "there is no seventeenth");
	ok_equal(get(-1, &limit), -EINVAL, "nor one before the first");
	ok_equal(set(99, 1, 1), -EINVAL, "to set neither");
	ok_equal(set(RLIMIT_CORE, 2, 1), -EINVAL, "a soft limit above the hard one is EINVAL");
}

static void old_and_new(void *unused)
{
	struct rlimit new = { 4096, 8192 }, old = { 0, 0 };

	(void)unused;
	EXPECT(set(RLIMIT_CORE, 0, 16384) == 0 || set(RLIMIT_CORE, 0, 0) == 0);
	EXPECT(get(RLIMIT_CORE, &old) == 0);
	if (old.rlim_max < 8192)
		new.rlim_cur = new.rlim_max = 0;
	EXPECT(sys(SYS_prlimit64, 0, RLIMIT_CORE, &new, &old) == 0);
	EXPECT(old.rlim_cur == 0);
	EXPECT(sys(SYS_prlimit64, getpid(), RLIMIT_CORE, NULL, &old) == 0);
	EXPECT(old.rlim_cur == new.rlim_cur &&old.rlim_max == new.rlim_max);
	EXPECT(sys(SYS_prlimit64, 0x7ffffff0, RLIMIT_CORE, NULL, &old) == -ESRCH);
	EXPECT(sys(SYS_prlimit64, 0, 99, NULL, &old) == -EINVAL);
}

static void kept_over_fork_and_exec(void *unused)
{
	char *argv[] = { "limits", "inherited", NULL };
	pid_t child;

	(void)unused;
	EXPECT(set(RLIMIT_NOFILE, 55, 66) == 0);
	child = (pid_t)must(fork());
	if (child)
		_exit(exit_code(wait_child(child)));
	execv(self_path(), argv);
	_exit(1);
}

static int inherited(void)
{
	struct rlimit limit;

	return get(RLIMIT_NOFILE, &limit) || limit.rlim_cur != 55 || limit.rlim_max != 66;
}

static void childs_own(void)
{
	struct rlimit before, after;

	get(RLIMIT_NOFILE, &before);
	ok_child(kept_over_fork_and_exec, NULL, "limits are kept over fork and exec");
	get(RLIMIT_NOFILE, &after);
	ok(before.rlim_cur == after.rlim_cur && before.rlim_max == after.rlim_max,
	   "the parent's stay");
}

static void other_process(void)
{
	struct gate gate = new_gate();
	struct rlimit new = { 77, 88 }, old;
	pid_t child = (pid_t)must(fork());

	if (child == 0) {
		pass_gate(&gate);
		_exit(get(RLIMIT_NOFILE, &old) || old.rlim_cur != 77 || old.rlim_max != 88);
	}
	ok_equal(sys(SYS_prlimit64, child, RLIMIT_NOFILE, &new, NULL), 0,
		 "prlimit64 sets a child's");
	open_gate(&gate);
	ok_equal(wait_child(child), 0, "which has it then");
	free_gate(&gate);
}

static void waits(void *gate)
{
	pass_gate(gate);
}

/* A user's, of which one id is another's: kill would be allowed, this is not. */
static void half_own(void *gate)
{
	must(setresgid(1000, 1000, 1000));
	must(setresuid(1000, 1000, 2000));
	pass_gate(gate);
}

static void as_user(void *unused)
{
	struct gate gate = new_gate();
	struct rlimit limit;
	pid_t child;

	(void)unused;
	EXPECT(set(RLIMIT_NOFILE, 100, (1 << 20) + 1) == -EPERM);
	child = start_child(half_own, &gate);
	while (sys(SYS_getpgid, child) < 0 || !await_state(child, 'S'))
		;
	must(setresgid(1000, 1000, 1000));
	must(setresuid(1000, 1000, 1000));
	EXPECT(sys(SYS_prlimit64, child, RLIMIT_NOFILE, NULL, &limit) == -EPERM);
	EXPECT(sys(SYS_prlimit64, child, 99, NULL, &limit) == -EPERM);
	EXPECT(kill(child, 0) == 0);
	open_gate(&gate);
	wait_child(child);
	child = start_child(waits, &gate);
	EXPECT(sys(SYS_prlimit64, child, RLIMIT_NOFILE, NULL, &limit) == 0);
	open_gate(&gate);
	EXPECT(wait_child(child) == 0);
}

static void becomes_one_too_many(void *unused)
{
	char *argv[] = { "limits", "nothing", NULL };
	struct gate gate = new_gate();
	pid_t children[2];

	(void)unused;
	for (int i = 0; i < 2; i++) {
		children[i] = (pid_t)must(fork());
		if (!children[i]) {
			must(setresuid(54322, 54322, 54322));
			open_gate(&gate);
			pause();
		}
		pass_gate(&gate);
	}
	EXPECT(set(RLIMIT_NPROC, 1, 1) == 0);
	EXPECT(sys(SYS_setresuid, 54322, 54322, 54322) == 0);
	execv(self_path(), argv);
	EXPECT(errno == EAGAIN);
	kill(children[0], SIGKILL);
	kill(children[1], SIGKILL);
	wait_child(children[0]);
	wait_child(children[1]);
	execv(self_path(), argv);
	_exit(1);
}

static void *wait_at(void *gate)
{
	pass_gate(gate);
	return NULL;
}

/* Of so many the last one is refused. Returns how many there were. */
static int forks_until_refused(int most)
{
	pid_t children[16], child = 0;
	int count = 0;

	while (count < most && (child = fork()) > 0)
		children[count++] = child;
	if (!child)
		for (;;)
			pause();
	EXPECT(child == -1 && errno == EAGAIN);
	for (int i = 0; i < count; i++) {
		kill(children[i], SIGKILL);
		wait_child(children[i]);
	}
	return count;
}

static void becomes_another_with_threads(void *unused)
{
	enum { THREADS = 4, LIMIT = 7 };

	struct gate gate = new_gate();
	pthread_t threads[THREADS];
	struct stat tasks;

	(void)unused;
	for (int i = 0; i < THREADS; i++)
		EXPECT(pthread_create(&threads[i], NULL, wait_at, &gate) == 0);
	EXPECT(set(RLIMIT_NPROC, LIMIT, LIMIT) == 0);
	must(setresuid(54323, 54323, 54323));
	EXPECT(forks_until_refused(16) == LIMIT - THREADS - 1);
	for (int i = 0; i < THREADS; i++)
		open_gate(&gate);
	for (int i = 0; i < THREADS; i++)
		EXPECT(pthread_join(threads[i], NULL) == 0);
	do /* a thread that is joined may still be on its way out */
		must(stat("/proc/self/task", &tasks));
	while (tasks.st_nlink > 3);
	EXPECT(forks_until_refused(16) == LIMIT - 1);
}

/* Not more than there is may be promised: overcommit is off unless the command line says so. */
static void commitment(void)
{
	unsigned long total = (unsigned long)meminfo("MemTotal:") * 1024;
	char *half, *other;

	if (!on_facet()) {
		skip("Linux promises more than it has");
		return;
	}
	ok(mmap(NULL, 2 * total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
			   MAP_FAILED &&
		   errno == ENOMEM,
	   "a mapping larger than memory is ENOMEM");
	half = mmap(NULL, total / 5 * 3 & ~(PAGE - 1), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ok(half != MAP_FAILED, "one of three fifths is taken");
	other = mmap(NULL, total / 5 * 3 & ~(PAGE - 1), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ok(other == MAP_FAILED && errno == ENOMEM, "a second is not");
	ok(fork() == -1 && (errno == ENOMEM || errno == EAGAIN),
	   "nor can both a parent and a child have it");
	ok(sys(SYS_brk, (char *)sys(SYS_brk, 0) + total / 2) == sys(SYS_brk, 0),
	   "nor does the heap get it");
	must(munmap(half, total / 5 * 3 & ~(PAGE - 1)));
	other = mmap(NULL, total / 5 * 3 & ~(PAGE - 1), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ok(other != MAP_FAILED, "given back it can be had again");
	must(munmap(other, total / 5 * 3 & ~(PAGE - 1)));
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "inherited"))
		return inherited();
	if (argc > 1 && !strcmp(argv[1], "nothing"))
		return 0;
	round_trips();
	ok_child(old_and_new, NULL, "prlimit64 sets and tells at once");
	childs_own();
	other_process();
	ok_child(as_user, NULL, "limits of a process that is not all one's own are EPERM");
	ok_child(becomes_one_too_many, NULL, "exec as a user with too many processes is EAGAIN");
	ok_child(becomes_another_with_threads, NULL,
		 "threads count for whom their process becomes");
	commitment();
	return done();
}
