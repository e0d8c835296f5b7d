// sources: mm/frames.c mm/buddy.c mm/early_memory.c mm/slab.c mm/commit.c
// flags: -Itests/host/kernel -Iarch/x86_64/include -DCONFIG_HZ=100 -DCONFIG_FRAME_POISON=1
// flags: -DCONFIG_DEBUG_CHECKS=1
// Frames, slabs and commitment on a small machine: who has what, and that misuse is noticed.
#include "tap.h"
#include "machine.h"

#include <facet/errno.h>
#include <facet/slab.h>

#define OBJECTS 3000

static size_t drained_count(void)
{
	frames_drain();
	return frames_free_count();
}

static void boot(void)
{
	if (zero_frame)
		return;
	machine_boot();
	slab_init();
}

TEST(boot_takes_all_ram_but_what_is_reserved)
{
	size_t module_pages = 0x13;

	boot();
	CHECK(frames_total_count() == 0x700 + 0x6fd - module_pages);
	CHECK(frames_free_count() == frames_total_count() - 1); /* the page of zeros */
	CHECK(frames_owned_count(FRAME_KERNEL) == 1);
	CHECK(drained_count() == frames_total_count() - 1);
	frames_release(0x200001, 0x200000 + module_pages * PAGE_SIZE); /* inwards */
	CHECK(frames_total_count() == 0x700 + 0x6fd - 1);
	frames_release(0x200000, 0x201000);
	CHECK(frames_total_count() == 0x700 + 0x6fd);
}

TEST(pages_are_counted_by_owner)
{
	struct frame *frame, *block;
	size_t before;

	boot();
	before = drained_count();
	frame = frame_alloc_zeroed(FRAME_ANONYMOUS);
	block = frames_alloc(3, FRAME_CACHE);
	CHECK(frame->count == 1 && frame->private == 0);
	CHECK(((uint64_t *)frame_memory(frame))[511] == 0);
	CHECK(frame_of_memory(frame_memory(frame)) == frame);
	CHECK(frame_address(block) % (8 * PAGE_SIZE) == 0);
	CHECK(frames_owned_count(FRAME_ANONYMOUS) == 1 && frames_owned_count(FRAME_CACHE) == 8);
	CHECK(frames_free_count() == before - 9);
	frame_get(frame);
	frame_put(frame);
	CHECK(frames_free_count() == before - 9);
	frame_put(frame);
	frame_put(block);
	CHECK(frames_owned_count(FRAME_ANONYMOUS) == 0 && frames_owned_count(FRAME_CACHE) == 0);
	CHECK(frames_free_count() == before && drained_count() == before);
	CHECK(host_preempt_count == 0);
}

TEST(all_memory_can_be_used_and_comes_back)
{
	static struct frame *taken[MACHINE_PAGES];
	size_t before, count = 0;

	boot();
	before = drained_count();
	for (int i = 0; i < 40; i++)
		kfree(kmalloc(2000)); /* leaves slabs in a magazine */
	CHECK(frames_free_count() < before);
	while ((taken[count] = frame_alloc(FRAME_ANONYMOUS)))
		count++;
	CHECK(count == before && frames_free_count() == 0);
	CHECK(!kmalloc(10) && !frames_alloc(2, FRAME_KERNEL) && host_preempt_count == 0);
	while (count > 0)
		frame_put(taken[--count]);
	CHECK(drained_count() == before);
	CHECK(frames_alloc(FRAME_ORDER_MAX, FRAME_KERNEL) != NULL); /* all has merged */
	frame_put(frame_of(0x400000));
}

TEST(misuse_of_pages_panics)
{
	struct frame *frame;

	boot();
	frame = frame_alloc(FRAME_KERNEL);
	frame_put(frame);
	CHECK(PANICS(frame_put(frame)));
	frame->count = 0; /* as it was before the put too many */
	CHECK(PANICS(frames_release(frame_address(frame), frame_address(frame) + PAGE_SIZE)));
	CHECK(strstr(machine_panic_text, "is in use"));
}

TEST(a_write_to_a_free_page_is_found)
{
	struct frame *frame;

	boot();
	frame = frame_alloc(FRAME_KERNEL);
	frame_put(frame);
	((char *)frame_memory(frame))[4095] ^= 1;
	CHECK(PANICS(frame_alloc(FRAME_KERNEL)));
	CHECK(strstr(machine_panic_text, "written after it was freed"));
}

static struct object {
	unsigned char *memory;
	size_t size;
	unsigned char mark;
} objects[OBJECTS];

static bool intact(const struct object *object)
{
	for (size_t i = 0; i < object->size; i++)
		if (object->memory[i] != object->mark)
			return false;
	return true;
}

TEST(objects_of_all_sizes_do_not_overlap)
{
	size_t before;

	boot();
	before = drained_count();
	for (int round = 0; round < 100000; round++) {
		struct object *object = &objects[tap_below(OBJECTS)];

		if (object->memory) {
			CHECK(intact(object));
			kfree(object->memory);
			object->memory = NULL;
			continue;
		}
		object->size = tap_below(tap_below(20) ? 300 : 9000);
		object->mark = (unsigned char)tap_random();
		object->memory = kmalloc(object->size);
		if (!CHECK(object->memory))
			return;
		CHECK((uintptr_t)object->memory % 16 == 0);
		memset(object->memory, object->mark, object->size);
		if (round % 10000 == 0)
			frames_drain();
	}
	for (size_t i = 0; i < OBJECTS; i++) {
		if (objects[i].memory)
			CHECK(intact(&objects[i]));
		kfree(objects[i].memory);
	}
	CHECK(drained_count() == before);
}

TEST(caches_keep_size_and_alignment)
{
	static const size_t sizes[] = { 1, 24, 100, 520, 2048, 2049, 5000, 10000 };
	size_t before;

	boot();
	before = drained_count();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct slab_cache *cache = slab_cache_create("test", sizes[i], 64);
		unsigned char *taken[50];

		for (size_t n = 0; n < 50; n++) {
			taken[n] = slab_alloc_zeroed(cache);
			CHECK((uintptr_t)taken[n] % 64 == 0);
			for (size_t byte = 0; byte < sizes[i]; byte++)
				CHECK(taken[n][byte] == 0);
			memset(taken[n], 0xff, sizes[i]);
		}
		for (size_t n = 0; n < 50; n++)
			slab_free(cache, taken[(n * 7) % 50]);
	}
	CHECK(drained_count() == before && host_preempt_count == 0);
}

TEST(misuse_of_objects_panics)
{
	struct slab_cache *cache, *other;
	char *object;

	boot();
	cache = slab_cache_create("one", 64, 8);
	other = slab_cache_create("other", 64, 8);
	object = slab_alloc(cache);
	CHECK(PANICS(slab_free(other, object)));
	slab_free(cache, object);
	CHECK(PANICS(slab_free(cache, object)));
	CHECK(strstr(machine_panic_text, "freed twice"));
	object[20] = 1;
	CHECK(PANICS(slab_alloc(cache)));
	CHECK(strstr(machine_panic_text, "written after it was freed"));
}

TEST(promises_end_at_the_limit)
{
	size_t limit;
	struct frame *frame;

	boot();
	frames_drain();
	limit = commit_limit();
	CHECK(limit < frames_total_count() && limit > frames_total_count() * 3 / 4);
	CHECK(commit_charge(limit) == 0 && commit_used() == limit);
	CHECK(commit_charge(1) == -ENOMEM && commit_used() == limit);
	commit_release(10);
	frame = frames_alloc(4, FRAME_CACHE); /* a file grows: that much less to promise */
	CHECK(commit_limit() == limit - 16 && commit_charge(1) == -ENOMEM);
	frame_put(frame);
	CHECK(commit_charge(10) == 0);
	commit_release(limit);
	CHECK(commit_used() == 0);
	commit_set_mode(COMMIT_GUESS);
	CHECK(commit_charge(frames_total_count() + 1) == -ENOMEM && commit_used() == 0);
	CHECK(commit_charge(limit) == 0 && commit_charge(limit) == 0);
	commit_set_mode(COMMIT_ALWAYS);
	CHECK(commit_charge(10 * limit) == 0);
	commit_release(12 * limit);
	CHECK(commit_used() == 0);
}
