/*
 * last_log.c -- the log in two places of low memory, this boot's and the last one's in turn.
 *
 * A reset leaves RAM as it is, unless firmware tests or clears it, and loaders use little below
 * 1 MiB; the kernel gives nothing of that to programs. So a machine without a serial line can tell
 * after a warm reboot what it printed before, its panic included. What is found counts only if it
 * adds up: any byte may have been written to since, or have faded.
 *
 * A reset loses what is in the caches alone, so all that is written is flushed at once. One writer:
 * the log's lock, or a panic. Only read after last_log_init(): the last boot's place.
 */
#include <arch/cpu.h>
#include <arch/layout.h>
#include <facet/last_log.h>
#include <facet/next_boot.h>
#include <facet/printk.h>
#include <facet/string.h>

/*
 * Above what SeaBIOS clears before it boots, and what GRUB and OVMF use; below what BIOSes call
 * their own.
 */
#define PLACE 0x90000ul
#define PLACE_SIZE 0x6000ul

#define BEFORE_MAX 4096 /* of what was printed before memory was there: some lines */

#define MAGIC 0x676f6c2074656361ul

struct kept {
	uint64_t magic;
	uint64_t boot;    /* one more than the other's that it followed */
	uint64_t written; /* bytes since boot */
	uint64_t sum;     /* of the ring's bytes, and of all above */
	char ring[LAST_LOG_SIZE];
};

_Static_assert(sizeof(struct kept) <= PLACE_SIZE, "the log fits into its place");
_Static_assert(PLACE + PLACE_SIZE + sizeof(struct kept) <= NEXT_BOOT_PLACE &&
		       NEXT_BOOT_PLACE + sizeof(uint32_t) <= PLACE + 2 * PLACE_SIZE,
	       "the number of the next boot lies behind it");

static struct kept *current, *last; /* NULL: there is none */

static uint64_t header_sum(const struct kept *kept)
{
	return kept->magic + kept->boot + kept->written;
}

static uint64_t whole_sum(const struct kept *kept)
{
	uint64_t sum = header_sum(kept);

	for (size_t i = 0; i < MIN(kept->written, LAST_LOG_SIZE); i++)
		sum += (uint8_t)kept->ring[i];
	return sum;
}

static bool is_sound(const struct kept *kept)
{
	return kept->magic == MAGIC && kept->sum == whole_sum(kept);
}

/* Whether firmware calls all of it RAM, and no module of the loader's lies in it. */
static bool is_free(const struct bootinfo *info, paddr_t start, paddr_t end)
{
	for (size_t i = 0; i < info->module_count; i++)
		if (info->modules[i].base < end &&
		    start < info->modules[i].base + info->modules[i].size)
			return false;
	for (size_t i = 0; i < info->region_count; i++)
		if (info->regions[i].kind == REGION_RAM && info->regions[i].base <= start &&
		    end <= info->regions[i].base + info->regions[i].size)
			return true;
	return false;
}

static void choose(struct kept *a, struct kept *b)
{
	bool a_sound = is_sound(a), b_sound = is_sound(b);

	last = a_sound ? a : b_sound ? b : NULL;
	if (a_sound && b_sound && b->boot > a->boot)
		last = b;
	current = last == a ? b : a;
}

void last_log_init(const struct bootinfo *info)
{
	static char before[BEFORE_MAX];
	size_t size;

	if (!is_free(info, PLACE, PLACE + 2 * PLACE_SIZE)) {
		pr_warn("log: no memory where it would outlive a reboot\n");
		return;
	}
	choose(phys_to_virt(PLACE), phys_to_virt(PLACE + PLACE_SIZE));
	current->magic = MAGIC;
	current->boot = last ? last->boot + 1 : 0;
	current->written = 0;
	current->sum = header_sum(current);
	size = printk_copy_tail(before, sizeof(before));
	last_log_write(before, size);
	if (last)
		pr_info("log: that of the boot before is in /proc/facet/last_log\n");
}

bool last_log_is_kept(void)
{
	return current != NULL;
}

void last_log_write(const char *bytes, size_t size)
{
	static bool writing;
	struct kept *kept = current;
	bool interrupted = writing; /* by a panic: the sum is not that of the ring */
	uint64_t sum, written;

	if (!kept)
		return;
	WRITE_ONCE(writing, true);
	sum = kept->sum - header_sum(kept);
	written = kept->written;
	for (size_t i = 0; i < size; i++) {
		char *at = &kept->ring[written % LAST_LOG_SIZE];

		if (written++ >= LAST_LOG_SIZE)
			sum -= (uint8_t)*at;
		*at = bytes[i];
		sum += (uint8_t)*at;
		if (i + 1 == size || !((uintptr_t)(at + 1) % CACHE_LINE))
			cache_flush_line(at);
	}
	kept->written = written;
	kept->sum = interrupted ? whole_sum(kept) : sum + header_sum(kept);
	cache_flush_line(kept);
	WRITE_ONCE(writing, interrupted);
}

size_t last_log_read(char *buffer, size_t size)
{
	uint64_t end = last ? last->written : 0;
	uint64_t start = end - MIN(end, MIN(size, LAST_LOG_SIZE));

	for (uint64_t at = start; at < end; at++)
		*buffer++ = last->ring[at % LAST_LOG_SIZE];
	return end - start;
}
