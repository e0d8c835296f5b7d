/*
 * The operations and comparisons of FUTEX_WAKE_OP. Pure. Source: futex(2).
 */
#include "word_operation.h"

struct word_operation word_operation_decode(uint32_t code)
{
	struct word_operation decoded = {
		.operation = code >> 28 & 7,
		.comparison = code >> 24 & 15,
		.operand = (uint32_t)((int32_t)(code << 8) >> 20),
		.wanted = (uint32_t)((int32_t)(code << 20) >> 20),
	};

	if (code & 8u << 28)
		decoded.operand = 1u << (decoded.operand & 31);
	return decoded;
}

bool word_operation_apply(const struct word_operation *operation, uint32_t old, uint32_t *new)
{
	switch (operation->operation) {
	case 0:
		*new = operation->operand;
		return true;
	case 1:
		*new = old + operation->operand;
		return true;
	case 2:
		*new = old | operation->operand;
		return true;
	case 3:
		*new = old & ~operation->operand;
		return true;
	case 4:
		*new = old ^ operation->operand;
		return true;
	default:
		return false;
	}
}

bool word_operation_compares(const struct word_operation *operation, uint32_t old)
{
	int32_t value = (int32_t)old, wanted = (int32_t)operation->wanted;

	switch (operation->comparison) {
	case 0:
		return value == wanted;
	case 1:
		return value != wanted;
	case 2:
		return value < wanted;
	case 3:
		return value <= wanted;
	case 4:
		return value > wanted;
	default:
		return value >= wanted;
	}
}
