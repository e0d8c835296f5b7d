/*
 * kmsg.c -- /dev/kmsg: the kernel's log, a record a read, and a way to write into it.
 *
 * Each open file has a place of its own in the log. A record is "6,42,123456,-;text": level and
 * facility, number, microseconds since boot. Who reads slower than the log goes round is told by
 * EPIPE, once, and goes on with the oldest record.
 *
 * Lock: the file's own mutex (RANK_FILE) around its position.
 * Source: Linux's Documentation/ABI/testing/dev-kmsg.
 */
#include "internal.h"

#include <facet/printk.h>

#define WRITE_MAX 992 /* as Linux */
#define RECORD_MAX (LOG_LINE_MAX + 64)

struct kmsg {
	struct mutex lock;
	struct log_position position;
};

/* A number at *at, which goes behind it and the character that ends it. */
static uint64_t take_number(const char **at, const char *end)
{
	uint64_t value = 0;

	while (*at < end && **at == ' ')
		++*at;
	while (*at < end && **at >= '0' && **at <= '9')
		value = value * 10 + (uint64_t)(*(*at)++ - '0');
	++*at;
	return value;
}

/* From "<6>[    0.123456] text". */
static size_t make_record(char *record, const char *line, size_t length, uint64_t sequence)
{
	const char *at = line + 1, *end = line + length;
	uint64_t level = take_number(&at, end), us;
	int size;

	at++; /* [ */
	us = take_number(&at, end) * 1000000;
	us += take_number(&at, end);
	at++; /* the blank behind ] */
	size = snprintf(record, RECORD_MAX, "%lu,%lu,%lu,-;%.*s\n", level, sequence, us,
			(int)MAX(end - at, 0l), at);
	return (size_t)size;
}

/* What does not fit is passed over, as on Linux. */
static ssize_t read_record(struct kmsg *kmsg, struct transfer *to, bool wait)
{
	uint64_t sequence = kmsg->position.sequence;
	char line[LOG_LINE_MAX], record[RECORD_MAX];
	ssize_t length = printk_read_line(&kmsg->position, line, wait);
	size_t size;

	if (length < 0)
		return length;
	size = make_record(record, line, (size_t)length, sequence);
	if (size > to->left)
		return -EINVAL;
	return transfer_out(to, record, size) == size ? (ssize_t)size : -EFAULT;
}

static ssize_t kmsg_read(struct file *file, struct transfer *to, uint64_t offset)
{
	struct kmsg *kmsg = file->private;
	ssize_t done;

	(void)offset;
	mutex_lock(&kmsg->lock);
	done = read_record(kmsg, to, !(file->flags & O_NONBLOCK));
	mutex_unlock(&kmsg->lock);
	return done;
}

/* "<13>text": the level is what says so, else a warning; it is never the kernel who wrote. */
static ssize_t kmsg_write(struct file *file, struct transfer *from, uint64_t offset)
{
	size_t size = from->left;
	unsigned level = LOG_WARNING;
	char text[WRITE_MAX + 1];
	const char *at = text;

	(void)file, (void)offset;
	if (size > WRITE_MAX)
		return -EINVAL;
	if (transfer_in(from, text, size) < size)
		return -EFAULT;
	text[size] = '\0';
	if (text[0] == '<' && text[1] >= '0' && text[1] <= '9') {
		const char *behind = text + 1;
		unsigned prefix = (unsigned)take_number(&behind, text + size);

		if (behind[-1] == '>') {
			at = behind;
			level = prefix & 0xff;
		}
	}
	if (level <= LOG_LEVEL_MASK)
		level |= LOG_USER;
	printk((enum log_level)level, "%s", at);
	return (ssize_t)size;
}

static int64_t kmsg_seek(struct file *file, off_t offset, int whence)
{
	struct kmsg *kmsg = file->private;

	if (offset)
		return -ESPIPE;
	if (whence != SEEK_SET && whence != SEEK_DATA && whence != SEEK_END)
		return -EINVAL;
	mutex_lock(&kmsg->lock);
	kmsg->position = whence == SEEK_END ? printk_end() : printk_oldest();
	mutex_unlock(&kmsg->lock);
	return 0;
}

static unsigned kmsg_poll(struct file *file, struct poll_table *table)
{
	struct kmsg *kmsg = file->private;
	unsigned ready;

	mutex_lock(&kmsg->lock);
	ready = printk_poll(&kmsg->position, table);
	mutex_unlock(&kmsg->lock);
	return ready | POLLOUT;
}

static int kmsg_open(struct file *file)
{
	struct kmsg *kmsg = kzalloc(sizeof(*kmsg));

	if (!kmsg)
		return -ENOMEM;
	mutex_init(&kmsg->lock, RANK_FILE);
	kmsg->position = printk_oldest();
	file->private = kmsg;
	return 0;
}

static void kmsg_release(struct file *file)
{
	kfree(file->private);
}

const struct file_ops kmsg_ops = {
	.open = kmsg_open,
	.release = kmsg_release,
	.read = kmsg_read,
	.write = kmsg_write,
	.poll = kmsg_poll,
	.seek = kmsg_seek,
};
