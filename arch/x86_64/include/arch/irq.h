/*
 * irq.h -- interrupt lines and the controller behind them: IOAPIC and local APIC where there are
 * any, the 8259 otherwise, whatever the tick's source.
 *
 * A line is an ISA number (0 timer, 1 keyboard, 4 serial); ACPI's overrides are looked through
 * here.
 */
#ifndef ARCH_IRQ_H
#define ARCH_IRQ_H

#include <facet/types.h>

#define IRQ_PIT 0
#define IRQ_KEYBOARD 1
#define IRQ_SERIAL 4
#define IRQ_LINES 16

struct trap_frame;

/*
 * A handler is minimal: it quiets its device, moves its bytes into a ring, sets a bit in `pending`.
 * It takes no lock, wakes nobody and prints nothing (checked in the disassembly).
 * Context: interrupts off, preemption as it was.
 */
typedef void (*irq_handler)(struct trap_frame *frame);

/*
 * At boot: finds the controllers (after ACPI), masks every line. `noapic` on the command line: the
 * 8259.
 */
void irq_init(void);
extern const char *irq_controller_name; /* "ioapic" or "8259", for the boot log */

/* Sets the handler of a line and unmasks it. `name` is /proc/interrupts' for the device. */
void irq_register(unsigned line, irq_handler handler, const char *name);
void irq_unmask(unsigned line);

/* End of interrupt, for the handler of a line. A few instructions. */
void irq_acknowledge(unsigned line);

/* Called by entry/ with a vector from VECTOR_IRQ_BASE on, except VECTOR_TIMER and spurious ones. */
void irq_dispatch(struct trap_frame *frame);

/* The name, NULL without a handler; how often it has come to this CPU (ticks: cpu->ticks). */
const char *irq_name(unsigned line);
uint64_t irq_count(unsigned line);

/*
 * Interrupts that no handler wanted, since boot. Never printed from the interrupt: /proc shows it.
 */
extern uint64_t irq_spurious_count;
extern uint64_t nmi_count; /* entry/trap.c */

#endif
