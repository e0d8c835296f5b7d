/*
 * programs.h -- where the root archive comes from: init/programs/embedded.c or initrd.c, by choice.
 *
 * Both give the same archive (cpio newc) to the same unpacker, so two configurations differ in
 * where the bytes come from and in nothing else.
 */
#ifndef FACET_PROGRAMS_H
#define FACET_PROGRAMS_H

#include <facet/bootinfo.h>

extern const char programs_name[];

/*
 * `archive` is set to the root archive, page-aligned, in the direct map. The unpacker frees its
 * pages as it goes. Context: boot. Returns 0, -ENOENT where there is none (the caller says what to
 * do about it).
 */
int programs_archive(const struct bootinfo *info, struct slice *archive);

#endif
