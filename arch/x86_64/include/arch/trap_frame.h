/*
 * trap_frame.h -- the registers of what was interrupted.
 *
 * Saved once, at the top of the thread's kernel stack for a trap from user mode; it never moves.
 * The return value of a system call lives only in its rax. The layout is entry/'s; offsets.c hands
 * it to NASM.
 */
#ifndef ARCH_TRAP_FRAME_H
#define ARCH_TRAP_FRAME_H

#include <facet/types.h>

struct trap_frame {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector;   /* VECTOR_SYSCALL for a system call */
	uint64_t orig_rax; /* syscall: the number; a fault: the error code; an interrupt: 0 */
	uint64_t rip, cs, rflags, rsp, ss;
};

#define VECTOR_DEBUG 1
#define VECTOR_NMI 2
#define VECTOR_BREAKPOINT 3
#define VECTOR_DOUBLE_FAULT 8
#define VECTOR_GENERAL_PROTECTION 13
#define VECTOR_PAGE_FAULT 14
#define VECTOR_FLOAT 16 /* x87 */
#define VECTOR_MACHINE_CHECK 18
#define VECTOR_SIMD 19
#define VECTOR_IRQ_BASE 32 /* line n of the interrupt controller is vector 32 + n */
#define VECTOR_TIMER 48    /* the local APIC's timer */
#define VECTOR_LAPIC_ERROR 254
#define VECTOR_SPURIOUS 255
#define VECTOR_SYSCALL 256
#define VECTOR_SIGRETURN 257 /* a system call whose registers are no longer its own */

/* Selectors in the order that SYSCALL and SYSRET want. */
#define KERNEL_CS 0x08
#define KERNEL_SS 0x10
#define USER_SS (0x18 | 3)
#define USER_CS (0x20 | 3)
#define TSS_SELECTOR 0x28

/* Bits of RFLAGS. */
#define RFLAGS_FIXED (1ul << 1)
#define RFLAGS_TF (1ul << 8)
#define RFLAGS_DF (1ul << 10)
#define RFLAGS_NT (1ul << 14)
#define RFLAGS_RF (1ul << 16)
#define RFLAGS_AC (1ul << 18)

#ifndef __ASSEMBLER__
/* Both ticks' interrupt, whichever the source: counts it and acknowledges. In entry/trap.c. */
void timer_interrupt(struct trap_frame *frame);

static inline bool trap_from_user(const struct trap_frame *frame)
{
	return frame->cs & 3;
}
#endif

#endif
