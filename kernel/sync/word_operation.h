/*
 * word_operation.h -- what FUTEX_WAKE_OP does with its second word, packed into 32 bits.
 *
 * Source: futex(2).
 */
#ifndef WORD_OPERATION_H
#define WORD_OPERATION_H

#include <facet/types.h>

struct word_operation {
	unsigned operation, comparison;
	uint32_t operand, wanted;
};

struct word_operation word_operation_decode(uint32_t code);
/* False: there is no such operation. */
bool word_operation_apply(const struct word_operation *operation, uint32_t old, uint32_t *new);
bool word_operation_compares(const struct word_operation *operation, uint32_t old);

#endif
