/*
 * Acting on signals, in the return path: the default actions, and the frames of handlers.
 *
 * A process does to itself what a signal does: nothing is done to a thread from outside but setting
 * a bit and waking it. Here too a system call that a signal ended is made again, or said to have
 * been interrupted. Lock: signals.lock, for as long as it takes to take a signal off.
 * Source: signal(7), sigaction(2).
 */
#include <arch/signal_frame.h>
#include <arch/trap_frame.h>
#include <facet/errno.h>
#include <facet/sched.h>

#include "signal_private.h"

#define RESTART_SYSCALL 219 /* restart_syscall(2) */

void signal_init(void)
{
	pending_init();
	actions_init();
}

/* What take_signal() found to do. */
struct delivery {
	int signal; /* 0: nothing */
	struct sigaction action;
	struct siginfo info;
};

/*
 * Lock held. What is ignored by now is dropped. A handler's action is copied, and with SA_RESETHAND
 * reset, before another thread can take the same signal.
 */
static void take_signal(struct thread *thread, struct delivery *delivery)
{
	struct process *process = thread->process;
	int signal;

	do {
		signal = pending_take(process, &thread->pending, ~thread->blocked, &delivery->info);
		if (!signal)
			signal = pending_take(process, &process->signals.pending, ~thread->blocked,
					      &delivery->info);
	} while (signal && signal_is_ignored(process, signal));
	delivery->signal = signal;
	if (!signal) {
		/* Others may have ended or stopped this thread since it looked. */
		if (!thread->killed && !process->stopped)
			__atomic_fetch_and(&thread->work, ~(uint32_t)THREAD_SIGNALS,
					   __ATOMIC_SEQ_CST);
		return;
	}
	delivery->action = *action_of(process, signal);
	if (delivery->action.handler == SIG_DFL && STOP_SIGNALS & sigset_bit(signal))
		signal_stop_begin(process);
	if (delivery->action.handler > SIG_IGN && delivery->action.flags & SA_RESETHAND &&
	    action_reset(process, signal))
		thread->fatal_signal = SIGKILL; /* no memory */
}

/* Whether a call that returned `error` is made again after `handler` (NULL: none was called). */
static bool is_made_again(int64_t error, const struct sigaction *handler)
{
	switch (-error) {
	case ERESTARTNOINTR:
		return true;
	case ERESTARTSYS:
		return !handler || handler->flags & SA_RESTART;
	case ERESTARTNOHAND:
	case ERESTART_RESTARTBLOCK:
		return !handler;
	default:
		return false;
	}
}

static void restart_syscall(struct trap_frame *frame, const struct sigaction *handler)
{
	int64_t error = (int64_t)frame->rax;

	if (frame->vector != VECTOR_SYSCALL || error > -ERESTARTSYS ||
	    error < -ERESTART_RESTARTBLOCK)
		return;
	if (!is_made_again(error, handler)) {
		frame->rax = (uint64_t)-EINTR;
		return;
	}
	frame->rax = error == -ERESTART_RESTARTBLOCK ? RESTART_SYSCALL : frame->orig_rax;
	frame->rip -= 2; /* the SYSCALL instruction */
}

void signal_mask_set(sigset_t mask)
{
	struct thread *thread = current_thread();
	struct signals *signals = &thread->process->signals;

	spin_lock(&signals->lock);
	thread->blocked = mask & ~SIGNALS_UNBLOCKABLE;
	signals_hand_over(thread, thread->blocked);
	/* Some may have come free. */
	if (signals_deliverable(thread))
		thread_work_or(thread, THREAD_SIGNALS);
	spin_unlock(&signals->lock);
}

void signal_mask_for_call(sigset_t mask)
{
	struct thread *thread = current_thread();

	thread->mask_after_call = thread->blocked;
	thread->restores_mask = true;
	thread_work_or(thread, THREAD_SIGNALS); /* so that it is restored, whatever comes */
	signal_mask_set(mask);
}

void signal_mask_restore(void)
{
	struct thread *thread = current_thread();

	if (!thread->restores_mask)
		return;
	thread->restores_mask = false;
	signal_mask_set(thread->mask_after_call);
}

/* Calls the handler next. A stack that cannot take the frame is a fault of the process's. */
static void call_handler(struct thread *thread, struct trap_frame *frame,
			 const struct delivery *delivery)
{
	const struct sigaction *action = &delivery->action;
	sigset_t mask = thread->restores_mask ? thread->mask_after_call : thread->blocked;
	sigset_t added = action->mask;

	restart_syscall(frame, action);
	if (signal_frame_push(frame, action, &delivery->info, mask)) {
		if (delivery->signal == SIGSEGV)
			process_exit(SIGSEGV);
		signal_force(SIGSEGV, SI_KERNEL, 0);
		return;
	}
	thread->restores_mask = false;
	if (!(action->flags & SA_NODEFER))
		added |= sigset_bit(delivery->signal);
	signal_mask_set(thread->blocked | added);
}

static void act_on(struct thread *thread, struct trap_frame *frame, const struct delivery *delivery)
{
	strace_signal(&delivery->info);
	if (delivery->action.handler > SIG_IGN)
		call_handler(thread, frame, delivery);
	else if (STOP_SIGNALS & sigset_bit(delivery->signal))
		signal_stop_all(thread->process, delivery->signal);
	else
		process_exit(delivery->signal);
}

void signal_act(struct trap_frame *frame)
{
	struct thread *thread = current_thread();
	struct process *process = thread->process;
	struct delivery delivery;

	do {
		if (thread->killed)
			thread_end_killed();
		if (thread->fatal_signal)
			process_exit(thread->fatal_signal);
		if (process->stopped || process->continued)
			signal_stop_here(thread);
		spin_lock(&process->signals.lock);
		take_signal(thread, &delivery);
		spin_unlock(&process->signals.lock);
		if (delivery.signal)
			act_on(thread, frame, &delivery);
	} while (READ_ONCE(thread->work) & THREAD_SIGNALS);
	restart_syscall(frame, NULL);
	signal_mask_restore();
}
