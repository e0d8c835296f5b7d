/*
 * counters.c -- where CONFIG_COUNTERS counts. What each number means stands where it is counted.
 */
#include <facet/counters.h>
#include <facet/printk.h>

PER_CPU(uint64_t, counters[COUNTER_COUNT]);
PER_CPU(struct irqs_off, irqs_off);

void counters_log(void)
{
	const uint64_t *counted = *this_cpu(counters);

	pr_notice("switches: kernel-kernel %lu kernel-user %lu user-kernel %lu user-user %lu\n",
		  counted[COUNT_switch_kernel_kernel], counted[COUNT_switch_kernel_user],
		  counted[COUNT_switch_user_kernel], counted[COUNT_switch_user_user]);
}
