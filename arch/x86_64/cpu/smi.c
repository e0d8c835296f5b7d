/*
 * smi.c -- how often the firmware took the processor away, where that is counted.
 *
 * Nothing else sees the code that system management interrupts run: it stops the processor, but not
 * the time-stamp counter. Intel's processors count them since 2008.
 * Source: Intel SDM volume 4, MSR_SMI_COUNT.
 */
#include <arch/cpu.h>
#include <arch/fixup.h>
#include <facet/string.h>

#define MSR_SMI_COUNT 0x34

bool cpu_smi_count(uint32_t *count)
{
	/* Others have another register of this number, or pretend to. */
	if (strcmp(cpu_features.vendor, "GenuineIntel"))
		return false;
	__asm__ goto("1:\trdmsr" FIXUP : "=a"(*count) : "c"(MSR_SMI_COUNT) : "rdx" : fault);
	return true;
fault:
	return false;
}
