/*
 * local_apic.c -- the interrupt controller inside the CPU.
 *
 * Its registers are MSRs (x2APIC) where the CPU offers that, which takes neither a mapping nor an
 * uncached access, and memory otherwise (xAPIC). Firmware may have turned x2APIC on for good, so
 * that there is no way back. `nox2apic` on the command line: memory, unless that is so.
 *
 * Source: Intel SDM volume 3, chapter 11.
 */
#include <arch/acpi.h>
#include <arch/lapic.h>
#include <arch/page_table.h>
#include <arch/trap_frame.h>
#include <facet/bootinfo.h>
#include <facet/cmdline.h>
#include <facet/panic.h>
#include <facet/printk.h>

#include "controllers.h"

#define APIC_BASE_X2APIC (1ul << 10)
#define APIC_BASE_ENABLE (1ul << 11)
#define APIC_BASE_ADDRESS 0x000ffffffffff000ul

#define X2APIC_ID_MAX 255 /* an IOAPIC's entry has no room for more */

volatile uint8_t *lapic_registers;
static bool present, x2apic;

bool lapic_present(void)
{
	return present;
}

uint8_t lapic_id(void)
{
	return (uint8_t)(lapic_read(LAPIC_ID) >> (x2apic ? 0 : 24));
}

/* What an input brings while no 8259 is passed through it. Without ACPI, the NMI comes to LINT1. */
static uint32_t input_entry(unsigned input)
{
	bool nmi = acpi_info.madt ? acpi_info.lapic_nmi[input] : input == 1;

	return nmi ? LAPIC_LVT_NMI : LAPIC_LVT_MASKED;
}

/* Turns the registers into MSRs. False: they are to be mapped. */
static bool enter_x2apic(uint64_t base)
{
	struct cmdline_word word;
	bool refused = cmdline_find(boot_info.cmdline, "nox2apic", &word);

	if (!cpu_features.x2apic || (refused && !(base & APIC_BASE_X2APIC)))
		return false;
	/* From "disabled" the way leads through the other mode. */
	wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
	wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE | APIC_BASE_X2APIC);
	if (lapic_read(LAPIC_ID) > X2APIC_ID_MAX)
		panic("lapic: this processor's ID, %u, is out of the IOAPICs' reach",
		      lapic_read(LAPIC_ID));
	return true;
}

static void map_registers(uint64_t base)
{
	paddr_t address = base & APIC_BASE_ADDRESS;

	wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
	lapic_registers = device_map(address, PAGE_SIZE);
	if (lapic_registers && acpi_info.madt && acpi_info.lapic_base != address)
		pr_warn("lapic: at %#lx, where ACPI has %#lx\n", address, acpi_info.lapic_base);
}

void local_apic_init(void)
{
	uint64_t base;

	if (!cpu_features.apic)
		return;
	base = rdmsr(MSR_APIC_BASE);
	x2apic = enter_x2apic(base);
	if (!x2apic)
		map_registers(base);
	present = x2apic || lapic_registers;
	if (!present)
		return;
	pr_info("lapic: ID %u, registers are %s\n", lapic_id(), x2apic ? "MSRs" : "in memory");
	lapic_write(LAPIC_TASK_PRIORITY, 0);
	lapic_write(LAPIC_LVT_TIMER, LAPIC_LVT_MASKED);
	lapic_write(LAPIC_LVT_LINT0, input_entry(0));
	lapic_write(LAPIC_LVT_LINT1, input_entry(1));
	lapic_write(LAPIC_SPURIOUS, LAPIC_SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	lapic_write(LAPIC_ERROR_STATUS, 0);
	lapic_write(LAPIC_LVT_ERROR, VECTOR_LAPIC_ERROR);
	lapic_write(LAPIC_EOI, 0); /* something may be left over from the firmware */
}

void local_apic_pass_8259(bool pass)
{
	if (present)
		lapic_write(LAPIC_LVT_LINT0, pass ? LAPIC_LVT_EXTINT : input_entry(0));
}
