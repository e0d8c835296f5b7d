/*
 * The upper halves of the vector registers belong to a thread as the lower ones do (fpu.c): they
 * survive system calls, switches and handlers, fork hands them on, and exec starts with zeros.
 */
#include "duel.h"

#include <cpuid.h>
#include <signal.h>

struct state {
	uint64_t ymm[16][4];
};

void load_ymm(const struct state *state);
void store_ymm(struct state *state);
__asm__(".text\n"
	"load_ymm:\n"
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"	vmovdqu 32*\\n(%rdi), %ymm\\n\n"
	".endr\n"
	"	ret\n"
	"store_ymm:\n"
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"	vmovdqu %ymm\\n, 32*\\n(%rdi)\n"
	".endr\n"
	"	ret\n");

static void fill(struct state *state, uint64_t salt)
{
	for (unsigned i = 0; i < 16; i++)
		for (unsigned j = 0; j < 4; j++)
			state->ymm[i][j] = (salt + 16 * i + j) * 0x9e3779b97f4a7c15;
}

static bool kept_over(long nr, uint64_t salt)
{
	struct state before, after;

	fill(&before, salt);
	memset(&after, 0, sizeof(after));
	load_ymm(&before);
	sys(nr, -1);
	store_ymm(&after);
	return !memcmp(&before, &after, sizeof(before));
}

static void spin(int side)
{
	struct state before, after;

	fill(&before, side ? 1001 : 2002);
	load_ymm(&before);
	for (volatile int i = 0; i < 100000; i++)
		;
	store_ymm(&after);
	EXPECT(!memcmp(&before, &after, sizeof(before)));
}

static volatile int handled;
static volatile bool clean_in_handler;

static void handler(int signal)
{
	struct state state, other;

	(void)signal;
	store_ymm(&state);
	clean_in_handler = true;
	for (unsigned i = 0; i < 16; i++)
		clean_in_handler &= !state.ymm[i][2] && !state.ymm[i][3];
	fill(&other, 77);
	load_ymm(&other);
	handled++;
}

static void in_a_handler(void)
{
	struct state before, after;
	pid_t self = getpid();

	signal(SIGUSR1, handler);
	fill(&before, 4004);
	load_ymm(&before);
	sys(SYS_kill, self, SIGUSR1);
	store_ymm(&after);
	ok(handled == 1 && !memcmp(&before, &after, sizeof(before)),
	   "a handler that uses them leaves them as they were");
	ok(clean_in_handler, "the handler begins with zeros");
}

static void inherited(void)
{
	struct state before, after;
	long pid;
	bool same;

	fill(&before, 3003);
	load_ymm(&before);
	pid = sys(SYS_fork);
	store_ymm(&after);
	same = !memcmp(&before, &after, sizeof(before));
	if (pid == 0)
		_exit(same ? 0 : 1);
	ok(same, "fork leaves the parent's as they were");
	ok_equal(wait_child((pid_t)pid), 0, "the child has a copy of them");
}

static int clean(void)
{
	struct state state;

	store_ymm(&state);
	for (unsigned i = 0; i < 16; i++)
		EXPECT(!state.ymm[i][2] && !state.ymm[i][3]);
	return 0;
}

static void exec_dirty(void *unused)
{
	char *argv[] = { "avx", "clean", NULL };
	struct state state;

	(void)unused;
	fill(&state, 5005);
	load_ymm(&state);
	sys(SYS_execve, self_path(), argv, argv + 2);
	_exit(1);
}

/* The processor's word, and the kernel's, that they are there. */
static bool is_offered(void)
{
	unsigned a, b, c, d, low, high;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_AVX) || !(c & bit_OSXSAVE))
		return false;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (low & 6) == 6;
}

int main(int argc, char **argv)
{
	unsigned a, b, c = 0, d;

	if (argc > 1 && !strcmp(argv[1], "clean"))
		return clean();
	__get_cpuid(1, &a, &b, &c, &d);
	ok(is_offered() == !!(c & bit_AVX), "what CPUID says is there can be used");
	if (!is_offered())
		return done();
	ok(kept_over(SYS_getpid, 1), "kept over a system call");
	ok(kept_over(SYS_sched_yield, 2), "kept over a yield");
	ok(kept_over(SYS_close, 3), "kept over a call that fails");
	run_duel(spin, "kept over preemption");
	inherited();
	in_a_handler();
	ok_child(exec_dirty, NULL, "exec starts with zeros");
	return done();
}
