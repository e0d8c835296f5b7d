/*
 * clock.c -- /proc/facet/clock: what measurements by the time-stamp counter rest on.
 * smis, the system management interrupts since power-on, is there where the processor counts them.
 */
#include "proc.h"

#include <arch/calibrate.h>
#include <arch/cpu.h>

int proc_show_clock(struct text *text, pid_t pid)
{
	uint32_t count;

	(void)pid;
	text_printf(text, "tsc_khz %lu\nreference %s\ninvariant %u\n", calibration.tsc_hz / 1000,
		    calibration.reference, cpu_features.invariant_tsc);
	if (cpu_smi_count(&count))
		text_printf(text, "smis %u\n", count);
	return 0;
}
