// sources: arch/x86_64/acpi/madt.c arch/x86_64/acpi/fadt.c arch/x86_64/acpi/s5.c
// flags: -Iarch/x86_64/include -Iarch/x86_64/acpi
// Single ACPI tables as firmware writes them, and as it should not.
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#include "tables.h"

#define FUZZ_ROUNDS 50000

static struct acpi_info info;

bool acpi_reachable(paddr_t base, size_t size)
{
	return base && base + size <= 1ul << 40;
}

/* A table of its own allocation, so that ASan sees its end. */
static struct acpi_header *make_table(const char *signature, const void *payload, size_t size)
{
	struct acpi_header *table = calloc(1, sizeof(*table) + size);

	memcpy(table->signature, signature, 4);
	table->length = (uint32_t)(sizeof(*table) + size);
	memcpy(table + 1, payload, size);
	memset(&info, 0, sizeof(info));
	return table;
}

/* clang-format off */
static const uint8_t madt[] = {
	0x00, 0x00, 0xe0, 0xfe, 1, 0, 0, 0,
	0, 8, 0, 0, 1, 0, 0, 0,				/* a processor */
	1, 12, 2, 0, 0x00, 0x00, 0xc0, 0xfe, 0, 0, 0, 0,	/* an IOAPIC */
	1, 12, 3, 0, 0x00, 0x10, 0xc0, 0xfe, 24, 0, 0, 0,
	2, 10, 0, 0, 2, 0, 0, 0, 0, 0,			/* line 0 is GSI 2 */
	2, 10, 0, 9, 20, 0, 0, 0, 0x0f, 0,		/* line 9 is GSI 20, low, level */
	2, 10, 0, 99, 1, 0, 0, 0, 0, 0,			/* no ISA line */
	4, 6, 255, 0, 0, 1,				/* an NMI */
};
/* clang-format on */

TEST(madt_names_ioapics_and_overrides)
{
	struct acpi_header *table = make_table("APIC", madt, sizeof(madt));

	CHECK(acpi_read_madt(table, &info));
	CHECK(info.madt && info.lapic_base == 0xfee00000 && info.ioapic_count == 2);
	CHECK(info.ioapics[0].base == 0xfec00000 && info.ioapics[0].first_gsi == 0);
	CHECK(info.ioapics[1].base == 0xfec01000 && info.ioapics[1].first_gsi == 24);
	CHECK(info.isa_lines[0].gsi == 2 && !info.isa_lines[0].level);
	CHECK(info.isa_lines[1].gsi == 1 && !info.isa_lines[1].active_low);
	CHECK(info.isa_lines[9].gsi == 20);
	CHECK(info.isa_lines[9].active_low && info.isa_lines[9].level);
	free(table);
}

/* What does not fit is left out. */
TEST(madt_of_many_is_survived)
{
	enum { MANY = 40 };
	uint8_t bytes[8 + MANY * (12 + 8)] = { 0 };
	struct acpi_header *table;

	for (size_t i = 0, at = 8; i < MANY; i++, at += 20) {
		memcpy(bytes + at, (uint8_t[]){ 1, 12 }, 2);
		memcpy(bytes + at + 12, (uint8_t[]){ 3, 8 }, 2);
	}
	table = make_table("APIC", bytes, sizeof(bytes));
	CHECK(acpi_read_madt(table, &info));
	CHECK(info.ioapic_count == ACPI_IOAPICS_MAX && info.nmi_count == ACPI_NMIS_MAX);
	free(table);
}

TEST(madt_of_rubbish_is_survived)
{
	for (int round = 0; round < FUZZ_ROUNDS; round++) {
		struct acpi_header *table = make_table("APIC", madt, tap_below(sizeof(madt) + 1));
		size_t size = table->length - sizeof(*table);

		for (int i = 0; size && i < 6; i++)
			((uint8_t *)(table + 1))[tap_below(size)] = (uint8_t)tap_random();
		acpi_read_madt(table, &info);
		CHECK(info.ioapic_count <= ACPI_IOAPICS_MAX);
		free(table);
	}
}

static void set(uint8_t *fadt, size_t offset, uint64_t value, size_t size)
{
	memcpy(fadt + offset - sizeof(struct acpi_header), &value, size);
}

TEST(fadt_gives_ports_and_reset)
{
	uint8_t bytes[244 - sizeof(struct acpi_header)] = { 0 };
	struct acpi_header *table;
	paddr_t dsdt;

	set(bytes, 40, 0x1234, 4);
	set(bytes, 48, 0xb2, 4);
	set(bytes, 52, 0xf1, 1);
	set(bytes, 64, 0x604, 4);
	set(bytes, 108, 0x32, 1);
	set(bytes, 112, 1 << 10, 4);
	set(bytes, 116, 1, 1);
	set(bytes, 120, 0xcf9, 8);
	set(bytes, 128, 6, 1);
	table = make_table("FACP", bytes, sizeof(bytes));
	CHECK(acpi_read_fadt(table, &info, &dsdt));
	CHECK(dsdt == 0x1234 && info.pm1a_control == 0x604 && info.pm1b_control == 0);
	CHECK(info.smi_command == 0xb2 && info.acpi_enable == 0xf1 && info.rtc_century == 0x32);
	CHECK(info.reset.space == ACPI_REGISTER_PORT && info.reset.address == 0xcf9);
	CHECK(info.reset_value == 6);
	free(table);

	set(bytes, 140, 0x123456789a, 8);
	table = make_table("FACP", bytes, sizeof(bytes));
	acpi_read_fadt(table, &info, &dsdt);
	CHECK(dsdt == 0x123456789a);
	free(table);
}

/* ACPI 1.0 ends before the reset register; shorter than that is nothing. */
TEST(fadt_of_every_length_is_survived)
{
	uint8_t bytes[244] = { 0 };
	paddr_t dsdt;

	memset(bytes, 0xff, sizeof(bytes));
	for (size_t size = 0; size <= sizeof(bytes); size++) {
		struct acpi_header *table = make_table("FACP", bytes, size);

		CHECK(acpi_read_fadt(table, &info, &dsdt) == (table->length >= 116));
		CHECK(table->length >= 129 || info.reset.space == ACPI_REGISTER_NONE);
		free(table);
	}
}

/* Puts the bytes between others, and says what was found in them: a * 16 + b, or -1. */
static int s5_of(const uint8_t *bytes, size_t size)
{
	uint8_t aml[256] = { 0x10, 0x4e, 0x04, '\\', '_', 'S', '5', '_', 8, '_', 'S', '4', '_' };
	struct acpi_header *table;
	int found = -1;

	memcpy(aml + 40, bytes, size);
	table = make_table("DSDT", aml, 40 + size);
	if (acpi_read_s5(table, &info))
		found = info.s5_a * 16 + info.s5_b;
	free(table);
	return found;
}

#define S5(...) s5_of((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

TEST(s5_is_found_as_compilers_write_it)
{
	CHECK(S5(8, '_', 'S', '5', '_', 0x12, 6, 4, 1, 1, 0, 0) == 0x11);
	CHECK(S5(8, '_', 'S', '5', '_', 0x12, 8, 4, 0x0a, 5, 0x0a, 7, 0, 0) == 0x57);
	CHECK(S5(8, '\\', '_', 'S', '5', '_', 0x12, 10, 4, 0x0b, 5, 0, 0x0a, 0, 0, 0) == 0x50);
	CHECK(S5(8, '_', 'S', '5', '_', 0x12, 0x47, 0, 2, 0, 0x0c, 3, 0, 0, 0) == 0x03);
}

TEST(s5_that_is_none_is_not_found)
{
	CHECK(S5(9, '_', 'S', '5', '_', 0x12, 6, 4, 1, 1, 0, 0) == -1);
	CHECK(S5(8, '_', 'S', '5', '_', 0x13, 6, 4, 1, 1, 0, 0) == -1);
	CHECK(S5(8, '_', 'S', '5', '_', 0x12, 6, 1, 1, 1, 0, 0) == -1);
	CHECK(S5(8, '_', 'S', '5', '_', 0x12, 8, 4, 0x0a, 8, 0, 0) == -1);
	CHECK(S5(8, '_', 'S', '5', '_', 0x12, 8, 4, 0x0b, 5, 1, 0, 0) == -1);
	CHECK(S5(8, '_', 'S', '5', '_', 0x12, 6, 4, 1) == -1);
	CHECK(S5(8, '_', 'S', '5', '_', 0x12, 0xc6, 4) == -1);
	CHECK(S5(8, '_', 'S', '5', '_') == -1);
	CHECK(S5(8, '_', 'S', '5') == -1);
}
