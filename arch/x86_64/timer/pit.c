/*
 * The tick from the PIT, the 8254 that every PC has: channel 0, line 0.
 *
 * It divides 1.193182 MHz by a whole number, so the tick is a little off: at most 0.02% at the
 * configured frequencies. Time does not suffer, it is the time-stamp counter's.
 *
 * Built without sanitizers: the interrupt acknowledges here. Alternative: lapic.c.
 */
#include <arch/calibrate.h>
#include <arch/irq.h>
#include <arch/trap_frame.h>
#include <facet/panic.h>
#include <facet/timer.h>

#include "i8254.h"
#include "references.h"

#define TICK 0 /* the channel */

const char timer_name[] = "pit";

static uint32_t tick_count(void)
{
	return pit_count(TICK);
}

void timer_start(unsigned hz)
{
	const struct reference pit = { "PIT", PIT_HZ, UINT16_MAX, tick_count };

	pit_start_channel(TICK, (uint16_t)((PIT_HZ + hz / 2) / hz));
	if (!reference_counts(&pit))
		panic("timer: this machine has no PIT; timer-lapic.config takes the local APIC");
	irq_register(IRQ_PIT, timer_interrupt, "timer");
}

void timer_acknowledge(void)
{
	irq_acknowledge(IRQ_PIT);
}
