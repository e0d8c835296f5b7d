/*
 * A thread's machine state: its first stack and registers, and its segment bases.
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

/* entry/switch.asm */
extern void user_thread_start(void);
extern void kernel_thread_entry(void);

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

void context_init_kernel(struct thread *thread, void (*run)(void))
{
	uint64_t *stack = (uint64_t *)thread->context.stack_top;

	*--stack = (uint64_t)kernel_thread_entry;
	*--stack = 0;             /* rbp: the backtrace ends here */
	*--stack = (uint64_t)run; /* rbx */
	for (int i = 0; i < 4; i++)
		*--stack = 0;
	thread->context.rsp = (uint64_t)stack;
}

void context_set_fs(uint64_t base)
{
	preempt_disable();
	current_thread()->context.fs_base = base;
	context_load_fs(base);
	preempt_enable();
}

void context_set_gs(uint64_t base)
{
	preempt_disable();
	current_thread()->context.gs_base = base;
	context_load_gs(base);
	preempt_enable();
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
