/*
 * trace.h -- what happened when, to whom: the event trace.
 *
 * Each CPU has a buffer of its own, there only between trace_start() and trace_clear(), and a word
 * of the kinds that are wanted, which is 0 while nothing is traced. Recording is some thirty
 * instructions with interrupts off and takes no lock, so handlers and the switch may do it; what is
 * recorded stands in trace.def. Without CONFIG_TRACE all of this is nothing.
 */
#ifndef FACET_TRACE_H
#define FACET_TRACE_H

#include <arch/irqflags.h>
#include <arch/percpu.h>
#include <facet/config.h>
#include <facet/trace_record.h>

#ifdef CONFIG_TRACE

struct trace_buffer {
	uint64_t kinds;                  /* bits by enum trace_kind; 0: off */
	struct trace_record *next, *end; /* equal: full */
	struct trace_record *records;    /* NULL: there is no buffer */
	struct trace_header header;
};

extern struct trace_buffer trace_buffer; /* per CPU */

/* Context: any, interrupts off. */
void trace_write(enum trace_kind kind, uint64_t argument);

/* Context: any, interrupts off. */
static inline void trace_event_irqs_off(enum trace_kind kind, uint64_t argument)
{
	if (unlikely(this_cpu(trace_buffer)->kinds >> kind & 1))
		trace_write(kind, argument);
}

/* Context: thread. */
static inline void trace_event(enum trace_kind kind, uint64_t argument)
{
	uint64_t flags;

	if (likely(!(this_cpu(trace_buffer)->kinds >> kind & 1)))
		return;
	flags = irq_save();
	trace_write(kind, argument);
	irq_restore(flags);
}

/* With up to TRACE_TEXT_SIZE bytes of text. `pid`: whose event it is. Context: thread. */
void trace_text(enum trace_kind kind, int32_t pid, const char *text);

/*
 * A buffer of at least `bytes`, and from now on the events whose bit is set in `kinds`. What was
 * there is dropped. Returns 0, -EINVAL (a block of pages is not that large) or -ENOMEM.
 * Context of these three: thread; the caller lets in one at a time, and no reader meanwhile.
 */
int trace_start(size_t bytes, uint64_t kinds);
void trace_stop(void);
/* Stops it, and gives the buffer back. */
void trace_clear(void);

/* For entry.asm: the number of the system call, and what it returned. */
void trace_call(uint64_t number);
void trace_return(int64_t result);

#else

static inline void trace_event_irqs_off(enum trace_kind kind, uint64_t argument)
{
	(void)kind, (void)argument;
}

static inline void trace_event(enum trace_kind kind, uint64_t argument)
{
	(void)kind, (void)argument;
}

static inline void trace_text(enum trace_kind kind, int32_t pid, const char *text)
{
	(void)kind, (void)pid, (void)text;
}

#endif

#endif
