/*
 * Thread-local storage: __thread variables, and the FS and GS bases under them, belong to a
 * process, survive calls and switches, and are copied by fork (arch_prctl(2)).
 */
#include "duel.h"

/* musl has no header for these. */
#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004

static __thread volatile long value = 1234;
static __thread volatile long zero;

static unsigned long base(int code)
{
	unsigned long address = 0;

	return sys(SYS_arch_prctl, code, &address) ? 0 : address;
}

static void spin(int side)
{
	static unsigned long first;
	long mine = side ? 111 : 222;

	if (!first) {
		first = base(ARCH_GET_FS);
		value = mine;
	}
	for (volatile int i = 0; i < 50000; i++)
		EXPECT(value == mine);
	EXPECT(base(ARCH_GET_FS) == first);
}

/* Each side has an FS base of its own, over which it reads its own word. */
static void spin_bases(int side)
{
	static unsigned long words[2][2] = { { 100, 101 }, { 200, 201 } };
	unsigned long fs = base(ARCH_GET_FS), through_fs, through_gs;
	bool same = true;

	EXPECT(sys(SYS_arch_prctl, ARCH_SET_GS, &words[side][1]) == 0);
	sys(SYS_arch_prctl, ARCH_SET_FS, &words[side][0]);
	for (int i = 0; i < 100000; i++) {
		__asm__ volatile("mov %%fs:0, %0" : "=r"(through_fs));
		__asm__ volatile("mov %%gs:0, %0" : "=r"(through_gs));
		same = same && through_fs == words[side][0] && through_gs == words[side][1];
	}
	sys(SYS_arch_prctl, ARCH_SET_FS, fs);
	EXPECT(same);
	EXPECT(base(ARCH_GET_GS) == (unsigned long)&words[side][1]);
}

static void child_of_fork(void *unused)
{
	(void)unused;
	EXPECT(value == 4321 && zero == 0);
	value = 5;
	zero = 6;
}

static void errors(void)
{
	unsigned long fs = base(ARCH_GET_FS);

	ok_equal(sys(SYS_arch_prctl, 0x4242, 0), -EINVAL, "an unknown code is EINVAL");
	ok_equal(sys(SYS_arch_prctl, ARCH_GET_FS, 8), -EFAULT, "a bad pointer is EFAULT");
	ok_equal(sys(SYS_arch_prctl, ARCH_SET_FS, 0x800000000000), -EPERM,
		 "a base that is not canonical is EPERM");
	ok_equal(sys(SYS_arch_prctl, ARCH_SET_FS, 0xffff800000000000), -EPERM,
		 "one in the kernel too");
	ok_equal(sys(SYS_arch_prctl, ARCH_SET_GS, 0xffffffff80000000), -EPERM, "and for GS");
	ok_equal((long)base(ARCH_GET_FS), (long)fs, "the base is what it was");
}

/* GS with a null selector loaded still must not be the kernel's. */
static void null_selectors(void *unused)
{
	unsigned long through;

	(void)unused;
	__asm__ volatile("xor %%eax, %%eax; mov %%ax, %%gs" ::: "rax");
	for (int i = 0; i < 100; i++)
		sys(SYS_sched_yield);
	EXPECT(base(ARCH_GET_GS) == 0);
	__asm__ volatile("mov %%gs:0, %0" : "=r"(through));
}

int main(void)
{
	ok_equal(value, 1234, "a __thread variable has its first value");
	ok_equal(zero, 0, "one without is zero");
	ok(base(ARCH_GET_FS) != 0, "the FS base is set");
	value = 4321;
	ok_child(child_of_fork, NULL, "a child has a copy");
	ok_equal(value, 4321, "the parent's is its own");
	ok_equal(zero, 0, "all of it");
	run_duel(spin, "__thread is kept over switches");
	run_duel(spin_bases, "FS and GS bases are kept over switches");
	errors();
	ok_equal(death_signal(child_status(null_selectors, NULL)), SIGSEGV,
		 "a null GS reads nothing");
	return done();
}
