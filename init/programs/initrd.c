/*
 * The root archive from the boot loader: QEMU's -initrd, or the first module2 of GRUB.
 *
 * Programs change without a new kernel. A module lies on pages of its own, so that its frames can
 * be freed. Boot only. Alternative: embedded.c.
 */
#include <arch/layout.h>
#include <facet/errno.h>
#include <facet/programs.h>

const char programs_name[] = "initrd";

int programs_archive(const struct bootinfo *info, struct slice *archive)
{
	const struct boot_module *module = &info->modules[0];

	if (!info->module_count)
		return -ENOENT;
	archive->base = phys_to_virt(module->base);
	archive->size = module->size;
	return 0;
}
