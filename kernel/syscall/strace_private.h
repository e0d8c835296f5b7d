/*
 * strace_private.h -- between the tracing of calls, what it writes, and the tables that say what
 * calls' arguments are.
 */
#ifndef STRACE_PRIVATE_H
#define STRACE_PRIVATE_H

#include <facet/types.h>

#define STRACE_ARGUMENTS 6

/* How a value is written. */
enum strace_kind {
	STRACE_NOTHING, /* behind the last argument */
	STRACE_INT,     /* the lower 32 bits */
	STRACE_UINT,
	STRACE_LONG,
	STRACE_SIZE,
	STRACE_LIMIT, /* or RLIM64_INFINITY */
	STRACE_ID,    /* or -1 */
	STRACE_HEX,   /* an address, not looked at; NULL */
	STRACE_WORD,  /* a number of bits; 0 */
	STRACE_OCTAL,
	STRACE_CREATE_MODE, /* behind open's flags, if they make a file */
	STRACE_MODE,        /* a file's type and rights */
	STRACE_FD,          /* or AT_FDCWD */
	STRACE_FLAGS,       /* which: a list of names.def */
	STRACE_SIGNAL,
	STRACE_SIGSET,
	/* Addresses of what the call reads: */
	STRACE_PATH,     /* a string */
	STRACE_BYTES_IN, /* as many as the next argument says */
	STRACE_VECTOR_IN,
	STRACE_STRINGS,     /* up to NULL */
	STRACE_ENVIRONMENT, /* only how many */
	STRACE_POLLFDS,
	STRACE_INT_IN,
	STRACE_SIGSET_IN,
	STRACE_IN, /* which: a structure of structures.def */
	/* And of what it writes, known when it has returned: */
	STRACE_FIRST_OUT,
	STRACE_BYTES_OUT = STRACE_FIRST_OUT, /* as many as the result says */
	STRACE_TEXT_OUT,
	STRACE_STATUS,
	STRACE_TWO_FDS,
	STRACE_INT_OUT,
	STRACE_SIGSET_OUT,
	STRACE_OUT, /* which: a structure */
};

struct strace_spec {
	uint8_t kind;  /* enum strace_kind */
	uint8_t which; /* of a kind that has many */
};

enum strace_result {
	STRACE_DECIMAL,
	STRACE_RESULT_OCTAL,
	STRACE_ADDRESS,
	STRACE_NEVER, /* the call does not return */
};

struct strace_call {
	const char *name; /* NULL: nobody knows it */
	uint8_t result;   /* enum strace_result */
	struct strace_spec arguments[STRACE_ARGUMENTS];
};

/* A number's call. Of one that is not offered all six arguments are told. */
const struct strace_call *strace_call(uint64_t number);

struct strace_name {
	const char *name;
	uint32_t value, mask;
};

struct strace_list {
	const struct strace_name *names;
	size_t count;
};

const struct strace_list *strace_list(unsigned which);
extern const struct strace_spec strace_error_list, strace_signal_list, strace_type_list,
	strace_poll_list;

struct strace_field {
	const char *name;
	uint8_t offset, size;
	struct strace_spec spec;
};

struct strace_structure {
	size_t size;
	const struct strace_field *fields;
	size_t count;
};

#define STRACE_STRUCTURE_MAX 256
const struct strace_structure *strace_structure(unsigned which);

/* A line that is being written: what does not fit is left out. */
#define STRACE_TEXT_SIZE 440

struct strace_line {
	const struct strace_call *call;
	unsigned next; /* the first argument that is not written yet */
	uint64_t arguments[STRACE_ARGUMENTS];
	size_t length;
	char text[STRACE_TEXT_SIZE];
};

__printf(2, 3) void strace_put(struct strace_line *line, const char *format, ...);

/* --- strace_values.c --- */

#define STRACE_STRING_MAX 32  /* bytes that are shown of what is read or written */
#define STRACE_PATH_MAX 120   /* and of a path */
#define STRACE_RESULT_ROOM 40 /* is kept for the result */

bool strace_is_full(const struct strace_line *line);
void strace_put_address(struct strace_line *line, uint64_t address);
void strace_put_signal(struct strace_line *line, uint64_t signal);
/* `size` bytes, or up to a NUL, of user memory; no more than `most` are shown. */
void strace_put_bytes(struct strace_line *line, uint64_t address, uint64_t size, bool is_string,
		      size_t most);
void strace_put_flags(struct strace_line *line, struct strace_spec list, uint64_t value);
/* A value of one of the kinds before STRACE_PATH. */
void strace_put_scalar(struct strace_line *line, struct strace_spec spec, uint64_t value);

/* --- strace_decode.c --- */

/* Writes arguments from line->next on: before the call those that it reads, then all. */
void strace_put_arguments(struct strace_line *line, bool returned, int64_t result);
void strace_put_result(struct strace_line *line, int64_t result);

#endif
