// sources: lib/cpio.c
// Archives made here are read back; then they are cut, joined, and damaged at random.
#include "tap.h"

#include <facet/cpio.h>
#include <facet/errno.h>

#include <stdlib.h>
#include <string.h>

#define FUZZ_ROUNDS 20000

struct archive {
	char bytes[16384];
	size_t size;
};

/* What a test says about an entry; the rest of its numbers follow from ino. */
struct made {
	const char *name;
	const char *data;
	uint32_t ino;
	uint32_t nlink;
};

static void pad_to_4(struct archive *archive)
{
	while (archive->size % 4)
		archive->bytes[archive->size++] = '\0';
}

static void add(struct archive *archive, const struct made *made)
{
	size_t length = strlen(made->name) + 1, size = strlen(made->data);
	uint32_t n = made->ino;

	archive->size += sprintf(archive->bytes + archive->size,
				 "070701%08x%08X%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", n,
				 n + 1, n + 2, n + 3, made->nlink, n + 5, size, n + 6, n + 7, n + 8,
				 n + 9, length, 0);
	memcpy(archive->bytes + archive->size, made->name, length);
	archive->size += length;
	pad_to_4(archive);
	memcpy(archive->bytes + archive->size, made->data, size);
	archive->size += size;
	pad_to_4(archive);
}

static void add_trailer(struct archive *archive)
{
	add(archive, &(struct made){ .name = "TRAILER!!!", .data = "", .nlink = 1 });
}

static void add_zeros(struct archive *archive, size_t count)
{
	memset(archive->bytes + archive->size, 0, count);
	archive->size += count;
}

static bool equals(const struct cpio_entry *entry, const struct made *made)
{
	uint32_t n = made->ino;

	return !strcmp(entry->name, made->name) && entry->size == strlen(made->data) &&
	       !memcmp(entry->data, made->data, entry->size) && entry->ino == n &&
	       entry->mode == n + 1 && entry->uid == n + 2 && entry->gid == n + 3 &&
	       entry->nlink == made->nlink && entry->mtime == n + 5 && entry->dev_major == n + 6 &&
	       entry->dev_minor == n + 7 && entry->rdev_major == n + 8 &&
	       entry->rdev_minor == n + 9;
}

static const struct made some[] = {
	{ ".", "", 1, 2 },
	{ "a", "x", 0xabcdef01, 1 },
	{ "dir/file", "four", 0x10, 1 },
	{ "hard1", "", 7, 2 },
	{ "hard2", "contents of both", 7, 2 },
};

#define SOME_COUNT (sizeof(some) / sizeof(*some))

static void add_some(struct archive *archive)
{
	for (size_t i = 0; i < SOME_COUNT; i++)
		add(archive, &some[i]);
	add_trailer(archive);
}

/*
 * Read all of a copy that is exactly as large as the archive, so that a byte too far is noticed.
 * Returns the last answer; *count entries came before it.
 */
static int read_all(const char *bytes, size_t size, size_t *count)
{
	char *copy = malloc(size ? size : 1);
	struct cpio_reader reader;
	struct cpio_entry entry;
	size_t before = 0, sum = 0;
	int result;

	memcpy(copy, bytes, size);
	cpio_init(&reader, copy, size);
	for (*count = 0; (result = cpio_next(&reader, &entry)) == 1; ++*count) {
		const char *data = entry.data;

		CHECK(entry.end > before && entry.end <= size);
		CHECK(entry.name > copy && entry.name + strlen(entry.name) < copy + size);
		CHECK(data >= entry.name && data + entry.size <= copy + entry.end);
		for (size_t i = 0; i < entry.size; i++)
			sum += data[i];
		before = entry.end;
	}
	CHECK(result == 0 || result == -EINVAL);
	CHECK(cpio_next(&reader, &entry) == result);
	free(copy);
	return sum == SIZE_MAX ? 1 : result;
}

TEST(every_field_of_every_entry_is_read)
{
	struct archive archive = { .size = 0 };
	struct cpio_reader reader;
	struct cpio_entry entry;

	add_some(&archive);
	cpio_init(&reader, archive.bytes, archive.size);
	for (size_t i = 0; i < SOME_COUNT; i++) {
		if (!CHECK(cpio_next(&reader, &entry) == 1))
			return;
		CHECK(equals(&entry, &some[i]));
		CHECK(entry.archive == 0 && entry.end % 4 == 0);
	}
	CHECK(cpio_next(&reader, &entry) == 0);
	CHECK(cpio_next(&reader, &entry) == 0);
}

TEST(memory_before_an_entrys_end_is_not_needed_any_more)
{
	struct archive archive = { .size = 0 };
	struct cpio_reader reader;
	struct cpio_entry entry;
	size_t i = 0;

	add_some(&archive);
	cpio_init(&reader, archive.bytes, archive.size);
	for (; cpio_next(&reader, &entry) == 1; i++) {
		CHECK(equals(&entry, &some[i]));
		memset(archive.bytes, 0xff, entry.end);
	}
	CHECK(i == SOME_COUNT);
}

TEST(archives_follow_each_other_behind_zeros)
{
	struct archive archive = { .size = 0 };
	struct cpio_reader reader;
	struct cpio_entry entry;

	add_zeros(&archive, 512);
	for (int i = 0; i < 3; i++) {
		add_some(&archive);
		add_zeros(&archive, i * 256);
	}
	cpio_init(&reader, archive.bytes, archive.size);
	for (size_t i = 0; i < 3 * SOME_COUNT; i++) {
		if (!CHECK(cpio_next(&reader, &entry) == 1))
			return;
		CHECK(equals(&entry, &some[i % SOME_COUNT]));
		CHECK(entry.archive == i / SOME_COUNT);
	}
	CHECK(cpio_next(&reader, &entry) == 0);
}

TEST(nothing_and_zeros_are_empty_archives)
{
	struct archive archive = { .size = 0 };
	size_t count;

	CHECK(read_all(archive.bytes, 0, &count) == 0 && count == 0);
	add_zeros(&archive, 1001);
	CHECK(read_all(archive.bytes, archive.size, &count) == 0 && count == 0);
	archive.size = 0;
	add_trailer(&archive);
	CHECK(read_all(archive.bytes, archive.size, &count) == 0 && count == 0);
}

TEST(names_may_be_padded_with_zeros)
{
	struct archive archive = { .size = 0 };
	size_t count;

	add(&archive, &(struct made){ .name = "name12345", .data = "data", .nlink = 1 });
	add_trailer(&archive);
	memset(archive.bytes + 110 + 4, 0, 5);
	CHECK(read_all(archive.bytes, archive.size, &count) == 0 && count == 1);
}

TEST(names_may_be_as_long_as_a_path)
{
	static char name[4097];
	size_t count;

	for (size_t length = 4094; length <= 4096; length++) {
		struct archive archive = { .size = 0 };

		memset(name, 'n', length);
		add(&archive, &(struct made){ .name = name, .data = "data", .nlink = 1 });
		add_trailer(&archive);
		CHECK(read_all(archive.bytes, archive.size, &count) ==
		      (length < 4096 ? 0 : -EINVAL));
		CHECK(count == (length < 4096));
	}
}

TEST(every_truncation_is_noticed)
{
	struct archive archive = { .size = 0 };
	size_t count, end;

	add_some(&archive);
	end = archive.size - 3 - 1; /* the padding of TRAILER!!! is three bytes */
	for (size_t size = 1; size <= end; size++)
		CHECK(read_all(archive.bytes, size, &count) == -EINVAL);
	for (size_t size = end + 1; size <= archive.size; size++)
		CHECK(read_all(archive.bytes, size, &count) == 0 && count == SOME_COUNT);
}

/* One archive of one entry, with this text at this offset of its header, is refused. */
static bool refuses(size_t offset, const char *text)
{
	struct archive archive = { .size = 0 };
	size_t count;

	add(&archive, &some[1]);
	add_trailer(&archive);
	if (read_all(archive.bytes, archive.size, &count) != 0)
		return false;
	memcpy(archive.bytes + offset, text, strlen(text));
	return read_all(archive.bytes, archive.size, &count) == -EINVAL && count == 0;
}

TEST(malformed_headers_are_refused)
{
	enum { SIZE = 6 + 6 * 8, NAME_SIZE = 6 + 11 * 8 };

	CHECK(refuses(0, "070702"));
	CHECK(refuses(0, "070707"));
	CHECK(refuses(0, "17"));
	for (size_t field = 6; field < 110; field += 8) {
		CHECK(refuses(field, "0000000g"));
		CHECK(refuses(field, "       1"));
		CHECK(refuses(field, "+0000001"));
		CHECK(refuses(field, "0x000001"));
	}
	CHECK(refuses(SIZE, "ffffffff"));
	CHECK(refuses(SIZE, "7fffffff"));
	CHECK(refuses(NAME_SIZE, "00000000"));
	CHECK(refuses(NAME_SIZE, "00000001"));
	CHECK(refuses(NAME_SIZE, "00001001"));
	CHECK(refuses(NAME_SIZE, "ffffffff"));
	CHECK(refuses(110, "xx")); /* the name's NUL is gone */
}

TEST(junk_between_archives_is_refused)
{
	struct archive archive = { .size = 0 };
	size_t count;

	add_some(&archive);
	archive.bytes[archive.size++] = '\n';
	CHECK(read_all(archive.bytes, archive.size, &count) == -EINVAL && count == SOME_COUNT);

	/* a header must begin at a multiple of 4 */
	archive.size--;
	add_zeros(&archive, 2);
	{
		struct archive second = { .size = 0 };

		add_some(&second);
		memcpy(archive.bytes + archive.size, second.bytes, second.size);
		archive.size += second.size;
	}
	CHECK(read_all(archive.bytes, archive.size, &count) == -EINVAL && count == SOME_COUNT);
}

TEST(random_damage_never_leads_outside)
{
	struct archive good = { .size = 0 }, bad;
	size_t count, read = 0, refused = 0;

	add_some(&good);
	add_zeros(&good, 64);
	add_some(&good);
	for (int round = 0; round < FUZZ_ROUNDS; round++) {
		bad = good;
		for (int changes = 1 + tap_below(4); changes; changes--) {
			char *at = bad.bytes + tap_below(bad.size);

			*at = tap_below(2) ? "0123456789abcdefF"[tap_below(17)]
					   : (char)tap_random();
		}
		if (tap_below(4) == 0)
			bad.size = tap_below(bad.size);
		if (read_all(bad.bytes, bad.size, &count) == 0)
			read++;
		else
			refused++;
	}
	CHECK(read > FUZZ_ROUNDS / 20 && refused > FUZZ_ROUNDS / 20);
}
