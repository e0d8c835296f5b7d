/*
 * calibrate.h -- how fast the counters run, measured once at boot against the best reference there
 * is: HPET, ACPI's PM timer, PIT, or what CPUID says of the time-stamp counter.
 *
 * Takes some 2 ms under a hypervisor (whose clocks are exact) and at most 20 ms on hardware.
 */
#ifndef ARCH_CALIBRATE_H
#define ARCH_CALIBRATE_H

#include <facet/types.h>

#define PIT_HZ 1193182u

struct calibration {
	uint64_t tsc_hz;
	uint64_t lapic_hz;     /* of its timer at divide-by-1; 0: no local APIC */
	const char *reference; /* its name, for the boot log */
};

extern struct calibration calibration;

/* Context: boot, interrupts off, after irq_init(). */
void calibrate(void);

/* The date of the battery-backed clock, seconds since 1970-01-01 UTC. */
uint64_t rtc_read_seconds(void);

#endif
