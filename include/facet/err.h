/*
 * err.h -- errors in the place of pointers.
 *
 * The last page of the address space is never mapped, so a pointer into it can carry a negative
 * errno. A function that returns such pointers never returns NULL for an error.
 */
#ifndef FACET_ERR_H
#define FACET_ERR_H

#include <facet/errno.h>

#include <stdbool.h>
#include <stdint.h>

#define MAX_ERRNO 4095

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline long PTR_ERR(const void *pointer)
{
	return (long)pointer;
}

static inline bool IS_ERR(const void *pointer)
{
	return __builtin_expect((uintptr_t)pointer >= (uintptr_t)-MAX_ERRNO, 0);
}

static inline bool IS_ERR_OR_NULL(const void *pointer)
{
	return !pointer || IS_ERR(pointer);
}

/* An error pointer of one type as that of another. */
static inline void *ERR_CAST(const void *pointer)
{
	return (void *)(uintptr_t)pointer;
}

/* 0 or the error: for a function that returns int. */
static inline int PTR_ERR_OR_ZERO(const void *pointer)
{
	return IS_ERR(pointer) ? (int)PTR_ERR(pointer) : 0;
}

#endif
