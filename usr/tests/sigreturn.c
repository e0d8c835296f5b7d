/*
 * What comes back from a handler is the program's word: each field of the frame with garbage, and
 * frames that are not there. Whatever a process does to itself, the kernel stands.
 */
#include "tap.h"

#include <sys/mman.h>
#include <ucontext.h>

/* struct ucontext as the kernel writes it, in words of eight bytes. */
enum {
	WORD_STACK = 2,
	WORD_R8 = 5,
	WORD_RAX = 18,
	WORD_RSP = 20,
	WORD_RIP = 21,
	WORD_FLAGS = 22,
	WORD_SEGMENTS = 23,
	WORD_FPU = 28,
	WORD_MASK = 37,
	WORDS = 38,
};

static int word;
static uint64_t value;
static void (*change)(uint64_t *context);

static void handler(int signal_number, siginfo_t *info, void *context)
{
	(void)signal_number;
	(void)info;
	change(context);
}

static void set_word(uint64_t *context)
{
	context[word] = value;
}

/* Behind the call there is nothing but the exit, which needs no register and no stack. */
static void signal_and_exit(void)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	must(sigaction(SIGUSR1, &action, NULL));
	__asm__ volatile("syscall\n\tmov $231, %%eax\n\txor %%edi, %%edi\n\tsyscall\n\tud2"
			 :
			 : "a"(SYS_kill), "D"(getpid()), "S"(SIGUSR1)
			 : "rcx", "r11", "memory");
}

static void body(void *unused)
{
	(void)unused;
	signal_and_exit();
}

static int outcome(int at, uint64_t garbage)
{
	word = at;
	value = garbage;
	change = set_word;
	return child_status(body, NULL);
}

/* An end by a fault, or none at all. */
static bool is_orderly(int status)
{
	int died = death_signal(status);

	return status == 0 || died == SIGSEGV || died == SIGBUS || died == SIGTRAP ||
	       died == SIGILL || died == SIGFPE || died == SIGSYS;
}

static const uint64_t garbage[] = { 0,
				    1,
				    4096,
				    0x7fffffffffff,
				    0x800000000000,
				    0x5a5a5a5a5a5a5a5a,
				    0x8000000000000000,
				    0xffff800000000000,
				    0xffffffff80000000,
				    0xffffffffffffffff };

static void each_word(void)
{
	for (int at = 0; at < WORDS; at++) {
		bool good = true;

		for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
			int status = outcome(at, garbage[i]);

			if (is_orderly(status))
				continue;
			good = false;
			diag("word %d is 0x%lx: status 0x%x", at, (unsigned long)garbage[i],
			     (unsigned)status);
		}
		ok(good, "garbage in word %d of the context ends in order", at);
	}
}

static void known_words(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++)
		ok_equal(death_signal(outcome(WORD_RIP, garbage[i])), SIGSEGV, "RIP 0x%lx",
			 (unsigned long)garbage[i]);
	ok_equal(outcome(WORD_RAX, (uint64_t)-512), 0, "RAX of a call to be made again is a value");
	ok_equal(outcome(WORD_RSP, 1UL << 47), 0, "an RSP that cannot be, if nobody uses it");
	ok_equal(death_signal(outcome(WORD_FPU, 8)), SIGSEGV, "the FPU's state is not there");
	ok_equal(outcome(WORD_MASK, ~0UL), 0, "all signals blocked");
	ok_equal(death_signal(outcome(WORD_FLAGS, 0x302)), SIGTRAP, "the trap flag");
}

/* --- flags that a program may not have --- */

static void set_all_flags(uint64_t *context)
{
	context[WORD_FLAGS] = ~0x100UL & ~0x40000UL; /* all but TF and AC */
}

static void look_at_flags(void *unused)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	uint64_t flags;

	(void)unused;
	change = set_all_flags;
	must(sigaction(SIGUSR1, &action, NULL));
	__asm__ volatile("syscall\n\tpushf\n\tpop %0\n\tcld"
			 : "=r"(flags)
			 : "a"(SYS_kill), "D"(getpid()), "S"(SIGUSR1)
			 : "rcx", "r11", "memory", "cc");
	EXPECT((flags & 0x3000) == 0);      /* IOPL */
	EXPECT(flags & 0x200);              /* IF */
	EXPECT((flags & 0x4000) == 0);      /* NT */
	EXPECT((flags & 0x20000) == 0);     /* VM */
	EXPECT(flags & 0x400 && flags & 1); /* DF, CF: those it may */
}

static void mask_everything(uint64_t *context)
{
	context[WORD_MASK] = ~0UL;
}

static void look_at_mask(void *unused)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	uint64_t mask = 0;

	(void)unused;
	change = mask_everything;
	must(sigaction(SIGUSR1, &action, NULL));
	raise(SIGUSR1);
	sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8);
	EXPECT((mask & (1UL << (SIGKILL - 1))) == 0 && (mask & (1UL << (SIGSTOP - 1))) == 0);
	EXPECT(mask & (1UL << (SIGTERM - 1)));
}

/* --- the FPU's state --- */

static unsigned long fpu_offset, fpu_value;

static void set_fpu(uint64_t *context)
{
	memcpy((char *)context[WORD_FPU] + fpu_offset, &fpu_value, 8);
}

static void fpu_garbage(void)
{
	bool good = true;

	change = set_fpu;
	for (fpu_offset = 0; fpu_offset < 512; fpu_offset += 8) {
		for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
			int status;

			fpu_value = garbage[i];
			status = child_status(body, NULL);
			if (is_orderly(status))
				continue;
			good = false;
			diag("FPU at %lu: status 0x%x", fpu_offset, (unsigned)status);
		}
	}
	ok(good, "garbage in each part of the FPU's state ends in order");
}

/* --- what the processor refuses is a SIGSEGV that can be caught --- */

static int seen_code;
static uint64_t seen_address;

static void report(int signal_number, siginfo_t *info, void *context)
{
	(void)signal_number;
	(void)context;
	_exit(info->si_code == seen_code && (uint64_t)info->si_addr == seen_address ? 7 : 8);
}

static void caught_body(void *unused)
{
	static char memory[65536];
	stack_t stack = { .ss_sp = memory, .ss_size = sizeof(memory) };
	struct sigaction action = { .sa_sigaction = report, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	(void)unused;
	must(sigaltstack(&stack, NULL));
	must(sigaction(SIGSEGV, &action, NULL));
	signal_and_exit();
}

static void expect_fault(void (*how)(uint64_t *), int code, uint64_t address, const char *what)
{
	change = how;
	seen_code = code;
	seen_address = address;
	ok_equal(child_status(caught_body, NULL), 7 << 8, "%s", what);
}

static void set_cs(uint64_t *context)
{
	context[WORD_SEGMENTS] = (context[WORD_SEGMENTS] & ~0xffffUL) | value;
}

static void set_ss(uint64_t *context)
{
	context[WORD_SEGMENTS] = (context[WORD_SEGMENTS] & ~(0xffffUL << 48)) | value << 48;
}

static void set_ss_unasked(uint64_t *context)
{
	context[0] &= ~4UL; /* UC_STRICT_RESTORE_SS */
	set_ss(context);
}

static void move_fpu(uint64_t *context)
{
	context[WORD_FPU] += value;
}

#define CANNOT_RETURN(how, garbage, what)              \
	do {                                           \
		value = garbage;                       \
		expect_fault(how, SI_KERNEL, 0, what); \
	} while (0)

static void refused(void)
{
	CANNOT_RETURN(set_cs, 0, "CS 0");
	CANNOT_RETURN(set_cs, 0x10, "the kernel's CS");
	CANNOT_RETURN(set_ss, 0x1234, "SS of no segment");
	CANNOT_RETURN(move_fpu, 1, "the FPU's state at an odd address");
	CANNOT_RETURN(move_fpu, 1UL << 62, "the FPU's state at no address");
	word = WORD_RIP;
	CANNOT_RETURN(set_word, 1UL << 62, "a RIP that is not canonical");
	value = 0xffffffff80000000;
	expect_fault(set_word, SEGV_MAPERR, value, "a RIP of the kernel's");
	value = 0x1234;
	change = set_ss_unasked;
	ok_equal(child_status(body, NULL), 0, "SS that is not to be restored");
}

static void refused_headers(void)
{
	static const struct {
		unsigned long offset, value;
		const char *what;
	} headers[] = {
		{ 512, 1UL << 63, "a component that is reserved" },
		{ 512, ~0UL, "all components" },
		{ 520, ~0UL, "a layout that is reserved" },
		{ 520, 1, "a layout without its highest bit" },
		{ 528, 1, "the header's third word" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		if (!__builtin_cpu_supports("avx")) {
			skip("no XSAVE");
			continue;
		}
		fpu_offset = headers[i].offset;
		fpu_value = headers[i].value;
		expect_fault(set_fpu, SI_KERNEL, 0, headers[i].what);
	}
}

/* --- frames from nowhere --- */

static void return_from(void *at)
{
	__asm__ volatile("mov %0, %%rsp\n\tmov $15, %%eax\n\tsyscall\n\tud2"
			 :
			 : "r"(at)
			 : "memory");
}

static uint64_t seed = 1;

static uint64_t any(void)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return seed ^ seed >> 29;
}

static void set_all(uint64_t *context)
{
	for (int at = 0; at < WORDS; at++)
		if (any() % 4 == 0)
			context[at] = any() >> any() % 64;
}

static void frames(void)
{
	char *last = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);
	bool good = true;

	must(munmap(last + PAGE, PAGE));
	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++)
		ok_equal(death_signal(child_status(return_from, (void *)garbage[i])), SIGSEGV,
			 "a frame at 0x%lx", (unsigned long)garbage[i]);
	ok_equal(death_signal(child_status(return_from, last + PAGE - 64)), SIGSEGV,
		 "a frame that ends too early");
	ok_equal(death_signal(child_status(return_from, last)), SIGSEGV, "a frame of zeros");
	change = set_all;
	for (int i = 0; i < 300; i++) {
		int status;

		any();
		status = child_status(body, NULL);
		if (!is_orderly(status)) {
			good = false;
			diag("round %d: status 0x%x", i, (unsigned)status);
		}
	}
	ok(good, "300 frames of random words end in order");
}

int main(void)
{
	known_words();
	each_word();
	ok_child(look_at_flags, NULL, "flags of the system cannot be had");
	ok_child(look_at_mask, NULL, "nor can SIGKILL and SIGSTOP be blocked");
	fpu_garbage();
	refused();
	refused_headers();
	frames();
	return done();
}
