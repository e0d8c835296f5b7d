/*
 * symbol_table.h -- the table that scripts/symbols.py makes, as symbols.c reads it.
 *
 * Offsets are from __text_start and rise; the name of function i starts at
 * symbol_names[symbol_names_at[i]].
 */
#ifndef FACET_SYMBOL_TABLE_H
#define FACET_SYMBOL_TABLE_H

#include <stdint.h>

extern const uint32_t symbol_count;
extern const uint32_t symbol_offsets[];
extern const uint32_t symbol_names_at[];
extern const char symbol_names[];

#endif
