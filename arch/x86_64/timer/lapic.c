/*
 * The tick from the local APIC's timer: inside the CPU, with a vector of its own.
 *
 * Where the CPU can compare the time-stamp counter with a deadline, each tick sets the next one:
 * that is as exact as clock_ns(), and costs a write to an MSR a tick. Elsewhere the timer repeats
 * by itself, and divides the frequency that calibrate.c measured, so the tick is as exact as the
 * measurement. `lapic=notscdeadline` on the command line, as Linux has it, takes that way.
 * Entry/ knows the timer's vector; no line of the interrupt controller is involved.
 *
 * Built without sanitizers: the interrupt acknowledges here. Source: Intel SDM volume 3, 11.5.4.
 * Alternative: pit.c.
 */
#include <arch/calibrate.h>
#include <arch/cpu.h>
#include <arch/lapic.h>
#include <arch/trap_frame.h>
#include <facet/bootinfo.h>
#include <facet/cmdline.h>
#include <facet/panic.h>
#include <facet/printk.h>
#include <facet/string.h>
#include <facet/timer.h>

const char timer_name[] = "lapic";

static uint64_t period, deadline; /* of the TSC; period 0: the timer repeats by itself */

static bool use_deadlines(void)
{
	char value[16] = "";

	cmdline_get(boot_info.cmdline, "lapic", value, sizeof(value));
	return cpu_features.tsc_deadline && strcmp(value, "notscdeadline") != 0;
}

static void start_deadlines(unsigned hz)
{
	pr_info("timer: by deadlines of the TSC\n");
	period = calibration.tsc_hz / hz;
	deadline = rdtsc() + period;
	lapic_write(LAPIC_LVT_TIMER, LAPIC_LVT_TSC_DEADLINE | VECTOR_TIMER);
	/* A write to memory may be overtaken by one to an MSR, which then would do nothing. */
	__asm__ volatile("mfence" : : : "memory");
	wrmsr(MSR_TSC_DEADLINE, deadline);
}

void timer_start(unsigned hz)
{
	if (!lapic_present())
		panic("timer: this processor has no local APIC; timer-pit.config takes the PIT");
	if (use_deadlines()) {
		start_deadlines(hz);
		return;
	}
	lapic_write(LAPIC_TIMER_DIVIDE, LAPIC_DIVIDE_BY_1);
	lapic_write(LAPIC_LVT_TIMER, LAPIC_LVT_PERIODIC | VECTOR_TIMER);
	lapic_write(LAPIC_TIMER_INITIAL, (uint32_t)((calibration.lapic_hz + hz / 2) / hz));
}

/* Ticks that were missed are left out, as with a timer that repeats. */
static void set_next_deadline(void)
{
	uint64_t now = rdtsc();

	deadline += period;
	if (unlikely(deadline <= now))
		deadline += (now - deadline) / period * period + period;
	wrmsr(MSR_TSC_DEADLINE, deadline);
}

void timer_acknowledge(void)
{
	if (unlikely(period))
		set_next_deadline();
	lapic_write(LAPIC_EOI, 0);
}
