/*
 * tick.h -- the length of a tick, apart so that only its users are made again with HZ.
 */
#ifndef FACET_TICK_H
#define FACET_TICK_H

#include <facet/types.h>

#define TICK_NS (NS_PER_SEC / CONFIG_HZ)

#endif
