/*
 * personality(2), unshare(2), setns(2), membarrier(2), getcpu(2), and the masks of processors: a
 * machine with one processor and no namespaces has short answers, and Linux's errors.
 */
#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/utsname.h>

#ifndef UNAME26
#define UNAME26 0x0020000
#endif
#define WILD 8L

static long ask(void)
{
	return sys(SYS_personality, 0xffffffff);
}

static void child_of_old_linux(void *unused)
{
	char *argv[] = { "personality", "told", NULL };
	struct utsname name;

	(void)unused;
	EXPECT(ask() == (PER_LINUX32 | UNAME26));
	EXPECT(uname(&name) == 0 && !strncmp(name.release, "2.6.", 4));
	EXPECT(!strcmp(name.machine, "i686"));
	execv(self_path(), argv);
}

static void personalities(void)
{
	struct utsname name;
	char text[32] = "";

	ok_equal(ask(), 0, "the personality is Linux's");
	ok_equal(sys(SYS_personality, PER_LINUX32 | UNAME26), 0, "it becomes an old, narrow one");
	ok_equal(ask(), PER_LINUX32 | UNAME26, "which is told");
	ok(read_text("/proc/self/personality", text, sizeof(text)) > 0 &&
		   !strcmp(text, "00020008\n"),
	   "and in /proc");
	ok_equal(exit_code(child_status(child_of_old_linux, NULL)), 33,
		 "uname says so to a child, which keeps it over exec");
	ok_equal(sys(SYS_personality, 0), PER_LINUX32 | UNAME26, "and back");
	ok(uname(&name) == 0 && !strcmp(name.machine, "x86_64") && name.release[0] != '2',
	   "the machine is wide again");
	ok_equal(sys(SYS_personality, ADDR_NO_RANDOMIZE), 0, "setarch -R");
	ok_equal(sys(SYS_personality, 0), ADDR_NO_RANDOMIZE, "is kept");
	if (on_facet())
		ok_equal(sys(SYS_personality, READ_IMPLIES_EXEC), -EINVAL,
			 "what would change memory is EINVAL");
	else
		skip("Linux changes how memory is laid out");
}

static void as_user(void *unused)
{
	(void)unused;
	must(setresuid(1000, 1000, 1000));
	EXPECT(sys(SYS_unshare, CLONE_NEWUTS) == -EPERM);
	EXPECT(sys(SYS_unshare, CLONE_NEWNS) == -EPERM);
	EXPECT(sys(SYS_unshare, CLONE_FS) == 0);
}

static void *unshares(void *result)
{
	long *results = result;

	results[0] = sys(SYS_unshare, CLONE_THREAD);
	results[1] = sys(SYS_unshare, CLONE_SIGHAND);
	results[2] = sys(SYS_unshare, CLONE_VM);
	results[3] = sys(SYS_unshare, 0);
	return NULL;
}

static void sharing(void)
{
	long results[4] = { 0 };
	pthread_t thread;

	ok_equal(sys(SYS_unshare, 0), 0, "to unshare nothing");
	ok_equal(sys(SYS_unshare, CLONE_FS | CLONE_FILES | CLONE_SYSVSEM), 0, "what is not shared");
	ok_equal(sys(SYS_unshare, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD), 0, "by one thread");
	ok_equal(sys(SYS_unshare, 1), -EINVAL, "1 is no flag: EINVAL");
	ok_equal(sys(SYS_unshare, 0x00100000), -EINVAL, "one of clone alone: EINVAL");
	if (pthread_create(&thread, NULL, unshares, results))
		bail("pthread_create");
	pthread_join(thread, NULL);
	ok(results[0] == -EINVAL && results[1] == -EINVAL && results[2] == -EINVAL,
	   "one of two threads keeps memory and signals: EINVAL");
	ok_equal(results[3], 0, "and may ask for nothing");
	ok_child(as_user, NULL, "a user gets no namespace: EPERM");
	if (on_facet())
		ok_equal(sys(SYS_unshare, CLONE_NEWUTS), -EINVAL, "nor does root: EINVAL");
	else
		skip("Linux has namespaces");
	ok_equal(sys(SYS_setns, -1, 0), -EBADF, "setns of no descriptor: EBADF");
	ok_equal(sys(SYS_setns, 0, 0), -EINVAL, "of one that is no namespace: EINVAL");
}

static void barriers(void)
{
	long offered = sys(SYS_membarrier, 0, 0, 0);

	ok(offered > 0 && offered & 8 && offered & 16, "membarrier has its private forms");
	ok_equal(sys(SYS_membarrier, 0, 1, 0), -EINVAL, "a flag: EINVAL");
	ok_equal(sys(SYS_membarrier, 1 << 30, 0, 0), -EINVAL, "an unknown command: EINVAL");
	ok_equal(sys(SYS_membarrier, 3, 0, 0), -EINVAL, "two at once: EINVAL");
	ok_equal(sys(SYS_membarrier, 8, 0, 0), -EPERM, "not registered: EPERM");
	ok_equal(sys(SYS_membarrier, 16, 0, 0), 0, "registered");
	ok_equal(sys(SYS_membarrier, 8, 0, 0), 0, "it passes");
	ok_equal(sys(SYS_membarrier, 16, 0, 0), 0, "to register again is nothing");
	ok_equal(sys(SYS_membarrier, 32, 0, 0), offered & 32 ? -EPERM : -EINVAL,
		 "that for code has a registration of its own");
	ok_equal(sys(SYS_membarrier, 64, 0, 0), offered & 64 ? 0 : -EINVAL, "which it has now");
	ok_equal(sys(SYS_membarrier, 32, 0, 0), offered & 32 ? 0 : -EINVAL, "it passes");
	ok_equal(sys(SYS_membarrier, 4, 0, 0), offered & 4 ? 0 : -EINVAL, "the global one");
	ok_equal(sys(SYS_membarrier, 2, 0, 0), offered & 2 ? 0 : -EINVAL, "passes");
}

static void others_affinity(void *unused)
{
	uint64_t mask[16] = { 1 };

	(void)unused;
	must(setresuid(1000, 1000, 1000));
	EXPECT(sys(SYS_sched_setaffinity, getppid(), sizeof(mask), mask) == -EPERM);
	EXPECT(sys(SYS_sched_getaffinity, getppid(), sizeof(mask), mask) > 0);
}

static void processors(void)
{
	uint64_t mask[16] = { 0 }, none[16] = { 0 };
	unsigned cpu = 999, node = 999;
	long size = sys(SYS_sched_getaffinity, 0, sizeof(mask), mask);

	ok(size >= 8 && size % 8 == 0 && mask[0], "there is a processor to run on");
	ok_equal(sys(SYS_sched_getaffinity, 0, 7, mask), -EINVAL, "7 bytes are no mask: EINVAL");
	ok_equal(sys(SYS_sched_getaffinity, 0, 129, mask), -EINVAL, "nor are 129");
	ok_equal(sys(SYS_sched_getaffinity, 0, 128, WILD), -EFAULT, "to nowhere: EFAULT");
	ok_equal(sys(SYS_sched_getaffinity, -1, 128, mask), -ESRCH, "of thread -1: ESRCH");
	ok_equal(sys(SYS_sched_setaffinity, 0, 128, mask), 0, "what it is can be set");
	ok_equal(sys(SYS_sched_setaffinity, 0, 128, none), -EINVAL, "none cannot: EINVAL");
	ok_equal(sys(SYS_sched_setaffinity, 0, 0, mask), -EINVAL, "nor no bytes of one: EINVAL");
	ok_equal(sys(SYS_sched_setaffinity, 0, 128, WILD), -EFAULT, "from nowhere: EFAULT");
	ok_equal(sys(SYS_sched_setaffinity, 0x7fffff0, 128, none), -ESRCH, "nobody's: ESRCH");
	ok_child(others_affinity, NULL, "a user asks for root's, and does not set it: EPERM");
	ok_equal(sys(SYS_getcpu, &cpu, &node, 0), 0, "getcpu");
	ok(cpu < 1024 && node < 1024, "says both");
	ok_equal(sys(SYS_getcpu, 0, 0, 0), 0, "or nothing");
	ok_equal(sys(SYS_getcpu, WILD, 0, 0), -EFAULT, "to nowhere: EFAULT");
	ok_equal(sys(SYS_getcpu, 0, WILD, 0), -EFAULT, "the node too");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "told"))
		return ask() == (PER_LINUX32 | UNAME26) ? 33 : 1;
	personalities();
	sharing();
	barriers();
	processors();
	return done();
}
