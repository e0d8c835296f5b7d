/*
 * printk.c -- the kernel's log: the newest LOG_SIZE bytes of it, and the lines that consoles show.
 *
 * A message becomes whole lines in the ring first, under the log's lock, and is then written to the
 * consoles, which take their own. Both locks are of the console's rank, one after the other, so two
 * threads' lines may change places on a screen, but never in the log.
 *
 * The ring is one array, `written` counts all bytes since boot, and `oldest` is the first line that
 * is still whole. printk_copy_tail() takes no lock, for panic; it may then see a line half written.
 */
#include <facet/clock.h>
#include <facet/errno.h>
#include <facet/format.h>
#include <facet/fs.h>
#include <facet/last_log.h>
#include <facet/printk.h>
#include <facet/spinlock.h>
#include <facet/string.h>
#include <facet/tty.h>
#include <facet/wait.h>

#define LINE_MAX LOG_LINE_MAX

static struct spinlock log_lock = SPINLOCK_INIT(RANK_CONSOLE);
static char ring[LOG_SIZE];
static uint64_t written;
static struct log_position oldest;
static struct wait_queue readers = WAIT_QUEUE_INIT(readers); /* for more to be written */

static int console_level = CONFIG_LOG_LEVEL + 1;
static bool consoles_started;

/* A line without its newline, as the consoles get it: no level, and with \r\n. */
static void show(const char *line, size_t size)
{
	char text[LINE_MAX + 2];
	size_t level = 0, at;

	for (at = 1; at < size && line[at] != '>'; at++)
		level = level * 10 + (size_t)(line[at] - '0');
	if (at >= size || (int)(level & LOG_LEVEL_MASK) >= console_level)
		return;
	at++;
	memcpy(text, line + at, size - at);
	memcpy(text + size - at, "\r\n", 2);
	console_write(text, size - at + 2);
}

/* Whole lines make room. */
static void forget(size_t size)
{
	while (written + size - oldest.at > LOG_SIZE) {
		while (ring[oldest.at++ % LOG_SIZE] != '\n')
			;
		oldest.sequence++;
	}
}

static void append(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		ring[(written + i) % LOG_SIZE] = bytes[i];
	WRITE_ONCE(written, written + size);
	last_log_write(bytes, size);
}

/* Puts "<6>[    0.123456] text" into `line`, of LINE_MAX bytes. Returns how long it is. */
static size_t make_line(char *line, enum log_level level, const char *format, va_list args)
{
	uint64_t us = clock_ns() / 1000;
	size_t prefix, length;

	prefix = (size_t)snprintf(line, LINE_MAX, "<%d>[%5lu.%06lu] ", level, us / 1000000,
				  us % 1000000);
	length = prefix + (size_t)vsnprintf(line + prefix, LINE_MAX - prefix, format, args);
	length = MIN(length, LINE_MAX - 1);
	while (length > prefix && line[length - 1] == '\n')
		length--;
	/* One message is one line, whatever a program managed to get into it. */
	for (size_t i = prefix; i < length; i++)
		if ((uint8_t)line[i] < ' ')
			line[i] = '?';
	return length;
}

void vprintk(enum log_level level, const char *format, va_list args)
{
	char line[LINE_MAX];
	size_t size = make_line(line, level, format, args);

	spin_lock(&log_lock);
	forget(size + 1);
	append(line, size);
	append("\n", 1);
	wait_wake_all(&readers);
	spin_unlock(&log_lock);
	if (consoles_started)
		show(line, size);
}

void printk(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintk(level, format, args);
	va_end(args);
}

void printk_set_console_level(int level)
{
	console_level = level;
}

int printk_console_level(void)
{
	return console_level;
}

void printk_start_consoles(void)
{
	char line[LINE_MAX];
	size_t size = 0;

	/* Boot: nobody else prints, and the log has not gone round yet. */
	consoles_started = true;
	for (uint64_t at = 0; at < written; at++) {
		if (ring[at] != '\n') {
			line[size++] = ring[at];
		} else {
			show(line, size);
			size = 0;
		}
	}
}

size_t printk_copy_tail(char *buffer, size_t size)
{
	uint64_t end = READ_ONCE(written);
	uint64_t start = end - MIN(end, MIN(size, LOG_SIZE));

	for (uint64_t at = start; at < end; at++)
		*buffer++ = ring[at % LOG_SIZE];
	return end - start;
}

struct log_position printk_oldest(void)
{
	struct log_position position;

	spin_lock(&log_lock);
	position = oldest;
	spin_unlock(&log_lock);
	return position;
}

struct log_position printk_end(void)
{
	char line[LINE_MAX];
	struct log_position position = printk_oldest();

	while (printk_read_line(&position, line, false) != -EAGAIN)
		;
	return position;
}

/* log_lock held. */
static ssize_t copy_line(struct log_position *position, char *line)
{
	size_t size = 0;

	while (ring[(position->at + size) % LOG_SIZE] != '\n') {
		line[size] = ring[(position->at + size) % LOG_SIZE];
		size++;
	}
	position->at += size + 1;
	position->sequence++;
	return (ssize_t)size;
}

ssize_t printk_read_line(struct log_position *position, char *line, bool wait)
{
	ssize_t result = 0;

	spin_lock(&log_lock);
	while (position->at == written && !result)
		result = wait ? wait_sleep(&readers, &log_lock, SLEEP_INTERRUPTIBLE) : -EAGAIN;
	if (!result && position->at < oldest.at) {
		*position = oldest;
		result = -EPIPE;
	}
	if (!result)
		result = copy_line(position, line);
	spin_unlock(&log_lock);
	return result;
}

unsigned printk_poll(const struct log_position *position, struct poll_table *table)
{
	unsigned ready;

	spin_lock(&log_lock);
	poll_watch(table, &readers);
	ready = position->at == written ? 0 : POLLIN;
	if (position->at < oldest.at)
		ready |= POLLERR | POLLPRI;
	spin_unlock(&log_lock);
	return ready;
}
