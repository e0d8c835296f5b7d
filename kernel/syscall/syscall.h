/*
 * syscall.h -- what entry.asm takes from table.c.
 */
#ifndef SYSCALL_H
#define SYSCALL_H

#include <facet/types.h>

extern void *const syscall_table[];
extern const uint32_t syscall_count;

/* In the place of a call that is not offered: -ENOSYS. */
long syscall_unknown(void);

#endif
