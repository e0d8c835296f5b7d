/*
 * fpu.h -- the registers of x87, SSE and AVX: saved, loaded, put on a user's stack.
 *
 * AVX is offered where the processor has it, for programs look at CPUID alone and then use it.
 * Such processors have XSAVE, which saves all three; others have FXSAVE, whose layout is the first
 * part of XSAVE's. Context: user threads' state, with preemption off or on the current thread.
 *
 * Source: Intel SDM volume 1, 10.5 (FXSAVE) and 13 (XSAVE).
 */
#ifndef ARCH_FPU_H
#define ARCH_FPU_H

#include <arch/cpu.h>
#include <facet/types.h>

struct thread;

#define FPU_COMPONENTS 7u /* x87, SSE, AVX: bits of XCR0 */

struct fpu_state {
	uint8_t registers[512]; /* FXSAVE's */
	uint64_t components;    /* which are not as after a reset; 0 under FXSAVE */
	uint64_t layout;        /* 0: every component in its own place */
	uint64_t reserved[6];
	uint8_t upper[256]; /* of YMM0 to 15 */
} __attribute__((aligned(64)));

/*
 * Without XSAVE, fpu_init() makes FXSAVE and FXRSTOR of these where they stand: they differ in one
 * bit. So a switch does not ask which there is. EDX is of no account: XCR0 has no bit up there.
 */
#define FPU_PLACE "\n\t.pushsection fpu_places, \"a\"\n\t.quad 1b\n\t.popsection"

/* In a register once for a switch's both: the compiler does not know that it is a constant. */
static inline uint32_t fpu_components(void)
{
	uint32_t components;

	__asm__("mov %1, %0" : "=a"(components) : "i"(FPU_COMPONENTS));
	return components;
}

static inline void fpu_save(struct fpu_state *state, uint32_t components)
{
	__asm__ volatile("1:\txsave64 %0" FPU_PLACE : "+m"(*state) : "a"(components));
}

static inline void fpu_load(const struct fpu_state *state, uint32_t components)
{
	__asm__ volatile("1:\txrstor64 %0" FPU_PLACE : : "m"(*state), "a"(components));
}

/* Clean, as the ABI has it at process entry. */
void fpu_reset(struct thread *thread);
/* The child's state is the parent's as it stands in the registers now. */
void fpu_fork(struct thread *child);

/*
 * The state in a signal's frame, as Linux has it there: these bytes, at a multiple of 64.
 * fpu_from_user() loads nothing that could fault: -EFAULT.
 */
size_t fpu_user_size(void);
int fpu_to_user(vaddr_t to);
int fpu_from_user(vaddr_t from);

#endif
