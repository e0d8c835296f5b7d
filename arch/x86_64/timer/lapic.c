/*
 * The tick from the local APIC's timer: inside the CPU, with a vector of its own.
 *
 * It divides the frequency that calibrate.c measured, some hundred MHz, so the tick is as exact as
 * the measurement. Entry/ knows its vector; no line of the interrupt controller is involved.
 *
 * Built without sanitizers: the interrupt acknowledges here. Source: Intel SDM volume 3, 11.5.4.
 * Alternative: pit.c.
 */
#include <arch/calibrate.h>
#include <arch/irq.h>
#include <arch/lapic.h>
#include <arch/trap_frame.h>
#include <facet/panic.h>
#include <facet/timer.h>

const char timer_name[] = "lapic";

void timer_start(unsigned hz)
{
	uint32_t count = (uint32_t)((calibration.lapic_hz + hz / 2) / hz);

	if (!lapic_present())
		panic("timer: this processor has no local APIC; timer-pit.config takes the PIT");
	lapic_write(LAPIC_TIMER_DIVIDE, LAPIC_DIVIDE_BY_1);
	lapic_write(LAPIC_LVT_TIMER, LAPIC_LVT_PERIODIC | VECTOR_TIMER);
	lapic_write(LAPIC_TIMER_INITIAL, count);
}

void timer_acknowledge(void)
{
	lapic_write(LAPIC_EOI, 0);
}
