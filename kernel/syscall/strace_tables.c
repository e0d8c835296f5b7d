/*
 * The tables behind the tracing of calls, made from table.def, arguments.def, names.def and
 * structures.def.
 *
 * A call of table.def that arguments.def leaves out, or has twice, does not compile.
 */
#include <facet/config.h>

#include "strace_private.h"

#define SYSCALL_LIMIT 512

/* clang-format off */

/* --- names --- */

#define NAME(text, number) { #text, (uint32_t)(number), (uint32_t)(number) },
#define PART(text, number, bits) { #text, number, bits },
#define CHOICE(text, number) { #text, (uint32_t)(number), UINT32_MAX },
#define LIST(list) static const struct strace_name list##_names[] = {
#define END };
#include "names.def"
#undef LIST
#undef NAME
#undef PART
#undef CHOICE
#undef END

#define NAME(...)
#define PART(...)
#define CHOICE(...)
#define END
#define LIST(list) LIST_##list,
enum {
#include "names.def"
};
#undef LIST

#define LIST(list) [LIST_##list] = { list##_names, ARRAY_SIZE(list##_names) },
static const struct strace_list lists[] = {
#include "names.def"
};
#undef LIST
#undef NAME
#undef PART
#undef CHOICE
#undef END

/* --- kinds --- */

#define INT { STRACE_INT, 0 }
#define UINT { STRACE_UINT, 0 }
#define LONG { STRACE_LONG, 0 }
#define SIZE { STRACE_SIZE, 0 }
#define LIMIT { STRACE_LIMIT, 0 }
#define ID { STRACE_ID, 0 }
#define HEX { STRACE_HEX, 0 }
#define WORD { STRACE_WORD, 0 }
#define CREATE_MODE { STRACE_CREATE_MODE, 0 }
#define OCTAL { STRACE_OCTAL, 0 }
#define MODE { STRACE_MODE, 0 }
#define FD { STRACE_FD, 0 }
#define DIRFD FD
#define FLAGS(list) { STRACE_FLAGS, LIST_##list }
#define SIGNAL { STRACE_SIGNAL, 0 }
#define SIGSET { STRACE_SIGSET, 0 }
#define PATH { STRACE_PATH, 0 }
#define BYTES_IN { STRACE_BYTES_IN, 0 }
#define VECTOR_IN { STRACE_VECTOR_IN, 0 }
#define STRINGS { STRACE_STRINGS, 0 }
#define ENVIRONMENT { STRACE_ENVIRONMENT, 0 }
#define POLLFDS { STRACE_POLLFDS, 0 }
#define INT_IN { STRACE_INT_IN, 0 }
#define SIGSET_IN { STRACE_SIGSET_IN, 0 }
#define IN(structure) { STRACE_IN, STRUCTURE_##structure }
#define BYTES_OUT { STRACE_BYTES_OUT, 0 }
#define TEXT_OUT { STRACE_TEXT_OUT, 0 }
#define STATUS { STRACE_STATUS, 0 }
#define TWO_FDS { STRACE_TWO_FDS, 0 }
#define INT_OUT { STRACE_INT_OUT, 0 }
#define SIGSET_OUT { STRACE_SIGSET_OUT, 0 }
#define OUT(structure) { STRACE_OUT, STRUCTURE_##structure }

const struct strace_spec strace_error_list = FLAGS(error), strace_signal_list = FLAGS(signal),
			 strace_type_list = FLAGS(file_type), strace_poll_list = FLAGS(poll);

/* --- structures --- */

#define FIELD(name, offset, size, ...) { #name, offset, size, __VA_ARGS__ },
#define REST { "...", 0, 0, { STRACE_NOTHING, 0 } },
#define STRUCTURE(name, size) static const struct strace_field name##_fields[] = {
#define END };
#include "structures.def"
#undef STRUCTURE
#undef FIELD
#undef REST
#undef END

#define FIELD(...)
#define REST
#define END
#define STRUCTURE(name, size) STRUCTURE_##name,
enum {
#include "structures.def"
};
#undef STRUCTURE

#define STRUCTURE(name, size) \
	[STRUCTURE_##name] = { size, name##_fields, ARRAY_SIZE(name##_fields) },
static const struct strace_structure structures[] = {
#include "structures.def"
};
#undef STRUCTURE

#define STRUCTURE(name, size) _Static_assert((size) <= STRACE_STRUCTURE_MAX, #name);
#include "structures.def"
#undef STRUCTURE
#undef FIELD
#undef REST
#undef END

/* --- calls --- */

#define ANYTHING { WORD, WORD, WORD, WORD, WORD, WORD }

#define SYSCALL(number, name, function, room, note) NUMBER_##name = (number),
#define ABSENT(number, name)
enum {
#include "table.def"
};
#undef SYSCALL
#undef ABSENT

#define RESULT_DECIMAL STRACE_DECIMAL
#define RESULT_OCTAL STRACE_RESULT_OCTAL
#define RESULT_ADDRESS STRACE_ADDRESS
#define RESULT_NEVER STRACE_NEVER

#define ARGUMENTS(call, kind, ...) [NUMBER_##call] = { #call, RESULT_##kind, { __VA_ARGS__ } },
#define SYSCALL(number, name, function, room, note)
#define ABSENT(number, call) [number] = { #call, RESULT_DECIMAL, ANYTHING },
static const struct strace_call calls[SYSCALL_LIMIT] = {
#include "arguments.def"
#include "table.def"
};
#undef ARGUMENTS
#undef SYSCALL
#undef ABSENT

#define ARGUMENTS(call, kind, ...) char call;
struct described {
#include "arguments.def"
};
#undef ARGUMENTS

#define SYSCALL(number, name, function, room, note) \
	_Static_assert(offsetof(struct described, name) < SYSCALL_LIMIT, "arguments.def: " #name);
#define ABSENT(number, name)
#include "table.def"
#undef SYSCALL
#undef ABSENT

/* clang-format on */

const struct strace_call *strace_call(uint64_t number)
{
	static const struct strace_call unknown = { NULL, RESULT_DECIMAL, ANYTHING };

	return number < SYSCALL_LIMIT && calls[number].name ? &calls[number] : &unknown;
}

const struct strace_list *strace_list(unsigned which)
{
	return &lists[which];
}

const struct strace_structure *strace_structure(unsigned which)
{
	return &structures[which];
}
