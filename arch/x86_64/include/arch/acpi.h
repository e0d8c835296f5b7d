/*
 * acpi.h -- what the firmware's tables say of interrupt controllers and of turning the machine off.
 *
 * A table that is missing, too short or has a wrong checksum is as good as absent: the kernel then
 * goes the way of a PC before ACPI. Read-only after acpi_init().
 */
#ifndef ARCH_ACPI_H
#define ARCH_ACPI_H

#include <facet/types.h>

#define ACPI_IOAPICS_MAX 8
#define ACPI_ISA_LINES 16

struct acpi_ioapic {
	paddr_t base;
	uint32_t first_gsi; /* global system interrupt of its input 0 */
};

/* Where an ISA line ends up at the IOAPICs; without an override, the GSI of its number. */
struct acpi_isa_line {
	uint32_t gsi;
	bool active_low, level;
};

/* A register in ACPI's generic form. */
struct acpi_register {
	enum { ACPI_REGISTER_NONE, ACPI_REGISTER_MEMORY, ACPI_REGISTER_PORT } space;
	uint64_t address;
};

struct acpi_info {
	bool madt; /* the MADT was there: the next four are set */
	paddr_t lapic_base;
	size_t ioapic_count;
	struct acpi_ioapic ioapics[ACPI_IOAPICS_MAX];
	struct acpi_isa_line isa_lines[ACPI_ISA_LINES];

	uint16_t pm1a_control, pm1b_control; /* ports; 0: none */
	uint16_t smi_command; /* port that takes acpi_enable; 0: ACPI mode is always on */
	uint8_t acpi_enable;
	bool s5;            /* the next two are set */
	uint8_t s5_a, s5_b; /* SLP_TYP values for power off */
	struct acpi_register reset;
	uint8_t reset_value;
	uint8_t rtc_century; /* index of the RTC's register for it; 0: none */
};

extern struct acpi_info acpi_info;

/* `rsdp` 0: the BIOS's areas are searched. Context: boot, after kernel_map_init(). */
void acpi_init(paddr_t rsdp);

#endif
