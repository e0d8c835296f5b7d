/*
 * shape.h -- which member of each choice this kernel is made of.
 */
#ifndef FACET_SHAPE_H
#define FACET_SHAPE_H

#include <facet/types.h>

#define SHAPE_LINE_MAX 128

/*
 * "facet: sched=rr fork=cow timer=lapic programs=embedded hz=250 config=1a2b3c4d".
 * Context: any; locks nothing.
 */
void shape_line(char *buffer, size_t size);

#endif
