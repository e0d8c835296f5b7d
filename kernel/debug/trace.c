/*
 * trace.c -- where CONFIG_TRACE records, and the buffer that it records into.
 *
 * A CPU writes to its own buffer alone, with interrupts off: so a record is whole, records are in
 * order of time, and no lock is needed. A buffer is freed by a thread of the same CPU, when nobody
 * is in the middle of a record. Built without sanitizers: interrupts come here.
 *
 * The first events are kept and not the last: a reader knows then who ran at the beginning, and by
 * what name. After the first that found no room none is kept, so that what is there has no gap.
 */
#include <arch/calibrate.h>
#include <arch/cpu.h>
#include <facet/errno.h>
#include <facet/frames.h>
#include <facet/string.h>
#include <facet/thread.h>
#include <facet/trace.h>

#define RESULT_MAX ((int64_t)(TRACE_ARGUMENT_MASK >> 1))

PER_CPU(struct trace_buffer, trace_buffer);

static inline struct trace_record record_of(enum trace_kind kind, pid_t pid, uint64_t argument)
{
	return (struct trace_record){
		.cycles = rdtsc(),
		.event = (uint64_t)kind << TRACE_KIND_SHIFT | (uint64_t)pid << TRACE_PID_SHIFT |
			 (argument & TRACE_ARGUMENT_MASK),
	};
}

void trace_write(enum trace_kind kind, uint64_t argument)
{
	struct trace_buffer *buffer = this_cpu(trace_buffer);

	if (buffer->next == buffer->end)
		buffer->header.lost++;
	else
		*buffer->next++ = record_of(kind, current_thread()->tid, argument);
}

void trace_text(enum trace_kind kind, pid_t pid, const char *text)
{
	struct trace_buffer *buffer = this_cpu(trace_buffer);
	struct trace_text words = { .kind = TRACE_text };
	uint64_t flags;

	if (!(buffer->kinds >> kind & 1))
		return;
	for (unsigned i = 0; i < TRACE_TEXT_SIZE && text[i]; i++)
		words.text[i] = text[i];
	flags = irq_save();
	if (buffer->end - buffer->next < 2) {
		buffer->end = buffer->next;
		buffer->header.lost++;
	} else {
		*buffer->next++ = record_of(kind, pid, 0);
		memcpy(buffer->next++, &words, sizeof(words));
	}
	irq_restore(flags);
}

int trace_start(size_t bytes, uint64_t kinds)
{
	struct trace_buffer *buffer = this_cpu(trace_buffer);
	struct frame *block;
	unsigned order = 0;

	trace_clear();
	while (order <= FRAME_ORDER_MAX && PAGE_SIZE << order < bytes)
		order++;
	if (!bytes || order > FRAME_ORDER_MAX)
		return -EINVAL;
	block = frames_alloc(order, FRAME_KERNEL);
	if (!block)
		return -ENOMEM;
	buffer->records = buffer->next = frame_memory(block);
	buffer->end = buffer->next + (PAGE_SIZE << order) / sizeof(struct trace_record);
	buffer->header = (struct trace_header){
		.cpu = cpu_get(id),
		.record_size = sizeof(struct trace_record),
		.hz = calibration.tsc_hz,
		.started = rdtsc(),
	};
	WRITE_ONCE(buffer->kinds, kinds);
	return 0;
}

void trace_stop(void)
{
	struct trace_buffer *buffer = this_cpu(trace_buffer);

	if (!buffer->kinds)
		return;
	WRITE_ONCE(buffer->kinds, 0);
	buffer->header.stopped = rdtsc();
	buffer->header.records = (uint64_t)(buffer->next - buffer->records);
}

void trace_clear(void)
{
	struct trace_buffer *buffer = this_cpu(trace_buffer);

	trace_stop();
	if (buffer->records)
		frame_put(frame_of_memory(buffer->records));
	*buffer = (struct trace_buffer){ .kinds = 0 };
}

void trace_call(uint64_t number)
{
	trace_event(TRACE_call, number);
}

void trace_return(int64_t result)
{
	trace_event(TRACE_return, (uint64_t)MAX(MIN(result, RESULT_MAX), -RESULT_MAX));
}
