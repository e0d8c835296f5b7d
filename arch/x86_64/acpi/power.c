/*
 * power.c -- ending the machine: off, again, or standing still.
 *
 * Callable from anywhere, panic included, so nothing is allocated or locked; what needs a mapping
 * was prepared at boot. Each way is tried in turn, the surest first: a machine that ignores one
 * goes on to the next.
 *
 * Source: ACPI specification 6.5, 4.8.3.2 (PM1 control), 4.8.3.6 (reset); QEMU, isa-debug-exit.
 */
#include <arch/acpi.h>
#include <arch/io.h>
#include <arch/irqflags.h>
#include <arch/page_table.h>
#include <facet/bootinfo.h>
#include <facet/cmdline.h>
#include <facet/power.h>

#include "power_private.h"

#define DEBUG_EXIT 0xf4

#define PM1_SCI_ENABLED (1u << 0) /* the machine is in ACPI mode */
#define PM1_SLEEP_TYPE_SHIFT 10
#define PM1_SLEEP_ENABLE (1u << 13)

#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_BUSY 0x02 /* has not yet taken the last command */
#define KEYBOARD_PULSE_RESET 0xfe

#define POLLS 1000000 /* of a port: about a second */

static volatile uint8_t *reset_memory; /* ACPI's reset register, where it is not a port */

void power_prepare(void)
{
	if (acpi_info.reset.space == ACPI_REGISTER_MEMORY)
		reset_memory = device_map(acpi_info.reset.address, 1);
}

bool power_debug_exit(void)
{
	struct cmdline_word word;

	return cmdline_find(boot_info.cmdline, "debug_exit", &word);
}

/* Some machines take PM1 commands only after they were asked to leave the mode of before ACPI. */
static void enter_acpi_mode(void)
{
	if (inw(acpi_info.pm1a_control) & PM1_SCI_ENABLED)
		return;
	if (!acpi_info.smi_command || !acpi_info.acpi_enable)
		return;
	outb(acpi_info.smi_command, acpi_info.acpi_enable);
	for (unsigned i = 0; i < POLLS; i++)
		if (inw(acpi_info.pm1a_control) & PM1_SCI_ENABLED)
			return;
}

static void acpi_power_off(void)
{
	if (!acpi_info.s5 || !acpi_info.pm1a_control)
		return;
	enter_acpi_mode();
	outw(acpi_info.pm1a_control,
	     (uint16_t)(acpi_info.s5_a << PM1_SLEEP_TYPE_SHIFT | PM1_SLEEP_ENABLE));
	if (acpi_info.pm1b_control)
		outw(acpi_info.pm1b_control,
		     (uint16_t)(acpi_info.s5_b << PM1_SLEEP_TYPE_SHIFT | PM1_SLEEP_ENABLE));
}

void power_off(uint8_t status)
{
	irq_disable();
	if (power_debug_exit())
		outb(DEBUG_EXIT, status);
	acpi_power_off();
	power_halt();
}

static void keyboard_reset(void)
{
	for (unsigned i = 0; i < POLLS && inb(KEYBOARD_COMMAND) & KEYBOARD_BUSY; i++)
		;
	outb(KEYBOARD_COMMAND, KEYBOARD_PULSE_RESET);
	for (unsigned i = 0; i < POLLS / 10; i++)
		inb(KEYBOARD_COMMAND);
}

/* With no descriptor table an exception cannot be delivered, nor the one that follows from it. */
static noreturn void triple_fault(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) nothing = { 0, 0 };

	__asm__ volatile("lidt %0; int3" : : "m"(nothing));
	power_halt();
}

void power_restart(void)
{
	irq_disable();
	if (acpi_info.reset.space == ACPI_REGISTER_PORT)
		outb((uint16_t)acpi_info.reset.address, acpi_info.reset_value);
	else if (reset_memory)
		*reset_memory = acpi_info.reset_value;
	keyboard_reset();
	triple_fault();
}

void power_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}
