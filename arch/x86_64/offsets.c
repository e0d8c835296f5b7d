/*
 * Offsets and constants that assembly shares with C: never linked, read by the build, which turns
 * each line into a %define of offsets.inc.
 */
#include <arch/cpu.h>
#include <arch/layout.h>
#include <arch/percpu.h>
#include <arch/trap_frame.h>
#include <facet/thread.h>

#define DEFINE(name, value) __asm__ volatile("->" #name " %0" : : "i"(value))
#define OFFSET(name, type, member) DEFINE(name, offsetof(type, member))

void offsets(void);

void offsets(void)
{
	OFFSET(CPU_CURRENT, struct cpu, current);
	OFFSET(CPU_KERNEL_STACK, struct cpu, tss.rsp0);
	OFFSET(CPU_USER_RSP, struct cpu, user_rsp);
	OFFSET(CPU_PREEMPT_COUNT, struct cpu, preempt_count);
	OFFSET(CPU_PENDING, struct cpu, pending);

	OFFSET(THREAD_RSP, struct thread, context.rsp);
	OFFSET(THREAD_WORK, struct thread, work);

	OFFSET(FRAME_R10, struct trap_frame, r10);
	OFFSET(FRAME_R9, struct trap_frame, r9);
	OFFSET(FRAME_R8, struct trap_frame, r8);
	OFFSET(FRAME_RDX, struct trap_frame, rdx);
	OFFSET(FRAME_RSI, struct trap_frame, rsi);
	OFFSET(FRAME_RDI, struct trap_frame, rdi);
	OFFSET(FRAME_RCX, struct trap_frame, rcx);
	OFFSET(FRAME_R11, struct trap_frame, r11);
	OFFSET(FRAME_RAX, struct trap_frame, rax);
	OFFSET(FRAME_VECTOR, struct trap_frame, vector);
	OFFSET(FRAME_RIP, struct trap_frame, rip);
	OFFSET(FRAME_CS, struct trap_frame, cs);
	OFFSET(FRAME_RFLAGS, struct trap_frame, rflags);
	OFFSET(FRAME_RSP, struct trap_frame, rsp);
	DEFINE(FRAME_SIZE, sizeof(struct trap_frame));

	DEFINE(VECTOR_SYSCALL, VECTOR_SYSCALL);
	DEFINE(MSR_GS_BASE, MSR_GS_BASE);
	DEFINE(USER_CS, USER_CS);
	DEFINE(USER_SS, USER_SS);
	DEFINE(RFLAGS_IF_BIT, 9);
	DEFINE(RFLAGS_TF_RF, RFLAGS_TF | RFLAGS_RF);
}
