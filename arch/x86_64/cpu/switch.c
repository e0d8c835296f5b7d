/*
 * The beginnings of a thread's machine state: its first stack, its registers, a clean FPU.
 *
 * What is done at each switch stands in <arch/switch.h>, for it is inlined into schedule().
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
#define FPU_REGISTERS 32 /* offset of ST0 in fxsave's layout; XMM0 to 15 follow */

static uint8_t fpu_clean[FPU_STATE_SIZE] __attribute__((aligned(16)));

extern void user_thread_start(void); /* entry/switch.asm */

void fpu_init(void)
{
	uint32_t mxcsr = MXCSR_DEFAULT;

	__asm__ volatile("fninit; ldmxcsr %0" : : "m"(mxcsr));
	fxsave(&fpu_clean);
	/* Nothing of the firmware's is left in the registers. */
	memset(fpu_clean + FPU_REGISTERS, 0, FPU_STATE_SIZE - FPU_REGISTERS);
}

void fpu_reset(struct thread *thread)
{
	if (thread == current_thread())
		fxrstor(&fpu_clean);
	else
		memcpy(thread->context.fpu, fpu_clean, FPU_STATE_SIZE);
}

void fpu_fork(struct thread *child)
{
	fxsave(&child->context.fpu);
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
	for (int i = 0; i < 6; i++) /* the registers that switch_to pops */
		*--stack = 0;
	thread->context.rsp = (uint64_t)stack;
}

void frame_init_user(struct trap_frame *frame, vaddr_t entry, vaddr_t stack)
{
	memset(frame, 0, sizeof(*frame));
	/*
	 * An entry outside the user half becomes 0, where nothing is ever mapped: iretq must not
	 * fault.
	 */
	frame->rip = entry < USER_END ? entry : 0;
	frame->cs = USER_CS;
	frame->ss = USER_SS;
	frame->rsp = stack;
	frame->rflags = RFLAGS_FIXED | RFLAGS_IF;
}
