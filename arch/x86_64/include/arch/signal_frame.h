/*
 * signal_frame.h -- what a handler finds on its stack, and how it gets back.
 *
 * Source: Linux's ABI for x86_64 (struct rt_sigframe), sigaction(2), sigreturn(2), sigaltstack(2).
 */
#ifndef ARCH_SIGNAL_FRAME_H
#define ARCH_SIGNAL_FRAME_H

#include <facet/signal.h>

struct trap_frame;

/*
 * Puts the registers in `frame`, the FPU's, `mask` and `info` on the user's stack (or the alternate
 * one), and makes `frame` begin the handler. Returns 0, or -EFAULT with nothing changed.
 * Context: the current thread's own frame; interrupts on, no lock.
 */
int signal_frame_push(struct trap_frame *frame, const struct sigaction *action,
		      const struct siginfo *info, sigset_t mask);

/* The most bytes that signal_frame_push() takes of a stack: AT_MINSIGSTKSZ of getauxval(3). */
size_t signal_frame_size_max(void);

#endif
