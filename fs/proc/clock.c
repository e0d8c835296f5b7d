/*
 * clock.c -- /proc/facet/clock: what measurements by the time-stamp counter rest on.
 *
 * smis: how many system management interrupts there were since power-on. The firmware's code that
 * they run is seen by nothing else, for it stops the processor, and not the counter. Intel's
 * processors count them since 2008. Source: Intel SDM volume 4, MSR_SMI_COUNT.
 */
#include "proc.h"

#include <arch/calibrate.h>
#include <arch/cpu.h>
#include <arch/fixup.h>

#define MSR_SMI_COUNT 0x34

/* False: the processor has none. */
static bool smi_count(uint32_t *count)
{
	/* Others have another register of this number, or pretend to. */
	if (strcmp(cpu_features.vendor, "GenuineIntel"))
		return false;
	__asm__ goto("1:\trdmsr" FIXUP : "=a"(*count) : "c"(MSR_SMI_COUNT) : "rdx" : fault);
	return true;
fault:
	return false;
}

int proc_show_clock(struct text *text, pid_t pid)
{
	uint32_t count;

	(void)pid;
	text_printf(text, "tsc_khz %lu\nreference %s\ninvariant %u\n", calibration.tsc_hz / 1000,
		    calibration.reference, cpu_features.invariant_tsc);
	if (smi_count(&count))
		text_printf(text, "smis %u\n", count);
	return 0;
}
