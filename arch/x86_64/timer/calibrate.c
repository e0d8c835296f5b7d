/*
 * calibrate.c -- how fast the time-stamp counter and the local APIC's timer run, against the best
 * reference that the machine has; the second best one is measured along with them, as a check.
 *
 * All counters are read together many times in a first short span, and again in a second one some
 * time later; the counters' means of the two spans give two points, and those the ratio. A mean
 * over many readings is far finer than one step of the PIT (838 ns), and than the time a reading
 * takes.
 *
 * A hypervisor may stop the guest at any moment. Between two readings that does no harm; a reading
 * in the middle of which it happened stands out by its length and is dropped. If the guest stood
 * still so long that the PIT may have gone round (55 ms), or the references disagree, the
 * measurement is repeated.
 */
#include <arch/calibrate.h>
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/lapic.h>
#include <facet/panic.h>
#include <facet/printk.h>

#include "references.h"

#define SPANS_PER_SEC 12000u    /* a span, in which readings are added up, takes 83 us */
#define SPAN_READINGS_MAX 1024u /* so that the sums stay small */
#define DISTANCE_HYPERVISOR 7u  /* spans from one to the other: 0.6 ms */
#define DISTANCE_HARDWARE 220u  /* 18.3 ms */
#define FRACTION_BITS 12        /* of a mean */

#define WARM_UP 8
#define ATTEMPTS 4
#define READINGS_MAX 1000000u /* of a reference that stops: some seconds */

#define DISAGREEMENT 200u /* one part in so many is too much: 0.5% */

struct calibration calibration;

/* The counters, in a reading and in the sums of a span. */
enum { REFERENCE, CHECK, LAPIC, TSC, COUNTERS };

struct reading {
	uint64_t of[COUNTERS];
};

struct span {
	uint64_t count, sums[COUNTERS];
	uint64_t end; /* the reference's step after which it began no other reading */
};

/* What a measurement goes along with. */
struct measurement {
	const struct reference *reference, *check; /* check NULL: there is no second one */
	struct reading first;
	uint64_t shortest; /* TSC cycles of the shortest reading so far */
	uint64_t last_tsc, longest_gap;
	unsigned readings;
};

static uint64_t lapic_count(void)
{
	return lapic_present() ? UINT32_MAX - lapic_read(LAPIC_TIMER_CURRENT) : 0;
}

/* As distances from the first reading. False: it was interrupted. */
static bool read_counters(struct measurement *m, struct reading *reading)
{
	uint64_t *of = reading->of, before = rdtsc(), length;

	of[LAPIC] = lapic_count() - m->first.of[LAPIC];
	of[REFERENCE] = m->reference->read() - m->first.of[REFERENCE];
	of[CHECK] = m->check ? m->check->read() - m->first.of[CHECK] : 0;
	length = rdtsc() - before;
	of[TSC] = before - m->first.of[TSC];
	of[REFERENCE] &= m->reference->mask;
	if (m->check)
		of[CHECK] &= m->check->mask;

	if (m->readings++ == READINGS_MAX)
		panic("calibrate: the %s stopped, there is nothing to measure time with",
		      m->reference->name);
	m->shortest = MIN(m->shortest, length);
	m->longest_gap = MAX(m->longest_gap, before - m->last_tsc);
	m->last_tsc = before;
	return length <= 2 * m->shortest;
}

static void start(struct measurement *m, const struct reference *references, size_t count)
{
	struct reading first;

	if (lapic_present()) {
		lapic_write(LAPIC_TIMER_DIVIDE, LAPIC_DIVIDE_BY_1);
		lapic_write(LAPIC_LVT_TIMER, LAPIC_LVT_MASKED);
		lapic_write(LAPIC_TIMER_INITIAL, UINT32_MAX);
	}
	*m = (struct measurement){
		.reference = &references[0],
		.check = count > 1 ? &references[1] : NULL,
		.shortest = UINT64_MAX,
	};
	for (unsigned i = 0; i < WARM_UP; i++)
		read_counters(m, &first); /* from 0, so these are the counters themselves */
	m->first = first;
	m->last_tsc = rdtsc();
	m->longest_gap = 0;
}

/* Adds up the readings from the reference's step `from` on, until there is one at least. */
static struct span measure_span(struct measurement *m, uint64_t from)
{
	uint64_t length = m->reference->hz / SPANS_PER_SEC;
	struct span span = { 0 };
	struct reading reading;

	do {
		bool whole = read_counters(m, &reading);

		if (!whole || reading.of[REFERENCE] < from)
			continue;
		span.count++;
		for (unsigned i = 0; i < COUNTERS; i++)
			span.sums[i] += reading.of[i];
	} while (!span.count ||
		 (reading.of[REFERENCE] < from + length && span.count < SPAN_READINGS_MAX));
	span.end = reading.of[REFERENCE];
	return span;
}

/* a * b / c, where that fits into 64 bits: the product need not. */
static uint64_t multiply_divide(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t low, high;

	__asm__("mulq %3" : "=a"(low), "=d"(high) : "0"(a), "r"(b));
	__asm__("divq %2" : "+a"(low), "+d"(high) : "r"(c));
	return low;
}

/* How far a counter went from one span's mean to the other's. */
static uint64_t advance(const struct span *a, const struct span *b, unsigned counter)
{
	return (b->sums[counter] << FRACTION_BITS) / b->count -
	       (a->sums[counter] << FRACTION_BITS) / a->count;
}

/* Whether a frequency is so far from what it should be that one of the two is wrong. */
static bool disagrees(uint64_t measured_hz, uint64_t stated_hz)
{
	uint64_t difference = MAX(measured_hz, stated_hz) - MIN(measured_hz, stated_hz);

	return difference > stated_hz / DISAGREEMENT;
}

/* False: the guest may have stood still for a round of a counter. */
static bool measure(struct measurement *m, uint64_t *check_hz)
{
	unsigned distance = cpu_features.hypervisor[0] ? DISTANCE_HYPERVISOR : DISTANCE_HARDWARE;
	uint64_t hz = m->reference->hz, from, steps;
	struct span a, b;

	a = measure_span(m, 0);
	from = a.end + (distance - 1) * hz / SPANS_PER_SEC;
	if (from + hz / SPANS_PER_SEC > m->reference->mask)
		return false; /* begun so late that the second span would not come */
	b = measure_span(m, from);
	steps = advance(&a, &b, REFERENCE);
	if (!steps || steps > (uint64_t)m->reference->mask << FRACTION_BITS)
		return false;
	/* One that went all round meanwhile, of a machine that stood still. */
	if ((int64_t)advance(&a, &b, LAPIC) < 0 || (int64_t)advance(&a, &b, CHECK) < 0)
		return false;
	calibration.tsc_hz = multiply_divide(advance(&a, &b, TSC), hz, steps);
	calibration.lapic_hz = multiply_divide(advance(&a, &b, LAPIC), hz, steps);
	*check_hz = multiply_divide(advance(&a, &b, CHECK), hz, steps);
	return m->longest_gap < m->last_tsc - m->first.of[TSC] - m->longest_gap &&
	       !(m->check && disagrees(*check_hz, m->check->hz));
}

static void report(const struct measurement *m, uint64_t check_hz)
{
	uint64_t stated = cpuid_tsc_hz();

	if (m->check)
		pr_machine("time: by the %s the %s has %lu Hz\n", m->reference->name,
			   m->check->name, check_hz);
	if (m->check && disagrees(check_hz, m->check->hz))
		pr_warn("time: %s and %s disagree: by the first the second has %lu Hz, not %lu\n",
			m->reference->name, m->check->name, check_hz, m->check->hz);
	if (stated && disagrees(calibration.tsc_hz, stated))
		pr_warn("time: by CPUID the TSC has %lu kHz, by the %s %lu\n", stated / 1000,
			m->reference->name, calibration.tsc_hz / 1000);
}

void calibrate(void)
{
	struct reference references[REFERENCES_MAX];
	size_t count = references_find(references);
	struct measurement m;
	uint64_t check_hz = 0;
	unsigned attempt = 0;

	if (!count)
		panic("calibrate: no HPET, ACPI PM timer or PIT counts, and CPUID tells no "
		      "frequency: there is nothing to measure time with");
	for (size_t i = 0; i < count; i++)
		pr_machine("time: %s counts, %lu Hz\n", references[i].name, references[i].hz);
	do {
		start(&m, references, count);
	} while (!measure(&m, &check_hz) && ++attempt < ATTEMPTS);
	if (lapic_present())
		lapic_write(LAPIC_TIMER_INITIAL, 0);
	references_stop();
	if (!calibration.tsc_hz)
		panic("calibrate: the processor never ran long enough to be measured");
	calibration.reference = m.reference->name;
	report(&m, check_hz);
}
