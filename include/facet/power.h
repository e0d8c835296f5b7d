/*
 * power.h -- ending the machine. Context: any; interrupts are turned off. None returns.
 */
#ifndef FACET_POWER_H
#define FACET_POWER_H

#include <facet/types.h>

/*
 * `status` is what a test harness may learn: with an isa-debug-exit device at port 0xf4 QEMU ends with
 * 2 * status + 1; a machine without one ignores it. Then ACPI's S5, then a halt for ever.
 */
noreturn void power_off(uint8_t status);

/* By ACPI's reset register, the keyboard controller, a triple fault, in that order. */
noreturn void power_restart(void);

noreturn void power_halt(void);

#endif
