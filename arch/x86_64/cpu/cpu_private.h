/*
 * cpu_private.h -- between cpu.c, descriptors.c and switch.c.
 */
#ifndef CPU_PRIVATE_H
#define CPU_PRIVATE_H

#include <facet/types.h>

struct cpu;

/* GDT, IDT and TSS of this CPU. GS's base is set already and stays. */
void descriptors_init(struct cpu *cpu);

/* x87 and SSE as the ABI has them at process entry, in fxsave's layout. */
void fpu_init(void);

#endif
