/*
 * acpi.c -- finding the firmware's tables, and keeping what the kernel needs of them.
 *
 * Pure but for map.c, so that the host's tests can hand it a whole machine's worth of rubbish. A
 * table that is no good costs one message and is as good as absent. Boot only.
 *
 * Source: ACPI specification 6.5, 5.2.5 to 5.2.8.
 */
#include <arch/acpi.h>
#include <facet/printk.h>
#include <facet/string.h>

#include "power_private.h"
#include "tables.h"

#define EBDA_POINTER 0x40e /* the BIOS keeps the area's segment here */
#define EBDA_SEARCH_SIZE 1024
#define BIOS_START 0xe0000
#define BIOS_END 0x100000
#define RSDP_ALIGNMENT 16

#define TABLE_SIZE_MAX (4ul << 20) /* the largest DSDTs have some 300 KiB */
#define TABLES_MAX 256             /* in a root table */

struct acpi_info acpi_info;

bool acpi_checksum_ok(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint8_t sum = 0;

	while (size--)
		sum += *at++;
	return sum == 0;
}

static bool is(const struct acpi_header *table, const char *signature)
{
	return memcmp(table->signature, signature, sizeof(table->signature)) == 0;
}

/* The whole table at `base`. NULL: out of reach, or broken, which is said. */
static const struct acpi_header *map_table(paddr_t base)
{
	const struct acpi_header *table = acpi_map(base, sizeof(*table));
	uint32_t length;

	if (!table) {
		pr_warn("acpi: a table at %#lx is out of reach, not used\n", base);
		return NULL;
	}
	length = table->length;
	if (length < sizeof(*table) || length > TABLE_SIZE_MAX ||
	    !(table = acpi_map(base, length))) {
		pr_warn("acpi: the table at %#lx has a length of %u, not used\n", base, length);
		return NULL;
	}
	if (!acpi_checksum_ok(table, length)) {
		pr_warn("acpi: table %.4s at %#lx has a wrong checksum, not used\n",
			table->signature, base);
		return NULL;
	}
	return table;
}

static bool is_rsdp(const struct acpi_rsdp *rsdp)
{
	return memcmp(rsdp->signature, "RSD PTR ", sizeof(rsdp->signature)) == 0 &&
	       acpi_checksum_ok(rsdp, ACPI_RSDP_SIZE_1);
}

static paddr_t search_rsdp(paddr_t start, size_t size)
{
	const uint8_t *memory = acpi_map(start, size);

	for (size_t at = 0; memory && at + ACPI_RSDP_SIZE_1 <= size; at += RSDP_ALIGNMENT)
		if (is_rsdp((const struct acpi_rsdp *)(memory + at)))
			return start + at;
	return 0;
}

static paddr_t find_rsdp(void)
{
	const void *pointer = acpi_map(EBDA_POINTER, sizeof(uint16_t));
	uint16_t segment = 0;
	paddr_t rsdp = 0;

	if (pointer)
		memcpy(&segment, pointer, sizeof(segment));
	if (segment)
		rsdp = search_rsdp((paddr_t)segment << 4, EBDA_SEARCH_SIZE);
	return rsdp ? rsdp : search_rsdp(BIOS_START, BIOS_END - BIOS_START);
}

/* Whether the root pointer has its later part, with the XSDT's address, and that is sound. */
static bool has_xsdt(paddr_t address)
{
	const struct acpi_rsdp *rsdp = acpi_map(address, sizeof(*rsdp));

	if (!rsdp || rsdp->revision < 2 || !rsdp->xsdt)
		return false;
	if (rsdp->length >= sizeof(*rsdp) && rsdp->length <= PAGE_SIZE) {
		rsdp = acpi_map(address, rsdp->length);
		if (rsdp && acpi_checksum_ok(rsdp, rsdp->length))
			return true;
	}
	pr_warn("acpi: the root pointer's later part is broken, the RSDT is used\n");
	return false;
}

/* The root table, and of how many bytes its pointers are. */
static const struct acpi_header *find_root(paddr_t address, size_t *width)
{
	const struct acpi_rsdp *rsdp = acpi_map(address, ACPI_RSDP_SIZE_1);
	const struct acpi_header *root;

	if (!rsdp || !is_rsdp(rsdp)) {
		pr_notice("acpi: no tables\n");
		return NULL;
	}
	if (has_xsdt(address)) {
		root = map_table(rsdp->xsdt);
		*width = sizeof(uint64_t);
		if (root && is(root, "XSDT"))
			return root;
	}
	root = rsdp->rsdt ? map_table(rsdp->rsdt) : NULL;
	*width = sizeof(uint32_t);
	if (root && is(root, "RSDT"))
		return root;
	pr_warn("acpi: no usable root table, the tables are not used\n");
	return NULL;
}

static void log_table(const struct acpi_header *table, paddr_t base)
{
	pr_machine("acpi: %.4s at %#lx, %u bytes, revision %u, of %.6s %.8s\n", table->signature,
		   base, table->length, table->revision, table->oem_id, table->oem_table_id);
}

static void take_fadt(const struct acpi_header *table)
{
	const struct acpi_header *dsdt;
	paddr_t address;

	if (!acpi_read_fadt(table, &acpi_info, &address)) {
		pr_warn("acpi: the FADT is too short, not used\n");
		return;
	}
	dsdt = address ? map_table(address) : NULL;
	if (dsdt)
		log_table(dsdt, address);
	if (dsdt && is(dsdt, "DSDT"))
		acpi_read_s5(dsdt, &acpi_info);
	else if (dsdt)
		pr_warn("acpi: no DSDT at %#lx, not used\n", address);
}

static void take_table(paddr_t base)
{
	const struct acpi_header *header = acpi_map(base, sizeof(*header)), *table;
	bool wanted = header && (is(header, "APIC") || is(header, "FACP") || is(header, "HPET") ||
				 (is(header, "SSDT") && !acpi_info.s5));

	if (header)
		log_table(header, base);
	if (header && !wanted)
		return;
	table = map_table(base); /* says what is wrong */
	if (!table)
		return;
	if (is(table, "FACP"))
		take_fadt(table);
	else if (is(table, "APIC") && !acpi_read_madt(table, &acpi_info))
		pr_warn("acpi: the MADT at %#lx is too short or the second, not used\n", base);
	else if (is(table, "HPET") && !acpi_read_hpet(table, &acpi_info))
		pr_warn("acpi: the HPET's table names no memory in reach, not used\n");
	else if (is(table, "SSDT"))
		acpi_read_s5(table, &acpi_info);
}

/* Goes through the root table: pointers of `width` bytes behind its header. */
static void take_root(const struct acpi_header *root, size_t width)
{
	size_t count = (root->length - sizeof(*root)) / width;
	const uint8_t *at = (const uint8_t *)(root + 1);

	for (count = MIN(count, TABLES_MAX); count--; at += width) {
		paddr_t base = 0;

		memcpy(&base, at, width);
		if (base)
			take_table(base);
	}
}

/* What was made of the tables. */
static void log_interrupts(const struct acpi_info *info)
{
	pr_machine("acpi: local APICs of %u processors at %#lx, NMI to LINT0: %u, LINT1: %u\n",
		   info->processors, info->lapic_base, info->lapic_nmi[0], info->lapic_nmi[1]);
	for (unsigned i = 0; i < ACPI_ISA_LINES; i++) {
		const struct acpi_line *line = &info->isa_lines[i];

		if (line->gsi != i || line->active_low || line->level)
			pr_machine("acpi: ISA line %u is interrupt %u, active %s, %s\n", i,
				   line->gsi, line->active_low ? "low" : "high",
				   line->level ? "level" : "edge");
	}
	for (size_t i = 0; i < info->nmi_count; i++)
		pr_machine("acpi: interrupt %u is an NMI\n", info->nmis[i].gsi);
}

static void log_registers(const struct acpi_info *info)
{
	static const char *const spaces[] = {
		[ACPI_REGISTER_NONE] = "no register",
		[ACPI_REGISTER_MEMORY] = "memory",
		[ACPI_REGISTER_PORT] = "port",
	};

	pr_machine("acpi: HPET at %#lx, PM timer at port %#x, %u bits\n", info->hpet_base,
		   info->pm_timer, info->pm_timer_32_bits ? 32 : 24);
	pr_machine("acpi: PM1 control at ports %#x and %#x, \\_S5 is %u and %u\n",
		   info->pm1a_control, info->pm1b_control, info->s5_a, info->s5_b);
	pr_machine("acpi: reset by %#x to %s %#lx, keyboard controller: %s, RTC: %s\n",
		   info->reset_value, spaces[info->reset.space], info->reset.address,
		   info->no_keyboard_controller ? "no" : "yes", info->no_rtc ? "no" : "yes");
}

void acpi_init(paddr_t rsdp_address)
{
	const struct acpi_header *root;
	size_t width;

	if (!rsdp_address)
		rsdp_address = find_rsdp();
	root = find_root(rsdp_address, &width);
	if (!root)
		return;
	pr_machine("acpi: root pointer at %#lx, %.4s of %u bytes\n", rsdp_address, root->signature,
		   root->length);
	take_root(root, width);
	if (acpi_info.madt)
		log_interrupts(&acpi_info);
	log_registers(&acpi_info);
	if (!acpi_info.s5)
		pr_notice("acpi: no \\_S5 found: the machine cannot be turned off\n");
	if (acpi_info.processors > 1)
		pr_info("acpi: %u processors, of which one is used\n", acpi_info.processors);
	power_prepare();
}
