/*
 * printk.h -- the kernel's log: a ring of bytes, and the consoles that show it.
 *
 * Context: thread, boot or the return path's work. Interrupt handlers, the switch and the first-run
 * path print nothing; they count.
 */
#ifndef FACET_PRINTK_H
#define FACET_PRINTK_H

#include <stdarg.h>

#include <facet/config.h>
#include <facet/types.h>

/* Linux's levels; a message is shown when its level is below the console's. */
enum log_level {
	LOG_EMERG,
	LOG_ALERT,
	LOG_CRIT,
	LOG_ERR,
	LOG_WARNING,
	LOG_NOTICE,
	LOG_INFO,
	LOG_DEBUG,
	LOG_LEVEL_MASK = 7, /* what is above it says who wrote: */
	LOG_USER = 1 << 3,  /* a program, through /dev/kmsg; else the kernel */
};

#define LOG_LINE_MAX 512 /* longer messages are cut */
#define LOG_SIZE (32 * 1024)

__printf(2, 3) void printk(enum log_level level, const char *format, ...);
void vprintk(enum log_level level, const char *format, va_list args);

#define pr_err(...) printk(LOG_ERR, __VA_ARGS__)
#define pr_warn(...) printk(LOG_WARNING, __VA_ARGS__)
#define pr_notice(...) printk(LOG_NOTICE, __VA_ARGS__)
#define pr_info(...) printk(LOG_INFO, __VA_ARGS__)
#define pr_debug(...) printk(LOG_DEBUG, __VA_ARGS__)

/* What the machine is made of, for whoever is to say from afar what is wrong with it. Boot only. */
#define pr_machine(...)                             \
	do {                                        \
		if (IS_ENABLED(CONFIG_LOG_MACHINE)) \
			pr_debug(__VA_ARGS__);      \
	} while (0)

/*
 * Messages of this level and above are kept in the log only. From the option LOG_LEVEL, `quiet`,
 * `loglevel=`.
 */
void printk_set_console_level(int level);
int printk_console_level(void);

/*
 * The console devices of boot are registered: shows what the log holds, and from now on every line.
 */
void printk_start_consoles(void);

/*
 * A line of the log is "<6>[    0.123456] text\n": its level, seconds since boot, and what was
 * printed. Consoles get it without the level, and with \r\n.
 */

/* A place in the log: bytes since boot, and lines. */
struct log_position {
	uint64_t at, sequence;
};

/* The oldest line that is still there; behind the newest one. */
struct log_position printk_oldest(void);
struct log_position printk_end(void);

/*
 * Copies a line of the log, of LOG_LINE_MAX bytes at most, without its newline, and moves behind
 * it. Returns its length; -EPIPE when it was overwritten (the position is then the oldest line);
 * without a new line, -EAGAIN or, if it was to wait, -ERESTARTSYS. Context: thread, no lock held.
 */
ssize_t printk_read_line(struct log_position *position, char *line, bool wait);

struct poll_table;
/* As file_ops.poll. */
unsigned printk_poll(const struct log_position *position, struct poll_table *table);

/*
 * Copies the newest `size` bytes of the log. Returns the number copied. Also from panic: takes no
 * lock.
 */
size_t printk_copy_tail(char *buffer, size_t size);

#endif
