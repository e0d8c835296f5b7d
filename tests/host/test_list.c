// Lists against an array that is changed in the same way.
#include "tap.h"

#include <facet/list.h>

struct item {
	int number;
	struct list link;
};

static void init_items(struct item *items, int count)
{
	for (int i = 0; i < count; i++) {
		items[i].number = i;
		list_init(&items[i].link);
	}
}

/* Forwards and backwards, the list is exactly these numbers. */
static bool holds(struct list *head, const int *numbers, int count)
{
	struct item *item;
	int i = 0;

	list_for_each_entry(item, head, link) {
		if (i == count || item->number != numbers[i++])
			return false;
	}
	if (i != count || list_count(head) != (size_t)count)
		return false;
	list_for_each_entry_reverse(item, head, link) {
		if (item->number != numbers[--i])
			return false;
	}
	return list_empty(head) == !count;
}

#define HOLDS(head, ...) \
	holds(head, (int[]){ __VA_ARGS__ }, sizeof((int[]){ __VA_ARGS__ }) / sizeof(int))

TEST(empty_list_has_no_entries)
{
	struct list head = LIST_INIT(head);

	CHECK(list_empty(&head));
	CHECK(!list_first(&head) && !list_last(&head) && !list_pop_front(&head));
	CHECK(!list_first_entry(&head, struct item, link));
	CHECK(!list_last_entry(&head, struct item, link));
	CHECK(!list_pop_front_entry(&head, struct item, link));
	CHECK(list_count(&head) == 0);
}

TEST(pushes_and_insertions_keep_their_order)
{
	struct list head;
	struct item items[5];

	list_init(&head);
	init_items(items, 5);
	list_push_back(&head, &items[1].link);
	list_push_back(&head, &items[3].link);
	list_push_front(&head, &items[0].link);
	list_insert_before(&items[3].link, &items[2].link);
	list_insert_after(&items[3].link, &items[4].link);
	CHECK(HOLDS(&head, 0, 1, 2, 3, 4));
	CHECK(list_first_entry(&head, struct item, link) == &items[0]);
	CHECK(list_last_entry(&head, struct item, link) == &items[4]);
}

TEST(removed_link_points_to_itself)
{
	struct list head;
	struct item items[3];

	list_init(&head);
	init_items(items, 3);
	CHECK(!list_linked(&items[1].link));
	for (int i = 0; i < 3; i++)
		list_push_back(&head, &items[i].link);
	CHECK(list_linked(&items[1].link));
	list_remove(&items[1].link);
	CHECK(!list_linked(&items[1].link));
	CHECK(items[1].link.next == &items[1].link && items[1].link.prev == &items[1].link);
	CHECK(HOLDS(&head, 0, 2));
	list_remove(&items[1].link);
	CHECK(HOLDS(&head, 0, 2));
}

TEST(pop_front_takes_in_order)
{
	struct list head;
	struct item items[3];

	list_init(&head);
	init_items(items, 3);
	for (int i = 0; i < 3; i++)
		list_push_back(&head, &items[i].link);
	for (int i = 0; i < 3; i++) {
		CHECK(list_pop_front_entry(&head, struct item, link) == &items[i]);
		CHECK(!list_linked(&items[i].link));
	}
	CHECK(list_empty(&head));
}

TEST(splice_moves_all_to_the_end)
{
	struct list head, from;
	struct item items[5];

	list_init(&head);
	list_init(&from);
	init_items(items, 5);
	list_splice_back(&head, &from);
	CHECK(list_empty(&head) && list_empty(&from));
	for (int i = 0; i < 5; i++)
		list_push_back(i < 2 ? &head : &from, &items[i].link);
	list_splice_back(&head, &from);
	CHECK(HOLDS(&head, 0, 1, 2, 3, 4));
	CHECK(list_empty(&from));
	list_splice_back(&from, &head);
	CHECK(HOLDS(&from, 0, 1, 2, 3, 4));
	CHECK(list_empty(&head));
}

TEST(safe_walk_survives_removal_of_each_entry)
{
	struct list head;
	struct item items[10], *item, *following;
	int seen = 0;

	list_init(&head);
	init_items(items, 10);
	for (int i = 0; i < 10; i++)
		list_push_back(&head, &items[i].link);
	list_for_each_entry_safe(item, following, &head, link) {
		CHECK(item->number == seen++);
		list_remove(&item->link);
	}
	CHECK(seen == 10 && list_empty(&head));
}
