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

struct irq_counts {
	uint64_t of[IRQ_LINES];
};

static PER_CPU(struct irq_counts, irq_counts);
static irq_handler handlers[IRQ_LINES];
static const char *names[IRQ_LINES];
static bool use_ioapic;

void irq_init(void)
{
	struct cmdline_word word;

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
	if (use_ioapic || line >= IRQ_LINES)
		lapic_write(LAPIC_EOI, 0);
	else if (!i8259_is_spurious(line))
		i8259_acknowledge(line);
}

void irq_dispatch(struct trap_frame *frame)
{
	uint64_t line = frame->vector - VECTOR_IRQ_BASE;
	irq_handler handler = line < IRQ_LINES ? handlers[line] : NULL;

	/* Ticks are counted by the clock, and asked for first: they come most often. */
	if (handler != timer_interrupt)
		this_cpu(irq_counts)->of[line % IRQ_LINES] += handler != NULL;
	irqs_off_begin();
	trace_event_irqs_off(TRACE_interrupt, line);
	if (handler)
		handler(frame);
	else
		unwanted(frame->vector);
	irqs_off_end();
}
