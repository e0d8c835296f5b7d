/*
 * serial.h -- the first serial port's registers, and its output, between serial.c and
 * serial_output.c.
 *
 * Source: National Semiconductor PC16550D data sheet.
 */
#ifndef DRIVERS_SERIAL_H
#define DRIVERS_SERIAL_H

#include <facet/types.h>

#define COM1 0x3f8

enum {
	DATA = COM1,           /* the divisor's low byte under LINE_DIVISOR */
	INTERRUPTS = COM1 + 1, /*   and its high byte */
	FIFO = COM1 + 2,       /* written; read, it tells whether there is one */
	LINE = COM1 + 3,
	MODEM = COM1 + 4,
	STATUS = COM1 + 5,
	MODEM_STATUS = COM1 + 6,
	SCRATCH = COM1 + 7,
};

#define INTERRUPT_RECEIVED 0x01
#define INTERRUPT_SEND_EMPTY 0x02
#define INTERRUPT_MODEM 0x08
#define STATUS_RECEIVED 0x01
#define STATUS_OVERRUN 0x02 /* since this was last read, bytes were lost */
#define STATUS_SEND_EMPTY 0x20
#define STATUS_SENT 0x40 /* nor is a byte on its way */
#define MODEM_CLEAR_TO_SEND 0x10

#define FIFO_SIZE 16

/* --- serial.c --- */

/* Reads STATUS, and remembers what reading clears. */
uint8_t serial_status(void);
/* Whether the port interrupts for that. Context: interrupts off. */
void serial_enable(uint8_t interrupt, bool on);
/* struct console_device, flow. */
void serial_flow(bool stop, bool lines);

/* --- serial_output.c --- */

struct console_device;
extern const struct console_device serial_console;

/* How many bytes an empty transmitter takes. Context: boot. */
void serial_output_init(size_t count);
/* Once an interrupt has come they send; before, writing waits until all is sent. Context: boot. */
void serial_output_start(void);
/* Sends some. Context: the handler. */
void serial_output_interrupt(void);
/* Wakes who waits for room, if there is. Context: the bottom. */
void serial_output_bottom(void);

#endif
