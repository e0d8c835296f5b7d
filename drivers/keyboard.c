/*
 * keyboard.c -- a PS/2 keyboard behind the PC's keyboard controller (8042).
 *
 * The controller translates to scan code set 1. The interrupt puts codes into a ring; the bottom,
 * on the return path, makes text of them for the terminal. The ring has one writer (the interrupt)
 * and one reader (the bottom), so it needs no lock; codes that find it full are lost.
 *
 * Built without sanitizers: the handler is here.
 * Source: IBM PS/2 Technical Reference, keyboard and auxiliary device controller.
 */
#include <arch/io.h>
#include <arch/irq.h>
#include <facet/console_devices.h>
#include <facet/pending.h>
#include <facet/power.h>
#include <facet/printk.h>
#include <facet/tty.h>

#include "scancodes.h"

#define DATA 0x60
#define STATUS 0x64
#define COMMAND 0x64

#define STATUS_OUTPUT 0x01 /* a byte waits in DATA */
#define STATUS_INPUT 0x02  /* the controller has not yet taken the last one */
#define STATUS_MOUSE 0x20  /* the byte that waits is not the keyboard's */
#define STATUS_NONE 0xff   /* there is no controller at all */

#define COMMAND_READ_CONFIG 0x20
#define COMMAND_WRITE_CONFIG 0x60
#define COMMAND_DISABLE_MOUSE 0xa7
#define COMMAND_DISABLE_KEYBOARD 0xad
#define COMMAND_ENABLE_KEYBOARD 0xae

#define CONTROL_KEYBOARD_IRQ 0x01
#define CONTROL_MOUSE_IRQ 0x02
#define CONTROL_KEYBOARD_OFF 0x10
#define CONTROL_TRANSLATE 0x40

#define KEYBOARD_SCAN 0xf4 /* to the keyboard itself: send keys */

#define POLLS_MAX 100000 /* about 100 ms */
#define FLUSH_MAX 32
#define RING_SIZE 64 /* a power of two */

static uint8_t ring[RING_SIZE];
static unsigned ring_head; /* the handler's: written up to here, modulo RING_SIZE */
static unsigned ring_tail; /* the bottom's: read up to here */

static struct keyboard_state state; /* the bottom's alone */

static void keyboard_interrupt(struct trap_frame *frame)
{
	uint8_t status = inb(STATUS);

	(void)frame;
	if (status & STATUS_OUTPUT) {
		uint8_t code = inb(DATA);

		if (!(status & STATUS_MOUSE) && ring_head - READ_ONCE(ring_tail) < RING_SIZE) {
			ring[ring_head % RING_SIZE] = code;
			WRITE_ONCE(ring_head, ring_head + 1);
		}
		pending_set(PENDING_KEYBOARD);
	}
	irq_acknowledge(IRQ_KEYBOARD);
}

static void keyboard_bottom(void)
{
	char text[SCANCODE_TEXT_MAX];
	size_t size;

	/* The ring bounds it: a code that comes meanwhile sets the bit again. */
	for (unsigned i = 0; i < RING_SIZE && ring_tail != READ_ONCE(ring_head); i++) {
		uint8_t code = ring[ring_tail % RING_SIZE];

		WRITE_ONCE(ring_tail, ring_tail + 1);
		if (scancode_take(&state, code, text, &size) == SCANCODE_RESTART)
			power_restart();
		if (size)
			console_input((const uint8_t *)text, size);
	}
}

/* Waits until the controller takes a byte, or has one. False: it does not answer. */
static bool wait_for(uint8_t bit, uint8_t value)
{
	for (unsigned i = 0; i < POLLS_MAX; i++)
		if ((inb(STATUS) & bit) == value)
			return true;
	return false;
}

static bool send(uint16_t port, uint8_t byte)
{
	if (!wait_for(STATUS_INPUT, 0))
		return false;
	outb(port, byte);
	return true;
}

static void flush(void)
{
	for (unsigned i = 0; i < FLUSH_MAX && inb(STATUS) & STATUS_OUTPUT; i++)
		inb(DATA);
}

static bool controller_init(void)
{
	uint8_t config;

	if (inb(STATUS) == STATUS_NONE)
		return false;
	if (!send(COMMAND, COMMAND_DISABLE_KEYBOARD) || !send(COMMAND, COMMAND_DISABLE_MOUSE))
		return false;
	wait_for(STATUS_INPUT, 0);
	flush();
	if (!send(COMMAND, COMMAND_READ_CONFIG) || !wait_for(STATUS_OUTPUT, STATUS_OUTPUT))
		return false;
	config = inb(DATA);
	config |= CONTROL_KEYBOARD_IRQ | CONTROL_TRANSLATE;
	config = (uint8_t)(config & ~(CONTROL_MOUSE_IRQ | CONTROL_KEYBOARD_OFF));
	return send(COMMAND, COMMAND_WRITE_CONFIG) && send(DATA, config) &&
	       send(COMMAND, COMMAND_ENABLE_KEYBOARD);
}

void keyboard_start_input(void)
{
	if (!controller_init()) {
		pr_notice("keyboard: no PS/2 controller\n");
		return;
	}
	pending_register(PENDING_KEYBOARD, keyboard_bottom);
	send(DATA, KEYBOARD_SCAN);
	/* The keyboard says yes with a byte that is no key. */
	wait_for(STATUS_OUTPUT, STATUS_OUTPUT);
	flush();
	irq_register(IRQ_KEYBOARD, keyboard_interrupt, "i8042");
}
