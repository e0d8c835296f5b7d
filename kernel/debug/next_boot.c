/*
 * next_boot.c -- which kernel the boot loader starts after a warm reboot: a number left in memory.
 *
 * It lies behind the log that is kept (last_log.c), and is lost where that is. GRUB looks for it
 * and clears it, so that it counts once: scripts/image_menu/grub.cfg.jinja. So several kernels run
 * one after the other in a machine without a keyboard.
 *
 * One word is stored, and whole: no lock.
 */
#include <arch/cpu.h>
#include <arch/layout.h>
#include <facet/errno.h>
#include <facet/last_log.h>
#include <facet/next_boot.h>

/* Its upper half is the sign that there is one: what faded or never was has another. */
#define MAGIC 0xface0000u
#define NUMBER_MAX 0xffffu

static volatile uint32_t *word(void)
{
	return phys_to_virt(NEXT_BOOT_PLACE);
}

int next_boot_set(uint64_t number)
{
	if (!last_log_is_kept())
		return -ENODEV;
	if (number > NUMBER_MAX)
		return -EINVAL;
	*word() = MAGIC | (uint32_t)number;
	cache_flush_line((const void *)word()); /* a reset loses what is in the caches alone */
	return 0;
}

unsigned next_boot_get(void)
{
	uint32_t value = last_log_is_kept() ? *word() : 0;

	return (value & ~NUMBER_MAX) == MAGIC ? value & NUMBER_MAX : 0;
}
