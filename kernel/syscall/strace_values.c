/*
 * What single values of a traced call look like, as strace(1) writes them: numbers, flags by their
 * names, signals, strings.
 *
 * Strings are read from user memory with a fix-up: one that is not there is written as its address.
 * No lock: the line is the thread's own.
 */
#include <arch/uaccess.h>
#include <facet/file.h>
#include <facet/format.h>
#include <facet/signal.h>
#include <facet/string.h>

#include "strace_private.h"

#define NO_LIMIT UINT64_MAX
#define PREFIX 3 /* of a signal's name: SIG */

void strace_put(struct strace_line *line, const char *format, ...)
{
	size_t room = STRACE_TEXT_SIZE - line->length;
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(line->text + line->length, room, format, args);
	va_end(args);
	line->length += MIN((size_t)size, room - 1);
}

bool strace_is_full(const struct strace_line *line)
{
	return line->length > STRACE_TEXT_SIZE - STRACE_RESULT_ROOM;
}

void strace_put_address(struct strace_line *line, uint64_t address)
{
	if (address)
		strace_put(line, "0x%lx", address);
	else
		strace_put(line, "NULL");
}

void strace_put_flags(struct strace_line *line, struct strace_spec spec, uint64_t value)
{
	const struct strace_list *list = strace_list(spec.which);
	uint32_t rest = (uint32_t)value;
	const char *between = "";

	for (size_t i = 0; i < list->count; i++) {
		const struct strace_name *name = &list->names[i];
		bool whole = name->mask == UINT32_MAX && value >> 32 && (int64_t)value != -1;

		if (whole || (rest & name->mask) != name->value)
			continue;
		if (!name->value && name->mask == UINT32_MAX && *between)
			continue; /* nothing is left */
		strace_put(line, "%s%s", between, name->name);
		rest &= ~name->mask;
		between = "|";
		if (name->mask == UINT32_MAX)
			return;
	}
	value = (value >> 32 << 32) | rest;
	if (value || !*between)
		strace_put(line, value ? "%s0x%lx" : "%s%lu", between, value);
}

/* With SIG in front, or without as in sets. */
static void put_signal(struct strace_line *line, uint64_t signal, bool prefix)
{
	const struct strace_list *list = strace_list(strace_signal_list.which);

	if (signal >= SIGRTMIN && signal <= SIGNALS)
		strace_put(line, "%sRT_%lu", prefix ? "SIG" : "", signal - SIGRTMIN);
	else if (signal < list->count)
		strace_put(line, "%s", list->names[signal].name + (prefix ? 0 : PREFIX));
	else
		strace_put(line, "%lu", signal);
}

void strace_put_signal(struct strace_line *line, uint64_t signal)
{
	put_signal(line, signal, true);
}

/* A set that has most of them is told by those that it has not. */
static void put_signals(struct strace_line *line, uint64_t set)
{
	const char *between = "";
	unsigned count = 0;
	bool most;

	for (unsigned signal = 1; signal <= SIGNALS; signal++)
		count += set >> (signal - 1) & 1;
	most = count > SIGNALS * 2 / 3;
	set = most ? ~set : set;
	strace_put(line, most ? "~[" : "[");
	for (unsigned signal = 1; signal <= SIGNALS; signal++) {
		if (!(set >> (signal - 1) & 1))
			continue;
		strace_put(line, "%s", between);
		put_signal(line, signal, false);
		between = " ";
	}
	strace_put(line, "]");
}

static void put_character(struct strace_line *line, uint8_t c)
{
	static const char escapes[] = "\"\"\\\\\nn\tt\rr";

	for (const char *escape = escapes; *escape; escape += 2) {
		if (c == (uint8_t)*escape) {
			strace_put(line, "\\%c", escape[1]);
			return;
		}
	}
	strace_put(line, c >= ' ' && c < 0x7f ? "%c" : "\\%o", c);
}

/* `size` bytes, or up to a NUL; no more than `most`. */
void strace_put_bytes(struct strace_line *line, uint64_t address, uint64_t size, bool is_string,
		      size_t most)
{
	char bytes[STRACE_PATH_MAX];
	size_t room = address < USER_END ? USER_END - address : 0;
	size_t wanted = MIN((size_t)MIN(size, most), room), got, length;

	got = wanted - copy_from_user_partial(bytes, (const void __user *)address, wanted);
	length = is_string ? strnlen(bytes, got) : got;
	if (size && length == got && (got < wanted || !room)) {
		strace_put_address(line, address); /* it runs into nothing */
		return;
	}
	strace_put(line, "\"");
	for (size_t i = 0; i < length && !strace_is_full(line); i++)
		put_character(line, (uint8_t)bytes[i]);
	strace_put(line, "\"%s", length == most && size > most ? "..." : "");
}

void strace_put_scalar(struct strace_line *line, struct strace_spec spec, uint64_t value)
{
	switch (spec.kind) {
	case STRACE_INT:
		strace_put(line, "%d", (int)value);
		return;
	case STRACE_UINT:
		strace_put(line, "%u", (unsigned)value);
		return;
	case STRACE_LONG:
		strace_put(line, "%ld", (int64_t)value);
		return;
	case STRACE_LIMIT:
		if (value == NO_LIMIT)
			strace_put(line, "RLIM64_INFINITY");
		else if (value > 1024 && value % 1024 == 0)
			strace_put(line, "%lu*1024", value / 1024);
		else
			strace_put(line, "%lu", value);
		return;
	case STRACE_SIZE:
		strace_put(line, "%lu", value);
		return;
	case STRACE_ID:
		strace_put(line, (uint32_t)value == UINT32_MAX ? "-1" : "%u", (unsigned)value);
		return;
	case STRACE_WORD:
		strace_put(line, "%#lx", value);
		return;
	case STRACE_OCTAL:
	case STRACE_CREATE_MODE:
		strace_put(line, "%#03o", (unsigned)value);
		return;
	case STRACE_MODE:
		strace_put_flags(line, strace_type_list, value & ~0777ul);
		strace_put(line, "|%#03o", (unsigned)value & 0777);
		return;
	case STRACE_FD:
		if ((int)value == AT_FDCWD)
			strace_put(line, "AT_FDCWD");
		else
			strace_put(line, "%d", (int)value);
		return;
	case STRACE_FLAGS:
		strace_put_flags(line, spec, value);
		return;
	case STRACE_SIGNAL:
		strace_put_signal(line, (uint32_t)value);
		return;
	case STRACE_SIGSET:
		put_signals(line, value);
		return;
	default:
		strace_put_address(line, value);
	}
}
