/*
 * tree.c -- AVL trees: insertion, removal and the walk in order.
 *
 * A node's balance is the height of its right subtree minus that of its left one: -1, 0 or 1. Left
 * and right are the indices 0 and 1 of child[], so each case is written once and its mirror image
 * is the same code with the other index.
 *
 * No locks: the owner of the tree has its own. Nothing recurses: a kernel stack is small.
 */
#include <facet/tree.h>

static enum tree_side side_of(const struct tree_node *parent, const struct tree_node *node)
{
	return parent->child[TREE_RIGHT] == node ? TREE_RIGHT : TREE_LEFT;
}

/* What one level more on this side does to a balance. */
static int weight_of(enum tree_side side)
{
	return side == TREE_RIGHT ? 1 : -1;
}

/* Whatever pointed to `old`, its parent or the tree, points to `node`, which may be NULL. */
static void replace_child(struct tree *tree, struct tree_node *old, struct tree_node *node)
{
	struct tree_node *parent = old->parent;

	if (parent)
		parent->child[side_of(parent, old)] = node;
	else
		tree->root = node;
	if (node)
		node->parent = parent;
}

/* Make the child on `side` the parent of `top`, which goes down to the other side. */
static void rotate(struct tree *tree, struct tree_node *top, enum tree_side side)
{
	struct tree_node *child = top->child[side];
	struct tree_node *middle = child->child[!side];

	replace_child(tree, top, child);
	child->child[!side] = top;
	top->parent = child;
	top->child[side] = middle;
	if (middle)
		middle->parent = top;
}

/*
 * The subtree of `top` on `side` is two levels higher than the other. Rotate, set the balances, and
 * return the node that stands in the place of `top` now. Its balance is not 0 if the height of the
 * whole has stayed what it was, which happens only in a removal.
 */
static struct tree_node *lower(struct tree *tree, struct tree_node *top, enum tree_side side)
{
	struct tree_node *child = top->child[side];
	struct tree_node *inner = child->child[!side];
	int weight = weight_of(side);

	if (child->balance != -weight) {
		rotate(tree, top, side);
		top->balance = child->balance ? 0 : weight;
		child->balance = child->balance ? 0 : -weight;
		return child;
	}
	rotate(tree, child, !side);
	rotate(tree, top, side);
	top->balance = inner->balance == weight ? -weight : 0;
	child->balance = inner->balance == -weight ? weight : 0;
	inner->balance = 0;
	return inner;
}

void tree_insert(struct tree *tree, struct tree_node *node, struct tree_node *parent,
		 struct tree_node **link)
{
	node->parent = parent;
	node->left = NULL;
	node->right = NULL;
	node->balance = 0;
	*link = node;
	if (!parent || (parent == tree->first && link == &parent->left))
		tree->first = node;

	/* Each time around, the subtree of `node` has become a level higher. */
	for (; parent; node = parent, parent = node->parent) {
		enum tree_side side = side_of(parent, node);

		if (parent->balance == weight_of(side)) {
			lower(tree, parent, side);
			return;
		}
		parent->balance += weight_of(side);
		if (!parent->balance)
			return;
	}
}

/* The subtree of `parent` on `side` has become a level lower. */
static void balance_after_removal(struct tree *tree, struct tree_node *parent, enum tree_side side)
{
	struct tree_node *top;

	while (parent) {
		if (parent->balance == -weight_of(side)) {
			top = lower(tree, parent, !side);
			if (top->balance)
				return;
		} else {
			top = parent;
			top->balance -= weight_of(side);
			if (top->balance)
				return;
		}
		parent = top->parent;
		if (parent)
			side = side_of(parent, top);
	}
}

/*
 * Exchange the places of `node`, which has two children and is about to go, and of its successor.
 */
static void put_successor_above(struct tree *tree, struct tree_node *node)
{
	struct tree_node *next = tree_next(node);
	struct tree_node *next_parent = next->parent;
	struct tree_node *next_right = next->right;

	replace_child(tree, node, next);
	next->balance = node->balance;
	next->left = node->left;
	next->left->parent = next;
	if (next_parent == node) {
		next->right = node;
		node->parent = next;
	} else {
		next->right = node->right;
		next->right->parent = next;
		next_parent->left = node;
		node->parent = next_parent;
	}
	node->left = NULL;
	node->right = next_right;
	if (next_right)
		next_right->parent = node;
}

void tree_remove(struct tree *tree, struct tree_node *node)
{
	struct tree_node *parent, *child;

	if (tree->first == node)
		tree->first = tree_next(node);
	if (node->left && node->right)
		put_successor_above(tree, node);

	child = node->left ? node->left : node->right;
	parent = node->parent;
	if (parent) {
		enum tree_side side = side_of(parent, node);

		replace_child(tree, node, child);
		balance_after_removal(tree, parent, side);
	} else {
		replace_child(tree, node, child);
	}
	tree_node_init(node);
}

void tree_replace(struct tree *tree, struct tree_node *old, struct tree_node *node)
{
	*node = *old;
	replace_child(tree, old, node);
	if (node->left)
		node->left->parent = node;
	if (node->right)
		node->right->parent = node;
	if (tree->first == old)
		tree->first = node;
	tree_node_init(old);
}

static struct tree_node *outermost(const struct tree_node *node, enum tree_side side)
{
	while (node->child[side])
		node = node->child[side];
	return (struct tree_node *)node;
}

static struct tree_node *neighbour(const struct tree_node *node, enum tree_side side)
{
	const struct tree_node *parent;

	if (node->child[side])
		return outermost(node->child[side], !side);
	for (parent = node->parent; parent && parent->child[side] == node; parent = node->parent)
		node = parent;
	return (struct tree_node *)parent;
}

struct tree_node *tree_next(const struct tree_node *node)
{
	return neighbour(node, TREE_RIGHT);
}

struct tree_node *tree_prev(const struct tree_node *node)
{
	return neighbour(node, TREE_LEFT);
}

struct tree_node *tree_last(const struct tree *tree)
{
	return tree->root ? outermost(tree->root, TREE_RIGHT) : NULL;
}
