/*
 * counters.c -- /proc/facet/counters: a name and a number a line.
 *
 * Read without a lock: each number is right by itself, two of them may be an event apart.
 */
#include "proc.h"

#include <facet/clock.h>
#include <facet/counters.h>

static const char *const names[] = {
#define COUNTER(name, what) #name,
#include <facet/counters.def>
#undef COUNTER
};

int proc_show_counters(struct text *text, pid_t pid)
{
	const uint64_t *values = *this_cpu(counters);

	(void)pid;
	for (unsigned i = 0; i < COUNTER_COUNT; i++)
		text_printf(text, "%s %lu\n", names[i], READ_ONCE(values[i]));
	text_printf(text, "ticks %lu\ninterrupts %lu\n", cpu_get(ticks), proc_device_interrupts());
	text_printf(text, "irqs_off_longest_ns %lu\n",
		    clock_cycles_to_ns(READ_ONCE(this_cpu(irqs_off)->longest)));
	return 0;
}
