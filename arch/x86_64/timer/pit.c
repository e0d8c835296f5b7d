/*
 * The tick from the PIT, the 8254 that every PC has: channel 0, line 0.
 *
 * It divides 1.193182 MHz by a whole number, so the tick is a little off: at most 0.02% at the
 * configured frequencies. Time does not suffer, it is the time-stamp counter's.
 *
 * Built without sanitizers: the interrupt acknowledges here. Source: Intel 8254 data sheet.
 * Alternative: lapic.c.
 */
#include <arch/calibrate.h>
#include <arch/io.h>
#include <arch/irq.h>
#include <arch/trap_frame.h>
#include <facet/panic.h>
#include <facet/timer.h>

#define PIT_CHANNEL_0 0x40
#define PIT_COMMAND 0x43
#define PIT_CHANNEL_0_RATE 0x34 /* low and high byte, mode 2: one pulse each time round */
#define PIT_CHANNEL_0_LATCH 0x00
#define COUNTING_POLLS 1000 /* a step takes less */

const char timer_name[] = "pit";

static unsigned count(void)
{
	unsigned low;

	outb(PIT_COMMAND, PIT_CHANNEL_0_LATCH);
	low = inb(PIT_CHANNEL_0);
	return low | (unsigned)inb(PIT_CHANNEL_0) << 8;
}

/* A port that nobody answers reads the same each time. */
static bool counts(void)
{
	unsigned first = count();

	for (unsigned i = 0; i < COUNTING_POLLS; i++)
		if (count() != first)
			return true;
	return false;
}

void timer_start(unsigned hz)
{
	uint32_t divisor = (PIT_HZ + hz / 2) / hz;

	outb(PIT_COMMAND, PIT_CHANNEL_0_RATE);
	outb(PIT_CHANNEL_0, (uint8_t)divisor);
	outb(PIT_CHANNEL_0, (uint8_t)(divisor >> 8));
	if (!counts())
		panic("timer: this machine has no PIT; timer-lapic.config takes the local APIC");
	irq_register(IRQ_PIT, timer_interrupt, "timer");
}

void timer_acknowledge(void)
{
	irq_acknowledge(IRQ_PIT);
}
