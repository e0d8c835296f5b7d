/*
 * symbols.h -- names of the kernel's functions, for backtraces.
 *
 * The table is made from the linked kernel by scripts/symbols.py and lies in .rodata. Everything
 * here may be called in any context: nothing is locked, allocated or changed.
 */
#ifndef FACET_SYMBOLS_H
#define FACET_SYMBOLS_H

#include <stdint.h>

/*
 * The name of the function that `address` lies in; *offset is the distance from its start. NULL
 * (and *offset 0) if it lies in no text of the kernel.
 */
const char *symbol_name(uint64_t address, uint64_t *offset);

#endif
