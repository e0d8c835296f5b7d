/*
 * acpi.h -- what the firmware's tables say of interrupts, timers, and of turning the machine off.
 *
 * A table that is missing, too short or has a wrong checksum is as good as absent: the kernel then
 * goes the way of a PC before ACPI. Read-only after acpi_init().
 */
#ifndef ARCH_ACPI_H
#define ARCH_ACPI_H

#include <facet/types.h>

#define ACPI_IOAPICS_MAX 8
#define ACPI_NMIS_MAX 4
#define ACPI_ISA_LINES 16
#define ACPI_LAPIC_INPUTS 2

struct acpi_ioapic {
	paddr_t base;
	uint32_t first_gsi; /* global system interrupt of its input 0 */
};

/* Where a line ends up at the IOAPICs; an ISA line without an override at the GSI of its number. */
struct acpi_line {
	uint32_t gsi;
	bool active_low, level;
};

/* A register in ACPI's generic form. */
struct acpi_register {
	enum { ACPI_REGISTER_NONE, ACPI_REGISTER_MEMORY, ACPI_REGISTER_PORT } space;
	uint64_t address;
};

struct acpi_info {
	bool madt; /* the MADT was there: what follows up to the next empty line is set */
	paddr_t lapic_base;
	unsigned processors; /* that can be used; this kernel uses one */
	size_t ioapic_count, nmi_count;
	struct acpi_ioapic ioapics[ACPI_IOAPICS_MAX];
	struct acpi_line isa_lines[ACPI_ISA_LINES];
	struct acpi_line nmis[ACPI_NMIS_MAX]; /* inputs of IOAPICs that bring an NMI */
	bool lapic_nmi[ACPI_LAPIC_INPUTS];    /* LINT0, LINT1: wired to the NMI */

	uint16_t pm1a_control, pm1b_control; /* ports; 0: none */
	uint16_t smi_command; /* port that takes acpi_enable; 0: ACPI mode is always on */
	uint8_t acpi_enable;
	struct acpi_register sleep_control; /* in place of PM1 on machines with reduced hardware */
	bool s5;                            /* the next two are set */
	uint8_t s5_a, s5_b;                 /* SLP_TYP values for power off */
	struct acpi_register reset;
	uint8_t reset_value;
	uint16_t pm_timer; /* port; 0: none */
	bool pm_timer_32_bits;
	bool no_keyboard_controller, no_rtc;
	uint8_t rtc_century; /* index of the RTC's register for it; 0: none */

	paddr_t hpet_base; /* 0: none */
};

extern struct acpi_info acpi_info;

/* `rsdp` 0: the BIOS's areas are searched. Context: boot, after kernel_map_init(). */
void acpi_init(paddr_t rsdp);

#endif
