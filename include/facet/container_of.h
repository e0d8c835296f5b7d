/*
 * container_of.h -- from a member back to the structure that holds it.
 *
 * Lists and trees are intrusive: they link members, and their users want the whole.
 */
#ifndef FACET_CONTAINER_OF_H
#define FACET_CONTAINER_OF_H

#include <stddef.h>

#define container_of(pointer, type, member)                                         \
	({                                                                          \
		const __typeof__(((type *)0)->member) *member_pointer_ = (pointer); \
		(type *)((char *)member_pointer_ - offsetof(type, member));         \
	})

/* The same for a pointer that may be NULL: NULL stays NULL. */
#define container_of_or_null(pointer, type, member)                                              \
	({                                                                                       \
		const __typeof__(((type *)0)->member) *maybe_member_ = (pointer);                \
		maybe_member_ ? (type *)((char *)maybe_member_ - offsetof(type, member)) : NULL; \
	})

#endif
