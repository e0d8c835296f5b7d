/*
 * thermal.h -- what becomes of a processor that gets too hot.
 */
#ifndef ARCH_THERMAL_H
#define ARCH_THERMAL_H

#include <facet/types.h>

/* From now on it is said when it was. Context: boot, once timeouts work. */
void thermal_watch(void);

/*
 * How often it was found to have slowed itself down since; what happens between two calls counts
 * once. False: this processor does not tell.
 */
bool thermal_count(uint32_t *count);

#endif
