/*
 * tables.c -- reading an ACPI table: MADT, FADT, and of the DSDT one package.
 *
 * Pure: tested on the host.
 * Source: ACPI specification 6.5, 5.2.9 (FADT), 5.2.12 (MADT), 20.2 (AML).
 */
#include <facet/string.h>

#include "tables.h"

#define LAPIC_BASE_DEFAULT 0xfee00000ul

/* --- MADT --- */

enum { MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_LAPIC_ADDRESS = 5 };

#define POLARITY(flags) (3 & (flags))
#define POLARITY_LOW 3
#define TRIGGER(flags) ((flags) >> 2 & 3)
#define TRIGGER_LEVEL 3

struct madt {
	struct acpi_header header;
	uint32_t lapic_base, flags;
} __attribute__((packed));

struct madt_entry {
	uint8_t type, length;
} __attribute__((packed));

struct madt_ioapic {
	struct madt_entry entry;
	uint8_t id, reserved;
	uint32_t base, first_gsi;
} __attribute__((packed));

struct madt_override {
	struct madt_entry entry;
	uint8_t bus, line;
	uint32_t gsi;
	uint16_t flags;
} __attribute__((packed));

struct madt_lapic_address {
	struct madt_entry entry;
	uint16_t reserved;
	uint64_t base;
} __attribute__((packed));

/* --- FADT --- */

struct generic_address {
	uint8_t space, width, offset, access;
	uint64_t address;
} __attribute__((packed));

struct fadt {
	struct acpi_header header;
	uint32_t facs, dsdt;
	uint8_t reserved0, profile;
	uint16_t sci_line;
	uint32_t smi_command;
	uint8_t acpi_enable, acpi_disable, s4bios, pstate;
	uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control;
	uint8_t unused0[34];
	uint8_t day_alarm, month_alarm, century;
	uint16_t boot_flags;
	uint8_t reserved1;
	uint32_t flags;
	/* From here on not in ACPI 1.0. */
	struct generic_address reset;
	uint8_t reset_value;
	uint16_t arm_flags;
	uint8_t minor;
	uint64_t facs_64, dsdt_64;
} __attribute__((packed));

#define FADT_SIZE_1 116

_Static_assert(offsetof(struct fadt, reset) == FADT_SIZE_1, "the tables' layout is ACPI's");

#define FADT_RESET_SUPPORTED (1u << 10)

#define SPACE_MEMORY 0
#define SPACE_PORT 1

/* Whether a table is long enough to have this member. */
#define has(table, type, member) \
	((table)->length >= offsetof(type, member) + sizeof(((type *)0)->member))

bool acpi_checksum_ok(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint8_t sum = 0;

	while (size--)
		sum += *at++;
	return sum == 0;
}

bool acpi_rsdp_ok(const struct acpi_rsdp *rsdp, size_t size)
{
	return size >= ACPI_RSDP_SIZE_1 && memcmp(rsdp->signature, "RSD PTR ", 8) == 0 &&
	       acpi_checksum_ok(rsdp, ACPI_RSDP_SIZE_1);
}

static void take_override(const struct madt_override *override, struct acpi_info *info)
{
	if (override->bus != 0 || override->line >= ACPI_ISA_LINES)
		return;
	/* What "conforms to the bus" is, on ISA, active high and edge. */
	info->isa_lines[override->line] = (struct acpi_isa_line){
		.gsi = override->gsi,
		.active_low = POLARITY(override->flags) == POLARITY_LOW,
		.level = TRIGGER(override->flags) == TRIGGER_LEVEL,
	};
}

static void take_entry(const struct madt_entry *entry, struct acpi_info *info)
{
	const struct madt_ioapic *ioapic = (const struct madt_ioapic *)entry;

	switch (entry->type) {
	case MADT_IOAPIC:
		if (entry->length >= sizeof(*ioapic) && info->ioapic_count < ACPI_IOAPICS_MAX)
			info->ioapics[info->ioapic_count++] =
				(struct acpi_ioapic){ ioapic->base, ioapic->first_gsi };
		break;
	case MADT_OVERRIDE:
		if (entry->length >= sizeof(struct madt_override))
			take_override((const struct madt_override *)entry, info);
		break;
	case MADT_LAPIC_ADDRESS:
		if (entry->length >= sizeof(struct madt_lapic_address))
			info->lapic_base = ((const struct madt_lapic_address *)entry)->base;
		break;
	}
}

bool acpi_read_madt(const struct acpi_header *table, struct acpi_info *info)
{
	const struct madt *madt = (const struct madt *)table;
	const uint8_t *at = (const uint8_t *)(madt + 1);
	const uint8_t *end = (const uint8_t *)table + table->length;

	if (table->length < sizeof(*madt))
		return false;
	info->lapic_base = madt->lapic_base ? madt->lapic_base : LAPIC_BASE_DEFAULT;
	info->ioapic_count = 0;
	for (uint32_t line = 0; line < ACPI_ISA_LINES; line++)
		info->isa_lines[line] = (struct acpi_isa_line){ .gsi = line };

	while ((size_t)(end - at) >= sizeof(struct madt_entry)) {
		const struct madt_entry *entry = (const struct madt_entry *)at;

		if (entry->length < sizeof(*entry) || entry->length > end - at)
			break;
		take_entry(entry, info);
		at += entry->length;
	}
	info->madt = true;
	return true;
}

static void take_reset(const struct fadt *fadt, struct acpi_info *info)
{
	if (!has(&fadt->header, struct fadt, reset_value) || !(fadt->flags & FADT_RESET_SUPPORTED))
		return;
	if (fadt->reset.space == SPACE_PORT)
		info->reset.space = ACPI_REGISTER_PORT;
	else if (fadt->reset.space == SPACE_MEMORY)
		info->reset.space = ACPI_REGISTER_MEMORY;
	info->reset.address = fadt->reset.address;
	info->reset_value = fadt->reset_value;
}

bool acpi_read_fadt(const struct acpi_header *table, struct acpi_info *info, paddr_t *dsdt)
{
	const struct fadt *fadt = (const struct fadt *)table;

	if (table->length < FADT_SIZE_1)
		return false;
	info->pm1a_control = (uint16_t)fadt->pm1a_control;
	info->pm1b_control = (uint16_t)fadt->pm1b_control;
	info->smi_command = (uint16_t)fadt->smi_command;
	info->acpi_enable = fadt->acpi_enable;
	info->rtc_century = fadt->century;
	take_reset(fadt, info);

	*dsdt = fadt->dsdt;
	if (has(table, struct fadt, dsdt_64) && fadt->dsdt_64)
		*dsdt = fadt->dsdt_64;
	return true;
}

/* --- the DSDT's \_S5_ ---
 *
 * The DSDT is a program in AML, of which one constant is wanted,
 * Name (_S5, Package () { a, b, ... }). Compilers write it as
 *
 *   08  ['\'] '_' 'S' '5' '_'  12  length  count  value a  value b  ...
 *
 * so these bytes are looked for, and each of them is checked.
 */

enum {
	AML_NAME = 0x08,
	AML_PACKAGE = 0x12,
	AML_ZERO = 0x00,
	AML_ONE = 0x01,
	AML_BYTE = 0x0a,
	AML_WORD = 0x0b,
	AML_DWORD = 0x0c
};

struct aml {
	const uint8_t *at, *end;
};

/* The next byte, or -1 at the end. */
static int aml_byte(struct aml *aml)
{
	return aml->at < aml->end ? *aml->at++ : -1;
}

/* A length takes one to four bytes: the first one's upper two bits say how many follow. */
static bool aml_skip_length(struct aml *aml)
{
	int first = aml_byte(aml);

	if (first < 0 || first >> 6 > aml->end - aml->at)
		return false;
	aml->at += first >> 6;
	return true;
}

/* A small integer constant, or -1. */
static int aml_value(struct aml *aml)
{
	int opcode = aml_byte(aml), value;
	size_t more = 0;

	switch (opcode) {
	case AML_ZERO:
	case AML_ONE:
		return opcode;
	case AML_BYTE:
		break;
	case AML_WORD:
		more = 1;
		break;
	case AML_DWORD:
		more = 3;
		break;
	default:
		return -1;
	}
	value = aml_byte(aml);
	while (more--)
		if (aml_byte(aml) != 0)
			return -1;
	return value;
}

/* Reads what should be the package, behind its name. SLP_TYP has three bits. */
static bool read_s5_package(struct aml aml, struct acpi_info *info)
{
	int a, b;

	if (aml_byte(&aml) != AML_PACKAGE || !aml_skip_length(&aml) || aml_byte(&aml) < 2)
		return false;
	a = aml_value(&aml);
	b = aml_value(&aml);
	if (a < 0 || a > 7 || b < 0 || b > 7)
		return false;
	info->s5_a = (uint8_t)a;
	info->s5_b = (uint8_t)b;
	info->s5 = true;
	return true;
}

bool acpi_read_s5(const struct acpi_header *table, struct acpi_info *info)
{
	const uint8_t *start = (const uint8_t *)(table + 1);
	const uint8_t *end = (const uint8_t *)table + table->length;

	if (table->length < sizeof(*table))
		return false;
	for (const uint8_t *at = start; at + 4 <= end; at++) {
		bool named;

		if (*at != '_' || memcmp(at, "_S5_", 4) != 0)
			continue;
		named = (at - start >= 1 && at[-1] == AML_NAME) ||
			(at - start >= 2 && at[-1] == '\\' && at[-2] == AML_NAME);
		if (named && read_s5_package((struct aml){ at + 4, end }, info))
			return true;
	}
	return false;
}
