/*
 * plant.h -- faults put in on purpose, to see the checks fire: kernel/debug/plant.c, under
 * CONFIG_KERNEL_TESTS.
 *
 * `plant=NAME` on the command line breaks one rule, once, before the first process starts. The kernel must
 * answer with a panic that names the rule.
 */
#ifndef FACET_PLANT_H
#define FACET_PLANT_H

#ifdef CONFIG_KERNEL_TESTS
void plant_fault(const char *cmdline);
#else
static inline void plant_fault(const char *cmdline)
{
	(void)cmdline;
}
#endif

#endif
