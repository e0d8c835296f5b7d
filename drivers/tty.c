/*
 * tty.c -- the terminal's file operations: /dev/console, /dev/tty, /dev/ttyS0, /dev/tty0.
 *
 * There is one terminal, behind which all selected consoles show the same. Readers sleep on
 * tty->lock, which the bottom takes to deliver: no mutex is held while waiting, so a second reader
 * can be interrupted too, and a second writer. Bytes are copied through a small buffer, for no user
 * memory is touched under a spinlock.
 *
 * Source: termios(3), tty_ioctl(4); Linux's numbers.
 */
#include "tty_private.h"

#include <facet/capability.h>
#include <facet/clock.h>
#include <facet/errno.h>
#include <facet/process.h>
#include <facet/restart.h>
#include <facet/slab.h>
#include <facet/string.h>

#define MAJOR_TTY 4
#define MAJOR_TTY_ALTERNATE 5
#define MINOR_SERIAL 64
#define CHUNK 64 /* bytes shown in one go with preemption off */
#define VTIME_NS (NS_PER_SEC / 10)

/* The settings of a terminal that nobody has changed, Linux's. */
static const struct termios termios_default = {
	.input = ICRNL | IXON,
	.output = OPOST | ONLCR,
	.control = B115200 | CS8 | CREAD | HUPCL,
	.local = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.characters = {
		[VINTR] = 'C' - '@', [VQUIT] = '\\' - '@', [VERASE] = 0x7f, [VKILL] = 'U' - '@',
		[VEOF] = 'D' - '@', [VMIN] = 1, [VSTART] = 'Q' - '@', [VSTOP] = 'S' - '@',
		[VSUSP] = 'Z' - '@', [VREPRINT] = 'R' - '@', [VDISCARD] = 'O' - '@',
		[VWERASE] = 'W' - '@', [VLNEXT] = 'V' - '@',
	},
};

static struct tty console_tty = {
	.lock = SPINLOCK_INIT(RANK_TERMINAL),
	.readers = WAIT_QUEUE_INIT(console_tty.readers),
	.writers = WAIT_QUEUE_INIT(console_tty.writers),
	.turn = WAIT_QUEUE_INIT(console_tty.turn),
	.device = 0,
};

uint64_t tty_device(const struct tty *tty)
{
	return tty ? tty->device : 0;
}

int tty_foreground(const struct tty *tty)
{
	return tty ? READ_ONCE(tty->group) : -1;
}

void tty_input(struct tty *tty, const uint8_t *bytes, size_t size)
{
	while (size) {
		size_t taken;
		pid_t group;
		int signal;

		spin_lock(&tty->lock);
		taken = tty_receive(tty, bytes, size, &signal);
		group = tty->group;
		spin_unlock(&tty->lock);
		if (signal && group)
			signal_send_group(group, signal);
		bytes += taken;
		size -= taken;
	}
}

void console_input(const uint8_t *bytes, size_t size)
{
	tty_input(&console_tty, bytes, size);
}

size_t console_input_room(void)
{
	size_t room;

	spin_lock(&console_tty.lock);
	room = tty_room(&console_tty);
	spin_unlock(&console_tty.lock);
	return room;
}

void console_output_room(void)
{
	spin_lock(&console_tty.lock);
	wait_wake_all(&console_tty.writers);
	spin_unlock(&console_tty.lock);
}

/* --- reading --- */

/* Until when, and for how many bytes, a read in raw mode waits: termios(3), MIN and TIME. */
struct patience {
	size_t wanted;
	uint64_t between_ns; /* 0: for ever */
	uint64_t deadline_ns;
};

static struct patience patience_of(const struct tty *tty, size_t size)
{
	size_t min = tty->termios.characters[VMIN];
	uint64_t time_ns = tty->termios.characters[VTIME] * VTIME_NS;
	struct patience patience = { .wanted = MIN(min, size), .deadline_ns = NO_DEADLINE };

	if (tty_is_canonical(tty)) {
		patience.wanted = 1;
	} else if (min) {
		patience.between_ns = time_ns;
	} else {
		patience.wanted = time_ns ? 1 : 0;
		patience.deadline_ns = clock_ns() + time_ns;
	}
	return patience;
}

/*
 * Sleeps until there is what the read waits for, or a hang-up ends `generation`. The lock is held,
 * and released while asleep.
 */
static int wait_for_input(struct tty *tty, unsigned generation, size_t size, bool no_wait)
{
	struct patience patience = patience_of(tty, size);

	while (tty->generation == generation && tty_readable(tty) < patience.wanted) {
		size_t before = tty_readable(tty);
		int error;

		if (no_wait)
			return before && !tty_is_canonical(tty) ? 0 : -EAGAIN;
		if (before && patience.between_ns)
			patience.deadline_ns = clock_ns() + patience.between_ns;
		error = wait_sleep_until(&tty->readers, &tty->lock, SLEEP_INTERRUPTIBLE,
					 patience.deadline_ns);
		if (error == -ETIMEDOUT)
			return 0;
		if (error)
			return -ERESTARTSYS;
	}
	return 0;
}

/* One buffer's worth. Returns bytes, or -errno. */
static ssize_t read_chunk(const struct tty_open *open, struct transfer *to, bool wait, bool no_wait,
			  bool *ended)
{
	struct tty *tty = open->tty;
	unsigned generation;
	uint8_t bytes[CHUNK];
	size_t size = MIN(to->left, CHUNK), taken = 0;
	int error = 0;

	spin_lock(&tty->lock);
	/* A hang-up ends the console's reads that have begun: what comes is the next session's. */
	generation = open->console ? tty->generation : open->generation;
	if (wait)
		error = wait_for_input(tty, generation, to->left, no_wait);
	if (!error && tty->generation == generation)
		taken = tty_take(tty, bytes, size, ended);
	if (taken == to->left && !*ended)
		tty_skip_end(tty);
	spin_unlock(&tty->lock);
	if (error)
		return error;
	if (taken < size)
		*ended = true;
	return transfer_out(to, bytes, taken) == taken ? (ssize_t)taken : -EFAULT;
}

static ssize_t tty_read(struct file *file, struct transfer *to, uint64_t offset)
{
	const struct tty_open *open = file->private;
	size_t done = 0;
	bool ended = false;
	int error = tty_is_hung_up(open) ? 0 : tty_check_read(open->tty);

	(void)offset;
	if (error)
		return error;
	while (to->left && !ended) {
		ssize_t moved = read_chunk(open, to, !done, file->flags & O_NONBLOCK, &ended);

		if (moved < 0)
			return done ? (ssize_t)done : moved;
		done += (size_t)moved;
	}
	return (ssize_t)done;
}

/* Whether a program may write: not while a key, or the device, makes it wait. */
static bool may_show(const struct tty *tty)
{
	return !READ_ONCE(tty->stopped) && !console_full();
}

static unsigned tty_poll(struct file *file, struct poll_table *table)
{
	const struct tty_open *open = file->private;
	struct tty *tty = open->tty;
	const uint8_t *characters = tty->termios.characters;
	size_t wanted = tty_is_canonical(tty) || characters[VTIME] ? 1 : MAX(characters[VMIN], 1);
	unsigned ready;

	spin_lock(&tty->lock);
	poll_watch(table, &tty->readers);
	poll_watch(table, &tty->writers);
	ready = tty_readable(tty) >= wanted ? POLL_READABLE : 0;
	ready |= may_show(tty) ? POLL_WRITABLE : 0;
	if (tty_is_hung_up(open))
		ready = POLL_READABLE | POLL_WRITABLE | POLLERR | POLLHUP;
	spin_unlock(&tty->lock);
	return ready;
}

/* --- writing --- */

/* What makes the caller wait, and is over when that queue is woken; NULL: nothing does. */
static struct wait_queue *obstacle(struct tty *tty, bool has_turn)
{
	if (tty->writing && !has_turn)
		return &tty->turn;
	return may_show(tty) ? NULL : &tty->writers;
}

/* 0 when there is room for output, no ^S, and it is the caller's turn; -EIO after a hang-up. */
static int wait_for_flow(const struct tty_open *open, bool *has_turn, bool no_wait)
{
	struct tty *tty = open->tty;
	struct wait_queue *queue;
	int error = 0;

	spin_lock(&tty->lock);
	while (!error && !tty_is_hung_up(open) && (queue = obstacle(tty, *has_turn))) {
		error = no_wait ? -EAGAIN : 0;
		if (!error && wait_sleep(queue, &tty->lock, SLEEP_INTERRUPTIBLE))
			error = -ERESTARTSYS;
	}
	if (tty_is_hung_up(open))
		error = -EIO;
	if (!error)
		tty->writing = *has_turn = true;
	spin_unlock(&tty->lock);
	return error;
}

static void end_turn(struct tty *tty)
{
	spin_lock(&tty->lock);
	tty->writing = false;
	wait_wake_all(&tty->turn);
	spin_unlock(&tty->lock);
}

static void show(struct tty *tty, const uint8_t *bytes, size_t size)
{
	struct tty_output output = { .size = 0 };

	spin_lock(&tty->lock);
	for (size_t i = 0; i < size; i++)
		tty_put(tty, &output, bytes[i]);
	tty_put_end(&output);
	spin_unlock(&tty->lock);
}

static ssize_t write_chunks(const struct tty_open *open, struct transfer *from, size_t *done)
{
	struct tty *tty = open->tty;
	uint8_t bytes[CHUNK];

	while (from->left && may_show(tty) && !tty_is_hung_up(open)) {
		size_t size = MIN(from->left, CHUNK), moved = transfer_in(from, bytes, size);

		show(tty, bytes, moved);
		*done += moved;
		if (moved < size)
			return -EFAULT;
		if (from->left && signal_pending(current_thread()))
			return -ERESTARTSYS;
	}
	return 0;
}

static ssize_t tty_write(struct file *file, struct transfer *from, uint64_t offset)
{
	const struct tty_open *open = file->private;
	struct tty *tty = open->tty;
	bool has_turn = false;
	size_t done = 0;
	ssize_t error = 0;

	(void)offset;
	if (tty_is_hung_up(open))
		return -EIO;
	if (tty->termios.local & TOSTOP)
		error = tty_check_change(tty);
	while (from->left && !error) {
		error = wait_for_flow(open, &has_turn, file->flags & O_NONBLOCK);
		if (!error)
			error = write_chunks(open, from, &done);
	}
	if (has_turn)
		end_turn(tty);
	return done ? (ssize_t)done : error;
}

/* --- devices --- */

/*
 * A leader of a session that has no terminal gets the one that it opens, unless by O_NOCTTY or the
 * name /dev/console. It is no error if that does not work.
 */
static int tty_open(struct file *file)
{
	bool alias = device_major(file->inode->device) == MAJOR_TTY_ALTERNATE;
	bool current = alias && device_minor(file->inode->device) == 0;
	struct tty *tty = current ? tty_current() : &console_tty;
	struct tty_open *open;

	if (!tty)
		return -ENXIO;
	if (READ_ONCE(tty->exclusive) && !capable(CAP_SYS_ADMIN))
		return -EBUSY;
	open = kmalloc(sizeof(*open));
	if (!open)
		return -ENOMEM;
	*open = (struct tty_open){ tty, READ_ONCE(tty->generation), alias && !current };
	file->private = open;
	if (!alias && !(file->flags & O_NOCTTY) && current_process())
		tty_make_controlling(tty, false);
	return 0;
}

static void tty_release(struct file *file)
{
	kfree(file->private);
}

static const struct file_ops tty_ops = {
	.open = tty_open,
	.release = tty_release,
	.read = tty_read,
	.write = tty_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
};

static const struct file_ops *ops_of_tty(uint32_t minor)
{
	return minor == 0 || minor == MINOR_SERIAL ? &tty_ops : NULL;
}

static const struct file_ops *ops_of_alternate(uint32_t minor)
{
	return minor <= 1 ? &tty_ops : NULL;
}

/* A node for each device that is there, "ttyS0" or "tty0". */
static void make_nodes(struct tty *tty)
{
	unsigned rows, columns;
	const char *name;

	for (size_t i = 0; (name = console_name(i)); i++) {
		bool serial = strcmp(name, "ttyS0") == 0;
		dev_t device = device_number(MAJOR_TTY, serial ? MINOR_SERIAL : 0);

		device_node(name, S_IFCHR | 0620, device);
		if (!tty->device)
			tty->device = device;
	}
	if (console_size(&rows, &columns)) {
		tty->size = (struct winsize){ (uint16_t)rows, (uint16_t)columns, 0, 0 };
		tty->termios.input |= IUTF8; /* what the screen shows, and the keyboard sends */
	}
}

void tty_init(void)
{
	console_tty.termios = termios_default;
	device_register(MAJOR_TTY, "tty", ops_of_tty);
	device_register(MAJOR_TTY_ALTERNATE, "/dev/tty", ops_of_alternate);
	device_node("tty", S_IFCHR | 0666, device_number(MAJOR_TTY_ALTERNATE, 0));
	device_node("console", S_IFCHR | 0600, device_number(MAJOR_TTY_ALTERNATE, 1));
	make_nodes(&console_tty);
}
