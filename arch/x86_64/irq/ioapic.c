/*
 * ioapic.c -- the IOAPICs, as the MADT lists them.
 *
 * An ISA line is looked up in ACPI's overrides first: line 0, the PIT, is input 2 on most machines.
 * All interrupts go to the boot CPU. Edges and levels are acknowledged at the local APIC.
 *
 * Source: Intel 82093AA data sheet. Alternative at run time: i8259.c.
 */
#include <arch/acpi.h>
#include <arch/io.h>
#include <arch/irq.h>
#include <arch/lapic.h>
#include <arch/page_table.h>
#include <arch/trap_frame.h>
#include <facet/printk.h>

#include "controllers.h"

#define SELECT 0x00 /* the register that WINDOW shows */
#define WINDOW 0x10
#define MAPPED_SIZE 0x20

#define REGISTER_VERSION 0x01
#define REGISTER_ENTRY(input) (0x10 + 2 * (input))

#define INPUTS_MAX 240 /* by the register's definition; more is a register that is not there */

#define ENTRY_NMI (4u << 8)
#define ENTRY_ACTIVE_LOW (1u << 13)
#define ENTRY_LEVEL (1u << 15)
#define ENTRY_MASKED (1u << 16)

static struct ioapic {
	volatile uint8_t *registers;
	uint32_t first_gsi, inputs;
} ioapics[ACPI_IOAPICS_MAX];

static size_t ioapic_count;

/* Where the lines that were unmasked end: an interrupt that masks one has no time to search. */
static struct {
	const struct ioapic *ioapic;
	uint32_t input;
} routes[ACPI_ISA_LINES];

static uint32_t ioapic_read(const struct ioapic *ioapic, uint32_t index)
{
	mmio_write32(ioapic->registers + SELECT, index);
	return mmio_read32(ioapic->registers + WINDOW);
}

static void ioapic_write(const struct ioapic *ioapic, uint32_t index, uint32_t value)
{
	mmio_write32(ioapic->registers + SELECT, index);
	mmio_write32(ioapic->registers + WINDOW, value);
}

static const struct ioapic *find(uint32_t gsi)
{
	for (size_t i = 0; i < ioapic_count; i++)
		if (gsi - ioapics[i].first_gsi < ioapics[i].inputs)
			return &ioapics[i];
	return NULL;
}

/* Where the line ends; an input that no IOAPIC has is passed over, which is said. */
static void set_entry(const struct acpi_line *line, uint32_t flags)
{
	const struct ioapic *ioapic = find(line->gsi);
	uint32_t input;

	if (!ioapic) {
		pr_warn("ioapic: no IOAPIC has input %u, which ACPI names\n", line->gsi);
		return;
	}
	input = line->gsi - ioapic->first_gsi;
	if (line->active_low)
		flags |= ENTRY_ACTIVE_LOW;
	if (line->level)
		flags |= ENTRY_LEVEL;
	ioapic_write(ioapic, REGISTER_ENTRY(input) + 1, (uint32_t)lapic_id() << 24);
	ioapic_write(ioapic, REGISTER_ENTRY(input), flags);
}

bool ioapic_init(void)
{
	for (size_t i = 0; i < acpi_info.ioapic_count; i++) {
		struct ioapic *ioapic = &ioapics[ioapic_count];
		paddr_t base = acpi_info.ioapics[i].base;

		ioapic->registers = device_map(base, MAPPED_SIZE);
		if (!ioapic->registers)
			continue;
		ioapic->first_gsi = acpi_info.ioapics[i].first_gsi;
		ioapic->inputs = (ioapic_read(ioapic, REGISTER_VERSION) >> 16 & 0xff) + 1;
		if (ioapic->inputs > INPUTS_MAX) {
			pr_warn("ioapic: none answers at %#lx, where ACPI has one\n", base);
			continue;
		}
		pr_machine("ioapic: at %#lx, interrupts from %u on, %u inputs\n", base,
			   ioapic->first_gsi, ioapic->inputs);
		for (uint32_t input = 0; input < ioapic->inputs; input++)
			ioapic_write(ioapic, REGISTER_ENTRY(input), ENTRY_MASKED);
		ioapic_count++;
	}
	for (size_t i = 0; ioapic_count && i < acpi_info.nmi_count; i++)
		set_entry(&acpi_info.nmis[i], ENTRY_NMI);
	return ioapic_count > 0;
}

void ioapic_unmask(unsigned line)
{
	uint32_t gsi = acpi_info.isa_lines[line].gsi;

	set_entry(&acpi_info.isa_lines[line], VECTOR_IRQ_BASE + line);
	routes[line].ioapic = find(gsi);
	if (routes[line].ioapic)
		routes[line].input = gsi - routes[line].ioapic->first_gsi;
}

void ioapic_mask(unsigned line)
{
	if (routes[line].ioapic)
		ioapic_write(routes[line].ioapic, REGISTER_ENTRY(routes[line].input), ENTRY_MASKED);
}
