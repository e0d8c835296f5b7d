/*
 * A thread made by clone(2) alone: where its id is written, and cleared at its end.
 */
#include "futex.h"

#include <sched.h>

static volatile int finished;

static char raw_stack[16384] __attribute__((aligned(16)));
static volatile uint32_t cleared;

static int raw_thread(void *unused)
{
	(void)unused;
	__atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
	sys(SYS_exit, 0);
	return 0;
}

#define CLONE_OF_THREAD                                                                     \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

static void id_words(void)
{
	volatile pid_t told = 0;
	pid_t tid;

	cleared = 77;
	finished = 0;
	tid = clone(raw_thread, raw_stack + sizeof(raw_stack), CLONE_OF_THREAD, NULL, &told, NULL,
		    &cleared);
	while (cleared)
		sys(SYS_futex, &cleared, FUTEX_WAIT, 77, NULL);
	ok(tid > 0 && told == tid, "CLONE_PARENT_SETTID tells the id");
	ok_equal(finished, 1, "CLONE_CHILD_CLEARTID clears the word at the end, and wakes");
	ok_equal(sys(SYS_set_tid_address, &cleared), sys(SYS_gettid),
		 "set_tid_address tells the id");
	ok_equal(sys(SYS_clone, CLONE_THREAD | CLONE_SIGHAND, 0), -EINVAL,
		 "a thread shares memory and handlers");
	ok_equal(sys(SYS_clone, CLONE_SIGHAND, 0), -EINVAL, "handlers need memory");
}

int main(void)
{
	id_words();
	return done();
}
