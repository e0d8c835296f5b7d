/*
 * local_apic.c -- the interrupt controller inside the CPU.
 *
 * Its registers are used through memory (xAPIC); where firmware has left x2APIC mode on, that is
 * turned off.
 *
 * Source: Intel SDM volume 3, chapter 11.
 */
#include <arch/acpi.h>
#include <arch/cpu.h>
#include <arch/io.h>
#include <arch/irq.h>
#include <arch/lapic.h>
#include <arch/page_table.h>
#include <arch/trap_frame.h>

#include "controllers.h"

#define APIC_BASE_X2APIC (1ul << 10)
#define APIC_BASE_ENABLE (1ul << 11)
#define APIC_BASE_ADDRESS 0x000ffffffffff000ul

static volatile uint8_t *registers; /* NULL: there is none */

bool lapic_present(void)
{
	return registers;
}

uint32_t lapic_read(uint32_t offset)
{
	return mmio_read32(registers + offset);
}

void lapic_write(uint32_t offset, uint32_t value)
{
	mmio_write32(registers + offset, value);
}

/* What an input brings while no 8259 is passed through it. Without ACPI, the NMI comes to LINT1. */
static uint32_t input_entry(unsigned input)
{
	bool nmi = acpi_info.madt ? acpi_info.lapic_nmi[input] : input == 1;

	return nmi ? LAPIC_LVT_NMI : LAPIC_LVT_MASKED;
}

void local_apic_init(void)
{
	uint64_t base;

	if (!cpu_features.apic)
		return;
	base = rdmsr(MSR_APIC_BASE);
	if (base & APIC_BASE_X2APIC) { /* the way back leads through "disabled" */
		base &= ~(APIC_BASE_X2APIC | APIC_BASE_ENABLE);
		wrmsr(MSR_APIC_BASE, base);
	}
	wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);

	registers = device_map(base & APIC_BASE_ADDRESS, PAGE_SIZE);
	if (!registers)
		return;
	lapic_write(LAPIC_TASK_PRIORITY, 0);
	lapic_write(LAPIC_LVT_TIMER, LAPIC_LVT_MASKED);
	lapic_write(LAPIC_LVT_LINT0, input_entry(0));
	lapic_write(LAPIC_LVT_LINT1, input_entry(1));
	lapic_write(LAPIC_LVT_ERROR, LAPIC_LVT_MASKED);
	lapic_write(LAPIC_SPURIOUS, LAPIC_SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	lapic_write(LAPIC_ERROR_STATUS, 0);
	lapic_write(LAPIC_EOI, 0); /* something may be left over from the firmware */
}

void local_apic_pass_8259(bool pass)
{
	if (registers)
		lapic_write(LAPIC_LVT_LINT0, pass ? LAPIC_LVT_EXTINT : input_entry(0));
}
