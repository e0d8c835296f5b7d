/*
 * All of a switch that is not the stack: FPU state, segment bases, where traps land.
 *
 * The FPU is saved and restored at every switch between user threads, and not on first use: no thread's
 * registers are ever in reach of another, and there is no trap on the way. The kernel itself is built
 * without FPU instructions. FSGSBASE is left off, so a user thread changes its bases by arch_prctl(2)
 * alone, and the struct has them right.
 *
 * switch_prepare: run queue's lock held, interrupts off. Alternative: none.
 */
#include <arch/cpu.h>
#include <arch/percpu.h>
#include <arch/switch.h>
#include <arch/trap_frame.h>
#include <facet/string.h>
#include <arch/irqflags.h>
#include <arch/layout.h>
#include <facet/thread.h>

#include "cpu_private.h"

#define MXCSR_DEFAULT 0x1f80
#define FPU_REGISTERS 32		/* offset of ST0 in fxsave's layout; XMM0 to 15 follow */

static uint8_t fpu_clean[FPU_STATE_SIZE] __attribute__((aligned(16)));

extern void user_thread_start(void);	/* entry/switch.asm */

static inline void fxsave(void *state)
{
	__asm__ volatile("fxsave64 (%0)" : : "r"(state) : "memory");
}

static inline void fxrstor(const void *state)
{
	__asm__ volatile("fxrstor64 (%0)" : : "r"(state) : "memory");
}

void fpu_init(void)
{
	uint32_t mxcsr = MXCSR_DEFAULT;

	__asm__ volatile("fninit; ldmxcsr %0" : : "m"(mxcsr));
	fxsave(fpu_clean);
	memset(fpu_clean + FPU_REGISTERS, 0, FPU_STATE_SIZE - FPU_REGISTERS);	/* firmware's left-overs */
}

void fpu_reset(struct thread *thread)
{
	memcpy(thread->context.fpu, fpu_clean, FPU_STATE_SIZE);
	if (thread == current_thread())
		fxrstor(thread->context.fpu);
}

void fpu_fork(struct thread *child)
{
	fxsave(child->context.fpu);
}

void switch_prepare(struct thread *previous, struct thread *next)
{
	if (previous->context.user)
		fxsave(previous->context.fpu);
	cpu_set(current, next);
	if (!next->context.user)
		return;
	fxrstor(next->context.fpu);
	cpu_set(kernel_stack, next->context.stack_top);
	tss_set_kernel_stack(next->context.stack_top);
	if (cpu_get(fs_base) != next->context.fs_base)
		context_load_fs(next->context.fs_base);
	if (cpu_get(gs_base) != next->context.gs_base)
		context_load_gs(next->context.gs_base);
}

void context_load_fs(uint64_t base)
{
	cpu_set(fs_base, base);
	wrmsr(MSR_FS_BASE, base);
}

/* The kernel's own GS is in use; the user's waits in KERNEL_GS_BASE for swapgs. */
void context_load_gs(uint64_t base)
{
	cpu_set(gs_base, base);
	wrmsr(MSR_KERNEL_GS_BASE, base);
}

struct trap_frame *thread_frame(const struct thread *thread)
{
	return (struct trap_frame *)thread->context.stack_top - 1;
}

void context_init_user(struct thread *thread)
{
	uint64_t *stack = (uint64_t *)thread_frame(thread);

	thread->context.user = true;
	thread->to_user = true;
	*--stack = (uint64_t)user_thread_start;
	for (int i = 0; i < 6; i++)	/* the registers that switch_to pops */
		*--stack = 0;
	thread->context.rsp = (uint64_t)stack;
}

void frame_init_user(struct trap_frame *frame, vaddr_t entry, vaddr_t stack)
{
	memset(frame, 0, sizeof(*frame));
	/* An entry outside the user half becomes 0, where nothing is ever mapped: iretq must not fault. */
	frame->rip = entry < USER_END ? entry : 0;
	frame->cs = USER_CS;
	frame->ss = USER_SS;
	frame->rsp = stack;
	frame->rflags = RFLAGS_FIXED | RFLAGS_IF;
}
