/*
 * serial.c -- the first serial port, a 16550: ttyS0.
 *
 * Output is polled: a console must work in a panic, and before interrupts do. Input comes by
 * interrupt, some bytes at a time, into a ring, and from there, on the return path, to the
 * terminal. The ring is what the kernel may be busy for, 89 ms at full speed, and what a sender
 * that is told to stop may still send; once it is full the interrupt is off until there is room.
 * The bytes wait in the port then, which has room for 16, and those behind them are lost: that is
 * told once.
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
#include <facet/printk.h>
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
#define FIFO_ENABLE_AND_CLEAR 0x07
#define FIFO_INTERRUPT_AT_8 0x80 /* or when no more has come for as long as 4 bytes take */
#define FIFO_ENABLED 0xc0
#define LINE_8N1 0x03
#define LINE_DIVISOR 0x80
#define MODEM_READY 0x09 /* DTR, and OUT2: on a PC it lets interrupts through */
#define MODEM_SEND 0x02  /* RTS: the other side may */
#define STATUS_RECEIVED 0x01
#define STATUS_OVERRUN 0x02 /* since this was last read, bytes were lost */
#define STATUS_SEND_EMPTY 0x20

#define FIFO_SIZE 16
#define SEND_POLLS_MAX 100000 /* some 100 ms: 16 bytes take 1.4 */
#define RECEIVE_MAX 32        /* bytes in one interrupt */
#define RING_SIZE 1024        /* a power of two */

static uint8_t ring[RING_SIZE];
static unsigned ring_head;   /* the handler's: written up to here, modulo RING_SIZE */
static unsigned ring_tail;   /* the bottom's: read up to here */
static bool held;            /* receive interrupts are off until the bottom has made room */
static bool overrun;         /* bytes were lost; the bottom tells of it */
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
	for (unsigned polls = broken ? 1 : SEND_POLLS_MAX; polls; polls--) {
		uint8_t status = inb(STATUS);

		if (status & STATUS_OVERRUN)
			WRITE_ONCE(overrun, true);
		broken = !(status & STATUS_SEND_EMPTY);
		if (!broken)
			break;
	}
	return !broken;
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

static void serial_flow(bool stop, bool lines)
{
	outb(MODEM, stop && lines ? MODEM_READY : MODEM_READY | MODEM_SEND);
	if (!stop)
		pending_set(PENDING_SERIAL);
}

static const struct console_device serial_console = {
	.name = "ttyS0",
	.write = serial_write,
	.flow = serial_flow,
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
	outb(FIFO, FIFO_ENABLE_AND_CLEAR | FIFO_INTERRUPT_AT_8);
	if ((inb(FIFO) & FIFO_ENABLED) == FIFO_ENABLED)
		send_size = FIFO_SIZE;
	outb(MODEM, MODEM_READY | MODEM_SEND);
	console_register(&serial_console);
}

static void serial_interrupt(struct trap_frame *frame)
{
	unsigned head = ring_head;
	uint8_t status = inb(STATUS), seen = status;

	(void)frame;
	for (unsigned i = 0; i < RECEIVE_MAX && status & STATUS_RECEIVED; i++) {
		if (head - READ_ONCE(ring_tail) == RING_SIZE)
			break;
		ring[head++ % RING_SIZE] = inb(DATA);
		status = inb(STATUS);
		seen |= status;
	}
	WRITE_ONCE(ring_head, head);
	if (seen & STATUS_OVERRUN)
		WRITE_ONCE(overrun, true);

	/* The line is an edge: with bytes left in the port it would never rise again by itself. */
	if (status & STATUS_RECEIVED) {
		outb(INTERRUPTS, 0);
		WRITE_ONCE(held, true);
	}
	pending_set(PENDING_SERIAL);
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
	if (READ_ONCE(held) && READ_ONCE(ring_head) - ring_tail < RING_SIZE) {
		WRITE_ONCE(held, false);
		outb(INTERRUPTS, INTERRUPT_RECEIVED);
	}
	if (room && ring_tail != READ_ONCE(ring_head))
		pending_set(PENDING_SERIAL);
}

void serial_start_input(void)
{
	if (!probe()) {
		pr_notice("ttyS0: no serial port\n");
		return;
	}
	pending_register(PENDING_SERIAL, serial_bottom);
	irq_register(IRQ_SERIAL, serial_interrupt, "ttyS0");
	outb(INTERRUPTS, INTERRUPT_RECEIVED);
}
