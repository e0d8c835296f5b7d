/*
 * syslog: the kernel's log by a system call, as klogd and dmesg take it. /dev/kmsg is the other
 * way.
 *
 * There is one reading position for everybody, and a mark that CLEAR sets. Lock: syslog_lock over
 * both; nobody sleeps for a new line while holding it. Source: syslog(2), klogctl(3).
 */
#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/errno.h>
#include <facet/mutex.h>
#include <facet/printk.h>
#include <facet/process.h>
#include <facet/syscalls.h>

enum {
	LOG_CLOSE,
	LOG_OPEN,
	LOG_READ,
	LOG_READ_ALL,
	LOG_READ_CLEAR,
	LOG_CLEAR,
	LOG_CONSOLE_OFF,
	LOG_CONSOLE_ON,
	LOG_CONSOLE_LEVEL,
	LOG_SIZE_UNREAD,
	LOG_SIZE_BUFFER,
};

#define LEVEL_LEAST 1 /* emergencies are always shown */

static struct mutex syslog_lock = MUTEX_INIT(syslog_lock, RANK_FILE);
static struct log_position unread, cleared;
static size_t unread_partly;  /* bytes of the line at `unread` that were read */
static int console_level = 0; /* to be restored by CONSOLE_ON; 0: none */

/* With its newline. As printk_read_line(), but that lines that were overwritten are passed over. */
static ssize_t next_line(struct log_position *position, char line[LOG_LINE_MAX + 1])
{
	ssize_t length;

	do {
		length = printk_read_line(position, line, false);
	} while (length == -EPIPE);
	if (length < 0)
		return length;
	line[length] = '\n';
	return length + 1;
}

/* Whole lines, as many as fit; of a line longer than the buffer a part. */
static long read_unread(char __user *to, size_t size)
{
	char line[LOG_LINE_MAX + 1];
	size_t done = 0;

	while (done < size) {
		struct log_position next = unread;
		ssize_t length = next_line(&next, line);
		size_t skipped, count;

		if (length < 0)
			break;
		skipped = next.sequence == unread.sequence + 1 ? unread_partly : 0;
		count = (size_t)length - skipped;
		if (count > size - done && done)
			break;
		count = MIN(count, size - done);
		if (copy_to_user(to + done, line + skipped, count))
			return done ? (long)done : -EFAULT;
		done += count;
		unread_partly = skipped + count;
		if (unread_partly == (size_t)length) {
			unread = next;
			unread_partly = 0;
		}
	}
	return (long)done;
}

/* Sleeps until there is something to be read. */
static long log_read(char __user *to, size_t size)
{
	long result;

	do {
		struct log_position position;
		char line[LOG_LINE_MAX];

		mutex_lock(&syslog_lock);
		result = read_unread(to, size);
		position = unread;
		mutex_unlock(&syslog_lock);
		if (!result)
			result = printk_read_line(&position, line, true) == -ERESTARTSYS
					 ? -ERESTARTSYS
					 : 0;
	} while (!result);
	return result;
}

/* The newest lines since the last CLEAR that fit. */
static long log_read_all(char __user *to, size_t size, bool clear)
{
	struct log_position position, end = printk_end();
	char line[LOG_LINE_MAX + 1];
	size_t done = 0;
	ssize_t length;
	long result = 0;

	mutex_lock(&syslog_lock);
	position = cleared;
	if (position.at < printk_oldest().at)
		position = printk_oldest();
	while (position.at < end.at && end.at - position.at > size)
		next_line(&position, line);
	while (position.at < end.at && (length = next_line(&position, line)) > 0 &&
	       done + (size_t)length <= size) {
		if (copy_to_user(to + done, line, (size_t)length)) {
			result = -EFAULT;
			break;
		}
		done += (size_t)length;
	}
	if (clear)
		cleared = end;
	mutex_unlock(&syslog_lock);
	return result ? result : (long)done;
}

static long log_clear(void)
{
	struct log_position end = printk_end();

	mutex_lock(&syslog_lock);
	cleared = end;
	mutex_unlock(&syslog_lock);
	return 0;
}

static long log_size_unread(void)
{
	uint64_t size;

	mutex_lock(&syslog_lock);
	if (unread.at < printk_oldest().at) {
		unread = printk_oldest();
		unread_partly = 0;
	}
	size = printk_end().at - unread.at - unread_partly;
	mutex_unlock(&syslog_lock);
	return (long)size;
}

/* `level` -1: as it was before it was turned down. */
static long log_console(int level, bool turned_down)
{
	mutex_lock(&syslog_lock);
	if (turned_down && !console_level)
		console_level = printk_console_level();
	if (level < 0)
		level = console_level ? console_level : printk_console_level();
	printk_set_console_level(level);
	if (!turned_down)
		console_level = 0;
	mutex_unlock(&syslog_lock);
	return 0;
}

static long log_to_buffer(int type, char __user *buffer, int size)
{
	if (!buffer || size < 0)
		return -EINVAL;
	if (!size)
		return 0;
	if (!user_range_ok((vaddr_t)buffer, (size_t)size))
		return -EFAULT;
	if (type == LOG_READ)
		return log_read(buffer, (size_t)size);
	return log_read_all(buffer, (size_t)size, type == LOG_READ_CLEAR);
}

long sys_syslog(int type, char __user *buffer, int size)
{
	if (type != LOG_READ_ALL && type != LOG_SIZE_BUFFER && !capable(CAP_SYSLOG) &&
	    !capable(CAP_SYS_ADMIN))
		return -EPERM;
	switch (type) {
	case LOG_CLOSE:
	case LOG_OPEN:
		return 0;
	case LOG_READ:
	case LOG_READ_ALL:
	case LOG_READ_CLEAR:
		return log_to_buffer(type, buffer, size);
	case LOG_CLEAR:
		return log_clear();
	case LOG_CONSOLE_OFF:
		return log_console(LEVEL_LEAST, true);
	case LOG_CONSOLE_ON:
		return log_console(-1, false);
	case LOG_CONSOLE_LEVEL:
		if (size < LEVEL_LEAST || size > LOG_DEBUG + 1)
			return -EINVAL;
		return log_console(size, false);
	case LOG_SIZE_UNREAD:
		return log_size_unread();
	case LOG_SIZE_BUFFER:
		return LOG_SIZE;
	default:
		return -EINVAL;
	}
}
