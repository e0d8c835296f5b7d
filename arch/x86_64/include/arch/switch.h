/*
 * switch.h -- one thread's stack for another's.
 */
#ifndef ARCH_SWITCH_H
#define ARCH_SWITCH_H

#include <arch/cpu.h>
#include <arch/fpu.h>
#include <arch/percpu.h>
#include <facet/panic.h>
#include <facet/types.h>

struct thread;
struct trap_frame;

/*
 * What the machine keeps of a thread that does not run. First member of struct thread: offsets.c.
 */
struct thread_context {
	uint64_t rsp;              /* callee-saved registers and the return address lie there */
	uint64_t stack_top;        /* the trap frame of a user thread ends here */
	uint64_t fs_base, gs_base; /* user mode's */
	bool user; /* has user registers: FPU state and bases are switched with it */
	struct fpu_state fpu;
};

/*
 * Changes stacks: returns in `next`, with the thread that ran before it. One caller: schedule().
 * Context: run queue's lock held, interrupts off.
 */
struct thread *switch_to(struct thread *previous, struct thread *next);

/*
 * What is loaded and what this CPU knows of it belong together: a switch in between would leave out
 * a load that the next thread needs. Context: preemption off.
 */
static inline void context_load_fs(uint64_t base)
{
	debug_assert(preempt_count());
	cpu_set(fs_base, base);
	wrmsr(MSR_FS_BASE, base);
}

/* The kernel's own GS is in use; the user's waits in KERNEL_GS_BASE for swapgs. */
static inline void context_load_gs(uint64_t base)
{
	debug_assert(preempt_count());
	cpu_set(gs_base, base);
	wrmsr(MSR_KERNEL_GS_BASE, base);
}

/*
 * All of a switch that is not the stack: FPU state, segment bases, where traps land.
 *
 * The FPU is saved and restored at every switch between user threads, and not on first use: no
 * thread's registers are ever in reach of another, and there is no trap on the way. The kernel
 * itself is built without FPU instructions. FSGSBASE is left off, so a user thread changes its
 * bases by arch_prctl(2) alone, and the struct has them right. Context: as switch_to.
 */
static inline void switch_context(struct thread_context *previous,
				  const struct thread_context *next)
{
	uint32_t components = fpu_components();

	if (previous->user)
		fpu_save(&previous->fpu, components);
	if (!next->user)
		return;
	fpu_load(&next->fpu, components);
	cpu_set(tss.rsp0, next->stack_top);
	if (cpu_get(fs_base) != next->fs_base)
		context_load_fs(next->fs_base);
	if (cpu_get(gs_base) != next->gs_base)
		context_load_gs(next->gs_base);
}

/* A user segment base of the current thread. Context: a system call. */
void context_set_fs(uint64_t base);
void context_set_gs(uint64_t base);

/*
 * Sets up a thread that has never run: it starts in finish_switch() and then goes to user mode by
 * the return path, with the frame at the top of its stack.
 */
void context_init_user(struct thread *thread);

/* The same for one that stays in the kernel: it goes to `run` with preemption and interrupts on. */
void context_init_kernel(struct thread *thread, void (*run)(void));

/* The frame of a thread's last trap from user mode. */
struct trap_frame *thread_frame(const struct thread *thread);

/* A program's registers at its first instruction. */
void frame_init_user(struct trap_frame *frame, vaddr_t entry, vaddr_t stack);

#endif
