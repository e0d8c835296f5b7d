/*
 * list.h -- intrusive doubly linked lists.
 *
 * A list is a ring through its head, and head and links are of one type, so that no operation has
 * a special case for the ends. A link that is on no list points to itself; a structure's creator
 * calls list_init() on each of its links, and list_linked() can be asked of it from then on.
 *
 * Nothing here locks: whoever owns the list does.
 */
#ifndef FACET_LIST_H
#define FACET_LIST_H

#include <facet/container_of.h>

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next;
	struct list *prev;
};

/* For a static list: struct list waiting = LIST_INIT(waiting); */
/* clang-format off */
#define LIST_INIT(name) { &(name), &(name) }
/* clang-format on */

static inline void list_init(struct list *list)
{
	list->next = list;
	list->prev = list;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

/* Is this link on a list? It is the same question as list_empty(), asked of a link. */
static inline bool list_linked(const struct list *link)
{
	return link->next != link;
}

static inline void list_insert_before(struct list *position, struct list *link)
{
	link->next = position;
	link->prev = position->prev;
	position->prev->next = link;
	position->prev = link;
}

static inline void list_insert_after(struct list *position, struct list *link)
{
	list_insert_before(position->next, link);
}

static inline void list_push_back(struct list *head, struct list *link)
{
	list_insert_before(head, link);
}

static inline void list_push_front(struct list *head, struct list *link)
{
	list_insert_after(head, link);
}

/* Leaves the link pointing to itself. Removing a link that is on no list does nothing. */
static inline void list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

/* NULL if the list is empty. */
static inline struct list *list_first(const struct list *head)
{
	return list_empty(head) ? NULL : head->next;
}

/* NULL if the list is empty. */
static inline struct list *list_last(const struct list *head)
{
	return list_empty(head) ? NULL : head->prev;
}

/* NULL if the list is empty. */
static inline struct list *list_pop_front(struct list *head)
{
	struct list *link = list_first(head);

	if (link)
		list_remove(link);
	return link;
}

/* Move all of `from`, in its order, to the end of `head`; `from` is empty afterwards. */
static inline void list_splice_back(struct list *head, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = head->prev;
	head->prev->next = from->next;
	from->prev->next = head;
	head->prev = from->prev;
	list_init(from);
}

#define list_entry(link, type, member) container_of(link, type, member)

/* These three are NULL if the list is empty. */
#define list_first_entry(head, type, member) container_of_or_null(list_first(head), type, member)
#define list_last_entry(head, type, member) container_of_or_null(list_last(head), type, member)
#define list_pop_front_entry(head, type, member) \
	container_of_or_null(list_pop_front(head), type, member)

#define list_for_each(link, head) for (link = (head)->next; link != (head); link = link->next)

/*
 * The link of an entry, also of the one that the loops below make of the list's head: that is no
 * entry, is not aligned as one, and none of its members may be touched.
 */
#define list_link_of(entry, member) \
	((struct list *)((char *)(entry) + offsetof(__typeof__(*(entry)), member)))

/* The body must not remove `entry`: list_for_each_entry_safe() allows that, of `entry` alone. */
#define list_for_each_entry(entry, head, member)                           \
	for (entry = list_entry((head)->next, __typeof__(*entry), member); \
	     list_link_of(entry, member) != (head);                        \
	     entry = list_entry(entry->member.next, __typeof__(*entry), member))

#define list_for_each_entry_reverse(entry, head, member)                   \
	for (entry = list_entry((head)->prev, __typeof__(*entry), member); \
	     list_link_of(entry, member) != (head);                        \
	     entry = list_entry(entry->member.prev, __typeof__(*entry), member))

#define list_for_each_entry_safe(entry, following, head, member)                                   \
	for (entry = list_entry((head)->next, __typeof__(*entry), member),                         \
	    following = list_entry(list_link_of(entry, member)->next, __typeof__(*entry), member); \
	     list_link_of(entry, member) != (head); entry = following,                             \
	    following = list_entry(list_link_of(entry, member)->next, __typeof__(*entry), member))

/* Walks the whole list: for tests, checks and /proc, not for paths that must be quick. */
static inline size_t list_count(const struct list *head)
{
	const struct list *link;
	size_t count = 0;

	list_for_each(link, head)
		count++;
	return count;
}

#endif
