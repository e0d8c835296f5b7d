/*
 * fadt.c -- the FADT: ports and registers to turn the machine off and start it again, the PM timer,
 * and what of the PC is not there; and the HPET's table, which is an address.
 *
 * A register may be named twice, as a port and from ACPI 2.0 on in the generic form, which wins.
 * Only what this kernel can reach is kept. Pure: tested on the host.
 * Source: ACPI specification 6.5, 5.2.9; IA-PC HPET specification 1.0a, 3.2.4.
 */
#include <facet/string.h>

#include "tables.h"

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
	uint32_t pm2_control, pm_timer, gpe0, gpe1;
	uint8_t pm1_event_length, pm1_control_length, pm2_control_length, pm_timer_length;
	uint8_t unused0[14];
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
	struct generic_address pm1a_event_64, pm1b_event_64, pm1a_control_64, pm1b_control_64;
	struct generic_address pm2_control_64, pm_timer_64, gpe0_64, gpe1_64;
	struct generic_address sleep_control, sleep_status;
} __attribute__((packed));

#define FADT_SIZE_1 116

_Static_assert(offsetof(struct fadt, reset) == FADT_SIZE_1 &&
		       offsetof(struct fadt, pm_timer_64) == 208 &&
		       offsetof(struct fadt, sleep_control) == 244,
	       "the tables' layout is ACPI's");

#define FADT_TIMER_32_BITS (1u << 8)
#define FADT_RESET_SUPPORTED (1u << 10)
#define FADT_HARDWARE_REDUCED (1u << 20) /* none of the PM registers is there */

/* IAPC_BOOT_ARCH, which says something from the table's third revision on. */
#define BOOT_FLAGS_REVISION 3
#define BOOT_KEYBOARD_CONTROLLER (1u << 1)
#define BOOT_NO_RTC (1u << 5)

#define PM_TIMER_LENGTH 4

#define SPACE_MEMORY 0
#define SPACE_PORT 1

struct hpet {
	struct acpi_header header;
	uint32_t block_id;
	struct generic_address base;
	uint8_t number;
	uint16_t tick_min;
	uint8_t protection;
} __attribute__((packed));

/* Whether a table is long enough to have this member. */
#define has(table, type, member) \
	((table)->length >= offsetof(type, member) + sizeof(((type *)0)->member))

static struct acpi_register generic(const struct generic_address *address)
{
	struct acpi_register none = { ACPI_REGISTER_NONE, 0 };

	if (!address->address)
		return none;
	if (address->space == SPACE_PORT && address->address <= UINT16_MAX)
		return (struct acpi_register){ ACPI_REGISTER_PORT, address->address };
	if (address->space == SPACE_MEMORY && acpi_reachable(address->address, sizeof(uint64_t)))
		return (struct acpi_register){ ACPI_REGISTER_MEMORY, address->address };
	return none;
}

/* A port of ACPI 1.0, of which the table's later part may name another. */
static uint16_t port(const struct fadt *fadt, uint32_t old, size_t offset)
{
	const uint8_t *new = (const uint8_t *)fadt + offset;
	struct acpi_register found = { ACPI_REGISTER_NONE, 0 };

	if (fadt->header.length >= offset + sizeof(struct generic_address))
		found = generic((const struct generic_address *)new);
	if (found.space == ACPI_REGISTER_PORT)
		return (uint16_t)found.address;
	return old <= UINT16_MAX ? (uint16_t)old : 0;
}

static void take_ports(const struct fadt *fadt, struct acpi_info *info)
{
	info->pm1a_control = port(fadt, fadt->pm1a_control, offsetof(struct fadt, pm1a_control_64));
	info->pm1b_control = port(fadt, fadt->pm1b_control, offsetof(struct fadt, pm1b_control_64));
	if (fadt->pm_timer_length == PM_TIMER_LENGTH) {
		info->pm_timer = port(fadt, fadt->pm_timer, offsetof(struct fadt, pm_timer_64));
		info->pm_timer_32_bits = fadt->flags & FADT_TIMER_32_BITS;
	}
	if (fadt->smi_command <= UINT16_MAX)
		info->smi_command = (uint16_t)fadt->smi_command;
	info->acpi_enable = fadt->acpi_enable;
}

static void take_reset(const struct fadt *fadt, struct acpi_info *info)
{
	if (!has(&fadt->header, struct fadt, reset_value) || !(fadt->flags & FADT_RESET_SUPPORTED))
		return;
	info->reset = generic(&fadt->reset);
	info->reset_value = fadt->reset_value;
}

bool acpi_read_fadt(const struct acpi_header *table, struct acpi_info *info, paddr_t *dsdt)
{
	const struct fadt *fadt = (const struct fadt *)table;

	if (table->length < FADT_SIZE_1)
		return false;
	if (!(fadt->flags & FADT_HARDWARE_REDUCED))
		take_ports(fadt, info);
	else if (has(table, struct fadt, sleep_control))
		info->sleep_control = generic(&fadt->sleep_control);
	if (table->revision >= BOOT_FLAGS_REVISION) {
		info->no_keyboard_controller = !(fadt->boot_flags & BOOT_KEYBOARD_CONTROLLER);
		info->no_rtc = fadt->boot_flags & BOOT_NO_RTC;
	}
	info->rtc_century = fadt->century;
	take_reset(fadt, info);

	*dsdt = fadt->dsdt;
	if (has(table, struct fadt, dsdt_64) && fadt->dsdt_64)
		*dsdt = fadt->dsdt_64;
	return true;
}

bool acpi_read_hpet(const struct acpi_header *table, struct acpi_info *info)
{
	const struct hpet *hpet = (const struct hpet *)table;
	struct acpi_register base;

	if (table->length < sizeof(*hpet))
		return false;
	base = generic(&hpet->base);
	if (base.space != ACPI_REGISTER_MEMORY || base.address % sizeof(uint64_t))
		return false;
	if (!info->hpet_base) /* machines with several use the first */
		info->hpet_base = base.address;
	return true;
}
