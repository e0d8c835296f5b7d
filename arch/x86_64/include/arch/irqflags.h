/*
 * irqflags.h -- the interrupt flag. Used by the return path, the switch and boot; it is no lock.
 */
#ifndef ARCH_IRQFLAGS_H
#define ARCH_IRQFLAGS_H

#include <facet/counters.h>

#define RFLAGS_IF (1ul << 9)

static inline void irq_enable(void)
{
	irqs_off_end();
	__asm__ volatile("sti" : : : "memory");
}

static inline void irq_disable(void)
{
	__asm__ volatile("cli" : : : "memory");
	irqs_off_begin();
}

static inline uint64_t irq_save(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
	if (flags & RFLAGS_IF)
		irqs_off_begin();
	return flags;
}

static inline void irq_restore(uint64_t flags)
{
	if (flags & RFLAGS_IF)
		irq_enable();
}

/* Sleeps until an interrupt: the sti takes effect after the hlt has begun, so none is missed. */
static inline void cpu_idle(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

#endif
