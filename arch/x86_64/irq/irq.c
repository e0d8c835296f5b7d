/*
 * irq.c -- from an interrupt's vector to the handler of its line, whichever controller brought it.
 *
 * The controller is chosen once: IOAPIC and local APIC where ACPI names them, else the 8259.
 * Handlers are set at boot, and from then on only read. Everything in this folder is reached by
 * interrupts and built without sanitizers; the call through `handlers` is the only indirect one.
 */
#include <arch/irq.h>
#include <arch/irqflags.h>
#include <arch/lapic.h>
#include <arch/trap_frame.h>
#include <facet/bootinfo.h>
#include <facet/cmdline.h>
#include <facet/trace.h>

#include "controllers.h"

const char *irq_controller_name = "8259";
uint64_t irq_spurious_count;

/* No device of this kernel comes near: the serial line brings 11,520 bytes a second. */
#define STORM_PER_SECOND 100000
#define STORM_LOOK_EVERY 1024

struct irq_counts {
	uint64_t of[IRQ_LINES];
	struct burst {
		uint64_t ticks, count; /* when the second began */
	} bursts[IRQ_LINES];
};

static PER_CPU(struct irq_counts, irq_counts);
static irq_handler handlers[IRQ_LINES];
static const char *names[IRQ_LINES];
static bool use_ioapic;

void irq_init(void)
{
	struct cmdline_word word;

	trouble_init();
	i8259_init();
	local_apic_init();
	if (lapic_present() && !cmdline_find(boot_info.cmdline, "noapic", &word) && ioapic_init()) {
		use_ioapic = true;
		irq_controller_name = "ioapic";
	}
	local_apic_pass_8259(!use_ioapic);
}

void irq_unmask(unsigned line)
{
	if (use_ioapic)
		ioapic_unmask(line);
	else
		i8259_unmask(line);
}

void irq_register(unsigned line, irq_handler handler, const char *name)
{
	handlers[line] = handler;
	names[line] = name;
	irq_unmask(line);
}

const char *irq_name(unsigned line)
{
	return names[line];
}

uint64_t irq_count(unsigned line)
{
	return READ_ONCE(this_cpu(irq_counts)->of[line]);
}

void irq_acknowledge(unsigned line)
{
	if (use_ioapic)
		lapic_write(LAPIC_EOI, 0);
	else
		i8259_acknowledge(line);
}

/* Counted, and acknowledged unless a controller made it up. */
static void unwanted(uint64_t vector)
{
	unsigned line = (unsigned)vector - VECTOR_IRQ_BASE;

	irq_spurious_count++;
	if (vector == VECTOR_SPURIOUS)
		return;
	if (vector == VECTOR_LAPIC_ERROR) {
		lapic_write(LAPIC_ERROR_STATUS, 0); /* so that it can be read */
		trouble_lapic(lapic_read(LAPIC_ERROR_STATUS));
	}
	if (use_ioapic || line >= IRQ_LINES)
		lapic_write(LAPIC_EOI, 0);
	else if (!i8259_is_spurious(line))
		i8259_acknowledge(line);
}

/* Whether a line has interrupted too often since less than a second. */
static bool is_storm(const struct irq_counts *counts, struct burst *burst, unsigned line)
{
	uint64_t ticks = cpu_get(ticks);

	if (ticks - burst->ticks >= CONFIG_HZ) {
		burst->ticks = ticks;
		burst->count = counts->of[line];
	}
	return counts->of[line] - burst->count >= STORM_PER_SECOND;
}

/* A line that does not stop would leave the processor no time for anything else. */
static void count_line(unsigned line)
{
	struct irq_counts *counts = this_cpu(irq_counts);

	if (likely(++counts->of[line] % STORM_LOOK_EVERY) ||
	    !is_storm(counts, &counts->bursts[line], line))
		return;
	if (use_ioapic)
		ioapic_mask(line);
	else
		i8259_mask(line);
	trouble_storm(line);
}

void irq_dispatch(struct trap_frame *frame)
{
	uint64_t line = frame->vector - VECTOR_IRQ_BASE;
	irq_handler handler = line < IRQ_LINES ? handlers[line] : NULL;

	/* Ticks are counted by the clock, and asked for first: they come most often. */
	if (handler && handler != timer_interrupt)
		count_line((unsigned)line);
	irqs_off_begin();
	trace_event_irqs_off(TRACE_interrupt, line);
	if (handler)
		handler(frame);
	else
		unwanted(frame->vector);
	irqs_off_end();
}
