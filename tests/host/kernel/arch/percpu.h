/*
 * percpu.h -- on the host: one processor, whose preemption count a test can look at.
 */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H

#include <facet/types.h>

extern uint32_t host_preempt_count;

#define PER_CPU(type, name) __typeof__(type) name
#define this_cpu(name) (&(name))

static inline void preempt_disable(void)
{
	host_preempt_count++;
}

static inline void preempt_enable(void)
{
	host_preempt_count--;
}

#endif
