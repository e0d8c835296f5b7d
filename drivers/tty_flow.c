/*
 * tty_flow.c -- asking the other side to wait while what it sent is not read.
 *
 * When the ring is nearly full the sender is told by ^S (IXOFF), by the line RTS (CRTSCTS), or not
 * at all; what it sends all the same stays with the device while that has room. Where neither is
 * set, and a key could be a signal or edit a line, nothing waits: ^C must get through, and what
 * nobody reads is lost, as on Linux. Nor does anything wait while ^S stops output, for ^Q must get
 * through: whoever should read may be the one who waits to write.
 *
 * Context: tty->lock held. Source: termios(3), IXOFF and CRTSCTS; the thresholds are Linux's.
 */
#include "tty_private.h"

#define STOP_ROOM 128  /* bytes that still fit in when the sender is told to stop */
#define START_LEFT 128 /* that are still to be read when it is told to go on */

/* A line that has not ended cannot be read: waiting for that would be for ever. */
static size_t room_by_reading(const struct tty *tty)
{
	size_t used = tty->head - tty->tail + (tty_is_canonical(tty) ? 1 : 0); /* for its end */

	if (!tty_readable(tty))
		return SIZE_MAX;
	return used < TTY_RING ? TTY_RING - used : 0;
}

size_t tty_room(const struct tty *tty)
{
	bool flow = (tty->termios.input & IXOFF) || (tty->termios.control & CRTSCTS);
	bool wait = flow || !(tty->termios.local & (ICANON | ISIG));

	return wait && (!tty->stopped || tty->held) ? room_by_reading(tty) : SIZE_MAX;
}

static void tell(struct tty *tty, bool stop)
{
	char key = (char)tty->termios.characters[stop ? VSTOP : VSTART];

	tty->choked = stop;
	if ((tty->termios.input & IXOFF) && key)
		console_send_first(key);
	console_flow(stop, tty->termios.control & CRTSCTS);
}

/* Whoever finds no room has been told to stop, so that it is told of room, too. */
void tty_flow(struct tty *tty)
{
	bool stop = room_by_reading(tty) < STOP_ROOM ||
		    (tty->choked && tty_readable(tty) > START_LEFT);

	if (stop != tty->choked)
		tell(tty, stop);
}

void tty_flow_end(struct tty *tty)
{
	if (tty->choked)
		tell(tty, false);
}
