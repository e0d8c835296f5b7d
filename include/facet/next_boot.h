/*
 * next_boot.h -- what the boot loader is told to start after a warm reboot, of an image's kernels.
 *
 * Linked by CONFIG_LAST_LOG. Context: any.
 */
#ifndef FACET_NEXT_BOOT_H
#define FACET_NEXT_BOOT_H

#include <facet/types.h>

/* Physical; behind the two logs, in the same memory. GRUB's menu has it too. */
#define NEXT_BOOT_PLACE 0x9bff8ul

/* 0: what it would start by itself. 0, -EINVAL, or -ENODEV where no memory outlives a reboot. */
int next_boot_set(uint64_t number);
unsigned next_boot_get(void);

#endif
