/*
 * The root archive inside the kernel's image: archive.asm, in the section .programs.
 *
 * One file boots. The section is page-aligned and last but .bss, so that its frames can be freed.
 * Boot only. Alternative: initrd.c.
 */
#include <arch/layout.h>
#include <facet/errno.h>
#include <facet/programs.h>

extern const char __programs_start[], __programs_end[];

const char programs_name[] = "embedded";

int programs_archive(const struct bootinfo *info, struct slice *archive)
{
	size_t size = (size_t)(__programs_end - __programs_start);

	(void)info;
	if (!size)
		return -ENOENT;
	archive->base = phys_to_virt(kernel_image_phys(__programs_start));
	archive->size = size;
	return 0;
}
