/*
 * pending.h -- what interrupt handlers leave for the return path.
 *
 * A handler sets a bit in its CPU's `pending` word and leaves. The return path (arch/x86_64/entry)
 * finds the word non-zero with interrupts off, and kernel/time/pending.c runs the bottoms with
 * interrupts on and preemption off. A bottom may take spinlocks, wake threads and post signals; it
 * never sleeps.
 */
#ifndef FACET_PENDING_H
#define FACET_PENDING_H

#include <arch/percpu.h>

enum pending {
	PENDING_RESCHED,    /* the slice has ended, or a better thread was woken */
	PENDING_TIMEOUTS,   /* the nearest deadline has come */
	PENDING_CPU_TIMERS, /* the thread ran for a tick, and somebody waits for that */
	PENDING_SERIAL,
	PENDING_KEYBOARD,
	PENDING_MACHINE, /* an NMI, an error of the local APIC, a line that was masked */
	PENDING_SCREEN,  /* a program asked the screen, and it answers as if typed */
	PENDING_BITS,
};

typedef void (*bottom_fn)(void);

/* At boot, once for each bit. `bottom` does a bounded piece of work and may set its bit again. */
void pending_register(enum pending bit, bottom_fn bottom);

/* Context: any, interrupt handlers included. One instruction. */
static inline void pending_set(enum pending bit)
{
	cpu_pending_or(1u << bit);
}

/* Runs all bottoms whose bits are set, except PENDING_RESCHED, which stays for the scheduler. */
void pending_run(void);

#endif
