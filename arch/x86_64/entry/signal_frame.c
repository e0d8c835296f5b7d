/*
 * The frame that a handler is called with, and rt_sigreturn, which takes it off again.
 *
 * From high to low addresses: the FPU's state (aligned to 64), siginfo, ucontext, the address that
 * the handler returns to. Nothing that comes back from user memory is trusted: selectors and the
 * system's flags stay, and what IRET or XRSTOR would refuse is SIGSEGV, as after a general
 * protection fault in user mode. No lock.
 *
 * Source: Linux's ABI for x86_64, System V ABI 3.2.2 (red zone), Intel SDM volume 1, 10.5 (FXSAVE).
 */
#include <arch/fpu.h>
#include <arch/layout.h>
#include <arch/signal_frame.h>
#include <arch/switch.h>
#include <arch/trap_frame.h>
#include <arch/uaccess.h>
#include <facet/errno.h>
#include <facet/string.h>
#include <facet/syscalls.h>
#include <facet/thread.h>

#define RED_ZONE 128
#define UC_FP_XSTATE 0x1u
#define UC_SIGCONTEXT_SS 0x2u
#define UC_STRICT_RESTORE_SS 0x4u

/* The flags that user mode may set: CF PF AF ZF SF TF DF OF RF AC. */
#define USER_FLAGS (0x8d5ul | RFLAGS_TF | RFLAGS_DF | RFLAGS_RF | RFLAGS_AC)

struct user_context {
	uint64_t flags, link;
	struct user_stack stack;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t error, vector, old_mask, cr2;
	uint64_t fpu; /* address of its state; 0: none, the FPU is made clean */
	uint64_t reserved[8];
	sigset_t mask;
};

struct signal_frame {
	uint64_t restorer;
	struct user_context context;
	union {
		struct siginfo info;
		uint8_t info_whole[SIGINFO_SIZE];
	};
};

/* registers(X): all that stand alike in both. */
/* clang-format off */
#define registers(X) \
	X(r8) X(r9) X(r10) X(r11) X(r12) X(r13) X(r14) X(r15) X(rdi) X(rsi) X(rbp) X(rbx) X(rdx) \
	X(rax) X(rcx) X(rsp) X(rip) X(rflags)
/* clang-format on */

static void context_fill(struct user_context *context, const struct trap_frame *frame,
			 const struct signal_stack *stack, const struct siginfo *info)
{
	bool fault = frame->vector < VECTOR_IRQ_BASE;

	context->flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	if (cpu_features.avx)
		context->flags |= UC_FP_XSTATE;
	context->link = 0;
	context->stack.base = stack->base;
	context->stack.flags = signal_stack_state(stack, frame->rsp);
	context->stack.pad = 0;
	context->stack.size = stack->size;
#define copy_register(name) context->name = frame->name;
	registers(copy_register)
#undef copy_register
		context->cs = USER_CS;
	context->gs = context->fs = 0;
	context->ss = USER_SS;
	context->error = fault ? frame->orig_rax : 0;
	context->vector = fault ? frame->vector : 0;
	context->old_mask = 0;
	context->cr2 = frame->vector == VECTOR_PAGE_FAULT ? info->address : 0;
	memset(context->reserved, 0, sizeof(context->reserved));
}

/* Where the handler's stack begins: its own if it asks for it and is not on it yet. */
static vaddr_t stack_for(const struct signal_stack *stack, const struct trap_frame *frame,
			 const struct sigaction *action)
{
	if (action->flags & SA_ONSTACK && stack->size &&
	    !(signal_stack_state(stack, frame->rsp) & SS_ONSTACK))
		return stack->base + stack->size;
	return frame->rsp - RED_ZONE;
}

/* A frame that would run over the end of the alternate stack it is on. */
static bool overflows(const struct signal_stack *stack, const struct trap_frame *frame, vaddr_t old,
		      vaddr_t new)
{
	bool on_it = old != frame->rsp - RED_ZONE ||
		     signal_stack_state(stack, frame->rsp) & SS_ONSTACK;

	return on_it && stack->size && new < stack->base;
}

int signal_frame_push(struct trap_frame *frame, const struct sigaction *action,
		      const struct siginfo *info, sigset_t mask)
{
	struct signal_stack *stack = &current_thread()->signal_stack;
	vaddr_t top = stack_for(stack, frame, action);
	vaddr_t fpu = (top - fpu_user_size()) & ~63ul;
	/* The handler finds its stack as after a call: 8 off a multiple of 16. */
	vaddr_t at = ((fpu - sizeof(struct signal_frame)) & ~15ul) - 8;
	struct signal_frame built;

	if (!(action->flags & SA_RESTORER) || overflows(stack, frame, top, at) || at > top)
		return -EFAULT;
	context_fill(&built.context, frame, stack, info);
	built.restorer = action->restorer;
	built.context.fpu = fpu;
	built.context.mask = mask;
	memset(built.info_whole, 0, sizeof(built.info_whole));
	built.info = *info;
	if (fpu_to_user(fpu) || copy_to_user((void __user *)at, &built, sizeof(built)))
		return -EFAULT;
	if (stack->flags & SS_AUTODISARM)
		*stack = (struct signal_stack){ .size = 0 };
	fpu_reset(current_thread());

	frame->rdi = (uint64_t)info->signal;
	frame->rsi = at + offsetof(struct signal_frame, info);
	frame->rdx = at + offsetof(struct signal_frame, context);
	frame->rax = 0;
	frame->rsp = at;
	frame->rip = action->handler < USER_END ? action->handler : 0;
	frame->rflags &= ~(RFLAGS_DF | RFLAGS_RF | RFLAGS_TF);
	return 0;
}

size_t signal_frame_size_max(void)
{
	enum { ALIGNMENTS = 63 + 15 + 8 };

	return RED_ZONE + fpu_user_size() + sizeof(struct signal_frame) + ALIGNMENTS;
}

/* Its upper 17 bits are alike. */
static bool is_canonical(vaddr_t address)
{
	return (uint64_t)((int64_t)address >> 47) + 1 <= 1;
}

/*
 * The registers come back from user memory. Returns whether IRET would take them. The frame gets no
 * RIP that is not canonical, for Intel's SYSRET would fault on it in kernel mode. Without
 * UC_STRICT_RESTORE_SS, SS is not the program's to set.
 */
static bool context_restore(struct trap_frame *frame, const struct user_context *context)
{
	uint64_t flags = frame->rflags & ~USER_FLAGS;

#define restore_register(name) frame->name = context->name;
	registers(restore_register)
#undef restore_register
		frame->rflags = flags | (context->rflags & USER_FLAGS);
	frame->vector = VECTOR_SIGRETURN;
	if (!is_canonical(frame->rip)) {
		frame->rip = 0;
		return false;
	}
	return (context->cs | 3) == USER_CS &&
	       ((context->ss | 3) == USER_SS || !(context->flags & UC_STRICT_RESTORE_SS));
}

static int fpu_restore(vaddr_t from)
{
	if (from)
		return fpu_from_user(from);
	fpu_reset(current_thread());
	return 0;
}

long sys_rt_sigreturn(void)
{
	struct thread *thread = current_thread();
	struct trap_frame *frame = thread_frame(thread);
	struct user_context context;
	bool returnable;

	if (copy_from_user(&context,
			   (const void __user *)(frame->rsp - sizeof(uint64_t) +
						 offsetof(struct signal_frame, context)),
			   sizeof(context))) {
		signal_force(SIGSEGV, SI_KERNEL, 0);
		return 0;
	}
	signal_mask_set(context.mask);
	returnable = context_restore(frame, &context);
	signal_stack_set(&thread->signal_stack, &context.stack, frame->rsp);
	if (fpu_restore(context.fpu) || !returnable)
		signal_force(SIGSEGV, SI_KERNEL, 0);
	return (long)frame->rax;
}
