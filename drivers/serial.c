/*
 * serial.c -- the first serial port, a 16550: ttyS0.
 *
 * serial_output.c has what goes out. Input comes by interrupt, some bytes at a time, into a ring,
 * and from there, on the return path, to the terminal. The ring is what the kernel may be busy for,
 * 89 ms at full speed, and what a sender that is told to stop may still send; once it is full the
 * interrupt is off until there is room. The bytes wait in the port then, which has room for 16, and
 * those behind them are lost: that is told once.
 *
 * The ring has one writer (the interrupt) and one reader (the bottom), so it needs no lock.
 *
 * Built without sanitizers: the handler is here.
 * Source: National Semiconductor PC16550D data sheet.
 */
#include <arch/io.h>
#include <arch/irq.h>
#include <arch/irqflags.h>
#include <facet/console_devices.h>
#include <facet/pending.h>
#include <facet/printk.h>
#include <facet/tty.h>

#include "serial.h"

#define BAUD 115200
#define BAUD_MAX 115200 /* divisor 1 */

#define FIFO_ENABLE_AND_CLEAR 0x07
#define FIFO_INTERRUPT_AT_8 0x80 /* or when no more has come for as long as 4 bytes take */
#define FIFO_ENABLED 0xc0
#define LINE_8N1 0x03
#define LINE_DIVISOR 0x80
#define MODEM_READY 0x09 /* DTR, and OUT2: on a PC it lets interrupts through */
#define MODEM_SEND 0x02  /* RTS: the other side may */

#define RECEIVE_MAX 32 /* bytes in one interrupt */
#define RING_SIZE 1024 /* a power of two */

static uint8_t ring[RING_SIZE];
static unsigned ring_head; /* the handler's: written up to here, modulo RING_SIZE */
static unsigned ring_tail; /* the bottom's: read up to here */
static bool held;          /* receive interrupts are off until the bottom has made room */
static bool overrun;       /* bytes were lost; the bottom tells of it */
static uint8_t enabled;    /* what the port interrupts for */

/* The scratch register of a port that is there keeps what is written to it. */
static bool probe(void)
{
	outb(SCRATCH, 0x5a);
	if (inb(SCRATCH) != 0x5a)
		return false;
	outb(SCRATCH, 0xa5);
	return inb(SCRATCH) == 0xa5;
}

uint8_t serial_status(void)
{
	uint8_t status = inb(STATUS);

	if (status & STATUS_OVERRUN)
		WRITE_ONCE(overrun, true);
	return status;
}

void serial_enable(uint8_t interrupt, bool on)
{
	uint8_t wanted = on ? enabled | interrupt : enabled & (uint8_t)~interrupt;

	if (wanted == enabled)
		return;
	enabled = wanted;
	outb(INTERRUPTS, enabled);
}

void serial_flow(bool stop, bool lines)
{
	outb(MODEM, stop && lines ? MODEM_READY : MODEM_READY | MODEM_SEND);
	if (!stop)
		pending_set(PENDING_SERIAL);
}

void serial_init(void)
{
	if (!probe())
		return;
	outb(INTERRUPTS, 0);
	outb(LINE, LINE_DIVISOR);
	outb(DATA, BAUD_MAX / BAUD & 0xff);
	outb(INTERRUPTS, BAUD_MAX / BAUD >> 8);
	outb(LINE, LINE_8N1);
	outb(FIFO, FIFO_ENABLE_AND_CLEAR | FIFO_INTERRUPT_AT_8);
	serial_output_init((inb(FIFO) & FIFO_ENABLED) == FIFO_ENABLED ? FIFO_SIZE : 1);
	outb(MODEM, MODEM_READY | MODEM_SEND);
	console_register(&serial_console);
}

/*
 * The line is an edge: it must be seen to fall, and it rises again only with a reason to interrupt
 * that is new. So all are turned off at the end, and on again.
 */
static void serial_interrupt(struct trap_frame *frame)
{
	unsigned received = 0;

	(void)frame;
	while (received < RECEIVE_MAX && serial_status() & STATUS_RECEIVED) {
		if (ring_head - READ_ONCE(ring_tail) == RING_SIZE) {
			WRITE_ONCE(held, true);
			serial_enable(INTERRUPT_RECEIVED, false);
			break;
		}
		ring[ring_head % RING_SIZE] = inb(DATA);
		WRITE_ONCE(ring_head, ring_head + 1);
		received++;
	}
	if (received)
		pending_set(PENDING_SERIAL);
	serial_output_interrupt();
	outb(INTERRUPTS, 0);
	outb(INTERRUPTS, enabled);
	irq_acknowledge(IRQ_SERIAL);
}

static void tell_overrun(void)
{
	static bool told;

	if (READ_ONCE(overrun) && !told) {
		told = true;
		pr_warn("ttyS0: bytes came faster than they were taken, and some are lost\n");
	}
}

static void enable_received(void)
{
	uint64_t flags = irq_save();

	serial_enable(INTERRUPT_RECEIVED, true);
	irq_restore(flags);
}

/* With no room at the terminal nothing moves until it says that there is, by serial_flow(). */
static void serial_bottom(void)
{
	uint8_t bytes[64];
	size_t count = 0, room = MIN(sizeof(bytes), console_input_room());

	while (count < room && ring_tail != READ_ONCE(ring_head)) {
		bytes[count++] = ring[ring_tail % RING_SIZE];
		WRITE_ONCE(ring_tail, ring_tail + 1);
	}
	if (count)
		console_input(bytes, count);
	tell_overrun();
	serial_output_bottom();
	if (READ_ONCE(held) && READ_ONCE(ring_head) - ring_tail < RING_SIZE) {
		WRITE_ONCE(held, false);
		enable_received();
	}
	if (room && ring_tail != READ_ONCE(ring_head))
		pending_set(PENDING_SERIAL);
}

void serial_start(void)
{
	if (!probe()) {
		pr_notice("ttyS0: no serial port\n");
		return;
	}
	if (!console_is_selected(&serial_console))
		return;
	pending_register(PENDING_SERIAL, serial_bottom);
	irq_register(IRQ_SERIAL, serial_interrupt, "ttyS0");
	serial_output_start();
	enable_received();
}
