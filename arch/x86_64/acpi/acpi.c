/*
 * acpi.c -- finding the firmware's tables, and keeping what the kernel needs of them.
 *
 * Tables may lie anywhere: in RAM set aside for them, in reserved memory, in the BIOS's areas.
 * Where the kernel's direct map has them they are read there; others are mapped for it. Boot only.
 *
 * Source: ACPI specification 6.5, 5.2.5 to 5.2.8.
 */
#include <arch/acpi.h>
#include <arch/layout.h>
#include <arch/page_table.h>
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

struct acpi_info acpi_info;

/* The memory at [base, base + size), readable, or NULL. */
static const void *map(paddr_t base, size_t size)
{
	vaddr_t start = (vaddr_t)phys_to_virt(base);

	if (!base || base + size < base || base + size >= KERNEL_STACKS_BASE - DIRECT_MAP_BASE)
		return NULL;
	for (vaddr_t page = page_round_down(start); page < start + size; page += PAGE_SIZE)
		if (!kernel_address_mapped(page))
			return device_map(base, size);
	return phys_to_virt(base);
}

/* The whole table at `base`, if it is one of that kind. */
static const struct acpi_header *map_table(paddr_t base, const char *signature)
{
	const struct acpi_header *table = map(base, sizeof(*table));
	uint32_t length;

	if (!table || memcmp(table->signature, signature, 4) != 0)
		return NULL;
	length = table->length;
	if (length < sizeof(*table) || length > TABLE_SIZE_MAX)
		return NULL;
	table = map(base, length);
	if (!table)
		return NULL;
	if (!acpi_checksum_ok(table, length)) {
		pr_warn("acpi: table %.4s at %#lx has a wrong checksum, not used\n",
			table->signature, base);
		return NULL;
	}
	return table;
}

static paddr_t search_rsdp(paddr_t start, size_t size)
{
	const uint8_t *memory = map(start, size);

	for (size_t at = 0; memory && at + ACPI_RSDP_SIZE_1 <= size; at += RSDP_ALIGNMENT)
		if (acpi_rsdp_ok((const struct acpi_rsdp *)(memory + at), size - at))
			return start + at;
	return 0;
}

static paddr_t find_rsdp(void)
{
	const void *pointer = map(EBDA_POINTER, sizeof(uint16_t));
	uint16_t segment = 0;
	paddr_t rsdp = 0;

	if (pointer)
		memcpy(&segment, pointer, sizeof(segment));
	if (segment)
		rsdp = search_rsdp((paddr_t)segment << 4, EBDA_SEARCH_SIZE);
	return rsdp ? rsdp : search_rsdp(BIOS_START, BIOS_END - BIOS_START);
}

static void take_fadt(const struct acpi_header *table)
{
	const struct acpi_header *dsdt;
	paddr_t address;

	if (!acpi_read_fadt(table, &acpi_info, &address)) {
		pr_warn("acpi: the FADT is too short, not used\n");
		return;
	}
	dsdt = map_table(address, "DSDT");
	if (dsdt)
		acpi_read_s5(dsdt, &acpi_info);
}

static void take_table(paddr_t base)
{
	const struct acpi_header *table;

	if ((table = map_table(base, "APIC"))) {
		if (!acpi_read_madt(table, &acpi_info))
			pr_warn("acpi: the MADT is too short, not used\n");
	} else if ((table = map_table(base, "FACP"))) {
		take_fadt(table);
	} else if (!acpi_info.s5 && (table = map_table(base, "SSDT"))) {
		acpi_read_s5(table, &acpi_info);
	}
}

/* Goes through the root table: pointers of `width` bytes behind its header. */
static void take_root(const struct acpi_header *root, size_t width)
{
	size_t count = (root->length - sizeof(*root)) / width;
	const uint8_t *at = (const uint8_t *)(root + 1);

	for (; count--; at += width) {
		paddr_t base = 0;

		memcpy(&base, at, width);
		take_table(base);
	}
}

void acpi_init(paddr_t rsdp_address)
{
	const struct acpi_header *root = NULL;
	const struct acpi_rsdp *rsdp;
	size_t width = sizeof(uint64_t);

	if (!rsdp_address)
		rsdp_address = find_rsdp();
	rsdp = map(rsdp_address, sizeof(*rsdp));
	if (!rsdp || !acpi_rsdp_ok(rsdp, sizeof(*rsdp))) {
		pr_notice("acpi: no tables\n");
		return;
	}
	if (rsdp->revision >= 2)
		root = map_table(rsdp->xsdt, "XSDT");
	if (!root) {
		root = map_table(rsdp->rsdt, "RSDT");
		width = sizeof(uint32_t);
	}
	if (!root) {
		pr_warn("acpi: no usable root table at %#lx\n", rsdp_address);
		return;
	}
	take_root(root, width);
	if (!acpi_info.s5)
		pr_notice("acpi: no \\_S5 found: the machine cannot be turned off\n");
	power_prepare();
}
