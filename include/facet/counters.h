/*
 * counters.h -- what the kernel did, in numbers that explain a measurement.
 *
 * Each CPU counts for itself, from boot, and nothing is ever reset: a reader takes differences.
 * /proc/facet/counters shows the sums. Context: any, interrupt handlers too; counting is one
 * instruction and takes no lock. Without CONFIG_COUNTERS all of this is nothing.
 */
#ifndef FACET_COUNTERS_H
#define FACET_COUNTERS_H

#include <arch/percpu.h>
#include <facet/config.h>

enum counter {
#define COUNTER(name, what) COUNT_##name,
#include <facet/counters.def>
#undef COUNTER
	COUNTER_COUNT
};

#ifdef CONFIG_COUNTERS

extern uint64_t counters[COUNTER_COUNT]; /* per CPU */

static inline void count_events(enum counter which, uint64_t amount)
{
	__asm__ volatile("addq %1, %0" : "+m"((*this_cpu(counters))[which]) : "er"(amount) : "cc");
}

/*
 * The longest stretch with interrupts off, in cycles: from the cli in C, or the first line of an
 * interrupt's handler, to the sti or the handler's last. The few instructions of entry.asm around
 * them are not in it.
 */
extern struct irqs_off {
	uint64_t since; /* 0: they are on */
	uint64_t longest;
} irqs_off;

static inline void irqs_off_begin(void)
{
	struct irqs_off *off = this_cpu(irqs_off);

	if (!off->since)
		off->since = __builtin_ia32_rdtsc();
}

static inline void irqs_off_end(void)
{
	struct irqs_off *off = this_cpu(irqs_off);
	uint64_t length = off->since ? __builtin_ia32_rdtsc() - off->since : 0;

	off->since = 0;
	if (length > off->longest)
		off->longest = length;
}

/* Logs how many switches there were of each kind: before the power goes. */
void counters_log(void);

#else

static inline void counters_log(void)
{
}

static inline void count_events(enum counter which, uint64_t amount)
{
	(void)which, (void)amount;
}

static inline void irqs_off_begin(void)
{
}

static inline void irqs_off_end(void)
{
}

#endif

static inline void count_event(enum counter which)
{
	count_events(which, 1);
}

#endif
