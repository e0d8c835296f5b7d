/*
 * tty_echo.c -- what is typed, shown: as it is, as ^X, and taken back when it is erased.
 *
 * Context: tty->lock held. Source: termios(3), local modes.
 */
#include "tty_private.h"

void tty_echo(struct tty *tty, uint8_t byte)
{
	struct tty_output output = { .size = 0 };

	if (byte == '\n') {
		tty_put(tty, &output, byte);
	} else if ((byte < ' ' || byte == 0x7f) && byte != '\t' && tty_local(tty, ECHOCTL)) {
		tty_put_raw(tty, &output, '^');
		tty_put_raw(tty, &output, byte ^ 0x40);
	} else {
		tty_put(tty, &output, byte);
	}
	tty_put_end(&output);
}

void tty_echo_typed(struct tty *tty, uint8_t byte)
{
	if (tty_local(tty, ECHO) || (byte == '\n' && tty_local(tty, ECHONL | ICANON)))
		tty_echo(tty, byte);
}

unsigned tty_column_at(const struct tty *tty, unsigned end)
{
	unsigned column = tty->line_column;

	for (unsigned at = tty->committed; at != end; at++)
		column += tty_width(tty, tty->ring[at % TTY_RING], column, true);
	return column;
}

void tty_echo_erased(struct tty *tty, unsigned columns, bool tab)
{
	struct tty_output output = { .size = 0 };

	for (; columns; columns--) {
		tty_put_raw(tty, &output, '\b');
		if (tab)
			continue;
		tty_put_raw(tty, &output, ' ');
		tty_put_raw(tty, &output, '\b');
	}
	tty_put_end(&output);
}

static void echo_raw(struct tty *tty, uint8_t byte)
{
	struct tty_output output = { .size = 0 };

	tty_put_raw(tty, &output, byte);
	tty_put_end(&output);
}

void tty_print_erased(struct tty *tty, unsigned from, unsigned end)
{
	if (!tty->erasing)
		echo_raw(tty, '\\');
	tty->erasing = true;
	for (; from != end; from++)
		tty_echo(tty, tty->ring[from % TTY_RING]);
}

void tty_end_erasing(struct tty *tty)
{
	if (tty->erasing)
		echo_raw(tty, '/');
	tty->erasing = false;
}
