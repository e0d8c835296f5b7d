/*
 * tty_private.h -- a terminal, as the files of its line discipline see it.
 *
 * tty.c has the file operations, tty_ioctl.c the requests, tty_input.c makes lines of the bytes
 * that come, tty_flow.c keeps them from coming too fast, tty_echo.c shows them, tty_output.c has
 * the columns of those that go, tty_job.c knows sessions and groups.
 */
#ifndef DRIVERS_TTY_PRIVATE_H
#define DRIVERS_TTY_PRIVATE_H

#include <facet/bitmap.h>
#include <facet/fs.h>
#include <facet/spinlock.h>
#include <facet/tty.h>
#include <facet/wait.h>

/* termios(3): the kernel's struct termios, and its constants on x86_64. */
/* clang-format off */
enum {
	VINTR, VQUIT, VERASE, VKILL, VEOF, VTIME, VMIN, VSWTC, VSTART, VSTOP, VSUSP, VEOL, VREPRINT,
	VDISCARD, VWERASE, VLNEXT, VEOL2, NCCS = 19,
};
/* clang-format on */

struct termios {
	uint32_t input, output, control, local;
	uint8_t line;
	uint8_t characters[NCCS];
};

#define ISTRIP 0000040
#define INLCR 0000100
#define IGNCR 0000200
#define ICRNL 0000400
#define IUCLC 0001000
#define IXON 0002000
#define IXANY 0004000
#define IXOFF 0010000
#define IMAXBEL 0020000
#define IUTF8 0040000

#define OPOST 0000001
#define OLCUC 0000002
#define ONLCR 0000004
#define OCRNL 0000010
#define ONOCR 0000020
#define ONLRET 0000040
#define XTABS 0014000

#define B115200 0010002
#define CS8 0000060
#define CREAD 0000200
#define HUPCL 0002000
#define CRTSCTS 020000000000

#define ISIG 0000001
#define ICANON 0000002
#define ECHO 0000010
#define ECHOE 0000020
#define ECHOK 0000040
#define ECHONL 0000100
#define NOFLSH 0000200
#define TOSTOP 0000400
#define ECHOCTL 0001000
#define ECHOPRT 0002000
#define ECHOKE 0004000
#define IEXTEN 0100000

struct winsize {
	uint16_t rows, columns, x_pixels, y_pixels;
};

#define TTY_RING 4096u /* a power of two; as Linux's, a longer line is cut */

/*
 * Bytes received lie in ring[tail, head). In canonical mode those in [tail, committed) are whole
 * lines, whose last bytes are marked in `ends`, and the rest is the line that can still be edited.
 * In raw mode `committed` and `ends` mean nothing.
 */
struct tty {
	struct spinlock lock; /* RANK_TERMINAL */
	dev_t device;
	struct termios termios;
	struct winsize size;

	unsigned head, committed, tail; /* modulo 2^32; index modulo TTY_RING */
	uint8_t ring[TTY_RING];
	uint64_t ends[BITMAP_WORDS(TTY_RING)];
	bool literal; /* ^V was typed: the next byte means itself */
	bool erasing; /* what is erased is being shown, behind a \ (ECHOPRT) */

	unsigned generation; /* times it was hung up: what was opened before is dead */
	bool exclusive;      /* opened again by CAP_SYS_ADMIN only: TIOCEXCL */

	bool choked;          /* the other side was told to wait with what it sends */
	bool writing;         /* one writer's bytes stay together: the others wait in `turn` */
	bool stopped;         /* output waits: by ^S, or TCOOFF */
	bool held;            /* by TCOOFF: TCOON lets it go, no key does */
	unsigned column;      /* of the cursor */
	unsigned line_column; /* where the line that is being edited begins */

	pid_t session; /* whose controlling terminal it is; 0: nobody's */
	pid_t group;   /* in the foreground; 0: none */

	/* For input; for output that may go on; for the end of another's write. */
	struct wait_queue readers, writers, turn;
};

/* What file->private points to. */
struct tty_open {
	struct tty *tty;
	unsigned generation; /* the terminal's when it was opened */
	bool console;        /* /dev/console outlives hang-ups: it is nobody's session's */
};

/* For ever; a reader looks under the terminal's lock, since the next session may be typing. */
static inline bool tty_is_hung_up(const struct tty_open *open)
{
	return !open->console && READ_ONCE(open->tty->generation) != open->generation;
}

static inline bool tty_is_canonical(const struct tty *tty)
{
	return tty->termios.local & ICANON;
}

static inline bool tty_local(const struct tty *tty, uint32_t flags)
{
	return (tty->termios.local & flags) == flags;
}

/* --- tty.c --- */

/* What a device received, or TIOCSTI says it did. No lock held. */
void tty_input(struct tty *tty, const uint8_t *bytes, size_t size);

/* --- tty_ioctl.c --- */

long tty_ioctl(struct file *file, unsigned request, unsigned long argument);

/* --- tty_input.c: the lock is held --- */

/*
 * Processes bytes up to one that is a signal, which is set then (else 0). Returns how many it took.
 */
size_t tty_receive(struct tty *tty, const uint8_t *bytes, size_t size, int *signal);

/* Bytes that a read could have now. */
size_t tty_readable(const struct tty *tty);

/* Takes up to `size` bytes: of one line in canonical mode, whose end sets *line_ended. */
size_t tty_take(struct tty *tty, uint8_t *bytes, size_t size, bool *line_ended);
/* A line that ended in ^D just behind what was read is over. */
void tty_skip_end(struct tty *tty);

void tty_flush_input(struct tty *tty);
void tty_set_termios(struct tty *tty, const struct termios *termios);
void tty_hold_output(struct tty *tty, bool hold); /* TCOOFF, TCOON */
/* Ends all that is open, the sleeping too, and leaves nothing of it to the next session. */
void tty_hang_up(struct tty *tty);

/* --- tty_flow.c: the lock is held --- */

/* Bytes that a device should keep back no longer; any number where nothing is to wait. */
size_t tty_room(const struct tty *tty);
/* Tells the other side to stop or to go on, after something was received or read. */
void tty_flow(struct tty *tty);
/* Lets it go on, before the settings by which it was stopped change. */
void tty_flow_end(struct tty *tty);

/* --- tty_echo.c: the lock is held --- */

void tty_echo(struct tty *tty, uint8_t byte);
/* If ECHO says so, or ECHONL. */
void tty_echo_typed(struct tty *tty, uint8_t byte);
/* Where the cursor is after the line up to `end` has been echoed. */
unsigned tty_column_at(const struct tty *tty, unsigned end);
/* Takes back so many columns; a tab leaves nothing to write over. */
void tty_echo_erased(struct tty *tty, unsigned columns, bool tab);
/* ECHOPRT, for paper: what is erased stands between \ and /, backwards. */
void tty_print_erased(struct tty *tty, unsigned from, unsigned end);
void tty_end_erasing(struct tty *tty);

/* --- tty_output.c: the lock is held --- */

/* Bytes on their way to the device. */
struct tty_output {
	size_t size;
	char bytes[128];
};

/* As OPOST and its relatives say. */
void tty_put(struct tty *tty, struct tty_output *output, uint8_t byte);
void tty_put_raw(struct tty *tty, struct tty_output *output, uint8_t byte);
void tty_put_end(struct tty_output *output);
unsigned tty_width(const struct tty *tty, uint8_t byte, unsigned column, bool echoed);

/* --- tty_job.c: no lock held --- */

/* 0 if the caller may read; -EIO, or -EINTR with SIGTTIN on its way. */
int tty_check_read(struct tty *tty);
/* The same for changing it or writing to it, with SIGTTOU. */
int tty_check_change(struct tty *tty);

/* The current session's terminal; NULL: it has none. */
struct tty *tty_current(void);

/*
 * A session leader without a terminal gets this one, if it is free. `steal`: root takes it from
 * others.
 */
int tty_make_controlling(struct tty *tty, bool steal);
int tty_give_up(struct tty *tty);
int tty_set_foreground(struct tty *tty, pid_t group);
/* Whether it is the caller's controlling terminal. */
bool tty_is_controlling(const struct tty *tty);

#endif
