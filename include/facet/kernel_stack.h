/*
 * kernel_stack.h -- stacks of CONFIG_KERNEL_STACK_KIB, each with an unmapped guard page below it.
 *
 * Freed stacks stay mapped in a small per-CPU store, so that the next fork neither maps nor
 * flushes; the store is emptied by frames_drain().
 */
#ifndef FACET_KERNEL_STACK_H
#define FACET_KERNEL_STACK_H

#include <facet/types.h>

#define KERNEL_STACK_SIZE (CONFIG_KERNEL_STACK_KIB * 1024ul)

/* At boot, after frames_init(). */
void kernel_stack_init(void);

/* Returns the top (one past the last byte), or 0: no memory. Context: thread, no spinlock held. */
vaddr_t kernel_stack_alloc(void);

/* Context: any thread but the one that ran on it; preemption may be off. */
void kernel_stack_free(vaddr_t top);

/* Whether an address is in a guard page: the double fault's handler names the overflow. */
bool kernel_stack_is_guard(vaddr_t address);

#endif
