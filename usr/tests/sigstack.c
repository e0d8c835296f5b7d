/*
 * sigaltstack(2): which stack a handler runs on, what it says of itself, and its ends.
 */
#include "tap.h"

#include <setjmp.h>
#include <sys/mman.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

enum { SIZE = 64 * 1024 };

static char *memory; /* SIZE bytes between pages that nobody may touch */
static volatile int calls;
static volatile uintptr_t stack_at;
static stack_t state, state_of_context;
static volatile long changed;

static void look(int signal_number, siginfo_t *info, void *context)
{
	const stack_t *saved = (const stack_t *)((char *)context + 16); /* uc_stack */
	char here;

	(void)signal_number;
	(void)info;
	calls++;
	stack_at = (uintptr_t)&here;
	sigaltstack(NULL, &state);
	state_of_context = *saved;
	changed = sys(SYS_sigaltstack, &(stack_t){ .ss_flags = SS_DISABLE }, NULL);
}

static void catch_signal(int signal_number, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	must(sigaction(signal_number, &action, NULL));
	calls = 0;
}

static bool is_on_stack(uintptr_t address)
{
	return address - (uintptr_t)memory < SIZE;
}

static void set(void *base, size_t size, int flags)
{
	stack_t stack = { .ss_sp = base, .ss_size = size, .ss_flags = flags };

	must(sys(SYS_sigaltstack, &stack, NULL) == 0 ? 0 : -1);
}

static void setting(void)
{
	stack_t stack = { .ss_sp = memory, .ss_size = SIZE }, old;

	ok(sigaltstack(NULL, &old) == 0 && old.ss_flags == SS_DISABLE, "there is none at first");
	ok_equal(sys(SYS_sigaltstack, &stack, &old), 0, "it is set");
	ok(sigaltstack(NULL, &old) == 0 && old.ss_flags == 0 && old.ss_sp == memory &&
		   old.ss_size == SIZE,
	   "and told");
	stack.ss_size = 1000;
	ok_equal(sys(SYS_sigaltstack, &stack, NULL), -ENOMEM, "a small one is ENOMEM");
	stack.ss_flags = 16;
	stack.ss_size = SIZE;
	ok_equal(sys(SYS_sigaltstack, &stack, NULL), -EINVAL, "an unknown flag is EINVAL");
	ok_equal(sys(SYS_sigaltstack, 8, NULL), -EFAULT, "a wild one is EFAULT");
	ok_equal(sys(SYS_sigaltstack, NULL, 8), -EFAULT, "a wild old one too");
	ok(sigaltstack(NULL, &old) == 0 && old.ss_sp == memory, "none of that has changed it");
}

static void using(void)
{
	catch_signal(SIGUSR1, look, 0);
	raise(SIGUSR1);
	ok(calls == 1 && !is_on_stack(stack_at), "without SA_ONSTACK a handler stays where it is");
	ok(state.ss_flags == 0, "and is not on it");
	set(memory, SIZE, 0);
	catch_signal(SIGUSR1, look, SA_ONSTACK);
	raise(SIGUSR1);
	ok(calls == 1 && is_on_stack(stack_at), "with SA_ONSTACK it runs there");
	ok(state.ss_flags == SS_ONSTACK && state.ss_sp == memory, "and knows it");
	ok(state_of_context.ss_sp == memory && state_of_context.ss_size == SIZE &&
		   state_of_context.ss_flags == 0,
	   "its context tells of the stack");
	ok_equal(changed, -EPERM, "a stack that is in use cannot be changed");
	set(NULL, 0, SS_DISABLE);
	raise(SIGUSR1);
	ok(calls == 2 && !is_on_stack(stack_at), "with none set SA_ONSTACK changes nothing");
}

static volatile uintptr_t outer;

static void nest(int signal_number, siginfo_t *info, void *context)
{
	char here;

	outer = (uintptr_t)&here;
	raise(SIGUSR2);
	(void)signal_number;
	(void)info;
	(void)context;
}

static void nested(void)
{
	set(memory, SIZE, 0);
	catch_signal(SIGUSR1, nest, SA_ONSTACK);
	catch_signal(SIGUSR2, look, SA_ONSTACK);
	raise(SIGUSR1);
	ok(is_on_stack(outer) && is_on_stack(stack_at) && stack_at < outer,
	   "a second handler goes on below the first");
}

static void disarming(void)
{
	stack_t old;

	set(memory, SIZE, (int)SS_AUTODISARM);
	ok(sigaltstack(NULL, &old) == 0 && (unsigned)old.ss_flags == SS_AUTODISARM,
	   "SS_AUTODISARM is told");
	catch_signal(SIGUSR1, look, SA_ONSTACK);
	raise(SIGUSR1);
	ok(calls == 1 && is_on_stack(stack_at), "it is used");
	ok_equal(state.ss_flags, (int)SS_DISABLE, "the handler finds it disarmed");
	ok_equal(changed, 0, "and may set another");
	ok(sigaltstack(NULL, &old) == 0 && (unsigned)old.ss_flags == SS_AUTODISARM &&
		   old.ss_sp == memory,
	   "behind the handler it is armed again");
	set(NULL, 0, SS_DISABLE);
}

/* --- ends --- */

static void again(int signal_number, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	calls++;
	raise(signal_number);
}

static void overflow(void *unused)
{
	(void)unused;
	set(memory, SIZE, 0);
	catch_signal(SIGUSR1, again, SA_ONSTACK | SA_NODEFER);
	raise(SIGUSR1);
}

static sigjmp_buf start;
static volatile uintptr_t fault_address;

static void leave(int signal_number, siginfo_t *info, void *context)
{
	char here;

	(void)context;
	stack_at = (uintptr_t)&here;
	fault_address = (uintptr_t)info->si_addr;
	siglongjmp(start, signal_number);
}

static int deepen(volatile char *from)
{
	volatile char frame[4096];

	frame[0] = *from;
	return (*from ? 0 : deepen(frame)) + frame[0];
}

static void endless(void *unused)
{
	struct rlimit limit = { 128 * 1024, 128 * 1024 };

	(void)unused;
	must(setrlimit(RLIMIT_STACK, &limit));
	set(memory, SIZE, 0);
	catch_signal(SIGSEGV, leave, SA_ONSTACK);
	for (volatile int round = 0; round < 3; round++) {
		volatile char zero = 0;

		if (!sigsetjmp(start, 1))
			deepen(&zero);
		EXPECT(is_on_stack(stack_at));
		EXPECT(fault_address < (uintptr_t)&zero);
	}
}

static void endless_without(void *unused)
{
	struct rlimit limit = { 128 * 1024, 128 * 1024 };
	volatile char zero = 0;

	(void)unused;
	must(setrlimit(RLIMIT_STACK, &limit));
	catch_signal(SIGSEGV, leave, 0);
	deepen(&zero);
}

/* The frame of another signal does not fit: that is a fault, which has a handler. */
static void frame_does_not_fit(void *unused)
{
	(void)unused;
	set(memory, SIZE, 0);
	catch_signal(SIGSEGV, leave, SA_ONSTACK);
	catch_signal(SIGUSR1, look, 0);
	if (!sigsetjmp(start, 1)) {
		__asm__ volatile("mov %0, %%rsp\n\tmov %%rax, %%rdi\n\tmov $62, %%eax\n\t"
				 "mov %1, %%esi\n\tsyscall\n\tud2"
				 :
				 : "r"(PAGE), "i"(SIGUSR1), "a"(getpid())
				 : "memory");
	}
	EXPECT(is_on_stack(stack_at));
	EXPECT(calls == 0);
}

static void wild_stack(void *address)
{
	set(address, SIZE, 0);
	catch_signal(SIGUSR1, look, SA_ONSTACK);
	raise(SIGUSR1);
}

static void after_fork(void *unused)
{
	stack_t now;

	(void)unused;
	must(sigaltstack(NULL, &now));
	EXPECT(now.ss_sp == memory && now.ss_size == SIZE);
}

static void exec_self(void *unused)
{
	char *argv[] = { "sigstack", "none", NULL };

	(void)unused;
	execv(self_path(), argv);
}

static void ends(void)
{
	static const uintptr_t wild[] = {
		0, PAGE, 0x800000000000, 1UL << 63, 0xffff800000000000, ~0UL - SIZE + 1, ~0UL - 100
	};

	ok_equal(death_signal(child_status(overflow, NULL)), SIGSEGV,
		 "the end of the stack is not run over");
	ok_child(endless, NULL, "an overflow of the stack is caught on the other one, repeatedly");
	ok_equal(death_signal(child_status(endless_without, NULL)), SIGSEGV,
		 "without one it cannot be");
	ok_child(frame_does_not_fit, NULL,
		 "a stack that takes no frame is a fault that can be caught");
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++)
		ok_equal(death_signal(child_status(wild_stack, (void *)wild[i])), SIGSEGV,
			 "a stack at 0x%lx ends the process", wild[i]);
	set(memory, SIZE, 0);
	ok_child(after_fork, NULL, "a child of fork has it");
	ok_child(exec_self, NULL, "but not over exec");
}

int main(int argc, char **argv)
{
	stack_t now;

	if (argc > 1 && !strcmp(argv[1], "none"))
		return sigaltstack(NULL, &now) || now.ss_flags != SS_DISABLE;
	memory = mmap(NULL, SIZE + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memory += PAGE;
	must(mprotect(memory, SIZE, PROT_READ | PROT_WRITE));
	setting();
	using();
	nested();
	disarming();
	ends();
	return done();
}
