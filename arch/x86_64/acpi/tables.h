/*
 * tables.h -- between acpi.c, which finds the tables, and tables.c, which reads one that was found.
 *
 * The readers are pure and trust nothing: the host's tests feed them rubbish
 * (tests/host/test_acpi.c).
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

/* Whether `size` bytes add up to 0. */
bool acpi_checksum_ok(const void *bytes, size_t size);

/* Whether this is a root pointer; `size` bytes can be read there. */
bool acpi_rsdp_ok(const struct acpi_rsdp *rsdp, size_t size);

/* Each takes a whole table, whose length and checksum are right. False: it is of no use. */
bool acpi_read_madt(const struct acpi_header *table, struct acpi_info *info);
bool acpi_read_fadt(const struct acpi_header *table, struct acpi_info *info, paddr_t *dsdt);

/* Looks for the package \_S5_ in a DSDT or SSDT. */
bool acpi_read_s5(const struct acpi_header *table, struct acpi_info *info);

#endif
