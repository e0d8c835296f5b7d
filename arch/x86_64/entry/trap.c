/*
 * What each trap means: a signal to the process that caused it in user mode, a panic in the kernel.
 *
 * Handlers of exceptions run with interrupts off until they turn them on themselves; the return
 * path (entry.asm) does whatever they leave pending. Interrupts go to irq_dispatch and
 * timer_interrupt, which are minimal.
 *
 * Source: Intel SDM volume 3, chapter 6.
 */
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/irqflags.h>
#include <arch/machine_check.h>
#include <arch/trap_frame.h>
#include <arch/uaccess.h>
#include <facet/clock.h>
#include <facet/kernel_stack.h>
#include <facet/panic.h>
#include <facet/pending.h>
#include <facet/signal.h>
#include <facet/space.h>
#include <facet/thread.h>
#include <facet/timer.h>

#include "entry.h"

/* What each is, and what it means to the thread that caused it: as Linux has it. */
static const struct {
	const char *name;
	int signal, code;
} exceptions[VECTOR_IRQ_BASE] = {
	[0] = { "divide error", SIGFPE, FPE_INTDIV },
	[1] = { "debug", SIGTRAP, TRAP_TRACE },
	[2] = { "NMI", 0, 0 },
	[3] = { "breakpoint", SIGTRAP, SI_KERNEL },
	[4] = { "overflow", SIGSEGV, SI_KERNEL },
	[5] = { "bound range exceeded", SIGSEGV, SI_KERNEL },
	[6] = { "invalid opcode", SIGILL, ILL_ILLOPN },
	[7] = { "device not available", SIGSEGV, SI_KERNEL },
	[8] = { "double fault", 0, 0 },
	[9] = { "coprocessor segment overrun", SIGFPE, SI_KERNEL },
	[10] = { "invalid TSS", SIGSEGV, SI_KERNEL },
	[11] = { "segment not present", SIGBUS, SI_KERNEL },
	[12] = { "stack-segment fault", SIGBUS, SI_KERNEL },
	[13] = { "general protection fault", SIGSEGV, SI_KERNEL },
	[14] = { "page fault", SIGSEGV, SEGV_MAPERR },
	[16] = { "x87 floating-point error", SIGFPE, FPE_FLTINV },
	[17] = { "alignment check", SIGBUS, BUS_ADRALN },
	[18] = { "machine check", 0, 0 },
	[19] = { "SIMD floating-point error", SIGFPE, FPE_FLTINV },
	[21] = { "control protection fault", SIGSEGV, SI_KERNEL },
};

uint64_t nmi_count;

/* The bottom says so; nothing may be printed here. */
static void count_nmi(void)
{
	nmi_count++;
	pending_set(PENDING_MACHINE);
}

const char *exception_name(uint64_t vector)
{
	if (vector < VECTOR_IRQ_BASE && exceptions[vector].name)
		return exceptions[vector].name;
	return "unexpected trap";
}

/* Where it happened, for the signals that say so; the others carry no address. */
static vaddr_t address_of(const struct trap_frame *frame)
{
	return exceptions[frame->vector].code == SI_KERNEL ? 0 : frame->rip;
}

/* What the FPU complains of: the flags that are set and not masked. */
static int float_code(bool simd)
{
	uint32_t mxcsr, flags;
	uint16_t control, status;

	if (simd) {
		__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
		flags = mxcsr & ~(mxcsr >> 7);
	} else {
		__asm__ volatile("fnstcw %0; fnstsw %1" : "=m"(control), "=m"(status));
		flags = status & ~(uint32_t)control;
	}
	if (flags & 1)
		return FPE_FLTINV;
	if (flags & 4)
		return FPE_FLTDIV;
	if (flags & 8)
		return FPE_FLTOVF;
	return flags & (2 | 16) ? FPE_FLTUND : FPE_FLTRES;
}

static void exception(struct trap_frame *frame)
{
	int code = exceptions[frame->vector].code;

	if (!trap_from_user(frame)) {
		vaddr_t fixup = uaccess_fixup(frame->rip);

		if (fixup && frame->vector == VECTOR_GENERAL_PROTECTION) {
			frame->rip = fixup;
			return;
		}
		panic_at(frame, "%s in the kernel", exception_name(frame->vector));
	}
	if (frame->vector == VECTOR_NMI) {
		count_nmi();
		return;
	}
	if (frame->vector == VECTOR_MACHINE_CHECK)
		machine_check(frame);
	if (!exceptions[frame->vector].signal) /* what user mode cannot cause */
		panic_at(frame, "%s", exception_name(frame->vector));
	irq_enable();
	if (frame->vector == VECTOR_FLOAT || frame->vector == VECTOR_SIMD)
		code = float_code(frame->vector == VECTOR_SIMD);
	signal_force(exceptions[frame->vector].signal, code, address_of(frame));
}

/* The debug registers are never loaded, so in user mode this is a single step. */
static void debug_trap(struct trap_frame *frame)
{
	frame->rflags &= ~RFLAGS_TF;
	exception(frame);
}

/*
 * On an IST stack, from kernel mode, at any instruction: no lock, no switch, no print but a
 * panic's.
 */
void paranoid_trap(struct trap_frame *frame)
{
	switch (frame->vector) {
	case VECTOR_NMI:
		count_nmi();
		return;
	case VECTOR_DEBUG:
		frame->rflags &= ~RFLAGS_TF;
		return;
	case VECTOR_MACHINE_CHECK:
		machine_check(frame);
	case VECTOR_DOUBLE_FAULT:
		if (kernel_stack_is_guard(read_cr2()))
			panic_at(frame, "kernel stack overflow: the guard page was touched");
		/* fall through */
	default:
		panic_at(frame, "%s in the kernel", exception_name(frame->vector));
	}
}

void timer_interrupt(struct trap_frame *frame)
{
	irqs_off_begin();
	clock_tick(trap_from_user(frame));
	timer_acknowledge();
	irqs_off_end();
}

typedef void (*trap_handler)(struct trap_frame *);

/* By vector; entry.asm calls through it. */
const trap_handler trap_handlers[256] = {
	[0] = exception,
	[VECTOR_DEBUG] = debug_trap,
	[VECTOR_NMI... VECTOR_PAGE_FAULT - 1] = exception,
	[VECTOR_PAGE_FAULT] = page_fault,
	[VECTOR_PAGE_FAULT + 1 ... VECTOR_IRQ_BASE - 1] = exception,
	[VECTOR_IRQ_BASE... VECTOR_TIMER - 1] = irq_dispatch,
	[VECTOR_TIMER] = timer_interrupt,
	[VECTOR_TIMER + 1 ... 255] = irq_dispatch,
};
