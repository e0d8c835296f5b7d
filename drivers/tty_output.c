/*
 * tty_output.c -- from what programs write to what the device shows.
 *
 * The column of the cursor is followed, so that an erased tab takes back as many columns as it
 * made.
 * Source: termios(3), output modes.
 */
#include "tty_private.h"

#include <facet/string.h>

#define TAB_WIDTH 8

void tty_put_end(struct tty_output *output)
{
	if (output->size)
		console_write(output->bytes, output->size);
	output->size = 0;
}

static void emit(struct tty_output *output, char byte)
{
	if (output->size == sizeof(output->bytes))
		tty_put_end(output);
	output->bytes[output->size++] = byte;
}

static bool is_control(uint8_t byte)
{
	return byte < ' ' || byte == 0x7f;
}

/* Columns that a byte takes. `echoed`: control characters are shown as ^X. */
unsigned tty_width(const struct tty *tty, uint8_t byte, unsigned column, bool echoed)
{
	if (byte == '\t')
		return TAB_WIDTH - column % TAB_WIDTH;
	if (is_control(byte))
		return echoed && (tty->termios.local & ECHOCTL) ? 2 : 0;
	if ((tty->termios.input & IUTF8) && (byte & 0xc0) == 0x80)
		return 0; /* the rest of a character that has been counted */
	return 1;
}

void tty_put_raw(struct tty *tty, struct tty_output *output, uint8_t byte)
{
	if (byte == '\r')
		tty->column = 0;
	else if (byte == '\b')
		tty->column -= tty->column ? 1 : 0;
	else
		tty->column += tty_width(tty, byte, tty->column, false);
	emit(output, (char)byte);
}

static void put_newline(struct tty *tty, struct tty_output *output)
{
	if (tty->termios.output & ONLCR)
		tty_put_raw(tty, output, '\r');
	if (tty->termios.output & ONLRET)
		tty->column = 0;
	tty_put_raw(tty, output, '\n');
}

static void put_return(struct tty *tty, struct tty_output *output)
{
	if ((tty->termios.output & ONOCR) && !tty->column)
		return;
	if (tty->termios.output & OCRNL)
		tty_put_raw(tty, output, '\n');
	else
		tty_put_raw(tty, output, '\r');
}

void tty_put(struct tty *tty, struct tty_output *output, uint8_t byte)
{
	if (!(tty->termios.output & OPOST)) {
		tty_put_raw(tty, output, byte);
	} else if (byte == '\n') {
		put_newline(tty, output);
	} else if (byte == '\r') {
		put_return(tty, output);
	} else if (byte == '\t' && (tty->termios.output & XTABS) == XTABS) {
		for (unsigned left = tty_width(tty, byte, tty->column, false); left; left--)
			tty_put_raw(tty, output, ' ');
	} else {
		if ((tty->termios.output & OLCUC) && byte >= 'a' && byte <= 'z')
			byte ^= 'a' ^ 'A';
		tty_put_raw(tty, output, byte);
	}
}
