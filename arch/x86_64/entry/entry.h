/*
 * entry.h -- what entry.asm and trap.c call in each other.
 */
#ifndef ENTRY_H
#define ENTRY_H

#include <arch/trap_frame.h>

void paranoid_trap(struct trap_frame *frame);
extern void (*const trap_handlers[256])(struct trap_frame *);

/* "page fault" and the like, for panic. */
const char *exception_name(uint64_t vector);

#endif
