/*
 * references.c -- the HPET, ACPI's PM timer, the PIT's channel 2, and the time-stamp counter where
 * CPUID tells its frequency.
 *
 * Each may be missing, or be named by firmware and stand still: only what is seen to count is
 * offered. Of the PIT it is the channel that otherwise makes the speaker hum. Boot only.
 *
 * Sources: IA-PC HPET specification 1.0a, 2.3; ACPI specification 6.5, 4.8.3.3; Intel SDM
 * volume 3, 19.7.3, and for hypervisors the leaf 0x40000010 that VMware and KVM share.
 */
#include <arch/acpi.h>
#include <arch/calibrate.h>
#include <arch/cpu.h>
#include <arch/io.h>
#include <arch/page_table.h>

#include "i8254.h"
#include "references.h"

#define COUNTING_POLLS 1000 /* a step of the slowest takes less */

#define HPET_PERIOD 0x04 /* femtoseconds a step */
#define HPET_CONFIGURATION 0x10
#define HPET_COUNTER 0xf0
#define HPET_MAPPED_SIZE 0x100
#define HPET_COUNTING (1u << 0)
#define HPET_REPLACES_PIT (1u << 1) /* its interrupts take the PIT's line */
#define HPET_PERIOD_MAX 100000000u  /* by the specification: 100 ns */
#define FS_PER_SEC 1000000000000000ul

#define PM_TIMER_HZ 3579545u

#define PIT_SPEAKER 2 /* the channel */
#define SPEAKER 0x61
#define SPEAKER_GATE 0x01 /* lets channel 2 count */
#define SPEAKER_ON 0x02

#define LEAF_TSC_RATIO 0x15
#define LEAF_FREQUENCY_MHZ 0x16
#define LEAF_HYPERVISOR 0x40000000
#define LEAF_HYPERVISOR_KHZ 0x40000010

static volatile uint8_t *hpet;

static uint32_t hpet_read(void)
{
	return mmio_read32(hpet + HPET_COUNTER);
}

static uint64_t hpet_start(void)
{
	uint32_t period, configuration;

	if (acpi_info.hpet_base)
		hpet = device_map(acpi_info.hpet_base, HPET_MAPPED_SIZE);
	if (!hpet)
		return 0;
	period = mmio_read32(hpet + HPET_PERIOD);
	if (!period || period > HPET_PERIOD_MAX)
		return 0;
	configuration = mmio_read32(hpet + HPET_CONFIGURATION) & ~HPET_REPLACES_PIT;
	mmio_write32(hpet + HPET_CONFIGURATION, configuration | HPET_COUNTING);
	return FS_PER_SEC / period;
}

static uint32_t pm_timer_read(void)
{
	return inl(acpi_info.pm_timer);
}

static uint32_t pit_read(void)
{
	return pit_count(PIT_SPEAKER);
}

static void pit_start(void)
{
	outb(SPEAKER, (inb(SPEAKER) & ~SPEAKER_ON) | SPEAKER_GATE);
	pit_start_channel(PIT_SPEAKER, 0);
}

static uint32_t tsc_read(void)
{
	return (uint32_t)rdtsc();
}

uint64_t cpuid_tsc_hz(void)
{
	uint32_t max, a, b, c, d;

	cpuid(LEAF_HYPERVISOR, 0, &max, &b, &c, &d);
	if (cpu_features.hypervisor[0] && max >= LEAF_HYPERVISOR_KHZ) {
		cpuid(LEAF_HYPERVISOR_KHZ, 0, &a, &b, &c, &d);
		if (a)
			return a * 1000ul;
	}
	cpuid(0, 0, &max, &b, &c, &d);
	if (max >= LEAF_TSC_RATIO) {
		cpuid(LEAF_TSC_RATIO, 0, &a, &b, &c, &d);
		if (a && b && c) /* the crystal's frequency times b / a */
			return (uint64_t)c * b / a;
	}
	if (max >= LEAF_FREQUENCY_MHZ) {
		cpuid(LEAF_FREQUENCY_MHZ, 0, &a, &b, &c, &d);
		return (a & 0xffff) * 1000000ul;
	}
	return 0;
}

bool reference_counts(const struct reference *reference)
{
	uint32_t first = reference->read();

	for (unsigned i = 0; i < COUNTING_POLLS; i++)
		if ((reference->read() - first) & reference->mask)
			return true;
	return false;
}

size_t references_find(struct reference found[REFERENCES_MAX])
{
	const struct reference all[REFERENCES_MAX] = {
		{ "HPET", hpet_start(), UINT32_MAX, hpet_read },
		{ "ACPI PM timer", acpi_info.pm_timer ? PM_TIMER_HZ : 0,
		  acpi_info.pm_timer_32_bits ? UINT32_MAX : 0xffffff, pm_timer_read },
		{ "PIT", PIT_HZ, 0xffff, pit_read },
		{ "CPUID", cpuid_tsc_hz(), UINT32_MAX, tsc_read },
	};
	size_t count = 0;

	pit_start();
	for (size_t i = 0; i < REFERENCES_MAX; i++)
		if (all[i].hz && reference_counts(&all[i]))
			found[count++] = all[i];
	return count;
}

void references_stop(void)
{
	outb(SPEAKER, inb(SPEAKER) & ~(SPEAKER_ON | SPEAKER_GATE));
}
