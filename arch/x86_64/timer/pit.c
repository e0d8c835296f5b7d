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
#include <facet/timer.h>

#define PIT_CHANNEL_0 0x40
#define PIT_COMMAND 0x43
#define PIT_CHANNEL_0_RATE 0x34 /* low and high byte, mode 2: one pulse each time round */

const char timer_name[] = "pit";

void timer_start(unsigned hz)
{
	uint32_t divisor = (PIT_HZ + hz / 2) / hz;

	outb(PIT_COMMAND, PIT_CHANNEL_0_RATE);
	outb(PIT_CHANNEL_0, (uint8_t)divisor);
	outb(PIT_CHANNEL_0, (uint8_t)(divisor >> 8));
	irq_register(IRQ_PIT, timer_interrupt, "timer");
}

void timer_acknowledge(void)
{
	irq_acknowledge(IRQ_PIT);
}
