/*
 * All registers are kept over a handler that uses them all, and it finds a clean FPU itself.
 */
#include "tap.h"

static volatile int calls;
struct machine {
	uint64_t general[14];
	uint64_t flags;
	uint8_t sse[16][16] __attribute__((aligned(16)));
	uint32_t mxcsr;
	uint16_t control;
	double x87;
};

static unsigned mxcsr_inside, control_inside;

static void use_everything(int signal_number, siginfo_t *from, void *context)
{
	uint16_t control;

	(void)signal_number;
	(void)from;
	(void)context;
	calls++;
	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr_inside));
	__asm__ volatile("fnstcw %0" : "=m"(control));
	control_inside = control;
	__asm__ volatile("fninit\n\tfldpi\n\tfldpi\n\tpcmpeqd %%xmm0, %%xmm0\n\t"
			 "movdqa %%xmm0, %%xmm1\n\tmovdqa %%xmm0, %%xmm7\n\t"
			 "movdqa %%xmm0, %%xmm8\n\tmovdqa %%xmm0, %%xmm15\n\t"
			 "mov $-1, %%rbx\n\tmov %%rbx, %%rcx\n\tmov %%rbx, %%r8\n\t"
			 "mov %%rbx, %%r15\n\tstd\n\tcld\n\tstc"
			 :
			 :
			 : "rbx", "rcx", "r8", "r15", "xmm0", "xmm1", "xmm7", "xmm8", "xmm15",
			   "cc");
}

/* Loads all registers from `before`, lets int3 call the handler, stores them all in `after`. */
void go_through(const struct machine *before, struct machine *after);
__asm__("go_through:\n\t"
	"push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15; push %rsi\n\t"
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\t"
	"movdqa 128+16*\\n(%rdi), %xmm\\n\n\t.endr\n\t"
	"ldmxcsr 384(%rdi); fninit; fldcw 388(%rdi); fldl 392(%rdi)\n\t"
	"mov 0(%rdi), %rax; mov 8(%rdi), %rbx; mov 16(%rdi), %rcx; mov 24(%rdi), %rdx\n\t"
	"mov 32(%rdi), %rsi; mov 40(%rdi), %rbp; mov 48(%rdi), %r8; mov 56(%rdi), %r9\n\t"
	"mov 64(%rdi), %r10; mov 72(%rdi), %r11; mov 80(%rdi), %r12; mov 88(%rdi), %r13\n\t"
	"mov 96(%rdi), %r14; mov 104(%rdi), %r15\n\t"
	"push 112(%rdi); popf\n\t"
	"int3\n\t"
	"pushf; xchg %rdi, 8(%rsp); popq 112(%rdi); cld\n\t"
	"mov %rax, 0(%rdi); mov %rbx, 8(%rdi); mov %rcx, 16(%rdi); mov %rdx, 24(%rdi)\n\t"
	"mov %rsi, 32(%rdi); mov %rbp, 40(%rdi); mov %r8, 48(%rdi); mov %r9, 56(%rdi)\n\t"
	"mov %r10, 64(%rdi); mov %r11, 72(%rdi); mov %r12, 80(%rdi); mov %r13, 88(%rdi)\n\t"
	"mov %r14, 96(%rdi); mov %r15, 104(%rdi)\n\t"
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\t"
	"movdqa %xmm\\n, 128+16*\\n(%rdi)\n\t.endr\n\t"
	"stmxcsr 384(%rdi); fnstcw 388(%rdi); fstpl 392(%rdi); fninit\n\t"
	"pop %rsi; pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n\t"
	"ret\n");

static void keeping(void)
{
	static struct machine before, after;
	static const uint32_t usual = 0x1f80;
	struct sigaction action = { .sa_sigaction = use_everything, .sa_flags = SA_SIGINFO };
	uint8_t *bytes = (uint8_t *)&before;

	for (size_t i = 0; i < sizeof(before); i++)
		bytes[i] = (uint8_t)(i * 7 + 1);
	before.flags = 0x202 | 0x400 | 1; /* IF DF CF */
	before.mxcsr = 0x7f80;            /* towards zero */
	before.control = 0xf7f;
	before.x87 = 1234.5;
	must(sigaction(SIGTRAP, &action, NULL));
	go_through(&before, &after);
	__asm__ volatile("ldmxcsr %0" : : "m"(usual));
	ok_equal(calls, 1, "a handler that uses all registers");
	ok(!memcmp(before.general, after.general, sizeof(before.general)),
	   "leaves the general ones");
	ok_equal((long)(after.flags & 0xcd5), (long)(before.flags & 0xcd5), "the flags");
	ok(!memcmp(before.sse, after.sse, sizeof(before.sse)), "those of SSE");
	ok_equal(after.mxcsr, before.mxcsr, "MXCSR");
	ok(after.control == before.control && after.x87 == before.x87, "and x87's");
	ok(mxcsr_inside == usual && control_inside == 0x37f, "itself it begins with a clean FPU");
}

int main(void)
{
	keeping();
	return done();
}
