/*
 * boot_stages.h -- how long the boot took, by stages.
 *
 * Written by kernel_main() alone, before there is a second thread; only read from then on.
 */
#ifndef FACET_BOOT_STAGES_H
#define FACET_BOOT_STAGES_H

#include <facet/types.h>

struct boot_stage {
	const char *name;
	uint64_t cycles; /* since the kernel's entry, when the stage was done */
};

/* The n-th stage, or NULL. */
const struct boot_stage *boot_stage_get(unsigned index);

#endif
