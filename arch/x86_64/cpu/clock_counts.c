/*
 * clock_counts.c -- what a processor counts that its time-stamp counter does not show: how often
 * the firmware took it away, and how fast its own clock was.
 *
 * Nothing else sees the code that system management interrupts run: it stops the processor, but not
 * the time-stamp counter. Intel's processors count them since 2008.
 * Source: Intel SDM volume 4, MSR_SMI_COUNT; volume 3, 15.2 for the others, which AMD's have too.
 */
#include <arch/cpu.h>
#include <arch/irqflags.h>
#include <facet/string.h>

#define MSR_SMI_COUNT 0x34
#define MSR_MPERF 0xe7
#define MSR_APERF 0xe8

bool cpu_smi_count(uint32_t *count)
{
	uint64_t value;

	/* Others have another register of this number, or pretend to. */
	if (strcmp(cpu_features.vendor, "GenuineIntel") || !rdmsr_safe(MSR_SMI_COUNT, &value))
		return false;
	*count = (uint32_t)value;
	return true;
}

bool cpu_cycle_counts(uint64_t *cycles, uint64_t *ticks)
{
	uint64_t flags = irq_save();
	bool there = cpu_features.cycle_counts && rdmsr_safe(MSR_APERF, cycles) &&
		     rdmsr_safe(MSR_MPERF, ticks);

	irq_restore(flags);
	return there;
}
