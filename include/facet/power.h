/*
 * power.h -- ending the machine. Context: any, if not said otherwise; interrupts are turned off.
 */
#ifndef FACET_POWER_H
#define FACET_POWER_H

#include <facet/types.h>

/*
 * `status` is what a test harness may learn: with `debug_exit` on the command line it is written to
 * QEMU's isa-debug-exit device at port 0xf4, and QEMU ends with 2 * status + 1. Then ACPI's S5,
 * then a halt.
 */
noreturn void power_off(uint8_t status);

/* By ACPI's reset register, the keyboard controller, a triple fault, in that order. */
noreturn void power_restart(void);

noreturn void power_halt(void);

/*
 * The three keys were pressed: a restart at once or, where reboot(2) turned that off, SIGINT to
 * process 1. Context: a bottom.
 */
void ctrl_alt_del(void);

/* What panic() ends with under `debug_exit`: QEMU's exit status is then 127. */
#define POWER_STATUS_PANIC 63

/* Whether the command line has `debug_exit`. */
bool power_debug_exit(void);

#endif
