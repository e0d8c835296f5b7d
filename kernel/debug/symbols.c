/*
 * Names of functions by address, for the panic screen and for checks that name a place.
 *
 * The table is linked in by a second link of the kernel (scripts/build.mk); in the first one it is
 * empty. Read only, no locks, any context.
 */
#include <stddef.h>

#include <facet/symbols.h>

#include "symbol_table.h"

extern const char __text_start[], __text_end[];

const char *symbol_name(uint64_t address, uint64_t *offset)
{
	uint64_t start = (uint64_t)__text_start, wanted = address - start;
	uint32_t low = 0, high = symbol_count;

	*offset = 0;
	if (address < start || address >= (uint64_t)__text_end)
		return NULL;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (symbol_offsets[middle] <= wanted)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	*offset = wanted - symbol_offsets[low - 1];
	return symbol_names + symbol_names_at[low - 1];
}
