/*
 * plant.h -- faults put in on purpose, to see the checks fire: kernel/debug/plant.c, under
 * CONFIG_KERNEL_TESTS.
 *
 * `plant=NAME` on the command line breaks one rule, once, before the first process starts. The
 * kernel must answer with a panic that names the rule.
 */
#ifndef FACET_PLANT_H
#define FACET_PLANT_H

#include <facet/cmdline.h>
#include <facet/printk.h>

#ifdef CONFIG_KERNEL_TESTS
void plant_fault(const char *cmdline);
#else
static inline void plant_fault(const char *cmdline)
{
	struct cmdline_word word;

	if (cmdline_find(cmdline, "plant", &word))
		pr_warn("plant= needs a kernel with CONFIG_KERNEL_TESTS: nothing is broken on "
			"purpose\n");
}
#endif

#endif
