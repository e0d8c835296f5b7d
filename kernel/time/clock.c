/*
 * Time from the time-stamp counter, and the tick.
 *
 * ns = cycles * ns_mult >> 32, with both factors from the calibration; the products are 128 bits
 * wide, so nothing wraps. The tick is all that the timer's interrupt does: it takes no lock and
 * calls nothing.
 */
#include <arch/cpu.h>
#include <arch/percpu.h>
#include <facet/clock.h>
#include <facet/pending.h>
#include <facet/thread.h>
#include <facet/timeout.h>
#include <facet/trace.h>

#define SCALE_SHIFT 32

static struct {
	uint64_t ns_mult;     /* nanoseconds a cycle, << SCALE_SHIFT; 0 until clock_init() */
	uint64_t cycles_mult; /* cycles a nanosecond, << SCALE_SHIFT */
	uint64_t tick_cycles;
	uint64_t boot_cycles;
	uint64_t boot_realtime_ns;
} clock;

static unsigned __int128 scale(uint64_t value, uint64_t mult)
{
	return (unsigned __int128)value * mult >> SCALE_SHIFT;
}

void clock_mark_boot(void)
{
	clock.boot_cycles = rdtsc();
}

void clock_init(uint64_t tsc_hz, uint64_t realtime_seconds)
{
	clock.ns_mult = (NS_PER_SEC << SCALE_SHIFT) / tsc_hz;
	clock.cycles_mult = (tsc_hz / NS_PER_SEC << SCALE_SHIFT) +
			    (tsc_hz % NS_PER_SEC << SCALE_SHIFT) / NS_PER_SEC;
	clock.tick_cycles = tsc_hz / CONFIG_HZ;
	clock.boot_realtime_ns = realtime_seconds * NS_PER_SEC - clock_ns();
}

uint64_t clock_cycles_to_ns(uint64_t cycles)
{
	return (uint64_t)scale(cycles, clock.ns_mult);
}

uint64_t clock_deadline_cycles(uint64_t deadline_ns)
{
	unsigned __int128 cycles = scale(deadline_ns, clock.cycles_mult) + clock.boot_cycles + 1;

	return cycles < UINT64_MAX ? (uint64_t)cycles : UINT64_MAX;
}

uint64_t clock_ns(void)
{
	return clock_cycles_to_ns(rdtsc() - clock.boot_cycles);
}

uint64_t clock_realtime_ns(void)
{
	return READ_ONCE(clock.boot_realtime_ns) + clock_ns();
}

void clock_set_realtime(uint64_t ns)
{
	WRITE_ONCE(clock.boot_realtime_ns, ns - clock_ns());
	timeouts_clock_set();
}

uint64_t deadline_monotonic(uint64_t deadline_ns)
{
	uint64_t boot = READ_ONCE(clock.boot_realtime_ns), ns = deadline_ns & ~DEADLINE_REALTIME;

	if (!(deadline_ns & DEADLINE_REALTIME))
		return deadline_ns;
	return ns > boot ? ns - boot : 0;
}

bool deadline_passed(uint64_t deadline_ns)
{
	return deadline_monotonic(deadline_ns) <= clock_ns();
}

uint64_t clock_tick_cycles(void)
{
	return clock.tick_cycles;
}

void clock_tick(bool from_user)
{
	struct cpu *cpu = cpu_self();
	struct thread *thread = cpu->current;

	cpu->ticks++;
	if (from_user) {
		cpu->user_ticks++;
		thread->user_ticks++;
	} else {
		thread->system_ticks++; /* the idle thread's is idle time */
	}
	if (cpu->slice_left && cpu->slice_left != SLICE_NONE && --cpu->slice_left == 0)
		pending_set(PENDING_RESCHED);
	if (unlikely(thread->cpu_watched))
		pending_set(PENDING_CPU_TIMERS);
	trace_event_irqs_off(TRACE_tick, cpu->slice_left);
	if (rdtsc() >= cpu->next_deadline)
		pending_set(PENDING_TIMEOUTS);
}
