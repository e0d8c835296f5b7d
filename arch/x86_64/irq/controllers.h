/*
 * controllers.h -- the two interrupt controllers as irq.c sees them, line by line: of each pair of
 * functions it calls the one of the controller in use; and trouble.c, which tells what went wrong.
 */
#ifndef IRQ_CONTROLLERS_H
#define IRQ_CONTROLLERS_H

#include <facet/types.h>

/* Moves the lines to VECTOR_IRQ_BASE and masks them all, also where the IOAPIC takes over. */
void i8259_init(void);
void i8259_unmask(unsigned line);
void i8259_mask(unsigned line);
void i8259_acknowledge(unsigned line);
/* Whether the controller made this one up: it wants no acknowledge then. */
bool i8259_is_spurious(unsigned line);

/* False: ACPI names none that works. All inputs are masked. */
bool ioapic_init(void);
void ioapic_unmask(unsigned line);
/* Of a line that was unmasked. */
void ioapic_mask(unsigned line);

/* Finds and enables this CPU's local APIC; does nothing where there is none. */
void local_apic_init(void);
/* Whether the 8259's interrupts pass through it (there is no IOAPIC in use). */
void local_apic_pass_8259(bool pass);

/* Remembers that a line was masked, or the local APIC's errors. Context: interrupt. */
void trouble_storm(unsigned line);
void trouble_lapic(uint32_t error_status);
void trouble_init(void);

#endif
