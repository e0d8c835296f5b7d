/*
 * fixup.h -- an instruction of the kernel that may fault, and where it goes on then.
 *
 * FIXUP stands behind the instruction, which has the local label 1, in an `asm goto` whose label is
 * `fault`. What may fault otherwise is a panic.
 */
#ifndef ARCH_FIXUP_H
#define ARCH_FIXUP_H

#define FIXUP "\n\t.pushsection __ex_table, \"a\"\n\t.quad 1b, %l[fault]\n\t.popsection"

#endif
