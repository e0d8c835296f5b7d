/*
 * tables.h -- between acpi.c, which finds the tables, and madt.c, fadt.c and s5.c, which read one
 * that was found.
 *
 * All of them are pure, see memory only through map.c's two functions, and trust nothing: the
 * host's tests feed them rubbish (tests/host/test_acpi.c, test_acpi_find.c).
 */
#ifndef ACPI_TABLES_H
#define ACPI_TABLES_H

#include <arch/acpi.h>

struct acpi_header {
	char signature[4];
	uint32_t length; /* of the whole table */
	uint8_t revision, checksum;
	char oem_id[6], oem_table_id[8];
	uint32_t oem_revision, creator_id, creator_revision;
} __attribute__((packed));

struct acpi_rsdp {
	char signature[8];
	uint8_t checksum; /* over the first ACPI_RSDP_SIZE_1 bytes */
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	/* From revision 2 on: */
	uint32_t length;
	uint64_t xsdt;
	uint8_t extended_checksum, reserved[3];
} __attribute__((packed));

#define ACPI_RSDP_SIZE_1 20

/* Whether the processor can address these bytes: beyond, an entry of a page table would fault. */
bool acpi_reachable(paddr_t base, size_t size);

/* The memory at [base, base + size), readable, or NULL. */
const void *acpi_map(paddr_t base, size_t size);

/* Whether `size` bytes add up to 0. */
bool acpi_checksum_ok(const void *bytes, size_t size);

/* Each takes a whole table, whose length and checksum are right. False: it is of no use. */
bool acpi_read_madt(const struct acpi_header *table, struct acpi_info *info);
bool acpi_read_fadt(const struct acpi_header *table, struct acpi_info *info, paddr_t *dsdt);
bool acpi_read_hpet(const struct acpi_header *table, struct acpi_info *info);

/* Looks for the package \_S5_ in a DSDT or SSDT. */
bool acpi_read_s5(const struct acpi_header *table, struct acpi_info *info);

#endif
