/*
 * power.c -- ending the machine: off, again, or standing still.
 *
 * Callable from anywhere, panic included, so nothing is allocated or locked; what needs a mapping
 * was prepared at boot. Each way is tried in turn, the surest first, and given a time: a machine
 * that ignores one goes on to the next.
 *
 * Source: ACPI specification 6.5, 4.8.3.2 (PM1 control), 4.8.3.6 (reset); QEMU, isa-debug-exit.
 */
#include <arch/acpi.h>
#include <arch/calibrate.h>
#include <arch/cpu.h>
#include <arch/io.h>
#include <arch/irqflags.h>
#include <arch/page_table.h>
#include <facet/bootinfo.h>
#include <facet/cmdline.h>
#include <facet/power.h>
#include <facet/string.h>
#include <facet/tty.h>

#include "power_private.h"

#define DEBUG_EXIT 0xf4

#define PM1_SCI_ENABLED (1u << 0) /* the machine is in ACPI mode */
#define PM1_SLEEP_TYPE_SHIFT 10
#define PM1_SLEEP_TYPE (7u << PM1_SLEEP_TYPE_SHIFT)
#define PM1_SLEEP_ENABLE (1u << 13)
#define SLEEP_CONTROL_TYPE_SHIFT 2
#define SLEEP_CONTROL_ENABLE (1u << 5)

#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_BUSY 0x02 /* has not yet taken the last command */
#define KEYBOARD_PULSE_RESET 0xfe

#define ACPI_MODE_MS 3000 /* what Linux grants the firmware for it */
#define KEYBOARD_MS 500
#define EFFECT_MS 1000 /* for what should end the machine */

#define CYCLES_PER_MS_MAX 10000000ul /* before calibration a processor is taken to be that fast */

/* ACPI's registers, where they are not ports. */
static volatile uint8_t *reset_memory, *sleep_memory;

void power_prepare(void)
{
	if (acpi_info.reset.space == ACPI_REGISTER_MEMORY)
		reset_memory = device_map(acpi_info.reset.address, 1);
	if (acpi_info.sleep_control.space == ACPI_REGISTER_MEMORY)
		sleep_memory = device_map(acpi_info.sleep_control.address, 1);
}

static void write_register(const struct acpi_register *reg, volatile uint8_t *memory, uint8_t value)
{
	if (reg->space == ACPI_REGISTER_PORT)
		outb((uint16_t)reg->address, value);
	else if (memory)
		*memory = value;
}

static uint64_t cycles_in(unsigned ms)
{
	return ms * (calibration.tsc_hz ? calibration.tsc_hz / 1000 : CYCLES_PER_MS_MAX);
}

/* Waits until `done` holds, or so long. */
#define wait_until(done, ms)                                        \
	do {                                                        \
		uint64_t start_ = rdtsc();                          \
		while (!(done) && rdtsc() - start_ < cycles_in(ms)) \
			__builtin_ia32_pause();                     \
	} while (0)

/* No lock is taken, for it may be a panic that ends the machine. */
static void say(const char *line)
{
	console_write_panic(line, strlen(line));
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
	wait_until(inw(acpi_info.pm1a_control) & PM1_SCI_ENABLED, ACPI_MODE_MS);
}

/* The type first, then with it the order: as the specification has it, the other bits unchanged. */
static void pm1_sleep(uint16_t port, uint8_t type)
{
	uint16_t control = inw(port) & (uint16_t) ~(PM1_SLEEP_TYPE | PM1_SLEEP_ENABLE);

	control = (uint16_t)(control | type << PM1_SLEEP_TYPE_SHIFT);
	outw(port, control);
	outw(port, control | PM1_SLEEP_ENABLE);
}

/* False: there is no such way. */
static bool acpi_power_off(void)
{
	if (!acpi_info.s5)
		return false;
	if (acpi_info.pm1a_control) {
		enter_acpi_mode();
		pm1_sleep(acpi_info.pm1a_control, acpi_info.s5_a);
		if (acpi_info.pm1b_control)
			pm1_sleep(acpi_info.pm1b_control, acpi_info.s5_b);
	} else if (acpi_info.sleep_control.space != ACPI_REGISTER_NONE) {
		write_register(&acpi_info.sleep_control, sleep_memory,
			       (uint8_t)(acpi_info.s5_a << SLEEP_CONTROL_TYPE_SHIFT |
					 SLEEP_CONTROL_ENABLE));
	} else {
		return false;
	}
	wait_until(false, EFFECT_MS);
	return true;
}

void power_off(uint8_t status)
{
	irq_disable();
	console_flush();
	if (power_debug_exit())
		outb(DEBUG_EXIT, status);
	if (acpi_power_off())
		say("power: ACPI did not turn the machine off; it stands still, switch it off\r\n");
	else
		say("power: no ACPI to turn the machine off; it stands still, switch it off\r\n");
	power_halt();
}

static void keyboard_reset(void)
{
	if (acpi_info.no_keyboard_controller)
		return;
	wait_until(!(inb(KEYBOARD_COMMAND) & KEYBOARD_BUSY), KEYBOARD_MS);
	outb(KEYBOARD_COMMAND, KEYBOARD_PULSE_RESET);
	wait_until(false, EFFECT_MS);
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
	console_flush();
	if (acpi_info.reset.space != ACPI_REGISTER_NONE) {
		write_register(&acpi_info.reset, reset_memory, acpi_info.reset_value);
		wait_until(false, EFFECT_MS);
	}
	keyboard_reset();
	triple_fault();
}

void power_halt(void)
{
	irq_disable();
	console_flush();
	for (;;)
		__asm__ volatile("cli; hlt");
}
