/*
 * madt.c -- the MADT: processors, IOAPICs, where ISA lines end, and which inputs bring an NMI.
 *
 * An entry that is too short for its kind is passed over; one whose length leads nowhere ends the
 * list. Pure: tested on the host.
 * Source: ACPI specification 6.5, 5.2.12.
 */
#include <facet/string.h>

#include "tables.h"

#define LAPIC_BASE_DEFAULT 0xfee00000ul

enum {
	MADT_LAPIC = 0,
	MADT_IOAPIC = 1,
	MADT_OVERRIDE = 2,
	MADT_NMI_SOURCE = 3,
	MADT_LAPIC_NMI = 4,
	MADT_LAPIC_ADDRESS = 5,
	MADT_X2APIC = 9,
	MADT_X2APIC_NMI = 10,
};

#define PROCESSOR_ENABLED (1u << 0)

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

struct madt_lapic {
	struct madt_entry entry;
	uint8_t processor, apic_id;
	uint32_t flags;
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

struct madt_nmi_source {
	struct madt_entry entry;
	uint16_t flags;
	uint32_t gsi;
} __attribute__((packed));

struct madt_lapic_nmi {
	struct madt_entry entry;
	uint8_t processor;
	uint16_t flags;
	uint8_t input;
} __attribute__((packed));

struct madt_lapic_address {
	struct madt_entry entry;
	uint16_t reserved;
	uint64_t base;
} __attribute__((packed));

struct madt_x2apic {
	struct madt_entry entry;
	uint16_t reserved;
	uint32_t apic_id, flags, processor;
} __attribute__((packed));

struct madt_x2apic_nmi {
	struct madt_entry entry;
	uint16_t flags;
	uint32_t processor;
	uint8_t input, reserved[3];
} __attribute__((packed));

/* An entry as one of its kind, or NULL where it is too short to be that. */
#define entry_as(entry, type) \
	((entry)->length >= sizeof(struct type) ? (const struct type *)(entry) : NULL)

static void take_processor(uint32_t flags, struct acpi_info *info)
{
	info->processors += flags & PROCESSOR_ENABLED;
}

static void take_ioapic(const struct madt_ioapic *ioapic, struct acpi_info *info)
{
	if (ioapic && info->ioapic_count < ACPI_IOAPICS_MAX)
		info->ioapics[info->ioapic_count++] = (struct acpi_ioapic){ ioapic->base,
									    ioapic->first_gsi };
}

/* What "conforms to the bus" is, on ISA, active high and edge. */
static struct acpi_line line_of(uint32_t gsi, uint16_t flags)
{
	return (struct acpi_line){
		.gsi = gsi,
		.active_low = POLARITY(flags) == POLARITY_LOW,
		.level = TRIGGER(flags) == TRIGGER_LEVEL,
	};
}

static void take_override(const struct madt_override *override, struct acpi_info *info)
{
	if (override && override->bus == 0 && override->line < ACPI_ISA_LINES)
		info->isa_lines[override->line] = line_of(override->gsi, override->flags);
}

static void take_nmi_source(const struct madt_nmi_source *source, struct acpi_info *info)
{
	if (source && info->nmi_count < ACPI_NMIS_MAX)
		info->nmis[info->nmi_count++] = line_of(source->gsi, source->flags);
}

/* The entry names processors; the inputs are wired alike on all of them. */
static void take_lapic_nmi(uint8_t input, struct acpi_info *info)
{
	if (input < ACPI_LAPIC_INPUTS)
		info->lapic_nmi[input] = true;
}

static void take_entry(const struct madt_entry *entry, struct acpi_info *info)
{
	const struct madt_lapic *lapic = entry_as(entry, madt_lapic);
	const struct madt_x2apic *x2apic = entry_as(entry, madt_x2apic);
	const struct madt_lapic_nmi *nmi = entry_as(entry, madt_lapic_nmi);
	const struct madt_x2apic_nmi *x2apic_nmi = entry_as(entry, madt_x2apic_nmi);
	const struct madt_lapic_address *address = entry_as(entry, madt_lapic_address);

	switch (entry->type) {
	case MADT_LAPIC:
		take_processor(lapic ? lapic->flags : 0, info);
		break;
	case MADT_X2APIC:
		take_processor(x2apic ? x2apic->flags : 0, info);
		break;
	case MADT_IOAPIC:
		take_ioapic(entry_as(entry, madt_ioapic), info);
		break;
	case MADT_OVERRIDE:
		take_override(entry_as(entry, madt_override), info);
		break;
	case MADT_NMI_SOURCE:
		take_nmi_source(entry_as(entry, madt_nmi_source), info);
		break;
	case MADT_LAPIC_NMI:
		take_lapic_nmi(nmi ? nmi->input : ACPI_LAPIC_INPUTS, info);
		break;
	case MADT_X2APIC_NMI:
		take_lapic_nmi(x2apic_nmi ? x2apic_nmi->input : ACPI_LAPIC_INPUTS, info);
		break;
	case MADT_LAPIC_ADDRESS:
		if (address && address->base)
			info->lapic_base = address->base;
		break;
	}
}

bool acpi_read_madt(const struct acpi_header *table, struct acpi_info *info)
{
	const struct madt *madt = (const struct madt *)table;
	const uint8_t *at = (const uint8_t *)(madt + 1);
	const uint8_t *end = (const uint8_t *)table + table->length;

	if (table->length < sizeof(*madt) || info->madt)
		return false;
	info->lapic_base = madt->lapic_base ? madt->lapic_base : LAPIC_BASE_DEFAULT;
	for (uint32_t line = 0; line < ACPI_ISA_LINES; line++)
		info->isa_lines[line] = (struct acpi_line){ .gsi = line };

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
