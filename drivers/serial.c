/*
 * serial.c -- the first serial port, a 16550: ttyS0.
 *
 * Output is polled: a console must work in a panic, and before interrupts do. Input comes by
 * interrupt into a ring, and from there, on the return path, to the terminal. A ring that is full
 * turns the interrupt off until the bottom has emptied it; the bytes wait in the port, and behind
 * it at the sender.
 *
 * The ring has one writer (the interrupt) and one reader (the bottom), so it needs no lock.
 *
 * Built without sanitizers: the handler is here.
 * Source: National Semiconductor PC16550D data sheet.
 */
#include <arch/io.h>
#include <arch/irq.h>
#include <facet/console_devices.h>
#include <facet/pending.h>
#include <facet/tty.h>

#define COM1 0x3f8
#define BAUD 115200
#define BAUD_MAX 115200 /* divisor 1 */

enum {
	DATA = COM1,           /* the divisor's low byte under LINE_DIVISOR */
	INTERRUPTS = COM1 + 1, /*   and its high byte */
	FIFO = COM1 + 2,       /* written; read, it tells whether there is one */
	LINE = COM1 + 3,
	MODEM = COM1 + 4,
	STATUS = COM1 + 5,
	SCRATCH = COM1 + 7,
};

#define INTERRUPT_RECEIVED 0x01
#define FIFO_ENABLE_AND_CLEAR 0x07 /* an interrupt for every byte */
#define FIFO_ENABLED 0xc0
#define LINE_8N1 0x03
#define LINE_DIVISOR 0x80
#define MODEM_READY 0x0b /* DTR, RTS, and OUT2: on a PC it lets interrupts through */
#define STATUS_RECEIVED 0x01
#define STATUS_SEND_EMPTY 0x20

#define FIFO_SIZE 16
#define SEND_POLLS_MAX 100000 /* some 100 ms: 16 bytes take 1.4 */
#define RECEIVE_MAX 32        /* bytes in one interrupt */
#define RING_SIZE 256         /* a power of two */

static uint8_t ring[RING_SIZE];
static unsigned ring_head;   /* the handler's: written up to here, modulo RING_SIZE */
static unsigned ring_tail;   /* the bottom's: read up to here */
static bool held;            /* receive interrupts are off until the bottom has run */
static size_t send_size = 1; /* bytes that an empty transmitter takes */
static bool broken;          /* the transmitter does not get empty: waits no more */

/* The scratch register of a port that is there keeps what is written to it. */
static bool probe(void)
{
	outb(SCRATCH, 0x5a);
	if (inb(SCRATCH) != 0x5a)
		return false;
	outb(SCRATCH, 0xa5);
	return inb(SCRATCH) == 0xa5;
}

static bool wait_send_empty(void)
{
	unsigned polls = broken ? 1 : SEND_POLLS_MAX;

	while (polls && !(inb(STATUS) & STATUS_SEND_EMPTY))
		polls--;
	broken = !polls;
	return polls;
}

static void serial_write(const char *bytes, size_t size)
{
	while (size && wait_send_empty()) {
		size_t chunk = MIN(size, send_size);

		for (size_t i = 0; i < chunk; i++)
			outb(DATA, bytes[i]);
		bytes += chunk;
		size -= chunk;
	}
}

static const struct console_device serial_console = {
	.name = "ttyS0",
	.write = serial_write,
};

void serial_init(void)
{
	if (!probe())
		return;
	outb(INTERRUPTS, 0);
	outb(LINE, LINE_DIVISOR);
	outb(DATA, BAUD_MAX / BAUD & 0xff);
	outb(INTERRUPTS, BAUD_MAX / BAUD >> 8);
	outb(LINE, LINE_8N1);
	outb(FIFO, FIFO_ENABLE_AND_CLEAR);
	if ((inb(FIFO) & FIFO_ENABLED) == FIFO_ENABLED)
		send_size = FIFO_SIZE;
	outb(MODEM, MODEM_READY);
	console_register(&serial_console);
}

static void serial_interrupt(struct trap_frame *frame)
{
	unsigned head = ring_head;

	(void)frame;
	for (unsigned i = 0; i < RECEIVE_MAX && inb(STATUS) & STATUS_RECEIVED; i++) {
		if (head - READ_ONCE(ring_tail) == RING_SIZE)
			break;
		ring[head++ % RING_SIZE] = inb(DATA);
	}
	WRITE_ONCE(ring_head, head);

	/* The line is an edge: with bytes left in the port it would never rise again by itself. */
	if (inb(STATUS) & STATUS_RECEIVED) {
		outb(INTERRUPTS, 0);
		WRITE_ONCE(held, true);
	}
	pending_set(PENDING_SERIAL);
	irq_acknowledge(IRQ_SERIAL);
}

static void serial_bottom(void)
{
	uint8_t bytes[64];
	size_t count = 0;

	while (count < sizeof(bytes) && ring_tail != READ_ONCE(ring_head)) {
		bytes[count++] = ring[ring_tail % RING_SIZE];
		WRITE_ONCE(ring_tail, ring_tail + 1);
	}
	if (count)
		console_input(bytes, count);
	if (ring_tail != READ_ONCE(ring_head)) {
		pending_set(PENDING_SERIAL);
	} else if (READ_ONCE(held)) {
		WRITE_ONCE(held, false);
		outb(INTERRUPTS, INTERRUPT_RECEIVED);
	}
}

void serial_start_input(void)
{
	if (!probe())
		return;
	pending_register(PENDING_SERIAL, serial_bottom);
	irq_register(IRQ_SERIAL, serial_interrupt, "ttyS0");
	outb(INTERRUPTS, INTERRUPT_RECEIVED);
}
