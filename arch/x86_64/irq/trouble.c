/*
 * trouble.c -- what interrupts that nobody wants have to say: NMIs, errors of the local APIC, lines
 * that interrupt without end.
 *
 * An interrupt prints nothing, so it is remembered here, and a bottom prints it. Each kind of error
 * is said once, and NMIs when there are twice as many: what comes often must not fill the log.
 *
 * Source: Intel SDM volume 3, 11.5.3; for port 0x61 the PC/AT's technical reference.
 */
#include <arch/io.h>
#include <arch/irq.h>
#include <arch/irqflags.h>
#include <facet/pending.h>
#include <facet/printk.h>

#include "controllers.h"

#define SYSTEM_CONTROL 0x61 /* bit 7: a parity or system error, bit 6: a check of the bus */

static uint32_t storm_lines, lapic_errors; /* since the bottom ran */
static uint32_t lapic_errors_said;
static uint64_t nmis_said;

void trouble_storm(unsigned line)
{
	storm_lines |= 1u << line;
	pending_set(PENDING_MACHINE);
}

void trouble_lapic(uint32_t error_status)
{
	lapic_errors |= error_status;
	pending_set(PENDING_MACHINE);
}

static void say(void)
{
	uint64_t flags = irq_save(), nmis = READ_ONCE(nmi_count);
	uint32_t lines = storm_lines, errors = lapic_errors & ~lapic_errors_said;

	storm_lines = 0;
	lapic_errors_said |= errors;
	irq_restore(flags);
	for (unsigned line = 0; line < IRQ_LINES; line++)
		if (lines & 1u << line)
			pr_err("irq: line %u (%s) does not stop to interrupt and was masked\n",
			       line, irq_name(line));
	if (errors)
		pr_err("lapic: errors, status %#x\n", errors);
	if (nmis > nmis_said && nmis >= 2 * nmis_said) {
		pr_err("nmi: %lu so far, system control port %#x\n", nmis, inb(SYSTEM_CONTROL));
		nmis_said = nmis;
	}
}

void trouble_init(void)
{
	pending_register(PENDING_MACHINE, say);
}
