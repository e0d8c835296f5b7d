/*
 * cpio.c -- the reader of cpio archives, format newc.
 *
 * Every number of a header is checked against what is left of the archive before it is used, so an
 * archive from anywhere can be read. No locks, no allocation; the entry points into the archive.
 *
 * Source: cpio(5) "New ASCII Format", and Linux's initramfs buffer format for what is between
 * archives.
 */
#include <facet/cpio.h>
#include <facet/errno.h>
#include <facet/string.h>

#define MAGIC "070701"
#define MAGIC_LENGTH 6
#define FIELD_LENGTH 8
#define HEADER_LENGTH (MAGIC_LENGTH + FIELD_COUNT * FIELD_LENGTH)
#define NAME_MAX_BYTES 4096 /* PATH_MAX, with the NUL */

enum field {
	FIELD_INO,
	FIELD_MODE,
	FIELD_UID,
	FIELD_GID,
	FIELD_NLINK,
	FIELD_MTIME,
	FIELD_SIZE,
	FIELD_DEV_MAJOR,
	FIELD_DEV_MINOR,
	FIELD_RDEV_MAJOR,
	FIELD_RDEV_MINOR,
	FIELD_NAME_SIZE,
	FIELD_CHECKSUM, /* always 0 in this format */
	FIELD_COUNT
};

void cpio_init(struct cpio_reader *reader, const void *archive, size_t size)
{
	*reader = (struct cpio_reader){ .start = archive, .size = size };
}

/* Exactly eight hexadecimal digits: no sign, no space, no prefix. */
static bool parse_field(const char *at, uint32_t *value)
{
	size_t i;

	*value = 0;
	for (i = 0; i < FIELD_LENGTH; i++) {
		char digit = at[i];

		if (digit >= '0' && digit <= '9')
			digit -= '0';
		else if (digit >= 'a' && digit <= 'f')
			digit -= 'a' - 10;
		else if (digit >= 'A' && digit <= 'F')
			digit -= 'A' - 10;
		else
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

static bool parse_header(const char *header, uint32_t field[FIELD_COUNT])
{
	size_t i;

	if (memcmp(header, MAGIC, MAGIC_LENGTH))
		return false;
	for (i = 0; i < FIELD_COUNT; i++) {
		if (!parse_field(header + MAGIC_LENGTH + i * FIELD_LENGTH, &field[i]))
			return false;
	}
	return true;
}

static size_t round_up_to_4(size_t value)
{
	return (value + 3) & ~(size_t)3;
}

/* Between archives: step over zeros. False if there is nothing behind them. */
static bool find_archive(struct cpio_reader *reader)
{
	while (reader->position < reader->size && !reader->start[reader->position])
		reader->position++;
	return reader->position < reader->size;
}

/* Read what stands at `position`, trailer or not, and go behind it. */
static int read_entry(struct cpio_reader *reader, struct cpio_entry *entry)
{
	const char *header = reader->start + reader->position;
	size_t left = reader->size - reader->position;
	size_t data, end;
	uint32_t field[FIELD_COUNT], name_size;

	if (reader->position % 4 || left < HEADER_LENGTH || !parse_header(header, field))
		return -EINVAL;

	/* Two sums of 32-bit numbers: they cannot overflow 64 bits. */
	name_size = field[FIELD_NAME_SIZE];
	if (!name_size || name_size > NAME_MAX_BYTES || name_size > left - HEADER_LENGTH)
		return -EINVAL;
	data = round_up_to_4(HEADER_LENGTH + name_size);
	if (field[FIELD_SIZE] && (data > left || field[FIELD_SIZE] > left - data))
		return -EINVAL;

	/* The NUL is the last byte; some tools align the contents with more of them. */
	if (header[HEADER_LENGTH + name_size - 1] || !header[HEADER_LENGTH])
		return -EINVAL;

	/* The zeros at the very end may be missing. */
	end = reader->position + round_up_to_4(data + field[FIELD_SIZE]);
	reader->position = end < reader->size ? end : reader->size;

	*entry = (struct cpio_entry){
		.name = header + HEADER_LENGTH,
		.data = header + (data < left ? data : left),
		.size = field[FIELD_SIZE],
		.mode = field[FIELD_MODE],
		.uid = field[FIELD_UID],
		.gid = field[FIELD_GID],
		.mtime = field[FIELD_MTIME],
		.rdev_major = field[FIELD_RDEV_MAJOR],
		.rdev_minor = field[FIELD_RDEV_MINOR],
		.ino = field[FIELD_INO],
		.nlink = field[FIELD_NLINK],
		.dev_major = field[FIELD_DEV_MAJOR],
		.dev_minor = field[FIELD_DEV_MINOR],
		.archive = reader->archive,
		.end = reader->position,
	};
	return 0;
}

int cpio_next(struct cpio_reader *reader, struct cpio_entry *entry)
{
	int error;

	for (;;) {
		if (!reader->inside && !find_archive(reader))
			return 0;
		error = read_entry(reader, entry);
		if (error)
			return error;
		reader->inside = strcmp(entry->name, "TRAILER!!!") != 0;
		if (reader->inside)
			return 1;
		reader->archive++;
	}
}
