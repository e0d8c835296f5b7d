/*
 * console.c -- which devices show the kernel's log and /dev/console.
 *
 * Devices register at boot. `console=` on the command line names those that count, as on Linux and
 * as often as one likes; where it names none that is there, all of them do. A device that is not
 * selected is asked for nothing here; the keyboard types all the same.
 *
 * Locks: console_lock (RANK_CONSOLE) for the length of one write, so that lines do not mix.
 */
#include <facet/clock.h>
#include <facet/cmdline.h>
#include <facet/panic.h>
#include <facet/spinlock.h>
#include <facet/string.h>
#include <facet/tty.h>

#define CONSOLES_MAX 4
#define LOOK_AGAIN_NS (NS_PER_SEC / 500)

static struct spinlock console_lock = SPINLOCK_INIT(RANK_CONSOLE);

/* Filled at boot, read-only from then on. */
static const struct console_device *consoles[CONSOLES_MAX];
static bool selected[CONSOLES_MAX];
static size_t console_count;

/*
 * Being written to by a panic. A device that faults in there is left out of the next one. One that
 * was being written to before is not: an interrupt, whose panic it is, may have come in between.
 */
static bool busy[CONSOLES_MAX];

void console_register(const struct console_device *device)
{
	assert(console_count < CONSOLES_MAX);
	selected[console_count] = true;
	consoles[console_count++] = device;
}

/* "ttyS0" or "ttyS0,115200n8". */
static bool names(const struct cmdline_word *word, const char *name)
{
	const char *comma = memchr(word->value, ',', word->value_length);
	size_t length = comma ? (size_t)(comma - word->value) : word->value_length;

	return strlen(name) == length && memcmp(word->value, name, length) == 0;
}

void console_select(const char *cmdline)
{
	bool named[CONSOLES_MAX] = { false }, any = false;
	struct cmdline_word word;

	while (cmdline_next(&cmdline, &word)) {
		if (!word.value || !cmdline_is(&word, "console"))
			continue;
		for (size_t i = 0; i < console_count; i++)
			if (names(&word, consoles[i]->name))
				any = named[i] = true;
	}
	if (any)
		memcpy(selected, named, sizeof(selected));
}

bool console_is_selected(const struct console_device *device)
{
	for (size_t i = 0; i < console_count; i++)
		if (consoles[i] == device)
			return selected[i];
	return false;
}

const char *console_name(size_t index)
{
	return index < console_count ? consoles[index]->name : NULL;
}

bool console_size(unsigned *rows, unsigned *columns)
{
	for (size_t i = 0; i < console_count; i++) {
		if (!selected[i] || !consoles[i]->size)
			continue;
		consoles[i]->size(rows, columns);
		return true;
	}
	return false;
}

void console_write_panic(const char *bytes, size_t size)
{
	for (size_t i = 0; i < console_count; i++) {
		const struct console_device *device = consoles[i];

		if (!selected[i] || busy[i])
			continue;
		busy[i] = true;
		if (device->write_panic)
			device->write_panic(bytes, size);
		else
			device->write(bytes, size);
		busy[i] = false;
	}
}

void console_flow(bool stop, bool lines)
{
	for (size_t i = 0; i < console_count; i++)
		if (selected[i] && consoles[i]->flow)
			consoles[i]->flow(stop, lines);
}

bool console_full(void)
{
	for (size_t i = 0; i < console_count; i++)
		if (selected[i] && consoles[i]->full && consoles[i]->full())
			return true;
	return false;
}

size_t console_unsent(void)
{
	size_t unsent = 0;

	for (size_t i = 0; i < console_count; i++)
		if (selected[i] && consoles[i]->unsent)
			unsent = MAX(unsent, consoles[i]->unsent());
	return unsent;
}

/* Looks, for the last byte leaves a device without an interrupt. */
int console_wait_sent(uint64_t deadline_ns, enum sleep_state state)
{
	int error = 0;

	while (!error && console_unsent() && clock_ns() < deadline_ns)
		error = sleep_until(clock_ns() + LOOK_AGAIN_NS, state);
	return error;
}

void console_discard(void)
{
	for (size_t i = 0; i < console_count; i++)
		if (selected[i] && consoles[i]->discard)
			consoles[i]->discard();
}

void console_hold(bool hold, bool lines)
{
	for (size_t i = 0; i < console_count; i++)
		if (selected[i] && consoles[i]->hold)
			consoles[i]->hold(hold, lines);
}

void console_send_first(char byte)
{
	for (size_t i = 0; i < console_count; i++)
		if (selected[i] && consoles[i]->send_first)
			consoles[i]->send_first(byte);
}

void console_flush(void)
{
	console_write_panic("", 0);
}

void console_write(const char *bytes, size_t size)
{
	spin_lock(&console_lock);
	for (size_t i = 0; i < console_count; i++)
		if (selected[i])
			consoles[i]->write(bytes, size);
	spin_unlock(&console_lock);
}
