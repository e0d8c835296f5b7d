/*
 * serial_output.c -- what goes out of the serial port: a ring that the transmitter's interrupt
 * empties, some bytes at a time.
 *
 * A program that writes faster than the line waits for room (tty.c), for as long as the other side
 * makes it wait: by ^S, by CTS, or by not reading what an emulator sends. Nothing of it is lost.
 * The log may not wait so long, nor what is echoed. There is some room that only they use; when
 * that is full they are sent by polling, and lost when nothing moves for a while: the log has its
 * lines all the same. Nobody waits for a port that has not yet shown that it sends.
 *
 * Until an interrupt has come, which firmware may have led elsewhere, and in a panic, all is sent
 * by polling.
 *
 * The ring is changed with interrupts off; those who add to it hold the console's lock.
 * Built without sanitizers: the handler calls this.
 */
#include <arch/io.h>
#include <arch/irqflags.h>
#include <facet/pending.h>
#include <facet/tty.h>

#include "serial.h"

#define RING_SIZE 2048    /* a power of two; 0.18 s of the line */
#define PROGRAMS_MAX 1024 /* in it, when a program may add its 64 bytes: tabs become 512 spaces */
#define WAKE_MAX 512      /* in it, when those who wait are woken: 44 ms */
#define POLLS_MAX 100000  /* some 100 ms: 16 bytes take 1.4 */

static char ring[RING_SIZE];
static unsigned head, tail; /* modulo 2^32; index modulo RING_SIZE */
static size_t at_once = 1;  /* bytes that an empty transmitter takes */
static uint64_t fills;      /* times it was filled; more than one: it has got empty again */
static bool by_interrupts;  /* it is filled; before, and in a panic, by polling */
static bool stuck;          /* nothing moved for long: polling does not wait until it does */
static bool awaited;        /* somebody waits for room */
static bool held, by_lines; /* the other side wants nothing; may say so by CTS */
static char first;          /* goes before all others, held or not; 0: none */

static size_t queued(void)
{
	return READ_ONCE(head) - READ_ONCE(tail);
}

static bool line_is_free(void)
{
	return !held && (!by_lines || inb(MODEM_STATUS) & MODEM_CLEAR_TO_SEND);
}

static bool has_output(void)
{
	return first || (queued() && line_is_free());
}

static bool can_wake(void)
{
	return READ_ONCE(awaited) && queued() <= WAKE_MAX;
}

/* Fills the transmitter, which is empty. Interrupts off. */
static void fill_transmitter(void)
{
	size_t left = at_once;

	if (first) {
		outb(DATA, (uint8_t)first);
		first = 0;
		left--;
	}
	for (; left && queued() && line_is_free(); left--)
		outb(DATA, (uint8_t)ring[tail++ % RING_SIZE]);
	fills++;
	stuck = false;
	if (can_wake())
		pending_set(PENDING_SERIAL);
}

/* Sends what goes at once, and leaves the rest to the interrupt. Interrupts off. */
static void pump(void)
{
	while (has_output() && serial_status() & STATUS_SEND_EMPTY)
		fill_transmitter();
	if (by_interrupts)
		serial_enable(INTERRUPT_SEND_EMPTY, has_output());
}

void serial_output_interrupt(void)
{
	by_interrupts = true;
	if (by_lines)
		inb(MODEM_STATUS); /* ends what its change is an interrupt for */
	if (has_output() && serial_status() & STATUS_SEND_EMPTY)
		fill_transmitter();
	serial_enable(INTERRUPT_SEND_EMPTY, has_output());
}

/* Sends by polling until so few bytes wait. False: they do not get fewer. */
static bool drain(size_t few)
{
	unsigned polls = stuck || held ? 1 : POLLS_MAX;

	while (queued() > few && polls) {
		size_t before = queued();
		uint64_t flags = irq_save();

		pump();
		irq_restore(flags);
		polls = queued() < before ? POLLS_MAX : polls - 1;
	}
	stuck = !polls;
	return polls;
}

static size_t put(const char *bytes, size_t size)
{
	uint64_t flags = irq_save();
	size_t done = 0;

	while (done < size && queued() < RING_SIZE)
		ring[head++ % RING_SIZE] = bytes[done++];
	pump();
	irq_restore(flags);
	return done;
}

static void serial_write(const char *bytes, size_t size)
{
	size_t done = put(bytes, size);

	while (done < size && drain(RING_SIZE - FIFO_SIZE))
		done += put(bytes + done, size - done);
	if (!by_interrupts)
		drain(0);
}

/* Who holds the line matters no more. The machine may end next, and the transmitter with it. */
static void serial_write_panic(const char *bytes, size_t size)
{
	stuck = stuck && !by_interrupts;
	by_interrupts = held = by_lines = false;
	serial_write(bytes, size);
	for (unsigned polls = stuck ? 0 : POLLS_MAX; polls; polls--)
		if (serial_status() & STATUS_SENT)
			break;
}

/* Whether there is something to wait for: it interrupts, and has got empty before. */
static bool is_slow(void)
{
	return by_interrupts && fills > 1;
}

/* Looks again after `awaited`: what went in between has not woken anybody. */
static bool serial_full(void)
{
	if (queued() <= PROGRAMS_MAX || !is_slow())
		return false;
	WRITE_ONCE(awaited, true);
	return queued() > PROGRAMS_MAX;
}

static size_t serial_unsent(void)
{
	return is_slow() ? queued() + (serial_status() & STATUS_SENT ? 0 : 1) : 0;
}

static void serial_discard(void)
{
	uint64_t flags = irq_save();

	tail = head;
	pump();
	irq_restore(flags);
	pending_set(PENDING_SERIAL);
}

static void serial_hold(bool hold, bool lines)
{
	uint64_t flags = irq_save();

	held = hold;
	by_lines = lines;
	serial_enable(INTERRUPT_MODEM, lines);
	pump();
	irq_restore(flags);
}

static void serial_send_first(char byte)
{
	uint64_t flags = irq_save();

	first = byte;
	pump();
	irq_restore(flags);
}

const struct console_device serial_console = {
	.name = "ttyS0",
	.write = serial_write,
	.write_panic = serial_write_panic,
	.flow = serial_flow,
	.full = serial_full,
	.unsent = serial_unsent,
	.discard = serial_discard,
	.hold = serial_hold,
	.send_first = serial_send_first,
};

void serial_output_bottom(void)
{
	if (!can_wake())
		return;
	WRITE_ONCE(awaited, false);
	console_output_room();
}

void serial_output_init(size_t count)
{
	at_once = count;
}

/* An empty transmitter interrupts at once. */
void serial_output_start(void)
{
	uint64_t flags = irq_save();

	serial_enable(INTERRUPT_SEND_EMPTY, true);
	irq_restore(flags);
}
