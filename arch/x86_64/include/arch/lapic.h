/*
 * lapic.h -- the local APIC: its registers through memory (xAPIC) or through MSRs (x2APIC), under
 * the same offsets.
 *
 * Source: Intel SDM volume 3, chapter 11.
 */
#ifndef ARCH_LAPIC_H
#define ARCH_LAPIC_H

#include <arch/cpu.h>
#include <arch/io.h>

#define LAPIC_ID 0x020
#define LAPIC_TASK_PRIORITY 0x080
#define LAPIC_EOI 0x0b0
#define LAPIC_SPURIOUS 0x0f0
#define LAPIC_ERROR_STATUS 0x280
#define LAPIC_LVT_TIMER 0x320
#define LAPIC_LVT_LINT0 0x350
#define LAPIC_LVT_LINT1 0x360
#define LAPIC_LVT_ERROR 0x370
#define LAPIC_TIMER_INITIAL 0x380
#define LAPIC_TIMER_CURRENT 0x390
#define LAPIC_TIMER_DIVIDE 0x3e0

#define LAPIC_SPURIOUS_ENABLE (1u << 8)
#define LAPIC_LVT_NMI (4u << 8)
#define LAPIC_LVT_EXTINT (7u << 8) /* the vector comes from the 8259 */
#define LAPIC_LVT_MASKED (1u << 16)
#define LAPIC_LVT_PERIODIC (1u << 17)
#define LAPIC_LVT_TSC_DEADLINE (2u << 17)
#define LAPIC_DIVIDE_BY_1 0xbu

#define MSR_X2APIC 0x800 /* and the offset's sixteenth */

/* Whether this machine has one that is in use. */
bool lapic_present(void);
/* Of this CPU, as an IOAPIC's entry names it. */
uint8_t lapic_id(void);

extern volatile uint8_t *lapic_registers; /* NULL: they are MSRs */

static inline uint32_t lapic_read(uint32_t offset)
{
	if (likely(lapic_registers))
		return mmio_read32(lapic_registers + offset);
	return (uint32_t)rdmsr(MSR_X2APIC + (offset >> 4));
}

static inline void lapic_write(uint32_t offset, uint32_t value)
{
	if (likely(lapic_registers))
		mmio_write32(lapic_registers + offset, value);
	else
		wrmsr(MSR_X2APIC + (offset >> 4), value);
}

#endif
