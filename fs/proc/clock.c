/*
 * clock.c -- /proc/facet/clock: what measurements by the time-stamp counter rest on.
 * Where the processor tells them: smis, the system management interrupts since power-on; cycles of
 * its own clock and ticks of the counter, both while it was not halted; and how often it was found
 * to be too hot.
 */
#include "proc.h"

#include <arch/calibrate.h>
#include <arch/cpu.h>
#include <arch/thermal.h>

int proc_show_clock(struct text *text, pid_t pid)
{
	uint32_t count;
	uint64_t cycles, ticks;

	(void)pid;
	text_printf(text, "tsc_khz %lu\nreference %s\ninvariant %u\n", calibration.tsc_hz / 1000,
		    calibration.reference, cpu_features.invariant_tsc);
	if (cpu_smi_count(&count))
		text_printf(text, "smis %u\n", count);
	if (cpu_cycle_counts(&cycles, &ticks))
		text_printf(text, "cycles %lu\nticks %lu\n", cycles, ticks);
	if (thermal_count(&count))
		text_printf(text, "too_hot %u\n", count);
	return 0;
}
