/*
 * power_private.h -- what acpi.c asks of power.c.
 */
#ifndef ACPI_POWER_PRIVATE_H
#define ACPI_POWER_PRIVATE_H

/* Maps what power_restart() will write to. Context: boot, after the tables were read. */
void power_prepare(void);

#endif
