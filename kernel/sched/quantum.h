/*
 * quantum.h -- the configured quantum, for the policies alone.
 */
#ifndef SCHED_QUANTUM_H
#define SCHED_QUANTUM_H

/* In whole ticks. */
#define QUANTUM_TICKS ((CONFIG_SCHED_QUANTUM_MS * CONFIG_HZ + 999) / 1000)

#endif
