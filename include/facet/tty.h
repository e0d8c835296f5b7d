/*
 * tty.h -- a terminal: the line discipline between a device and those who read and write it.
 *
 * Source: termios(3), tty_ioctl(4), POSIX.1-2017 chapter 11.
 */
#ifndef FACET_TTY_H
#define FACET_TTY_H

#include <facet/types.h>
#include <facet/wait.h>

struct session;
struct tty;

/*
 * The output side of a console device. Context: console lock held (RANK_CONSOLE); may be polled and
 * slow.
 */
struct console_device {
	const char *name; /* "ttyS0", "tty0" */
	void (*write)(const char *bytes, size_t size);
	/* Without locks; what waits is seen when it returns, too. NULL: as `write`. */
	void (*write_panic)(const char *bytes, size_t size);
	void (*size)(unsigned *rows, unsigned *columns); /* NULL: nobody knows */
	/*
	 * Input is to wait, or waits no more: the device calls its bottom then. `lines`: the other
	 * side knows by RTS. NULL: nothing can wait. Context: the terminal's lock held.
	 */
	void (*flow)(bool stop, bool lines);

	/*
	 * A device that is slower than programs are; all NULL: it is not. Context: a thread or a
	 * bottom, with or without the console's lock.
	 */
	bool (*full)(void);     /* programs are to wait; console_output_room() follows */
	size_t (*unsent)(void); /* bytes that wait */
	void (*discard)(void);  /* those */
	void (*hold)(bool hold, bool lines); /* they are to stay; by `lines` CTS says so, too */
	void (*send_first)(char byte);       /* before all that waits, held or not */
};

/*
 * At boot. A device that `console=` names, or all where none is named, shows printk and
 * /dev/console.
 */
void console_register(const struct console_device *device);
void console_select(const char *cmdline);
bool console_is_selected(const struct console_device *device);

/* The devices that registered, in that order, selected or not; NULL behind the last. */
const char *console_name(size_t index);

/* The size of the first selected device that has one. False: none has. */
bool console_size(unsigned *rows, unsigned *columns);

/* Writes the bytes as they are to every selected device. For printk and the tty. */
void console_write(const char *bytes, size_t size);
/* The same without locks, and seen when it returns. For panic. */
void console_write_panic(const char *bytes, size_t size);
/* What was written and is not yet seen, shown without locks. Context: interrupts off for good. */
void console_flush(void);

/*
 * Input bytes from a device's bottom (preemption off, no lock held): echo, editing, signals, wake-
 * ups.
 */
void console_input(const uint8_t *bytes, size_t size);
/* How many of them can come without one being lost, while that is for the device to mind. */
size_t console_input_room(void);
/* struct console_device has what these are; all selected devices do it, and the slowest counts. */
void console_flow(bool stop, bool lines);
bool console_full(void);
size_t console_unsent(void);
/* Until none are, or the deadline: 0; -ERESTARTSYS (restart.h) for a signal. Context: thread. */
int console_wait_sent(uint64_t deadline_ns, enum sleep_state state);
void console_discard(void);
void console_hold(bool hold, bool lines);
void console_send_first(char byte);
/* From a device's bottom: somebody may write again. */
void console_output_room(void);

/* Its controlling terminal; NULL: it has none. Context: tree lock held. */
struct tty *session_terminal(const struct session *session);

/*
 * The leader of `session` ended: the terminal is hung up and the foreground group gets SIGHUP. One
 * that vhangup(2) took before: the group that was in its foreground gets SIGHUP and SIGCONT.
 * Context: tree lock held.
 */
void session_hang_up(struct session *session);

/* Its device number, for /proc/<pid>/stat, and its foreground group, -1: none. NULL is allowed. */
uint64_t tty_device(const struct tty *tty);
int tty_foreground(const struct tty *tty);

/* At boot, before or after fs_init(): registers the devices and their nodes in /dev. */
void tty_init(void);

#endif
