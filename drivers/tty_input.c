/*
 * tty_input.c -- the line discipline's input side: editing, echo, special characters.
 *
 * Bytes come from a device's bottom and end in the ring, whole lines at a time in canonical mode.
 * Signals cannot be sent under the terminal's lock: the caller gets the number and sends it.
 *
 * Context: tty->lock held. Source: termios(3), input and local modes; POSIX.1-2017, 11.1.
 */
#include "tty_private.h"

#include <facet/signal.h>
#include <facet/string.h>

#define DISABLED 0 /* _POSIX_VDISABLE: a special character that there is not */

static bool is_special(const struct tty *tty, unsigned which, uint8_t byte)
{
	return byte != DISABLED && tty->termios.characters[which] == byte;
}

/* --- editing the line in [committed, head) --- */

static bool is_continuation(const struct tty *tty, uint8_t byte)
{
	return (tty->termios.input & IUTF8) && (byte & 0xc0) == 0x80;
}

/* Takes the last character off and, if `show`, off the screen. */
static void erase_one(struct tty *tty, bool show)
{
	unsigned end = tty->head, before = tty_column_at(tty, end);
	uint8_t byte;

	do
		byte = tty->ring[--tty->head % TTY_RING];
	while (tty->head != tty->committed && is_continuation(tty, byte));
	if (tty_local(tty, ECHO | ECHOPRT))
		tty_print_erased(tty, tty->head, end);
	else if (show)
		tty_echo_erased(tty, before - tty_column_at(tty, tty->head), byte == '\t');
}

static void erase_character(struct tty *tty, uint8_t byte)
{
	if (tty->head == tty->committed)
		return;
	erase_one(tty, tty_local(tty, ECHO | ECHOE));
	if (tty_local(tty, ECHO) && !tty_local(tty, ECHOE) && !tty_local(tty, ECHOPRT))
		tty_echo(tty, byte);
	if (tty->head == tty->committed)
		tty_end_erasing(tty);
}

static bool is_word_byte(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
	       (byte >= 'A' && byte <= 'Z') || byte == '_' || byte >= 0x80;
}

static uint8_t last_byte(const struct tty *tty)
{
	return tty->ring[(tty->head - 1) % TTY_RING];
}

static void erase_word(struct tty *tty)
{
	bool show = tty_local(tty, ECHO);

	while (tty->head != tty->committed && !is_word_byte(last_byte(tty)))
		erase_one(tty, show);
	while (tty->head != tty->committed && is_word_byte(last_byte(tty)))
		erase_one(tty, show);
	if (tty->head == tty->committed)
		tty_end_erasing(tty);
}

static void erase_line(struct tty *tty, uint8_t byte)
{
	bool show = tty_local(tty, ECHO | ECHOE | ECHOK | ECHOKE);

	if (show) {
		while (tty->head != tty->committed)
			erase_one(tty, true);
		tty_end_erasing(tty);
		return;
	}
	tty->head = tty->committed;
	tty_end_erasing(tty);
	if (tty_local(tty, ECHO))
		tty_echo(tty, byte);
	if (tty_local(tty, ECHO | ECHOK))
		tty_echo(tty, '\n');
}

static void reprint_line(struct tty *tty, uint8_t byte)
{
	if (!tty_local(tty, ECHO))
		return;
	tty_end_erasing(tty);
	tty_echo(tty, byte);
	tty_echo(tty, '\n');
	tty->line_column = tty->column;
	for (unsigned at = tty->committed; at != tty->head; at++)
		tty_echo(tty, tty->ring[at % TTY_RING]);
}

/* --- into the ring --- */

static void store(struct tty *tty, uint8_t byte)
{
	tty->ring[tty->head % TTY_RING] = byte;
	bitmap_clear(tty->ends, tty->head % TTY_RING);
	tty->head++;
}

/* All up to the byte stored last is a line that readers may have. */
static void commit_line(struct tty *tty)
{
	bitmap_set(tty->ends, (tty->head - 1) % TTY_RING);
	tty->committed = tty->head;
	wait_wake_all(&tty->readers);
}

/* A byte that means itself. The last place of the ring is kept for the line's end. */
static void receive_plain(struct tty *tty, uint8_t byte)
{
	bool canonical = tty_is_canonical(tty);
	unsigned room = TTY_RING - (tty->head - tty->tail);

	if (room <= (canonical && byte != '\n' ? 1 : 0)) {
		if (tty->termios.input & IMAXBEL)
			console_write("\a", 1);
		return;
	}
	if (tty->head == tty->committed)
		tty->line_column = tty->column;
	if (byte != '\n')
		tty_end_erasing(tty);
	tty_echo_typed(tty, byte);
	store(tty, byte);
	if (!canonical)
		wait_wake_all(&tty->readers);
	else if (!tty->literal && (byte == '\n' || is_special(tty, VEOL, byte) ||
				   (is_special(tty, VEOL2, byte) && tty_local(tty, IEXTEN))))
		commit_line(tty);
}

/* ^D: the line ends here without a byte of its own; what is stored in its place is never read. */
static void receive_end(struct tty *tty)
{
	if (tty->head - tty->tail == TTY_RING)
		return;
	store(tty, DISABLED);
	commit_line(tty);
}

/* True if it was an editing character of canonical mode. */
static bool receive_editing(struct tty *tty, uint8_t byte)
{
	if (is_special(tty, VERASE, byte)) {
		erase_character(tty, byte);
	} else if (is_special(tty, VKILL, byte)) {
		erase_line(tty, byte);
	} else if (is_special(tty, VEOF, byte)) {
		receive_end(tty);
	} else if (!tty_local(tty, IEXTEN)) {
		return false;
	} else if (is_special(tty, VWERASE, byte)) {
		erase_word(tty);
	} else if (is_special(tty, VREPRINT, byte)) {
		reprint_line(tty, byte);
	} else if (is_special(tty, VLNEXT, byte)) {
		tty->literal = true;
		if (tty_local(tty, ECHO | ECHOCTL))
			console_write("^\b", 2);
	} else {
		return false;
	}
	return true;
}

/* What the device still has of it stops, too. */
static void stop_output(struct tty *tty)
{
	tty->stopped = true;
	console_hold(true, tty->termios.control & CRTSCTS);
}

static void start_output(struct tty *tty)
{
	if (tty->held)
		return;
	tty->stopped = false;
	console_hold(false, tty->termios.control & CRTSCTS);
	wait_wake_all(&tty->writers);
}

/* The signal that a byte stands for, 0 for none. */
static int signal_of(struct tty *tty, uint8_t byte)
{
	int signal = 0;

	if (!tty_local(tty, ISIG))
		return 0;
	if (is_special(tty, VINTR, byte))
		signal = SIGINT;
	else if (is_special(tty, VQUIT, byte))
		signal = SIGQUIT;
	else if (is_special(tty, VSUSP, byte))
		signal = SIGTSTP;
	if (!signal)
		return 0;
	if (!tty_local(tty, NOFLSH)) {
		tty_flush_input(tty);
		console_discard();
	}
	if (tty->termios.input & IXON)
		start_output(tty);
	if (tty_local(tty, ECHO))
		tty_echo(tty, byte);
	return signal;
}

void tty_hold_output(struct tty *tty, bool hold)
{
	if (tty->held == hold)
		return; /* TCOON is no ^Q */
	tty->held = hold;
	if (hold)
		stop_output(tty);
	else
		start_output(tty);
}

void tty_hang_up(struct tty *tty)
{
	tty->generation++;
	tty_flush_input(tty);
	wait_wake_all(&tty->readers);
	tty->held = false;
	start_output(tty);
	wait_wake_all(&tty->turn);
}

/* True if it was about the flow of output. */
static bool receive_flow(struct tty *tty, uint8_t byte)
{
	if (!(tty->termios.input & IXON))
		return false;
	if (is_special(tty, VSTART, byte)) {
		start_output(tty);
		return true;
	}
	if (is_special(tty, VSTOP, byte)) {
		stop_output(tty);
		return true;
	}
	if (tty->stopped && (tty->termios.input & IXANY))
		start_output(tty);
	return false;
}

/* Returns the signal that it is, or 0. */
static int receive_byte(struct tty *tty, uint8_t byte)
{
	int signal;

	if (tty->termios.input & ISTRIP)
		byte &= 0x7f;
	if (tty->termios.input & IUCLC && tty_local(tty, IEXTEN) && byte >= 'A' && byte <= 'Z')
		byte ^= 'a' ^ 'A';
	if (tty->literal) {
		receive_plain(tty, byte);
		tty->literal = false;
		return 0;
	}
	if (receive_flow(tty, byte))
		return 0;
	signal = signal_of(tty, byte);
	if (signal)
		return signal;
	if (byte == '\r') {
		if (tty->termios.input & IGNCR)
			return 0;
		if (tty->termios.input & ICRNL)
			byte = '\n';
	} else if (byte == '\n' && (tty->termios.input & INLCR)) {
		byte = '\r';
	}
	if (!tty_is_canonical(tty) || !receive_editing(tty, byte))
		receive_plain(tty, byte);
	return 0;
}

size_t tty_receive(struct tty *tty, const uint8_t *bytes, size_t size, int *signal)
{
	size_t done = 0;

	*signal = 0;
	while (done < size && !*signal)
		*signal = receive_byte(tty, bytes[done++]);
	tty_flow(tty);
	return done;
}

/* --- out of the ring --- */

static bool ends_line(const struct tty *tty, unsigned at)
{
	return bitmap_test(tty->ends, at % TTY_RING);
}

/* The place of a ^D, not a byte. */
static bool is_end_mark(const struct tty *tty, unsigned at)
{
	return ends_line(tty, at) && tty->ring[at % TTY_RING] == DISABLED;
}

size_t tty_readable(const struct tty *tty)
{
	return (tty_is_canonical(tty) ? tty->committed : tty->head) - tty->tail;
}

size_t tty_take(struct tty *tty, uint8_t *bytes, size_t size, bool *line_ended)
{
	bool canonical = tty_is_canonical(tty);
	size_t available = tty_readable(tty), taken = 0;

	*line_ended = false;
	while (taken < size && available-- && !*line_ended) {
		unsigned at = tty->tail++;

		*line_ended = canonical && ends_line(tty, at);
		if (!canonical || !is_end_mark(tty, at))
			bytes[taken++] = tty->ring[at % TTY_RING];
	}
	tty_flow(tty);
	return taken;
}

void tty_skip_end(struct tty *tty)
{
	if (tty_is_canonical(tty) && tty_readable(tty) && is_end_mark(tty, tty->tail))
		tty->tail++;
}

void tty_flush_input(struct tty *tty)
{
	tty->tail = tty->committed = tty->head;
	tty->literal = tty->erasing = false;
	tty_flow(tty);
}

/*
 * What was received in the other mode stays readable: into canonical mode as a line, out of it as
 * bytes.
 */
void tty_set_termios(struct tty *tty, const struct termios *termios)
{
	bool was_canonical = tty_is_canonical(tty);

	if ((tty->termios.input & IXON) && !(termios->input & IXON))
		start_output(tty); /* no key could, from now on */
	tty_flow_end(tty);
	tty->termios = *termios;
	console_hold(tty->stopped, termios->control & CRTSCTS);
	if (was_canonical != tty_is_canonical(tty)) {
		memset(tty->ends, 0, sizeof(tty->ends));
		tty->committed = tty->head;
		if (!was_canonical && tty->head != tty->tail)
			commit_line(tty);
		wait_wake_all(&tty->readers);
	}
	tty_flow(tty);
}
