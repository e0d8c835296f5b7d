/*
 * A traced call's arguments, in order, and its result: values, and what is behind addresses.
 *
 * Everything is read from user memory with a fix-up: what is not there is written as its address.
 * No lock: the line is the thread's own.
 */
#include <arch/uaccess.h>
#include <facet/file.h>
#include <facet/string.h>

#include "strace_private.h"

#define ITEMS_MAX 8     /* of a vector */
#define COUNT_MAX 10000 /* of an environment's strings */
#define ERROR_MAX 4095
#define TMPFILE_BIT 020000000 /* O_TMPFILE without O_DIRECTORY */

static const struct strace_spec integer = { STRACE_INT, 0 }, set = { STRACE_SIGSET, 0 };

/* A value of `size` bytes in user memory, or its address in brackets. */
static void put_scalar_at(struct strace_line *line, struct strace_spec spec, uint64_t address,
			  size_t size)
{
	uint64_t value = 0;

	if (!address || copy_from_user(&value, (const void __user *)address, size))
		strace_put_address(line, address);
	else
		strace_put_scalar(line, spec, value);
}

static void put_integer_at(struct strace_line *line, uint64_t address)
{
	strace_put(line, address ? "[" : "");
	put_scalar_at(line, integer, address, 4);
	strace_put(line, address ? "]" : "");
}

static void put_structure(struct strace_line *line, unsigned which, uint64_t address)
{
	const struct strace_structure *structure = strace_structure(which);
	uint8_t bytes[STRACE_STRUCTURE_MAX];

	if (!address || copy_from_user(bytes, (const void __user *)address, structure->size)) {
		strace_put_address(line, address);
		return;
	}
	for (size_t i = 0; i < structure->count; i++) {
		const struct strace_field *field = &structure->fields[i];
		uint64_t value = 0;

		memcpy(&value, bytes + field->offset, field->size);
		strace_put(line, "%s%s", i ? ", " : "{", field->name);
		if (!field->size)
			continue; /* what stands for the rest */
		strace_put(line, "=");
		strace_put_scalar(line, field->spec, value);
	}
	strace_put(line, "}");
}

/* Strings up to NULL; only their number where they are an environment. */
static void put_strings(struct strace_line *line, uint64_t address, bool shown)
{
	const uint64_t __user *vector = (const uint64_t __user *)address;
	uint64_t string;
	unsigned count = 0;

	if (!address || get_user_u64(&string, vector)) {
		strace_put_address(line, address);
		return;
	}
	if (shown)
		strace_put(line, "[");
	for (; count < COUNT_MAX && !get_user_u64(&string, vector + count) && string; count++) {
		if (!shown)
			continue;
		if (count == ITEMS_MAX || strace_is_full(line)) {
			strace_put(line, ", ...");
			break;
		}
		strace_put(line, "%s", count ? ", " : "");
		strace_put_bytes(line, string, UINT64_MAX, true, STRACE_STRING_MAX);
	}
	if (shown)
		strace_put(line, "]");
	else
		strace_put(line, "0x%lx /* %u vars */", address, count);
}

/* The items of a vector, of two words each. */
static void put_items(struct strace_line *line, uint64_t address, uint64_t count, size_t size,
		      void (*put)(struct strace_line *, const uint64_t words[2]))
{
	uint64_t words[2] = { 0 };

	if (!address || copy_from_user(words, (const void __user *)address, count ? size : 0)) {
		strace_put_address(line, address);
		return;
	}
	strace_put(line, "[");
	for (uint64_t i = 0; i < count; i++) {
		if (i == ITEMS_MAX || strace_is_full(line) ||
		    copy_from_user(words, (const void __user *)(address + i * size), size)) {
			strace_put(line, ", ...");
			break;
		}
		strace_put(line, "%s", i ? ", " : "");
		put(line, words);
	}
	strace_put(line, "]");
}

static void put_iovec(struct strace_line *line, const uint64_t words[2])
{
	strace_put(line, "{iov_base=");
	strace_put_bytes(line, words[0], words[1], false, STRACE_STRING_MAX);
	strace_put(line, ", iov_len=%lu}", words[1]);
}

static void put_pollfd(struct strace_line *line, const uint64_t words[2])
{
	strace_put(line, "{fd=%d, events=", (int)words[0]);
	strace_put_flags(line, strace_poll_list, words[0] >> 32 & 0xffff);
	strace_put(line, "}");
}

/* wait(2)'s encoding. */
static void put_status(struct strace_line *line, uint64_t address)
{
	uint32_t status;

	if (!address || get_user_u32(&status, (const uint32_t __user *)address)) {
		strace_put_address(line, address);
	} else if (status == 0xffff) {
		strace_put(line, "[{WIFCONTINUED(s)}]");
	} else if ((status & 0xff) == 0x7f) {
		strace_put(line, "[{WIFSTOPPED(s) && WSTOPSIG(s) == ");
		strace_put_signal(line, status >> 8);
		strace_put(line, "}]");
	} else if (status & 0x7f) {
		strace_put(line, "[{WIFSIGNALED(s) && WTERMSIG(s) == ");
		strace_put_signal(line, status & 0x7f);
		strace_put(line, "}]");
	} else {
		strace_put(line, "[{WIFEXITED(s) && WEXITSTATUS(s) == %u}]", status >> 8 & 0xff);
	}
}

/* What the call wrote; nothing if it failed. */
static void put_out(struct strace_line *line, struct strace_spec spec, uint64_t value,
		    int64_t result)
{
	if (result < 0) {
		strace_put_address(line, value);
		return;
	}
	switch (spec.kind) {
	case STRACE_BYTES_OUT:
		strace_put_bytes(line, value, (uint64_t)result, false, STRACE_STRING_MAX);
		return;
	case STRACE_TEXT_OUT:
		strace_put_bytes(line, value, (uint64_t)result, true, STRACE_PATH_MAX);
		return;
	case STRACE_STATUS:
		if (result)
			put_status(line, value);
		else
			strace_put_address(line, value);
		return;
	case STRACE_TWO_FDS:
		strace_put(line, "[");
		put_scalar_at(line, integer, value, 4);
		strace_put(line, ", ");
		put_scalar_at(line, integer, value + 4, 4);
		strace_put(line, "]");
		return;
	case STRACE_INT_OUT:
		put_integer_at(line, value);
		return;
	case STRACE_SIGSET_OUT:
		put_scalar_at(line, set, value, 8);
		return;
	default:
		put_structure(line, spec.which, value);
	}
}

static void put_in(struct strace_line *line, struct strace_spec spec, uint64_t value, uint64_t next)
{
	switch (spec.kind) {
	case STRACE_PATH:
		strace_put_bytes(line, value, UINT64_MAX, true, STRACE_PATH_MAX);
		return;
	case STRACE_BYTES_IN:
		strace_put_bytes(line, value, next, false, STRACE_STRING_MAX);
		return;
	case STRACE_VECTOR_IN:
		put_items(line, value, (uint32_t)next, 16, put_iovec);
		return;
	case STRACE_POLLFDS:
		put_items(line, value, (uint32_t)next, 8, put_pollfd);
		return;
	case STRACE_STRINGS:
	case STRACE_ENVIRONMENT:
		put_strings(line, value, spec.kind == STRACE_STRINGS);
		return;
	case STRACE_INT_IN:
		put_integer_at(line, value);
		return;
	case STRACE_SIGSET_IN:
		put_scalar_at(line, set, value, 8);
		return;
	case STRACE_IN:
		put_structure(line, spec.which, value);
		return;
	default:
		strace_put_scalar(line, spec, value);
	}
}

/* Whether open's flags do. */
static bool creates(uint64_t flags)
{
	return flags & (O_CREAT | TMPFILE_BIT);
}

void strace_put_arguments(struct strace_line *line, bool returned, int64_t result)
{
	for (; line->next < STRACE_ARGUMENTS; line->next++) {
		struct strace_spec spec = line->call->arguments[line->next];
		uint64_t value = line->arguments[line->next];
		bool last = line->next == STRACE_ARGUMENTS - 1;

		if (spec.kind == STRACE_CREATE_MODE && !creates(line->arguments[line->next - 1]))
			return;
		if (spec.kind == STRACE_NOTHING || (spec.kind >= STRACE_FIRST_OUT && !returned))
			return;
		strace_put(line, "%s", line->next ? ", " : "");
		if (spec.kind >= STRACE_FIRST_OUT)
			put_out(line, spec, value, result);
		else
			put_in(line, spec, value, last ? 0 : line->arguments[line->next + 1]);
	}
}

void strace_put_result(struct strace_line *line, int64_t result)
{
	if (line->length >= STRACE_TEXT_SIZE - STRACE_RESULT_ROOM)
		line->length = STRACE_TEXT_SIZE - STRACE_RESULT_ROOM;
	if (line->call->result == STRACE_NEVER) {
		strace_put(line, ") = ?");
	} else if (result < 0 && result >= -ERROR_MAX) {
		strace_put(line, result <= -512 ? ") = ? " : ") = -1 ");
		strace_put_flags(line, strace_error_list, (uint64_t)-result);
	} else if (line->call->result == STRACE_ADDRESS) {
		strace_put(line, ") = 0x%lx", (uint64_t)result);
	} else if (line->call->result == STRACE_RESULT_OCTAL) {
		strace_put(line, ") = %#03o", (unsigned)result);
	} else {
		strace_put(line, ") = %ld", result);
	}
}
