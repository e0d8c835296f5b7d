/*
 * ubsan.h -- what gcc calls under -fsanitize=undefined, and the descriptions that it passes.
 *
 * Nobody but the compiler calls these. Source: gcc 12, libsanitizer/ubsan (the interface).
 */
#ifndef DEBUG_UBSAN_H
#define DEBUG_UBSAN_H

#include <facet/types.h>

struct ubsan_place {
	const char *file;
	uint32_t line, column;
};

struct ubsan_type {
	uint16_t kind; /* 0: an integer */
	uint16_t info; /* of an integer: log2 of its bits, times 2, + 1: signed */
	char name[];   /* quoted */
};

/* Each begins with the place; what follows is the kind's own. */
struct ubsan_overflow {
	struct ubsan_place place;
	const struct ubsan_type *type;
};

struct ubsan_shift {
	struct ubsan_place place;
	const struct ubsan_type *left, *right;
};

struct ubsan_bounds {
	struct ubsan_place place;
	const struct ubsan_type *array, *index;
};

struct ubsan_mismatch {
	struct ubsan_place place;
	const struct ubsan_type *type;
	uint8_t log_alignment, access;
};

struct ubsan_nonnull {
	struct ubsan_place place, attribute;
	int argument;
};

struct ubsan_builtin {
	struct ubsan_place place;
	uint8_t kind;
};

/* Operands are passed as they are when they fit into 64 bits, else by address. */
typedef uint64_t ubsan_value;

void __ubsan_handle_add_overflow(const struct ubsan_overflow *, ubsan_value, ubsan_value);
void __ubsan_handle_sub_overflow(const struct ubsan_overflow *, ubsan_value, ubsan_value);
void __ubsan_handle_mul_overflow(const struct ubsan_overflow *, ubsan_value, ubsan_value);
void __ubsan_handle_divrem_overflow(const struct ubsan_overflow *, ubsan_value, ubsan_value);
void __ubsan_handle_negate_overflow(const struct ubsan_overflow *, ubsan_value);
void __ubsan_handle_shift_out_of_bounds(const struct ubsan_shift *, ubsan_value, ubsan_value);
void __ubsan_handle_out_of_bounds(const struct ubsan_bounds *, ubsan_value);
void __ubsan_handle_type_mismatch_v1(const struct ubsan_mismatch *, ubsan_value);
void __ubsan_handle_pointer_overflow(const struct ubsan_place *, ubsan_value, ubsan_value);
void __ubsan_handle_load_invalid_value(const struct ubsan_overflow *, ubsan_value);
void __ubsan_handle_vla_bound_not_positive(const struct ubsan_overflow *, ubsan_value);
void __ubsan_handle_nonnull_arg(const struct ubsan_nonnull *);
void __ubsan_handle_nonnull_return_v1(const struct ubsan_nonnull *, const struct ubsan_place *);
void __ubsan_handle_invalid_builtin(const struct ubsan_builtin *);
noreturn void __ubsan_handle_builtin_unreachable(const struct ubsan_place *);
noreturn void __ubsan_handle_missing_return(const struct ubsan_place *);

#endif
