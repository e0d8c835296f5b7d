/*
 * start.h -- what boot.asm calls.
 */
#ifndef BOOT_START_H
#define BOOT_START_H

#include <facet/types.h>

/* `magic` names the protocol, `tables` is the physical address that the loader left in ebx. */
noreturn void boot_main(uint32_t magic, paddr_t tables);

#endif
