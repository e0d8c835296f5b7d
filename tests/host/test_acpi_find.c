// sources: arch/x86_64/acpi/acpi.c arch/x86_64/acpi/madt.c arch/x86_64/acpi/fadt.c
// sources: arch/x86_64/acpi/s5.c
// flags: -Iarch/x86_64/include -Iarch/x86_64/acpi
// From the root pointer to what is kept: on a machine with all tables, and on broken ones.
//
// Only what was mapped can be read: the rest of the memory is poisoned.
#include "tap.h"

#include <facet/printk.h>
#include <sanitizer/asan_interface.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "power_private.h"
#include "tables.h"

#define FUZZ_ROUNDS 20000
#define MEMORY_SIZE 0x100000ul

enum {
	RSDP = 0xf0000,
	RSDT = 0xf1000,
	XSDT = 0xf2000,
	MADT = 0xf3000,
	FADT = 0xf4000,
	DSDT = 0xf5000,
	HPET = 0xf6000,
	PLACES = 0xf7000
};

static uint8_t memory[MEMORY_SIZE], pristine[MEMORY_SIZE];
static unsigned messages;
static char last_message[200];

bool acpi_reachable(paddr_t base, size_t size)
{
	return base && base + size > base && base + size <= 1ul << 40;
}

const void *acpi_map(paddr_t base, size_t size)
{
	if (!base || base >= MEMORY_SIZE || size > MEMORY_SIZE - base)
		return NULL;
	ASAN_UNPOISON_MEMORY_REGION(memory + base, size);
	return memory + base;
}

void power_prepare(void)
{
}

void printk(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(last_message, sizeof(last_message), format, args);
	va_end(args);
	messages += level <= LOG_WARNING;
}

static void fix(size_t table, size_t size, size_t checksum)
{
	uint8_t sum = 0;

	memory[table + checksum] = 0;
	for (size_t i = 0; i < size; i++)
		sum += memory[table + i];
	memory[table + checksum] = -sum;
}

static void fix_table(size_t table)
{
	fix(table, ((struct acpi_header *)(memory + table))->length, 9);
}

static void fix_rsdp(void)
{
	fix(RSDP, ACPI_RSDP_SIZE_1, 8);
	fix(RSDP, sizeof(struct acpi_rsdp), 32);
}

static void put(size_t at, uint64_t value, size_t size)
{
	memcpy(memory + at, &value, size);
}

static void put_table(size_t at, const char *signature, uint32_t size)
{
	memcpy(memory + at, signature, 4);
	put(at + 4, size, 4);
}

static void build(void)
{
	/* clang-format off */
	static const uint8_t madt[] = {
		0, 0, 0xe0, 0xfe, 1, 0, 0, 0, /* address, flags */
		/* A processor, one that is off, two in x2APIC form. */
		0, 8, 0, 0, 1, 0, 0, 0,
		0, 8, 1, 1, 0, 0, 0, 0,
		9, 16, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0,
		9, 16, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0,
		1, 12, 2, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0, /* an IOAPIC */
		2, 10, 0, 0, 2, 0, 0, 0, 0, 0, /* line 0 is input 2 */
		3, 8, 0x0f, 0, 23, 0, 0, 0, /* input 23 is an NMI, low, level */
		4, 6, 0xff, 0, 0, 1, /* LINT1 is one as well */
		5, 12, 0, 0, 0, 0x10, 0xe0, 0xfe, 0, 0, 0, 0,
	};
	/* clang-format on */
	static const uint8_t dsdt[] = { 8, '_', 'S', '5', '_', 0x12, 6, 4, 1, 0, 0, 0 };
	struct acpi_rsdp rsdp = { "RSD PTR ", 0, "", 2, RSDT, sizeof(rsdp), XSDT, 0, { 0 } };

	ASAN_UNPOISON_MEMORY_REGION(memory, MEMORY_SIZE);
	memset(memory, 0, MEMORY_SIZE);
	memcpy(memory + RSDP, &rsdp, sizeof(rsdp));
	put_table(RSDT, "RSDT", 36 + 2 * 4); /* without HPET: tells which root was used */
	put(RSDT + 36, MADT, 4);
	put(RSDT + 40, FADT, 4);
	put_table(XSDT, "XSDT", 36 + 3 * 8);
	put(XSDT + 36, MADT, 8);
	put(XSDT + 44, FADT, 8);
	put(XSDT + 52, HPET, 8);
	put_table(MADT, "APIC", 36 + sizeof(madt));
	memcpy(memory + MADT + 36, madt, sizeof(madt));
	put_table(FADT, "FACP", 268);
	memory[FADT + 8] = 5;
	put(FADT + 40, DSDT, 4);
	put(FADT + 64, 0x604, 4);  /* PM1a control */
	put(FADT + 76, 0x608, 4);  /* PM timer */
	put(FADT + 91, 4, 1);      /* its length */
	put(FADT + 109, 2, 1);     /* there is a keyboard controller */
	put(FADT + 208, 1, 1);     /* the PM timer again: a port */
	put(FADT + 212, 0x708, 8); /* which wins */
	put_table(DSDT, "DSDT", 36 + sizeof(dsdt));
	memcpy(memory + DSDT + 36, dsdt, sizeof(dsdt));
	put_table(HPET, "HPET", 56);
	put(HPET + 44, 0xfed00000, 8);
	for (size_t table = RSDT; table < PLACES; table += 0x1000)
		fix_table(table);
	fix_rsdp();
}

static void find(paddr_t rsdp)
{
	memset(&acpi_info, 0, sizeof(acpi_info));
	messages = 0;
	ASAN_POISON_MEMORY_REGION(memory, MEMORY_SIZE);
	acpi_init(rsdp);
	ASAN_UNPOISON_MEMORY_REGION(memory, MEMORY_SIZE);
}

/* Builds the machine, with one table broken by `change`, and finds what is left. */
#define FIND_WITH(change)   \
	({                  \
		build();    \
		change;     \
		find(RSDP); \
	})

TEST(everything_is_found)
{
	FIND_WITH((void)0);
	CHECK(messages == 0);
	CHECK(acpi_info.madt && acpi_info.ioapic_count == 1 && acpi_info.isa_lines[0].gsi == 2);
	CHECK(acpi_info.processors == 3);
	CHECK(acpi_info.lapic_base == 0xfee01000);
	CHECK(acpi_info.nmi_count == 1 && acpi_info.nmis[0].gsi == 23);
	CHECK(acpi_info.nmis[0].active_low && acpi_info.nmis[0].level);
	CHECK(!acpi_info.lapic_nmi[0] && acpi_info.lapic_nmi[1]);
	CHECK(acpi_info.pm1a_control == 0x604 && acpi_info.pm_timer == 0x708);
	CHECK(!acpi_info.no_keyboard_controller && !acpi_info.no_rtc);
	CHECK(acpi_info.s5 && acpi_info.s5_a == 1 && acpi_info.hpet_base == 0xfed00000);
}

TEST(root_pointer_is_searched_for)
{
	build();
	find(0);
	CHECK(acpi_info.madt && acpi_info.hpet_base);
	FIND_WITH(memory[RSDP + 10]++);
	CHECK(!acpi_info.madt);
	build();
	put(0x40e, 0x9fc0, 2);
	memcpy(memory + 0x9fc00 + 992, memory + RSDP, sizeof(struct acpi_rsdp));
	memset(memory + RSDP, 0, sizeof(struct acpi_rsdp));
	find(0);
	CHECK(acpi_info.madt);
}

/* Each costs one message, and the RSDT is the legacy way. */
TEST(broken_xsdt_leaves_the_rsdt)
{
	FIND_WITH(memory[XSDT + 40]++);
	CHECK(messages >= 1 && acpi_info.madt && !acpi_info.hpet_base);
	FIND_WITH(memory[RSDP + 33]++);
	CHECK(messages == 1 && acpi_info.madt && !acpi_info.hpet_base);
	FIND_WITH((put(RSDP + 24, 1ull << 50, 8), fix_rsdp()));
	CHECK(messages == 1 && acpi_info.madt && !acpi_info.hpet_base);
	FIND_WITH((put(RSDP + 20, 35, 4), fix_rsdp()));
	CHECK(messages == 1 && acpi_info.madt && !acpi_info.hpet_base);
	FIND_WITH((put(RSDP + 20, 0xfffffff0, 4), fix_rsdp()));
	CHECK(messages == 1 && acpi_info.madt && !acpi_info.hpet_base);
	FIND_WITH((memory[RSDP + 15] = 0, fix_rsdp()));
	CHECK(messages == 0 && acpi_info.madt && !acpi_info.hpet_base);
}

TEST(broken_table_costs_one_message_and_nothing_else)
{
	FIND_WITH(memory[MADT + 40]++);
	CHECK(messages == 1 && strstr(last_message, "APIC") && !acpi_info.madt);
	CHECK(acpi_info.s5 && acpi_info.hpet_base);
	FIND_WITH(put(MADT + 4, 20, 4));
	CHECK(messages == 1 && !acpi_info.madt && acpi_info.s5 && acpi_info.hpet_base);
	FIND_WITH(put(MADT + 4, 0xffffffff, 4));
	CHECK(messages == 1 && !acpi_info.madt && acpi_info.s5 && acpi_info.hpet_base);
	FIND_WITH((put(XSDT + 36, 1ull << 45, 8), fix_table(XSDT)));
	CHECK(messages == 1 && !acpi_info.madt && acpi_info.s5 && acpi_info.hpet_base);
	FIND_WITH((put(XSDT + 36, 0, 8), fix_table(XSDT)));
	CHECK(messages == 0 && !acpi_info.madt && acpi_info.s5 && acpi_info.hpet_base);
	FIND_WITH((put(FADT + 40, MEMORY_SIZE - 8, 4), fix_table(FADT)));
	CHECK(messages == 1 && acpi_info.madt && !acpi_info.s5 && acpi_info.hpet_base);
	FIND_WITH((put(HPET + 44, 1ull << 45, 8), fix_table(HPET)));
	CHECK(messages == 1 && acpi_info.madt && acpi_info.s5 && !acpi_info.hpet_base);
}

TEST(second_madt_is_not_taken)
{
	FIND_WITH((put(XSDT + 52, MADT, 8), fix_table(XSDT)));
	CHECK(messages == 1 && acpi_info.ioapic_count == 1 && acpi_info.processors == 3);
}

TEST(no_root_is_no_table)
{
	FIND_WITH((memory[XSDT + 40]++, memory[RSDT + 40]++));
	CHECK(!acpi_info.madt && !acpi_info.s5 && strstr(last_message, "root"));
	FIND_WITH((put(RSDP + 16, 0, 4), put(RSDP + 24, 0, 8), fix_rsdp()));
	CHECK(!acpi_info.madt && messages == 1);
	build();
	find(MEMORY_SIZE - 10);
	CHECK(!acpi_info.madt);
}

TEST(rubbish_is_survived)
{
	build();
	memcpy(pristine, memory, MEMORY_SIZE);
	for (int round = 0; round < FUZZ_ROUNDS; round++) {
		memcpy(memory + RSDP, pristine + RSDP, PLACES - RSDP);
		for (uint64_t i = tap_below(8) + 1; i--;) {
			size_t table = RSDP + 0x1000 * tap_below(7);

			memory[table + tap_below(128)] = (uint8_t)tap_random();
			if (table == RSDP)
				fix_rsdp();
			else if (((struct acpi_header *)(memory + table))->length < 0x1000)
				fix_table(table);
		}
		find(RSDP);
		CHECK(acpi_info.ioapic_count <= ACPI_IOAPICS_MAX);
		CHECK(acpi_info.nmi_count <= ACPI_NMIS_MAX);
	}
}
