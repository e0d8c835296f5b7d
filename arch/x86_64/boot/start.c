/*
 * start.c -- the first C function: learns from the loader what there is, and goes on to
 * kernel_main().
 *
 * The boot page tables are loaded, interrupts are off, nothing is set up but a stack and GS. The
 * serial port is made usable first, so that all that goes wrong from here on can be read.
 */
#include <arch/cpu.h>
#include <arch/layout.h>
#include <facet/console_devices.h>
#include <facet/panic.h>
#include <facet/printk.h>
#include <facet/string.h>

#include "start.h"
#include "tables.h"

#define BOOT_MAPPED (4ul << 30) /* boot.asm's tables map this much of low memory */

#define CPUID_SYSCALL (1u << 11) /* leaf 0x80000001, edx */

struct bootinfo boot_info;

/* What does not fit is cut off, so this must leave room for the boot loader's words behind it. */
_Static_assert(sizeof(CONFIG_CMDLINE) <= BOOT_CMDLINE_MAX / 2,
	       "CONFIG_CMDLINE is longer than 1023 characters");

const void *table_map(paddr_t base, size_t size)
{
	if (!base || base >= BOOT_MAPPED || size > BOOT_MAPPED - base)
		return NULL;
	return phys_to_virt(base);
}

/* What boot.asm could not ask in 32-bit mode; here there is a screen to say it on. */
static void check_processor(void)
{
	uint32_t a, b, c, d;

	cpuid(0x80000001, 0, &a, &b, &c, &d);
	if (!(d & CPUID_SYSCALL))
		panic("boot: this processor has no SYSCALL instruction");
}

static const char *parse(uint32_t magic, paddr_t tables, struct bootinfo *info)
{
	strlcpy(info->cmdline, CONFIG_CMDLINE, sizeof(info->cmdline));
	if (magic == MULTIBOOT2_BOOT_MAGIC)
		return multiboot2_parse(tables, info);
	if (magic == PVH_BOOT_MAGIC)
		return pvh_parse(tables, info);
	return "the loader speaks neither Multiboot2 nor PVH";
}

noreturn void boot_main(uint32_t magic, paddr_t tables)
{
	const char *problem;

	serial_init();
	problem = parse(magic, tables, &boot_info);
	vga_init(&boot_info);
	framebuffer_init(&boot_info);
	printk_start_consoles();
	check_processor();
	if (problem)
		panic("boot: %s (magic %#x, tables at %#lx)", problem, magic, tables);
	if (boot_info.lost_bytes)
		pr_warn("boot: memory map too long, %lu KiB of RAM not used\n",
			boot_info.lost_bytes / 1024);
	kernel_main(&boot_info);
}
