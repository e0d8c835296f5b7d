/*
 * What a thread says about its own signals: which it blocks, which it waits for, on which stack its
 * handlers run.
 *
 * Lock: signals.lock. Source: sigprocmask(2), sigsuspend(2), sigpending(2), sigtimedwait(2),
 * pause(2), sigaltstack(2).
 */
#include <arch/trap_frame.h>
#include <arch/uaccess.h>
#include <facet/clock.h>
#include <facet/errno.h>
#include <facet/sched.h>
#include <facet/syscalls.h>
#include <facet/timespec.h>

#include "signal_private.h"

#define STACK_MIN 2048 /* MINSIGSTKSZ */

enum { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK };

long sys_rt_sigprocmask(int how, const uint64_t __user *set, uint64_t __user *old, size_t set_size)
{
	sigset_t previous = current_thread()->blocked, change;

	if (set_size != sizeof(sigset_t))
		return -EINVAL;
	if (set) {
		if (get_user_u64(&change, set))
			return -EFAULT;
		switch (how) {
		case SIG_BLOCK:
			signal_mask_set(previous | change);
			break;
		case SIG_UNBLOCK:
			signal_mask_set(previous & ~change);
			break;
		case SIG_SETMASK:
			signal_mask_set(change);
			break;
		default:
			return -EINVAL;
		}
	}
	if (old && put_user_u64(previous, old))
		return -EFAULT;
	return 0;
}

long sys_rt_sigpending(uint64_t __user *set, size_t set_size)
{
	struct thread *thread = current_thread();

	if (set_size > sizeof(sigset_t))
		return -EINVAL;
	return put_user_u64((thread->pending.set | thread->process->signals.pending.set) &
				    thread->blocked,
			    set);
}

long sys_pause(void)
{
	while (!sleep_until(NO_DEADLINE, SLEEP_INTERRUPTIBLE))
		;
	return -ERESTARTNOHAND;
}

long sys_rt_sigsuspend(const uint64_t __user *set, size_t set_size)
{
	sigset_t mask;

	if (set_size != sizeof(sigset_t))
		return -EINVAL;
	if (get_user_u64(&mask, set))
		return -EFAULT;
	signal_mask_for_call(mask);
	return sys_pause();
}

/* One of `wanted` that is pending, or the first that comes until the deadline. */
static int wait_for_signal(sigset_t wanted, uint64_t deadline, struct siginfo *info)
{
	struct thread *thread = current_thread();
	struct process *process = thread->process;
	int signal, error = 0;

	spin_lock(&process->signals.lock);
	thread->waited_for = wanted;
	for (;;) {
		signal = pending_take(process, &thread->pending, wanted, info);
		if (!signal)
			signal = pending_take(process, &process->signals.pending, wanted, info);
		if (signal || error)
			break;
		error = wait_sleep_until(&process->signal_waiters, &process->signals.lock,
					 SLEEP_INTERRUPTIBLE, deadline);
	}
	thread->waited_for = 0;
	spin_unlock(&process->signals.lock);
	if (signal)
		return signal;
	return error == -ETIMEDOUT ? -EAGAIN : -EINTR;
}

long sys_rt_sigtimedwait(const uint64_t __user *set, void __user *to, const void __user *timeout,
			 size_t set_size)
{
	uint8_t whole[SIGINFO_SIZE] = { 0 };
	struct siginfo *info = (struct siginfo *)whole;
	uint64_t ns, deadline = NO_DEADLINE;
	sigset_t wanted;
	int signal, error;

	if (set_size != sizeof(sigset_t))
		return -EINVAL;
	if (get_user_u64(&wanted, set))
		return -EFAULT;
	if (timeout) {
		error = timespec_from_user(&ns, timeout);
		if (error)
			return error;
		deadline = deadline_after(ns);
	}
	signal = wait_for_signal(wanted & ~SIGNALS_UNBLOCKABLE, deadline, info);
	if (signal > 0 && to && copy_to_user(to, whole, sizeof(whole)))
		return -EFAULT;
	return signal;
}

unsigned signal_stack_state(const struct signal_stack *stack, vaddr_t rsp)
{
	if (!stack->size)
		return SS_DISABLE;
	/* With SS_AUTODISARM nobody is ever on it while it is set. */
	if (!(stack->flags & SS_AUTODISARM) && rsp - stack->base - 1 < stack->size)
		return SS_ONSTACK;
	return stack->flags;
}

int signal_stack_set(struct signal_stack *stack, const struct user_stack *wanted, vaddr_t rsp)
{
	unsigned mode = wanted->flags & ~SS_AUTODISARM;

	if (signal_stack_state(stack, rsp) & SS_ONSTACK)
		return -EPERM;
	if (mode != 0 && mode != SS_ONSTACK && mode != SS_DISABLE)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		*stack = (struct signal_stack){ .size = 0 };
		return 0;
	}
	if (wanted->size < STACK_MIN)
		return -ENOMEM;
	*stack = (struct signal_stack){ .base = wanted->base,
					.flags = wanted->flags & SS_AUTODISARM,
					.size = wanted->size };
	return 0;
}

long sys_sigaltstack(const void __user *new, void __user *old)
{
	struct thread *thread = current_thread();
	struct signal_stack *stack = &thread->signal_stack;
	vaddr_t rsp = thread_frame(thread)->rsp;
	struct user_stack wanted, previous = { .base = stack->base,
					       .flags = signal_stack_state(stack, rsp),
					       .size = stack->size };
	int error;

	if (new) {
		if (copy_from_user(&wanted, new, sizeof(wanted)))
			return -EFAULT;
		error = signal_stack_set(stack, &wanted, rsp);
		if (error)
			return error;
	}
	return old ? copy_to_user(old, &previous, sizeof(previous)) : 0;
}
