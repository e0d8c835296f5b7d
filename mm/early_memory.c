/*
 * early_memory.c -- a short list of ranges, cut from the top.
 *
 * A machine has some tens of ranges at most. When the list is full, the smaller part of a range
 * that is cut in two is lost, which costs memory and breaks nothing.
 *
 * Boot only, no locks. Afterwards: frames.c.
 */
#include <facet/early_memory.h>
#include <facet/panic.h>

#define RANGES_MAX (BOOT_REGIONS_MAX + 4 * BOOT_MODULES_MAX)

struct range {
	paddr_t start, end;
};

static struct range ranges[RANGES_MAX];
static size_t range_count;

static void add(paddr_t start, paddr_t end)
{
	if (start < end && range_count < RANGES_MAX)
		ranges[range_count++] = (struct range){ start, end };
}

/* Leaves of ranges[i] what lies outside of [start, end), the larger part in its place. */
static void cut(size_t i, paddr_t start, paddr_t end)
{
	struct range below = { ranges[i].start, MAX(ranges[i].start, MIN(start, ranges[i].end)) };
	struct range above = { MIN(ranges[i].end, MAX(end, ranges[i].start)), ranges[i].end };
	bool below_is_larger = below.end - below.start >= above.end - above.start;
	struct range smaller = below_is_larger ? above : below;

	ranges[i] = below_is_larger ? below : above;
	add(smaller.start, smaller.end);
}

void early_memory_init(const struct bootinfo *info, paddr_t limit)
{
	range_count = 0;
	for (size_t i = 0; i < info->region_count; i++) {
		const struct boot_region *region = &info->regions[i];

		if (region->kind == REGION_RAM)
			add(page_round_up(region->base),
			    page_round_down(MIN(region->base + region->size, limit)));
	}
	for (size_t i = 0; i < info->module_count; i++)
		early_memory_reserve(info->modules[i].base,
				     info->modules[i].base + info->modules[i].size);
}

void early_memory_reserve(paddr_t start, paddr_t end)
{
	size_t count = range_count; /* what cut() adds lies outside already */

	start = page_round_down(start);
	end = page_round_up(end);
	for (size_t i = 0; i < count; i++)
		if (start < ranges[i].end && ranges[i].start < end)
			cut(i, start, end);
}

void early_memory_release(paddr_t start, paddr_t end)
{
	add(page_round_up(start), page_round_down(end));
}

paddr_t early_alloc(size_t size, size_t align, paddr_t ceiling)
{
	size_t best = RANGES_MAX;
	paddr_t best_place = 0;

	for (size_t i = 0; i < range_count; i++) {
		paddr_t end = MIN(ranges[i].end, ceiling);
		paddr_t place = end < size ? 0 : (end - size) & ~(paddr_t)(align - 1);

		if (place >= ranges[i].start && place > best_place) {
			best = i;
			best_place = place;
		}
	}
	if (best == RANGES_MAX)
		panic("boot: no room for %zu bytes of tables: too little memory", size);
	cut(best, best_place, best_place + size);
	return best_place;
}

bool early_memory_take(paddr_t *start, paddr_t *end)
{
	while (range_count > 0) {
		struct range range = ranges[--range_count];

		if (range.start < range.end) {
			*start = range.start;
			*end = range.end;
			return true;
		}
	}
	return false;
}
