/*
 * Registers and flags: what a system call may change (rax, rcx, r11), that preemption changes
 * nothing, and the odd corners of the ways in and out: direction, nested-task, trap and
 * alignment flags at a call, and a call in the last bytes of the user half.
 */
#include "duel.h"

struct frame {
	uint64_t rbx, rdx, rbp, rsi, rdi, r8, r9, r10, r12, r13, r14, r15, rax, rcx, r11, flags;
};

/*
 * Loads all registers from `in`, executes `syscall` or spins `rounds` times, stores all into `out`.
 * rax is the number of the call; with rounds not 0 there is no call, and rax counts down.
 */
void load_call_store(struct frame *in, struct frame *out, long rounds);
__asm__(".text\n"
	"load_call_store:\n"
	"	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
	"	push %rsi\n" /* out */
	"	push %rdx\n" /* rounds */
	"	pushq 120(%rdi); popfq\n"
	"	mov 0(%rdi), %rbx; mov 8(%rdi), %rdx; mov 16(%rdi), %rbp; mov 24(%rdi), %rsi\n"
	"	mov 40(%rdi), %r8; mov 48(%rdi), %r9; mov 56(%rdi), %r10; mov 64(%rdi), %r12\n"
	"	mov 72(%rdi), %r13; mov 80(%rdi), %r14; mov 88(%rdi), %r15\n"
	"	mov 96(%rdi), %rax; mov 104(%rdi), %rcx; mov 112(%rdi), %r11; mov 32(%rdi), %rdi\n"
	"	cmpq $0, (%rsp)\n"
	"	je 2f\n"
	"1:	decq (%rsp)\n"
	"	jnz 1b\n"
	"	jmp 3f\n"
	"2:	pushq $0x202; popfq\n"
	"	syscall\n"
	"3:	pushfq\n"
	"	push %rdi\n"
	"	mov 24(%rsp), %rdi\n" /* out: above rdi, flags, rounds */
	"	mov %rbx, 0(%rdi); mov %rdx, 8(%rdi); mov %rbp, 16(%rdi); mov %rsi, 24(%rdi)\n"
	"	mov %r8, 40(%rdi); mov %r9, 48(%rdi); mov %r10, 56(%rdi); mov %r12, 64(%rdi)\n"
	"	mov %r13, 72(%rdi); mov %r14, 80(%rdi); mov %r15, 88(%rdi)\n"
	"	mov %rax, 96(%rdi); mov %rcx, 104(%rdi); mov %r11, 112(%rdi)\n"
	"	pop %rbx; mov %rbx, 32(%rdi); pop %rbx; mov %rbx, 120(%rdi)\n"
	"	add $16, %rsp\n"
	"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
	"	cld\n"
	"	ret\n");

static void fill(struct frame *frame, uint64_t salt)
{
	uint64_t *word = &frame->rbx;

	for (int i = 0; i < 15; i++)
		word[i] = (0x0101010101010101 * (uint64_t)(i + 1)) ^ salt;
	frame->flags = 0x202;
}

/* The kept ones: all but rax, rcx, r11. */
static bool same_kept(const struct frame *a, const struct frame *b)
{
	return !memcmp(a, b, offsetof(struct frame, rax));
}

static void over_calls(void)
{
	static const struct {
		long nr;
		long result;
		const char *name;
	} calls[] = {
		{ SYS_getpid, 0, "getpid" },
		{ SYS_getppid, 0, "getppid" },
		{ SYS_sched_yield, 0, "sched_yield" },
		{ SYS_close, -EBADF, "close of nothing" },
		{ SYS_brk, 0, "brk" },
		{ 999999, -ENOSYS, "no call" },
		{ SYS_read, -EBADF, "read of nothing" },
		{ SYS_uname, -EFAULT, "uname of nowhere" },
		{ -1, -ENOSYS, "call -1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct frame in, out;

		fill(&in, 0x8000000000000000);
		in.rax = (uint64_t)calls[i].nr;
		load_call_store(&in, &out, 0);
		ok(same_kept(&in, &out), "%s keeps all registers but rax, rcx, r11", calls[i].name);
		if (calls[i].result)
			ok_equal((long)out.rax, calls[i].result, "and returns %ld",
				 calls[i].result);
		ok(out.flags == 0x202 && out.rsi == in.rsi, "and the flags");
	}
}

static void fork_keeps_them(void)
{
	struct frame in, out;

	fill(&in, 0);
	in.rax = SYS_fork;
	load_call_store(&in, &out, 0);
	if (out.rax == 0)
		_exit(same_kept(&in, &out) ? 0 : 1);
	ok(same_kept(&in, &out), "fork keeps the registers of the parent");
	ok_equal(wait_child((pid_t)out.rax), 0, "and gives them to the child");
}

/* Two processes with different registers compete: each is preempted with all of them live. */
static void spin(int side)
{
	struct frame in, out;

	fill(&in, side ? 0xabcdef0123456789 : 0x1234567812345678);
	in.flags |= side ? 0x8d5 : 0x400; /* the arithmetic flags, or direction */
	load_call_store(&in, &out, 200000);
	EXPECT(same_kept(&in, &out));
	EXPECT(out.rax == in.rax && out.rcx == in.rcx && out.r11 == in.r11);
}

/* Calls that copy memory while the direction flag is set. */
static void direction(void *unused)
{
	char out[64], in[64];
	int fd[2];
	long nr = SYS_write, n;

	(void)unused;
	must(pipe(fd));
	for (int i = 0; i < 64; i++)
		out[i] = (char)i;
	__asm__ volatile("std; syscall; cld"
			 : "=a"(n)
			 : "a"(nr), "D"((long)fd[1]), "S"(out), "d"(64L)
			 : "rcx", "r11", "memory");
	EXPECT(n == 64);
	__asm__ volatile("std; syscall; cld"
			 : "=a"(n)
			 : "a"((long)SYS_read), "D"((long)fd[0]), "S"(in), "d"(64L)
			 : "rcx", "r11", "memory");
	EXPECT(n == 64 && !memcmp(in, out, 64));
	__asm__ volatile("std; syscall; cld"
			 : "=a"(n)
			 : "a"((long)SYS_fork)
			 : "rcx", "r11", "memory");
	if (n == 0)
		_exit(0);
	EXPECT(n > 0 && wait_child((pid_t)n) == 0);
}

/* Page faults and preemption while the nested-task and direction flags are set. */
static void nested_task(void *unused)
{
	char *pages = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	uint64_t flags;

	(void)unused;
	__asm__ volatile("pushfq; orq $0x4000, (%%rsp); popfq" ::: "memory", "cc");
	for (int i = 0; i < 16; i++) {
		pages[(size_t)i * PAGE] = 1;
		sys(SYS_sched_yield);
	}
	__asm__ volatile("pushfq; pop %0" : "=r"(flags));
	EXPECT(flags & 0x4000);
	__asm__ volatile("pushfq; andq $~0x4000, (%%rsp); popfq" ::: "memory", "cc");
}

static void trap_flag_at_call(void *unused)
{
	(void)unused;
	__asm__ volatile("pushf; orl $0x100, (%%rsp); mov %0, %%eax; popf; syscall; nop"
			 :
			 : "i"(SYS_getpid)
			 : "rax", "rcx", "r11", "memory");
}

static void alignment_flag_at_call(void *unused)
{
	static char text[] = "0123456789";
	int fd[2];
	long n;

	(void)unused;
	must(pipe(fd));
	__asm__ volatile(
		"pushf; orl $0x40000, (%%rsp); popf; syscall; pushf; andl $~0x40000, (%%rsp); popf"
		: "=a"(n)
		: "a"((long)SYS_write), "D"((long)fd[1]), "S"(text + 1), "d"(7L)
		: "rcx", "r11", "memory");
	EXPECT(n == 7);
}

/* The address after the call is the first that user code can never have. */
static void call_at_the_end(void *nr)
{
	char *page = (char *)0x7fffffffe000;
	char *other = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);

	/* the stack may be in that very page: from here on it is `other` */
	/* clang-format off */
	__asm__ volatile(
		"mov %[stack], %%rsp\n"
		"mov %[page], %%rdi; mov $4096, %%esi; mov $3, %%edx; mov $0x32, %%r10d\n"
		"mov $-1, %%r8; xor %%r9d, %%r9d; mov $9, %%eax; syscall\n" /* mmap, fixed */
		"cmp %[page], %%rax; jne 1f\n"
		"movw $0x050f, 4094(%[page])\n"
		"mov %[page], %%rdi; mov $4096, %%esi; mov $5, %%edx\n"
		"mov $10, %%eax; syscall\n" /* mprotect */
		"mov %[nr], %%rax; xor %%edi, %%edi; lea 4094(%[page]), %%rdx; jmp *%%rdx\n"
		"1: mov $99, %%edi; mov $60, %%eax; syscall\n"
		:: [stack] "r"(other + 8 * PAGE), [page] "r"(page), [nr] "r"(*(long *)nr)
		: "rax", "rcx", "rdx", "rdi", "rsi", "r8", "r9", "r10", "r11", "memory");
	/* clang-format on */
}

int main(void)
{
	over_calls();
	fork_keeps_them();
	run_duel(spin, "preemption changes no register");
	ok_child(direction, NULL, "the direction flag at a call does no harm");
	ok_child(nested_task, NULL, "nor does the nested-task flag, at calls and faults");
	ok_equal(death_signal(child_status(trap_flag_at_call, NULL)), SIGTRAP,
		 "the trap flag at a call traps");
	ok_child(alignment_flag_at_call, NULL, "the alignment flag at a call does no harm");
	ok_equal(death_signal(child_status(call_at_the_end, &(long){ SYS_getpid })), SIGSEGV,
		 "a call in the last bytes of the user half returns to SIGSEGV");
	ok_equal(death_signal(child_status(call_at_the_end, &(long){ SYS_fork })), SIGSEGV,
		 "a fork there too");
	return done();
}
