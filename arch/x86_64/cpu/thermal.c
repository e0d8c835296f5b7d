/*
 * thermal.c -- whether the processor was too hot, and slowed itself down.
 *
 * It does so whoever is told, so the interrupt of its sensor stays as the firmware has set it, on
 * many machines to an SMI of its own; what the processor has noted is looked for every ten seconds
 * and printed, when there is twice as much of it: a fan that is broken must not fill the log.
 *
 * Source: Intel SDM volume 3, 15.8.2, IA32_THERM_STATUS.
 */
#include <arch/cpu.h>
#include <arch/irqflags.h>
#include <arch/thermal.h>
#include <facet/clock.h>
#include <facet/printk.h>
#include <facet/timeout.h>

#define PERIOD_NS (10 * NS_PER_SEC)
#define MSR_THERM_STATUS 0x19c
#define STATUS_WAS_HOT 0x02 /* since it was last cleared */

static uint32_t seen, said;
static struct timeout watch;

bool thermal_count(uint32_t *count)
{
	uint64_t flags = irq_save(), status = 0;
	bool told = cpu_features.thermal && rdmsr_safe(MSR_THERM_STATUS, &status);

	if (status & STATUS_WAS_HOT &&
	    wrmsr_safe(MSR_THERM_STATUS, status & ~(uint64_t)STATUS_WAS_HOT))
		seen++;
	*count = seen;
	irq_restore(flags);
	return told;
}

static void look(struct timeout *timeout)
{
	uint32_t count;

	if (thermal_count(&count) && count > said && count >= 2 * said) {
		pr_warn("cpu: too hot, so it ran slower; seen %u times so far\n", count);
		said = count;
	}
	timeout_set(timeout, clock_ns() + PERIOD_NS);
}

void thermal_watch(void)
{
	uint32_t before_the_start;

	if (!thermal_count(&before_the_start))
		return;
	seen = 0;
	timeout_init(&watch, look);
	timeout_set(&watch, clock_ns() + PERIOD_NS);
}
