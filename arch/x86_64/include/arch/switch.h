/*
 * switch.h -- one thread's stack for another's.
 */
#ifndef ARCH_SWITCH_H
#define ARCH_SWITCH_H

#include <facet/types.h>

struct thread;
struct trap_frame;

#define FPU_STATE_SIZE 512

/* What the machine keeps of a thread that does not run. First member of struct thread: offsets.c. */
struct thread_context {
	uint64_t rsp;			/* callee-saved registers and the return address lie there */
	uint64_t stack_top;		/* the trap frame of a user thread ends here */
	uint64_t fs_base, gs_base;	/* user mode's */
	bool user;			/* has user registers: FPU state and bases are switched with it */
	uint8_t fpu[FPU_STATE_SIZE] __attribute__((aligned(16)));
};

/*
 * Changes stacks: returns in `next`, with the thread that ran before it. One caller: schedule().
 * Context: run queue's lock held, interrupts off.
 */
struct thread *switch_to(struct thread *previous, struct thread *next);

/* Segment bases, FPU state, the stack for traps: all of the switch that is not the stack. */
void switch_prepare(struct thread *previous, struct thread *next);

/*
 * Sets up a thread that has never run: it starts in finish_switch() and then goes to user mode by the
 * return path, with the frame at the top of its stack.
 */
void context_init_user(struct thread *thread);

/* The frame of a thread's last trap from user mode. */
struct trap_frame *thread_frame(const struct thread *thread);

/* A program's registers at its first instruction. */
void frame_init_user(struct trap_frame *frame, vaddr_t entry, vaddr_t stack);

/* Loads a user segment base for the current thread; the thread's struct is the caller's to set. */
void context_load_fs(uint64_t base);
void context_load_gs(uint64_t base);

/* Clean FPU state, as the ABI has it at process entry. */
void fpu_reset(struct thread *thread);
/* The child's state is the parent's as it stands in the registers now. */
void fpu_fork(struct thread *child);

#endif
