/*
 * clone as a fork: where it writes thread ids, what it refuses, and that it writes nowhere that the
 * process could not write itself.
 */
#include "tap.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

static pid_t clone_fork(unsigned long flags, void *parent_tid, void *child_tid)
{
	return (pid_t)sys(SYS_clone, flags | SIGCHLD, 0, (long)parent_tid, (long)child_tid, 0);
}

static void ids_are_written(void)
{
	static int in_parent, in_child;
	pid_t child = clone_fork(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID, &in_parent, &in_child);

	if (child == 0)
		_exit(in_child == getpid() && in_child == (int)syscall(SYS_gettid) ? 0 : 1);
	ok(child > 0 && in_parent == child, "the parent finds the child's id");
	ok_equal(in_child, 0, "the child's own copy is not the parent's");
	ok_equal(wait_child(child), 0, "the child finds its own");
}

/* A page that may be read only, and is shared with this process. */
static void rights_are_kept(int flags, const char *name)
{
	int *page = mmap(NULL, PAGE, PROT_READ, flags | MAP_ANONYMOUS, -1, 0);
	pid_t child = clone_fork(CLONE_CHILD_SETTID, NULL, page);

	if (child == 0)
		_exit(*page ? 1 : 0);
	ok(child > 0, "a bad place for the id does not undo the fork (%s)", name);
	ok_equal(wait_child(child), 0, "the child finds a page that may be read only as it was");
	ok_equal(*page, 0, "and so does the parent");
	must(munmap(page, PAGE));
}

static void nonsense_is_refused(void)
{
	ok_equal(sys(SYS_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0), -EINVAL,
		 "a thread without memory");
	ok_equal(sys(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0), -EINVAL,
		 "handlers without memory");
}

/* It runs in the parent's memory, which waits. */
static void vfork_borrows(void)
{
	static volatile int written;
	pid_t child = vfork();

	if (child == 0) {
		written = 1;
		_exit(7);
	}
	ok_equal(written, 1, "what a child of vfork writes is there when the parent goes on");
	ok_equal(exit_code(wait_child(child)), 7, "its status is collected");
}

int main(void)
{
	ids_are_written();
	rights_are_kept(MAP_SHARED, "shared");
	rights_are_kept(MAP_PRIVATE, "private");
	nonsense_is_refused();
	vfork_borrows();
	return done();
}
