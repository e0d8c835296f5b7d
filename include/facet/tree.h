/*
 * tree.h -- intrusive balanced binary trees.
 *
 * An AVL tree: the heights of a node's two subtrees differ by one at most, so the way down is
 * never longer than 1.45 log2(n). The tree knows no keys. Its user walks down comparing whatever
 * it likes, and hands the place it found to tree_insert():
 *
 *	struct tree_node **link = &tree->root, *parent = NULL;
 *
 *	while (*link) {
 *		parent = *link;
 *		link = key < thing_of(parent)->key ? &parent->left : &parent->right;
 *	}
 *	tree_insert(tree, &thing->node, parent, link);
 *
 * Or it calls tree_add() with a comparison, where an indirect call a level does not matter.
 * The leftmost node is kept at hand: tree_first() costs one load, which is what deadlines need.
 *
 * Nothing here allocates or locks.
 */
#ifndef FACET_TREE_H
#define FACET_TREE_H

#include <facet/container_of.h>

#include <stdbool.h>
#include <stddef.h>

enum tree_side { TREE_LEFT, TREE_RIGHT };

struct tree_node {
	struct tree_node *parent;
	union {
		struct tree_node *child[2]; /* by enum tree_side */
		struct {
			struct tree_node *left;
			struct tree_node *right;
		};
	};
	signed char balance; /* height of right minus height of left */
};

struct tree {
	struct tree_node *root;
	struct tree_node *first; /* leftmost, NULL if the tree is empty */
};

/* clang-format off */
#define TREE_INIT { NULL, NULL }
/* clang-format on */

static inline void tree_init(struct tree *tree)
{
	tree->root = NULL;
	tree->first = NULL;
}

static inline bool tree_empty(const struct tree *tree)
{
	return !tree->root;
}

/*
 * A node that is in no tree is its own parent. tree_remove() leaves it so; a structure's creator
 * calls tree_node_init() if anybody is going to ask tree_linked() before the first insertion.
 */
static inline void tree_node_init(struct tree_node *node)
{
	node->parent = node;
}

static inline bool tree_linked(const struct tree_node *node)
{
	return node->parent != node;
}

/*
 * Put `node` at *link, which is the empty place below `parent` that the caller found, or
 * &tree->root with no parent; then restore the balance.
 */
void tree_insert(struct tree *tree, struct tree_node *node, struct tree_node *parent,
		 struct tree_node **link);

/* Take `node` out of the tree that it is in. No other node moves in memory. */
void tree_remove(struct tree *tree, struct tree_node *node);

/* Put `node` in the place of `old`, whose key must be equal; `old` is in no tree afterwards. */
void tree_replace(struct tree *tree, struct tree_node *old, struct tree_node *node);

/* In order; NULL at the end. A whole walk costs a constant a node. */
struct tree_node *tree_next(const struct tree_node *node);
struct tree_node *tree_prev(const struct tree_node *node);
struct tree_node *tree_last(const struct tree *tree);

static inline struct tree_node *tree_first(const struct tree *tree)
{
	return tree->first;
}

/* Insert behind all nodes that are not greater: equal keys keep the order of their arrival. */
static inline void tree_add(struct tree *tree, struct tree_node *node,
			    bool (*less)(const struct tree_node *, const struct tree_node *))
{
	struct tree_node **link = &tree->root, *parent = NULL;

	while (*link) {
		parent = *link;
		link = less(node, parent) ? &parent->left : &parent->right;
	}
	tree_insert(tree, node, parent, link);
}

/* NULL for NULL, so that tree_entry(tree_first(tree), ...) says whether there is any. */
#define tree_entry(node, type, member) container_of_or_null(node, type, member)

/* The body must not remove `entry`: tree_for_each_entry_safe() allows that, of `entry` alone. */
#define tree_for_each_entry(entry, tree, member)                                      \
	for (entry = tree_entry(tree_first(tree), __typeof__(*entry), member); entry; \
	     entry = tree_entry(tree_next(&entry->member), __typeof__(*entry), member))

#define tree_for_each_entry_safe(entry, following, tree, member)                             \
	for (entry = tree_entry(tree_first(tree), __typeof__(*entry), member);               \
	     entry &&                                                                        \
	     (following = tree_entry(tree_next(&entry->member), __typeof__(*entry), member), \
	     true);                                                                          \
	     entry = following)

#endif
