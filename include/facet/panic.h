/*
 * panic.h -- our own broken invariants.
 *
 * Bad input never comes here: it gets an errno or a signal. The panic screen names the broken rule,
 * then registers, a backtrace with names, the configuration and the last lines of the log.
 */
#ifndef FACET_PANIC_H
#define FACET_PANIC_H

#include <facet/config.h>
#include <facet/types.h>

struct trap_frame;

noreturn __printf(1, 2) void panic(const char *format, ...);

/* The same with the registers of a trap that should not have been. */
noreturn __printf(2, 3) void panic_at(const struct trap_frame *frame, const char *format, ...);

#define assert(condition)                                                           \
	do {                                                                        \
		if (unlikely(!(condition)))                                         \
			panic("%s:%d: broken: %s", __FILE__, __LINE__, #condition); \
	} while (0)

/* For hot paths: only under the checks option. */
#define debug_assert(condition)                      \
	do {                                         \
		if (IS_ENABLED(CONFIG_DEBUG_CHECKS)) \
			assert(condition);           \
	} while (0)

#endif
