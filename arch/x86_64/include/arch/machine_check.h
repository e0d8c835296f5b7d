/*
 * machine_check.h -- errors that the processor finds in itself, its caches, the bus or the memory.
 */
#ifndef ARCH_MACHINE_CHECK_H
#define ARCH_MACHINE_CHECK_H

#include <facet/types.h>

struct trap_frame;

/* Turns them on, and prints what is left from before the start. Context: boot. */
void machine_check_init(void);

/* From now on those that were corrected are looked for. Context: boot, once timeouts work. */
void machine_check_watch(void);

/* Vector 18: one that was not corrected. Context: any instruction, on a stack of its own. */
noreturn void machine_check(const struct trap_frame *frame);

#endif
