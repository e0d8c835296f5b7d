/*
 * restart.h -- system calls that a signal ends, and what becomes of them.
 *
 * A call that sleeps returns one of these negated; on the way to user mode (kernel/signal/act.c) it
 * becomes EINTR, or the call is made again. User mode never sees them. The numbers are Linux's.
 * Source: signal(7), "Interruption of system calls and library functions by signal handlers".
 */
#ifndef FACET_RESTART_H
#define FACET_RESTART_H

#include <facet/types.h>

#define ERESTARTSYS 512           /* again, unless a handler without SA_RESTART was called */
#define ERESTARTNOINTR 513        /* always again: nobody has seen that it began */
#define ERESTARTNOHAND 514        /* again, unless a handler was called */
#define ERESTART_RESTARTBLOCK 516 /* the rest by restart_syscall(2), unless a handler was called */

struct thread;

/* What restart_syscall(2) goes on with. */
struct restart {
	long (*call)(struct restart *restart); /* NULL: nothing */
	uint64_t deadline_ns;
	uint64_t words[4]; /* the call's own */
};

#endif
