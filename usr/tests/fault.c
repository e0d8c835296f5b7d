/*
 * Exceptions of user code become signals of the process that made them, and nothing else: the
 * numbers are Linux's. Every case runs in a child of its own.
 */
#include "tap.h"

#include <sys/mman.h>

#define ASM_BODY(name, text)                                              \
	static void name(void *arg)                                       \
	{                                                                 \
		(void)arg;                                                \
		__asm__ volatile(text ::: "memory", "rax", "rcx", "rdx"); \
	}

ASM_BODY(divide_by_zero, "xor %%edx, %%edx; mov $1, %%eax; xor %%ecx, %%ecx; div %%ecx")
ASM_BODY(divide_overflow, "mov $0x80000000, %%eax; cltd; mov $-1, %%ecx; idiv %%ecx")
ASM_BODY(undefined, "ud2")
ASM_BODY(breakpoint, "int3")
ASM_BODY(breakpoint_long, ".byte 0xcd, 3")
ASM_BODY(single_step, "pushf; orl $0x100, (%%rsp); popf; nop; nop")
ASM_BODY(halt, "hlt")
ASM_BODY(interrupts_off, "cli")
ASM_BODY(interrupts_on, "sti")
ASM_BODY(port_in, "mov $0x64, %%edx; in %%dx, %%al")
ASM_BODY(port_out, "mov $0x80, %%edx; out %%al, %%dx")
ASM_BODY(read_cr0, "mov %%cr0, %%rax")
ASM_BODY(write_cr3, "xor %%eax, %%eax; mov %%rax, %%cr3")
ASM_BODY(read_msr, "mov $0xc0000080, %%ecx; rdmsr")
ASM_BODY(write_msr, "mov $0xc0000082, %%ecx; xor %%eax, %%eax; xor %%edx, %%edx; wrmsr")
ASM_BODY(load_gdt, "lgdt (%%rsp)")
ASM_BODY(load_idt, "lidt (%%rsp)")
ASM_BODY(load_task, "mov $0x28, %%eax; ltr %%ax")
ASM_BODY(swap_gs, "swapgs")
ASM_BODY(return_to_user, "sysretq")
ASM_BODY(invalidate, "invlpg (%%rsp)")
ASM_BODY(write_back, "wbinvd")
ASM_BODY(clear_ts, "clts")
ASM_BODY(interrupt_zero, "int $0")
ASM_BODY(interrupt_fault, "int $14")
ASM_BODY(interrupt_double, "int $8")
ASM_BODY(interrupt_nmi, "int $2")
ASM_BODY(interrupt_timer, "int $0x20")
ASM_BODY(interrupt_device, "int $0x30")
ASM_BODY(interrupt_last, "int $0xff")
ASM_BODY(bad_segment, "mov $0xfff8, %%eax; mov %%ax, %%ds")
ASM_BODY(kernel_segment, "mov $0x10, %%eax; mov %%ax, %%ss")
/*
 * Not lret or iret: QEMU reads their operands with the kernel's rights, and SMAP stops it for ever.
 */
ASM_BODY(far_jump, "push $0x08; lea 1f(%%rip), %%rax; push %%rax; rex.w ljmp *(%%rsp);"
		   "1: pop %%rax; pop %%rax")
ASM_BODY(stack_not_canonical, "mov $0x8000000000000000, %%rax; mov %%rax, %%rsp; push %%rax")
ASM_BODY(stack_in_kernel, "mov $0xffffffff80100000, %%rax; mov %%rax, %%rsp; push %%rax")
ASM_BODY(jump_not_canonical, "mov $0x8000000000000000, %%rax; jmp *%%rax")
ASM_BODY(return_not_canonical, "mov $0x0000800000000000, %%rax; push %%rax; ret")
ASM_BODY(jump_null, "xor %%eax, %%eax; jmp *%%rax")
ASM_BODY(jump_kernel, "mov $0xffffffff80100000, %%rax; jmp *%%rax")
ASM_BODY(x87_fault, "push $0x0360; fldcw (%%rsp); fldz; fld1; fdivp; fwait")
ASM_BODY(sse_fault, "push $0x1d00; ldmxcsr (%%rsp); xorps %%xmm0, %%xmm0; mov $1, %%eax;"
		    "cvtsi2ss %%eax, %%xmm1; divss %%xmm0, %%xmm1; pop %%rax")
ASM_BODY(aligned_access, "movaps 1(%%rsp), %%xmm0")
ASM_BODY(bad_mxcsr, "push $-1; ldmxcsr (%%rsp)")

static void table(void)
{
	static const struct {
		void (*body)(void *);
		int signal;
		const char *name;
	} cases[] = {
		{ divide_by_zero, SIGFPE, "division by zero" },
		{ divide_overflow, SIGFPE, "a quotient too large" },
		{ undefined, SIGILL, "ud2" },
		{ breakpoint, SIGTRAP, "int3" },
		{ breakpoint_long, SIGTRAP, "int 3 in two bytes" },
		{ single_step, SIGTRAP, "a step with the trap flag" },
		{ halt, SIGSEGV, "hlt" },
		{ interrupts_off, SIGSEGV, "cli" },
		{ interrupts_on, SIGSEGV, "sti" },
		{ port_in, SIGSEGV, "in" },
		{ port_out, SIGSEGV, "out" },
		{ read_cr0, SIGSEGV, "reading CR0" },
		{ write_cr3, SIGSEGV, "writing CR3" },
		{ read_msr, SIGSEGV, "rdmsr" },
		{ write_msr, SIGSEGV, "wrmsr" },
		{ load_gdt, SIGSEGV, "lgdt" },
		{ load_idt, SIGSEGV, "lidt" },
		{ load_task, SIGSEGV, "ltr" },
		{ return_to_user, SIGSEGV, "sysret" },
		{ invalidate, SIGSEGV, "invlpg" },
		{ swap_gs, SIGSEGV, "swapgs" },
		{ write_back, SIGSEGV, "wbinvd" },
		{ clear_ts, SIGSEGV, "clts" },
		{ interrupt_zero, SIGSEGV, "int 0" },
		{ interrupt_fault, SIGSEGV, "int 14" },
		{ interrupt_double, SIGSEGV, "int 8" },
		{ interrupt_nmi, SIGSEGV, "int 2" },
		{ interrupt_timer, SIGSEGV, "int 0x20" },
		{ interrupt_device, SIGSEGV, "int 0x30" },
		{ interrupt_last, SIGSEGV, "int 0xff" },
		{ bad_segment, SIGSEGV, "a selector beyond the table" },
		{ kernel_segment, SIGSEGV, "the kernel's stack segment" },
		{ far_jump, SIGSEGV, "a far jump to the kernel's code segment" },
		{ stack_in_kernel, SIGSEGV, "a push into the kernel" },
		{ jump_not_canonical, SIGSEGV, "a jump to no canonical address" },
		{ return_not_canonical, SIGSEGV,
		  "a return to the first address that is not canonical" },
		{ jump_null, SIGSEGV, "a jump to 0" },
		{ jump_kernel, SIGSEGV, "a jump into the kernel" },
		{ x87_fault, SIGFPE, "an unmasked x87 exception" },
		{ aligned_access, SIGSEGV, "movaps of an odd address" },
		{ bad_mxcsr, SIGSEGV, "reserved bits in MXCSR" },
	};
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok_equal(death_signal(child_status(cases[i].body, NULL)), cases[i].signal,
			 "%s is signal %d", cases[i].name, cases[i].signal);
	status = child_status(sse_fault, NULL);
	ok(status == 0 || WTERMSIG(status) == SIGFPE,
	   "an unmasked SSE exception is SIGFPE (QEMU has none)");
	status = death_signal(child_status(stack_not_canonical, NULL));
	ok(status == SIGBUS || status == SIGSEGV, "a stack pointer that is not canonical kills");
}

static void read_byte(void *address)
{
	(void)*(volatile char *)address;
}

static void write_byte(void *address)
{
	*(volatile char *)address = 1;
}

static void addresses(void)
{
	/* clang-format off */
	static const unsigned long wild[] = {
		0, 8, PAGE - 1, 0x7fffffffffff, 0x800000000000, 0x8000000000000000,
		0xffff7fffffffffff, 0xffff800000000000, 0xffff888000000000, 0xffffffff80000000,
		0xffffffff80100000, 0xfffffffffffff000, 0xffffffffffffffff,
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		int read = death_signal(child_status(read_byte, (void *)wild[i]));
		int written = death_signal(child_status(write_byte, (void *)wild[i]));

		ok(read == SIGSEGV && written == SIGSEGV, "address 0x%lx cannot be read or written",
		   wild[i]);
	}
}

/* A blocked or ignored signal of a fault kills all the same: the instruction cannot go on. */
static void fault_blocked(void *unused)
{
	sigset_t mask;

	(void)unused;
	sigfillset(&mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	write_byte(NULL);
}

static void fault_ignored(void *unused)
{
	(void)unused;
	signal(SIGSEGV, SIG_IGN);
	write_byte(NULL);
}

/* An unaligned access under EFLAGS.AC: SIGBUS where CR0.AM is set, as on Linux; else it runs. */
static void alignment_check(void *unused)
{
	(void)unused;
	__asm__ volatile("pushf; orl $0x40000, (%%rsp); popf; mov 1(%%rsp), %%eax;"
			 "pushf; andl $~0x40000, (%%rsp); popf" ::
				 : "memory", "rax");
}

int main(void)
{
	int status;

	table();
	addresses();
	ok_equal(death_signal(child_status(fault_blocked, NULL)), SIGSEGV,
		 "a fault kills though blocked");
	ok_equal(death_signal(child_status(fault_ignored, NULL)), SIGSEGV, "and though ignored");
	status = child_status(alignment_check, NULL);
	ok(status == 0 || WTERMSIG(status) == SIGBUS, "the alignment check is SIGBUS or off");
	return done();
}
