/*
 * The floating point state belongs to a process: x87 stack and control word, xmm0 to xmm15 and
 * MXCSR survive system calls and switches, are handed on by fork and start clean after exec.
 */
#include "duel.h"

struct state {
	uint64_t xmm[16][2];
	double x87;
	uint32_t mxcsr;
	uint16_t control;
};

void load_state(const struct state *state);
void store_state(struct state *state);
__asm__(".text\n"
	"load_state:\n"
	"	movups 0(%rdi), %xmm0; movups 16(%rdi), %xmm1; movups 32(%rdi), %xmm2\n"
	"	movups 48(%rdi), %xmm3; movups 64(%rdi), %xmm4; movups 80(%rdi), %xmm5\n"
	"	movups 96(%rdi), %xmm6; movups 112(%rdi), %xmm7; movups 128(%rdi), %xmm8\n"
	"	movups 144(%rdi), %xmm9; movups 160(%rdi), %xmm10; movups 176(%rdi), %xmm11\n"
	"	movups 192(%rdi), %xmm12; movups 208(%rdi), %xmm13; movups 224(%rdi), %xmm14\n"
	"	movups 240(%rdi), %xmm15\n"
	"	fninit; fldl 256(%rdi); ldmxcsr 264(%rdi); fldcw 268(%rdi)\n"
	"	ret\n"
	"store_state:\n"
	"	movups %xmm0, 0(%rdi); movups %xmm1, 16(%rdi); movups %xmm2, 32(%rdi)\n"
	"	movups %xmm3, 48(%rdi); movups %xmm4, 64(%rdi); movups %xmm5, 80(%rdi)\n"
	"	movups %xmm6, 96(%rdi); movups %xmm7, 112(%rdi); movups %xmm8, 128(%rdi)\n"
	"	movups %xmm9, 144(%rdi); movups %xmm10, 160(%rdi); movups %xmm11, 176(%rdi)\n"
	"	movups %xmm12, 192(%rdi); movups %xmm13, 208(%rdi); movups %xmm14, 224(%rdi)\n"
	"	movups %xmm15, 240(%rdi)\n"
	"	fstl 256(%rdi); stmxcsr 264(%rdi); fnstcw 268(%rdi)\n"
	"	ret\n");

static void fill(struct state *state, unsigned salt)
{
	memset(state, 0, sizeof(*state));
	for (unsigned i = 0; i < 16; i++) {
		state->xmm[i][0] = 0x1111111111111111UL * i + salt;
		state->xmm[i][1] = ~state->xmm[i][0];
	}
	state->x87 = 1.5 + salt;
	state->mxcsr = salt & 1 ? 0x1f80 : 0x7f80; /* to nearest, or towards zero */
	state->control = salt & 1 ? 0x037f : 0x0c7f;
}

static void reset(void)
{
	__asm__ volatile("fninit; ldmxcsr %0" : : "m"((const uint32_t){ 0x1f80 }));
}

/* Kernel and compiler use no vector register in between: the raw call is one instruction. */
static bool kept_over(long nr, unsigned salt)
{
	struct state before, after;

	fill(&before, salt);
	memset(&after, 0, sizeof(after));
	load_state(&before);
	sys(nr, -1);
	store_state(&after);
	reset();
	return !memcmp(&before, &after, sizeof(before));
}

static void spin(int side)
{
	struct state before, after;

	fill(&before, side ? 0x1001 : 0x2002);
	memset(&after, 0, sizeof(after));
	load_state(&before);
	for (volatile int i = 0; i < 100000; i++)
		;
	store_state(&after);
	reset();
	EXPECT(!memcmp(&before, &after, sizeof(before)));
}

static void inherited(void)
{
	struct state before, after;
	long pid;
	bool same;

	fill(&before, 0x3004);
	memset(&after, 0, sizeof(after));
	load_state(&before);
	pid = sys(SYS_fork);
	store_state(&after);
	reset();
	same = !memcmp(&before, &after, sizeof(before));
	if (pid == 0)
		_exit(same ? 0 : 1);
	ok(same, "fork leaves the parent's state as it was");
	ok_equal(wait_child((pid_t)pid), 0, "the child has a copy of it");
}

/* What one process leaves in the registers must not be seen by one that never used them. */
static int clean(void)
{
	struct state state;
	uint16_t tag;
	uint32_t environment[7];
	bool zero = true;

	__asm__ volatile("fnstenv %0" : "=m"(environment));
	store_state(&state);
	tag = (uint16_t)environment[2];
	/*
	 * main runs after the C library's start, which may have used low xmm registers for copies
	 */
	for (int i = 8; i < 16; i++)
		zero = zero && !state.xmm[i][0] && !state.xmm[i][1];
	EXPECT(zero);
	EXPECT(state.mxcsr == 0x1f80 && state.control == 0x037f);
	EXPECT(tag == 0xffff);
	return 0;
}

static void exec_dirty(void *unused)
{
	char *argv[] = { "fpu", "clean", NULL };
	struct state state;

	(void)unused;
	fill(&state, 0x5006);
	load_state(&state);
	sys(SYS_execve, self_path(), argv, argv + 2);
	_exit(1);
}

static void wait_dirty(void *gate)
{
	struct state before, after;

	fill(&before, 0x7007);
	memset(&after, 0, sizeof(after));
	char byte;

	load_state(&before);
	sys(SYS_read, ((struct gate *)gate)->fd[0], &byte, 1);
	store_state(&after);
	reset();
	EXPECT(!memcmp(&before, &after, sizeof(before)));
}

int main(int argc, char **argv)
{
	struct gate gate = new_gate();
	pid_t child;

	if (argc > 1 && !strcmp(argv[1], "clean"))
		return clean();

	ok(kept_over(SYS_getpid, 0x10), "kept over a call");
	ok(kept_over(SYS_close, 0x21), "over one that fails");
	ok(kept_over(SYS_sched_yield, 0x32), "over a yield");
	run_duel(spin, "kept over preemption");
	inherited();

	child = start_child(wait_dirty, &gate);
	ok(await_state(child, 'S'), "a process blocks with its state");
	ok_child(exec_dirty, NULL, "an exec starts with a clean state");
	ok(kept_over(SYS_sched_yield, 0x44), "another's is its own");
	open_gate(&gate);
	ok_equal(wait_child(child), 0, "the one that blocked finds its own again");
	free_gate(&gate);
	return done();
}
