/*
 * trace_record.h -- what is read from /proc/facet/trace: a header, then records in order of time.
 *
 * Each record is 16 bytes, so that millions of events cost little and a reader may begin at any. An
 * event whose argument is a text has it in the record behind it. The first events are kept: when
 * the buffer is full the trace ends, and the header says how many more there were. So what is there
 * has no gap. usr/trace.c reads it; the kernel writes it (trace.h).
 */
#ifndef FACET_TRACE_RECORD_H
#define FACET_TRACE_RECORD_H

#include <stdint.h>

enum trace_kind {
	TRACE_text, /* the text of the record before this one */
#define TRACE_EVENT(name, argument, what) TRACE_##name,
#include <facet/trace.def>
#undef TRACE_EVENT
	TRACE_KINDS
};

enum trace_argument { TRACE_NUMBER, TRACE_PID, TRACE_RESULT, TRACE_TEXT };

#define TRACE_TEXT_SIZE 15

/* An event is its kind, who ran (0: the idle thread), and 36 bits of argument: a page's number. */
#define TRACE_KIND_SHIFT 56
#define TRACE_PID_SHIFT 36
#define TRACE_ARGUMENT_MASK ((UINT64_C(1) << TRACE_PID_SHIFT) - 1)

struct trace_header {
	uint32_t cpu, record_size;
	uint64_t hz;               /* of the time-stamp counter */
	uint64_t started, stopped; /* its values */
	uint64_t records, lost;
};

struct trace_record {
	uint64_t cycles; /* time-stamp counter */
	uint64_t event;  /* kind << TRACE_KIND_SHIFT | pid << TRACE_PID_SHIFT | argument */
};

struct trace_text {
	char text[TRACE_TEXT_SIZE]; /* filled up with NULs */
	uint8_t kind;               /* TRACE_text, where a record's kind is */
};

_Static_assert(sizeof(struct trace_record) == 16 && sizeof(struct trace_text) == 16, "one size");
_Static_assert(TRACE_KINDS <= 64, "a word has a bit for each kind");

#endif
