/*
 * ubsan.c -- undefined behaviour, found by the checks that gcc puts into the code under
 * CONFIG_UBSAN: a panic that says where, what, and with which values.
 *
 * Built without these checks itself. Alternative: nothing; without the option nobody calls this.
 */
#include <facet/format.h>
#include <facet/panic.h>

#include "ubsan.h"

#define VALUE_TEXT 32
#define KIND_INTEGER 0

/* The names' order is gcc's. */
static const char *const accesses[] = {
	"load of",
	"store to",
	"reference binding to",
	"member access within",
	"member call on",
	"constructor call on",
	"downcast of",
	"downcast of",
	"upcast of",
	"cast to virtual base of",
};

#define PLACE "undefined behaviour at %s:%u:%u: "
#define place_of(data) (data)->place.file, (data)->place.line, (data)->place.column

/* Writes an operand as its type has it. */
static const char *text_of(char *text, const struct ubsan_type *type, ubsan_value value)
{
	unsigned bits = 1u << (type->info >> 1);

	if (type->kind != KIND_INTEGER || bits > 64)
		snprintf(text, VALUE_TEXT, "%#lx", value);
	else if (type->info & 1)
		snprintf(text, VALUE_TEXT, "%ld", (int64_t)(value << (64 - bits)) >> (64 - bits));
	else
		snprintf(text, VALUE_TEXT, "%lu", value);
	return text;
}

static noreturn void binary(const struct ubsan_overflow *data, const char *operation,
			    ubsan_value left, ubsan_value right)
{
	char left_text[VALUE_TEXT], right_text[VALUE_TEXT];

	panic(PLACE "%s %s %s does not fit into %s", place_of(data),
	      text_of(left_text, data->type, left), operation,
	      text_of(right_text, data->type, right), data->type->name);
}

void __ubsan_handle_add_overflow(const struct ubsan_overflow *data, ubsan_value left,
				 ubsan_value right)
{
	binary(data, "+", left, right);
}

void __ubsan_handle_sub_overflow(const struct ubsan_overflow *data, ubsan_value left,
				 ubsan_value right)
{
	binary(data, "-", left, right);
}

void __ubsan_handle_mul_overflow(const struct ubsan_overflow *data, ubsan_value left,
				 ubsan_value right)
{
	binary(data, "*", left, right);
}

void __ubsan_handle_divrem_overflow(const struct ubsan_overflow *data, ubsan_value left,
				    ubsan_value right)
{
	char text[VALUE_TEXT];

	if (!right)
		panic(PLACE "%s is divided by 0", place_of(data), text_of(text, data->type, left));
	binary(data, "/", left, right);
}

void __ubsan_handle_negate_overflow(const struct ubsan_overflow *data, ubsan_value value)
{
	char text[VALUE_TEXT];

	panic(PLACE "-(%s) does not fit into %s", place_of(data), text_of(text, data->type, value),
	      data->type->name);
}

void __ubsan_handle_shift_out_of_bounds(const struct ubsan_shift *data, ubsan_value left,
					ubsan_value right)
{
	char left_text[VALUE_TEXT], right_text[VALUE_TEXT];

	panic(PLACE "%s shifted by %s, in %s", place_of(data), text_of(left_text, data->left, left),
	      text_of(right_text, data->right, right), data->left->name);
}

void __ubsan_handle_out_of_bounds(const struct ubsan_bounds *data, ubsan_value index)
{
	char text[VALUE_TEXT];

	panic(PLACE "index %s is outside of %s", place_of(data), text_of(text, data->index, index),
	      data->array->name);
}

void __ubsan_handle_type_mismatch_v1(const struct ubsan_mismatch *data, ubsan_value pointer)
{
	uint64_t alignment = 1ul << data->log_alignment;
	const char *access = "use of";

	if (data->access < ARRAY_SIZE(accesses))
		access = accesses[data->access];
	if (!pointer)
		panic(PLACE "%s a null pointer to %s", place_of(data), access, data->type->name);
	if (pointer & (alignment - 1))
		panic(PLACE "%s %#lx, not on the %lu bytes that %s needs", place_of(data), access,
		      pointer, alignment, data->type->name);
	panic(PLACE "%s %#lx, where there is too little room for %s", place_of(data), access,
	      pointer, data->type->name);
}

void __ubsan_handle_pointer_overflow(const struct ubsan_place *place, ubsan_value base,
				     ubsan_value result)
{
	panic(PLACE "pointer %#lx moved to %#lx", place->file, place->line, place->column, base,
	      result);
}

void __ubsan_handle_load_invalid_value(const struct ubsan_overflow *data, ubsan_value value)
{
	panic(PLACE "%#lx is no value of %s", place_of(data), value, data->type->name);
}

void __ubsan_handle_vla_bound_not_positive(const struct ubsan_overflow *data, ubsan_value value)
{
	char text[VALUE_TEXT];

	panic(PLACE "array of %s elements", place_of(data), text_of(text, data->type, value));
}

void __ubsan_handle_nonnull_arg(const struct ubsan_nonnull *data)
{
	panic(PLACE "argument %d must not be null", place_of(data), data->argument);
}

void __ubsan_handle_nonnull_return_v1(const struct ubsan_nonnull *data,
				      const struct ubsan_place *place)
{
	(void)data; /* where it is declared; more useful is where it returned */
	panic(PLACE "a null pointer is returned that must not be", place->file, place->line,
	      place->column);
}

void __ubsan_handle_invalid_builtin(const struct ubsan_builtin *data)
{
	panic(PLACE "count of %s zeros of 0", place_of(data), data->kind ? "leading" : "trailing");
}

void __ubsan_handle_builtin_unreachable(const struct ubsan_place *place)
{
	panic(PLACE "this was said to be unreachable", place->file, place->line, place->column);
}

void __ubsan_handle_missing_return(const struct ubsan_place *place)
{
	panic(PLACE "end of a function without a return value", place->file, place->line,
	      place->column);
}
