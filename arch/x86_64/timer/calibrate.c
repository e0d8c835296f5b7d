/*
 * calibrate.c -- how fast the time-stamp counter and the local APIC's timer run, against the PIT.
 *
 * The PIT's channel 2, which otherwise makes the speaker hum, counts down at a known frequency.
 * All three counters are read together many times in a first short span, and again in a second one
 * some time later; the counters' means of the two spans give two points, and those the ratio. A
 * mean over many readings is far finer than one step of the PIT (838 ns), and than the time a
 * reading takes.
 *
 * A hypervisor may stop the guest at any moment. Between two readings that does no harm; a reading
 * in the middle of which it happened stands out by its length and is dropped. If the guest stood
 * still so long that the PIT may have gone round (55 ms), the measurement is repeated.
 *
 * Source: Intel 8254 data sheet.
 */
#include <arch/calibrate.h>
#include <arch/cpu.h>
#include <arch/io.h>
#include <arch/irq.h>
#include <arch/lapic.h>
#include <facet/panic.h>

#define PIT_CHANNEL_2 0x42
#define PIT_COMMAND 0x43
#define PIT_CHANNEL_2_RATE 0xb4 /* low and high byte, mode 2 */
#define PIT_CHANNEL_2_LATCH 0x80
#define SPEAKER 0x61
#define SPEAKER_GATE 0x01 /* lets channel 2 count */
#define SPEAKER_ON 0x02

#define SPAN 100u                /* PIT steps in which readings are added up */
#define SPAN_READINGS_MAX 1024u  /* so that the sums stay small */
#define DISTANCE_HYPERVISOR 700u /* from one span to the other; 800 steps are 0.67 ms */
#define DISTANCE_HARDWARE 22000u /* 18.5 ms */

#define WARM_UP 8
#define ATTEMPTS 4
#define READINGS_MAX 1000000u /* of a PIT that stands still: some seconds */

struct calibration calibration;

/* One reading of all counters, as distances from the first one. */
struct reading {
	uint32_t pit, lapic;
	uint64_t tsc;
};

struct span {
	uint64_t count, pit, lapic, tsc;
};

/* What a measurement goes along with. */
struct measurement {
	uint16_t pit_start;
	uint32_t lapic_start;
	uint64_t tsc_start;
	uint64_t shortest; /* TSC cycles of the shortest reading so far */
	uint64_t last_tsc, longest_gap;
	unsigned readings;
};

static uint16_t pit_count(void)
{
	uint16_t low;

	outb(PIT_COMMAND, PIT_CHANNEL_2_LATCH);
	low = inb(PIT_CHANNEL_2);
	return (uint16_t)(low | inb(PIT_CHANNEL_2) << 8);
}

static uint32_t lapic_count(void)
{
	return lapic_present() ? lapic_read(LAPIC_TIMER_CURRENT) : 0;
}

/* Both count down, the TSC up. False: the reading was interrupted. */
static bool read_counters(struct measurement *m, struct reading *reading)
{
	uint64_t before = rdtsc(), length;

	reading->lapic = m->lapic_start - lapic_count();
	reading->pit = (uint16_t)(m->pit_start - pit_count());
	length = rdtsc() - before;
	reading->tsc = before - m->tsc_start;

	if (m->readings++ == READINGS_MAX)
		panic("calibrate: the PIT does not count, there is nothing to measure time with");
	m->shortest = MIN(m->shortest, length);
	m->longest_gap = MAX(m->longest_gap, before - m->last_tsc);
	m->last_tsc = before;
	return length <= 2 * m->shortest;
}

static void start(struct measurement *m)
{
	struct reading reading;

	outb(SPEAKER, (inb(SPEAKER) & ~SPEAKER_ON) | SPEAKER_GATE);
	outb(PIT_COMMAND, PIT_CHANNEL_2_RATE);
	outb(PIT_CHANNEL_2, 0);
	outb(PIT_CHANNEL_2, 0); /* 65536 steps a round */
	if (lapic_present()) {
		lapic_write(LAPIC_TIMER_DIVIDE, LAPIC_DIVIDE_BY_1);
		lapic_write(LAPIC_LVT_TIMER, LAPIC_LVT_MASKED);
		lapic_write(LAPIC_TIMER_INITIAL, UINT32_MAX);
	}

	*m = (struct measurement){ .shortest = UINT64_MAX };
	for (unsigned i = 0; i < WARM_UP; i++)
		read_counters(m, &reading);
	m->pit_start = pit_count();
	m->lapic_start = lapic_count();
	m->tsc_start = m->last_tsc = rdtsc();
	m->longest_gap = 0;
}

/* Adds up the readings from PIT step `from` on. */
static struct span measure_span(struct measurement *m, uint32_t from)
{
	struct span span = { 0 };
	struct reading reading;

	do {
		bool whole = read_counters(m, &reading);

		if (!whole || reading.pit < from)
			continue;
		span.count++;
		span.pit += reading.pit;
		span.lapic += reading.lapic;
		span.tsc += reading.tsc;
	} while (reading.pit < from + SPAN && span.count < SPAN_READINGS_MAX);
	return span;
}

/* The frequency of a counter whose sums are `first` and `second` in the two spans. */
static uint64_t frequency(const struct span *a, const struct span *b, uint64_t first,
			  uint64_t second)
{
	uint64_t steps = b->pit * a->count - a->pit * b->count;
	uint64_t counted = second * a->count - first * b->count;

	/* counted * PIT_HZ / steps, in two parts, for the product may be too large. */
	return counted / steps * PIT_HZ + counted % steps * PIT_HZ / steps;
}

/* False: the guest may have stood still for a round of the PIT. */
static bool measure(uint32_t distance)
{
	struct measurement m;
	struct span a, b;

	start(&m);
	a = measure_span(&m, 0);
	b = measure_span(&m, distance);
	if (!a.count || !b.count || b.pit * a.count <= a.pit * b.count)
		return false;
	calibration.tsc_hz = frequency(&a, &b, a.tsc, b.tsc);
	if (lapic_present())
		calibration.lapic_hz = frequency(&a, &b, a.lapic, b.lapic);
	return m.longest_gap < m.last_tsc - m.tsc_start - m.longest_gap;
}

void calibrate(void)
{
	uint32_t distance = cpu_features.hypervisor[0] ? DISTANCE_HYPERVISOR : DISTANCE_HARDWARE;

	for (unsigned i = 0; i < ATTEMPTS && !measure(distance); i++)
		;
	if (lapic_present())
		lapic_write(LAPIC_TIMER_INITIAL, 0);
	outb(SPEAKER, inb(SPEAKER) & ~(SPEAKER_ON | SPEAKER_GATE));
	if (!calibration.tsc_hz)
		panic("calibrate: the processor never ran long enough to be measured");
}
