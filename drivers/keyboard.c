/*
 * keyboard.c -- a PS/2 keyboard behind the PC's keyboard controller (8042).
 *
 * The controller translates to scan code set 1. The interrupt puts codes into a ring; the bottom,
 * on the return path, makes text of them for the terminal. The ring has one writer (the interrupt)
 * and one reader (the bottom), so it needs no lock; codes that find it full are lost.
 *
 * Nothing here waits but the start, and that not for long: a controller that is not there, or does
 * not answer, is no reason not to boot. The lights are set in two steps, each begun when the
 * keyboard has confirmed the one before by a byte among the codes.
 *
 * Built without sanitizers: the handler is here.
 * Source: IBM PS/2 Technical Reference, keyboard and auxiliary device controller; ACPI
 * specification 6.5, 5.2.9.3 (whether there is one).
 */
#include <arch/acpi.h>
#include <arch/io.h>
#include <arch/irq.h>
#include <facet/clock.h>
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
#define COMMAND_SELF_TEST 0xaa
#define COMMAND_PORT_TEST 0xab
#define COMMAND_DISABLE_KEYBOARD 0xad
#define COMMAND_ENABLE_KEYBOARD 0xae

#define SELF_TEST_PASSED 0x55
#define PORT_TEST_PASSED 0x00

#define CONTROL_KEYBOARD_IRQ 0x01
#define CONTROL_MOUSE_IRQ 0x02
#define CONTROL_KEYBOARD_OFF 0x10
#define CONTROL_TRANSLATE 0x40

/* To the keyboard itself, and what it says to them. */
#define KEYBOARD_LEDS 0xed
#define KEYBOARD_SCAN 0xf4 /* send keys */
#define KEYBOARD_CONFIRMED 0xfa
#define KEYBOARD_AGAIN 0xfe

#define LED_NUM_LOCK 0x02
#define LED_CAPS_LOCK 0x04
#define LEDS_UNKNOWN 0xff

#define ANSWER_NS (NS_PER_SEC / 50)
#define SELF_TEST_NS (NS_PER_SEC / 10)
#define FLUSH_MAX 32
#define RING_SIZE 64 /* a power of two */

static uint8_t ring[RING_SIZE];
static unsigned ring_head; /* the handler's: written up to here, modulo RING_SIZE */
static unsigned ring_tail; /* the bottom's: read up to here */

/* The bottom's alone. */
static struct keyboard_state state;
static uint8_t leds_shown;
static enum { LEDS_IDLE, LEDS_ASKED, LEDS_SENT } leds_step;

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

/* --- lights --- */

static uint8_t leds_wanted(void)
{
	return (state.num_lock ? LED_NUM_LOCK : 0) | (state.caps_lock ? LED_CAPS_LOCK : 0);
}

/* A controller that is busy is left alone: the next code, at the latest a release, tries again. */
static void leds_begin(void)
{
	if (leds_wanted() == leds_shown || inb(STATUS) & STATUS_INPUT)
		return;
	outb(DATA, KEYBOARD_LEDS);
	leds_step = LEDS_ASKED;
}

/* True if the code was an answer to what was sent. */
static bool leds_answer(uint8_t code)
{
	if (leds_step == LEDS_IDLE || (code != KEYBOARD_CONFIRMED && code != KEYBOARD_AGAIN))
		return false;
	if (code == KEYBOARD_CONFIRMED && leds_step == LEDS_ASKED &&
	    !(inb(STATUS) & STATUS_INPUT)) {
		leds_shown = leds_wanted();
		outb(DATA, leds_shown);
		leds_step = LEDS_SENT;
	} else {
		leds_shown = code == KEYBOARD_CONFIRMED ? leds_shown : LEDS_UNKNOWN;
		leds_step = LEDS_IDLE;
	}
	return true;
}

static void take_code(uint8_t code)
{
	uint8_t leds_before = leds_wanted();
	char text[SCANCODE_TEXT_MAX];
	size_t size;

	if (leds_answer(code))
		return;
	if (scancode_take(&state, code, text, &size) == SCANCODE_CTRL_ALT_DEL)
		ctrl_alt_del();
	if (size)
		console_input((const uint8_t *)text, size);
	/* A keyboard that owes an answer since the last change never gave it. */
	if (leds_step == LEDS_IDLE || leds_wanted() != leds_before)
		leds_begin();
}

static void keyboard_bottom(void)
{
	/* The ring bounds it: a code that comes meanwhile sets the bit again. */
	for (unsigned i = 0; i < RING_SIZE && ring_tail != READ_ONCE(ring_head); i++) {
		uint8_t code = ring[ring_tail % RING_SIZE];

		WRITE_ONCE(ring_tail, ring_tail + 1);
		take_code(code);
	}
}

/* --- the start --- */

/* Waits until the controller takes a byte, or has one. False: it does not answer. */
static bool wait_for(uint8_t bit, uint8_t value, uint64_t limit_ns)
{
	uint64_t start = clock_ns();

	while ((inb(STATUS) & bit) != value)
		if (clock_ns() - start > limit_ns)
			return false;
	return true;
}

static bool send(uint16_t port, uint8_t byte)
{
	if (!wait_for(STATUS_INPUT, 0, ANSWER_NS))
		return false;
	outb(port, byte);
	return true;
}

/* Sends a command to the controller and takes its answer. */
static bool ask(uint8_t command, uint8_t *answer, uint64_t limit_ns)
{
	if (!send(COMMAND, command) || !wait_for(STATUS_OUTPUT, STATUS_OUTPUT, limit_ns))
		return false;
	*answer = inb(DATA);
	return true;
}

static void flush(void)
{
	for (unsigned i = 0; i < FLUSH_MAX && inb(STATUS) & STATUS_OUTPUT; i++)
		inb(DATA);
}

static bool write_config(uint8_t config)
{
	return send(COMMAND, COMMAND_WRITE_CONFIG) && send(DATA, config);
}

/* A test that fails is told, and no more: what works all the same is used. */
static void test(uint8_t command, uint8_t passed, uint64_t limit_ns, const char *what)
{
	uint8_t answer;

	if (!ask(command, &answer, limit_ns))
		pr_warn("keyboard: the controller does not answer to a test of %s\n", what);
	else if (answer != passed)
		pr_warn("keyboard: the test of %s found %#x\n", what, answer);
}

/* Sends a byte to the keyboard itself, and waits for it to say yes: keys may come before. */
static bool command_keyboard(uint8_t byte)
{
	if (!send(DATA, byte))
		return false;
	for (unsigned i = 0; i < FLUSH_MAX; i++) {
		if (!wait_for(STATUS_OUTPUT, STATUS_OUTPUT, ANSWER_NS))
			return false;
		if (inb(DATA) == KEYBOARD_CONFIRMED)
			return true;
	}
	return false;
}

/* Leaves the keyboard off, its interrupt too. `config` is what to write to turn them on. */
static bool controller_init(uint8_t *config)
{
	uint8_t off;

	if (!send(COMMAND, COMMAND_DISABLE_KEYBOARD) || !send(COMMAND, COMMAND_DISABLE_MOUSE))
		return false;
	wait_for(STATUS_INPUT, 0, ANSWER_NS);
	flush();
	if (!ask(COMMAND_READ_CONFIG, config, ANSWER_NS))
		return false;
	off = (*config | CONTROL_TRANSLATE | CONTROL_KEYBOARD_OFF) &
	      (uint8_t) ~(CONTROL_MOUSE_IRQ | CONTROL_KEYBOARD_IRQ);
	*config = (off | CONTROL_KEYBOARD_IRQ) & (uint8_t)~CONTROL_KEYBOARD_OFF;
	test(COMMAND_SELF_TEST, SELF_TEST_PASSED, SELF_TEST_NS, "the controller");
	if (!write_config(off)) /* the test may have changed it */
		return false;
	test(COMMAND_PORT_TEST, PORT_TEST_PASSED, ANSWER_NS, "the keyboard's line");
	return true;
}

void keyboard_start_input(void)
{
	uint8_t config;

	if (acpi_info.no_keyboard_controller || inb(STATUS) == STATUS_NONE) {
		pr_notice("keyboard: no PS/2 controller\n");
		return;
	}
	if (!controller_init(&config)) {
		pr_warn("keyboard: the PS/2 controller does not answer\n");
		return;
	}
	if (!send(COMMAND, COMMAND_ENABLE_KEYBOARD) || !command_keyboard(KEYBOARD_SCAN) ||
	    !command_keyboard(KEYBOARD_LEDS) || !command_keyboard(leds_shown))
		pr_notice("keyboard: none answers\n");
	/* A byte from before its interrupt is taken would keep all others from coming. */
	send(COMMAND, COMMAND_DISABLE_KEYBOARD);
	wait_for(STATUS_INPUT, 0, ANSWER_NS);
	flush();
	pr_machine("keyboard: the PS/2 controller is there, configured %#x\n", config);
	pending_register(PENDING_KEYBOARD, keyboard_bottom);
	irq_register(IRQ_KEYBOARD, keyboard_interrupt, "i8042");
	if (!write_config(config))
		pr_warn("keyboard: the PS/2 controller does not answer\n");
}
