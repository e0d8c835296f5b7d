// sources: lib/tree.c
// Trees against a plain array, with every invariant of an AVL tree looked at after each change.
#include "tap.h"

#include <facet/tree.h>

#include <string.h>

#define KEYS 400

struct item {
	unsigned key;
	unsigned arrival;
	struct tree_node node;
};

static struct item items[KEYS];
static struct tree tree;

static struct item *item_of(const struct tree_node *node)
{
	return container_of((struct tree_node *)node, struct item, node);
}

static bool less(const struct tree_node *left, const struct tree_node *right)
{
	return item_of(left)->key < item_of(right)->key;
}

/* Height of a subtree; -1 if a balance or a parent is wrong anywhere in it. */
static int height(const struct tree_node *node, const struct tree_node *parent)
{
	int left, right;

	if (!node)
		return 0;
	left = height(node->left, node);
	right = height(node->right, node);
	if (left < 0 || right < 0 || node->parent != parent)
		return -1;
	if (right - left != node->balance || node->balance < -1 || node->balance > 1)
		return -1;
	return (left > right ? left : right) + 1;
}

/* The tree is sound and holds exactly the items whose flag is set, in order both ways. */
static bool sound(const bool *present, unsigned count)
{
	struct item *item, *previous = NULL;
	struct tree_node *node;
	unsigned seen = 0;

	if (height(tree.root, NULL) < 0 || tree_empty(&tree) != !count)
		return false;
	tree_for_each_entry(item, &tree, node) {
		if (!present[item - items] || (previous && item->key < previous->key))
			return false;
		if (previous && tree_prev(&item->node) != &previous->node)
			return false;
		previous = item;
		seen++;
	}
	for (node = tree.root; node && node->left; node = node->left)
		;
	return seen == count && tree_first(&tree) == node &&
	       tree_last(&tree) == (previous ? &previous->node : NULL);
}

/* The kernel's own way: find the place, then insert. False if the key is there. */
static bool insert_unique(struct item *item)
{
	struct tree_node **link = &tree.root, *parent = NULL;

	while (*link) {
		parent = *link;
		if (item->key == item_of(parent)->key)
			return false;
		link = item->key < item_of(parent)->key ? &parent->left : &parent->right;
	}
	tree_insert(&tree, &item->node, parent, link);
	return true;
}

static void reset(void)
{
	tree_init(&tree);
	memset(items, 0, sizeof(items));
	for (unsigned i = 0; i < KEYS; i++) {
		items[i].key = i;
		tree_node_init(&items[i].node);
	}
}

TEST(empty_tree_has_no_first_and_no_last)
{
	tree_init(&tree);
	CHECK(tree_empty(&tree) && !tree_first(&tree) && !tree_last(&tree));
}

TEST(random_insertions_and_removals_keep_it_balanced)
{
	bool present[KEYS] = { false };
	unsigned count = 0;

	reset();
	for (int round = 0; round < 20000; round++) {
		unsigned i = tap_below(round / 4000 % 2 ? KEYS : 60);

		CHECK(tree_linked(&items[i].node) == present[i]);
		if (present[i]) {
			tree_remove(&tree, &items[i].node);
			count--;
		} else {
			CHECK(insert_unique(&items[i]));
			CHECK(!insert_unique(&items[i]));
			count++;
		}
		present[i] = !present[i];
		if (!CHECK(sound(present, count)))
			return;
	}
	CHECK(count > 0);
}

TEST(ascending_and_descending_insertions_stay_shallow)
{
	bool present[KEYS];

	memset(present, true, sizeof(present));
	for (int direction = 0; direction < 2; direction++) {
		reset();
		for (unsigned i = 0; i < KEYS; i++)
			CHECK(insert_unique(&items[direction ? KEYS - 1 - i : i]));
		CHECK(sound(present, KEYS));
		CHECK(height(tree.root, NULL) <= 10);
	}
}

TEST(removing_the_first_again_and_again_sorts)
{
	struct item *item;
	unsigned previous = 0;

	reset();
	for (unsigned i = 0; i < KEYS; i++) {
		items[i].key = tap_below(KEYS / 2);
		tree_add(&tree, &items[i].node, less);
	}
	for (unsigned i = 0; i < KEYS; i++) {
		item = tree_entry(tree_first(&tree), struct item, node);
		if (!CHECK(item))
			return;
		CHECK(item->key >= previous);
		previous = item->key;
		tree_remove(&tree, &item->node);
		CHECK(!tree_linked(&item->node));
		CHECK(height(tree.root, NULL) >= 0);
	}
	CHECK(tree_empty(&tree));
}

TEST(equal_keys_keep_the_order_of_arrival)
{
	struct item *item, *previous = NULL;

	reset();
	for (unsigned i = 0; i < KEYS; i++) {
		items[i].key = tap_below(10);
		items[i].arrival = i;
		tree_add(&tree, &items[i].node, less);
	}
	tree_for_each_entry(item, &tree, node) {
		if (previous && previous->key == item->key)
			CHECK(previous->arrival < item->arrival);
		previous = item;
	}
}

TEST(safe_walk_survives_removal_of_each_entry)
{
	struct item *item, *following;
	unsigned seen = 0;

	reset();
	for (unsigned i = 0; i < KEYS; i++)
		insert_unique(&items[i]);
	tree_for_each_entry_safe(item, following, &tree, node) {
		CHECK(item->key == seen++);
		if (item->key % 3)
			tree_remove(&tree, &item->node);
	}
	CHECK(seen == KEYS);
	CHECK(height(tree.root, NULL) > 0);
}

TEST(replaced_node_leaves_its_place_to_the_new_one)
{
	static struct item others[KEYS];
	struct item *item;
	unsigned seen = 0;

	reset();
	for (unsigned i = 0; i < KEYS; i++)
		insert_unique(&items[i]);
	for (unsigned i = 0; i < KEYS; i++) {
		others[i].key = i;
		tree_replace(&tree, &items[i].node, &others[i].node);
		CHECK(!tree_linked(&items[i].node) && tree_linked(&others[i].node));
		CHECK(height(tree.root, NULL) > 0);
	}
	CHECK(tree_first(&tree) == &others[0].node);
	tree_for_each_entry(item, &tree, node)
		CHECK(item == &others[seen++]);
	CHECK(seen == KEYS);
}
