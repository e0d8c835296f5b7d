/*
 * clone3: struct clone_args in its sizes, children and threads by it, CLONE_CLEAR_SIGHAND, and what
 * is refused (clone(2)).
 */
#include "futex.h"

#include <sched.h>
#include <sys/mman.h>

#define CLONE_CLEAR_SIGHAND 0x100000000ul
#define WILD 8L

struct arguments {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	uint64_t set_tid, set_tid_size, cgroup;
	uint64_t unknown[(PAGE - 88) / 8 + 1];
};

/* The child's stack is the parent's copy: it goes on here, and ends. */
static long clone3(const struct arguments *arguments, size_t size)
{
	long child = sys(SYS_clone3, arguments, size);

	if (child == 0)
		_exit(7);
	return child;
}

static void sizes(void)
{
	static struct arguments simple = { .exit_signal = SIGCHLD }, unknown;
	static const size_t good[] = { 64, 80, 88, 96, 1024, PAGE };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		long child = clone3(&simple, good[i]);

		ok(child > 0 && exit_code(wait_child((pid_t)child)) == 7, "%lu bytes",
		   (unsigned long)good[i]);
	}
	ok_equal(clone3(&simple, 63), -EINVAL, "63 are too few: EINVAL");
	ok_equal(clone3(&simple, 0), -EINVAL, "none too");
	ok_equal(clone3(&simple, PAGE + 1), -E2BIG, "more than a page are too many: E2BIG");
	unknown = simple;
	unknown.unknown[20] = 1;
	ok_equal(clone3(&unknown, PAGE), -E2BIG, "what is not known and not 0: E2BIG");
	ok_equal(clone3((void *)WILD, 88), -EFAULT, "from nowhere: EFAULT");
	ok_equal(clone3((void *)-64l, 64), -EFAULT, "from the kernel: EFAULT");
}

static void refused(void)
{
	static const struct {
		struct arguments arguments;
		const char *what;
	} cases[] = {
		{ { .flags = SIGCHLD }, "a signal among the flags" },
		{ { .flags = CLONE_DETACHED, .exit_signal = SIGCHLD }, "CLONE_DETACHED" },
		{ { .flags = 1ul << 40, .exit_signal = SIGCHLD }, "an unknown flag" },
		{ { .exit_signal = 65 }, "signal 65" },
		{ { .exit_signal = 0x111 }, "signal 0x111" },
		{ { .exit_signal = 1ul << 32 | SIGCHLD }, "a signal of 33 bits" },
		{ { .exit_signal = SIGCHLD, .stack = 0x1000 }, "a stack without a size" },
		{ { .exit_signal = SIGCHLD, .stack_size = 0x1000 }, "a size without a stack" },
		{ { .exit_signal = SIGCHLD, .stack = -PAGE, .stack_size = PAGE },
		  "the kernel's memory as stack" },
		{ { .exit_signal = SIGCHLD, .set_tid_size = 1 }, "set_tid_size without set_tid" },
		{ { .exit_signal = SIGCHLD, .set_tid = 0x1000 }, "set_tid without its size" },
		{ { .flags = CLONE_VM | CLONE_SIGHAND | CLONE_CLEAR_SIGHAND,
		    .exit_signal = SIGCHLD },
		  "handlers that are shared and cleared" },
		{ { .flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FS | CLONE_FILES,
		    .exit_signal = SIGCHLD,
		    .stack = 0x1000,
		    .stack_size = 0x1000 },
		  "a signal at a thread's end" },
		{ { .flags = CLONE_PIDFD | CLONE_PARENT_SETTID,
		    .exit_signal = SIGCHLD,
		    .pidfd = 0x1000,
		    .parent_tid = 0x1000 },
		  "pidfd and tid at one address" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok_equal(clone3(&cases[i].arguments, 88), -EINVAL, "%s: EINVAL", cases[i].what);
	ok_errno(waitpid(-1, NULL, WNOHANG), ECHILD, "none of them made a child");
}

static void io_context(void)
{
	struct arguments arguments = { .flags = CLONE_IO, .exit_signal = SIGCHLD };
	long child = sys(SYS_clone3, &arguments, 64);
	int status = -1;

	if (child == 0)
		_exit(5);
	waitpid((pid_t)child, &status, 0);
	ok_equal(status, 5 << 8, "CLONE_IO is taken");
}

static void words(void)
{
	int pidfd = -1, parent = -1;
	static int in_child = -1;
	struct arguments arguments = {
		.flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
		.pidfd = (uint64_t)&pidfd,
		.parent_tid = (uint64_t)&parent,
		.child_tid = (uint64_t)&in_child,
		.exit_signal = SIGCHLD,
	};
	siginfo_t info;
	long child = sys(SYS_clone3, &arguments, 64);

	if (child == 0)
		_exit(in_child == getpid() ? 5 : 6);
	ok(child > 0 && parent == child, "the parent's word has the child's id");
	ok(pidfd >= 0 && sys(SYS_waitid, 3, pidfd, &info, WEXITED, NULL) == 0 &&
		   info.si_pid == child && info.si_status == 5,
	   "the pidfd is the child's, and so is the word in its memory");
	close(pidfd);
}

static void handler(int number)
{
	(void)number;
}

static void handlers(void)
{
	struct arguments arguments = { .flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD };
	struct sigaction action;
	long child;

	signal(SIGUSR1, handler);
	signal(SIGUSR2, SIG_IGN);
	child = sys(SYS_clone3, &arguments, 88);
	if (child == 0) {
		EXPECT(sigaction(SIGUSR1, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
		EXPECT(sigaction(SIGUSR2, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
		_exit(0);
	}
	ok_equal(wait_child((pid_t)child), 0, "CLONE_CLEAR_SIGHAND takes handlers, not SIG_IGN");
	must(sigaction(SIGUSR1, NULL, &action));
	ok(action.sa_handler == handler, "and not the parent's");
}

static int shared, thread_tid = -1;

/* On a stack of its own there is nothing to return to: it begins here, and ends. */
static __attribute__((noreturn)) void thread_body(void)
{
	__atomic_store_n(&shared, 42, __ATOMIC_SEQ_CST);
	for (;;)
		sys(SYS_exit, 0);
}

static long clone3_at(const struct arguments *arguments, void (*body)(void))
{
	long result;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "call *%[body]\n"
			 "1:"
			 : "=a"(result)
			 : "a"(SYS_clone3), "D"(arguments), "S"(88), [body] "r"(body)
			 : "rcx", "r11", "memory");
	return result;
}

static void stacks(void)
{
	char *stack = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	struct arguments arguments = {
		.flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			 CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
		.parent_tid = (uint64_t)&thread_tid,
		.child_tid = (uint64_t)&thread_tid,
		.stack = (uint64_t)stack,
		.stack_size = 16 * PAGE,
	};
	int seen;

	must(stack == MAP_FAILED ? -1 : 0);
	ok(clone3_at(&arguments, thread_body) > 0, "a thread, its stack told by start and size");
	while ((seen = __atomic_load_n(&thread_tid, __ATOMIC_SEQ_CST)))
		sys(SYS_futex, &thread_tid, FUTEX_WAIT, seen, NULL);
	ok(shared == 42, "runs in the same memory");
	shared = 0;
	arguments.flags = CLONE_VM | CLONE_VFORK;
	arguments.exit_signal = SIGCHLD;
	ok(wait_child((pid_t)clone3_at(&arguments, thread_body)) == 0 && shared == 42,
	   "a child of vfork on a stack of its own too");
	must(munmap(stack, 16 * PAGE));
}

int main(void)
{
	sizes();
	refused();
	io_context();
	words();
	handlers();
	stacks();
	return done();
}
