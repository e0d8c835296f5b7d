/*
 * The processor at boot: what it offers, its per-CPU block, and its control registers.
 *
 * Every protection that the CPU has is turned on: SMEP and SMAP (the kernel neither runs nor
 * touches user memory by accident), UMIP (user mode does not see the descriptor tables), write
 * protection for the kernel, NX. Boot only, interrupts off.
 */
#include <arch/cpu.h>
#include <arch/irqflags.h>
#include <arch/percpu.h>
#include <arch/trap_frame.h>
#include <facet/string.h>

#include "cpu_private.h"

struct cpu_features cpu_features;

struct cpu boot_cpu; /* boot.asm has pointed GS at it, all zeros */

extern void syscall_entry(void); /* entry.asm */

static void registers_to_text(char *text, uint32_t a, uint32_t b, uint32_t c)
{
	memcpy(text, &a, 4);
	memcpy(text + 4, &b, 4);
	memcpy(text + 8, &c, 4);
	text[12] = '\0';
}

/* Family 6 up to Core 2, by CPUID's leaf 1. */
static bool is_old_intel(const char *vendor, uint32_t signature)
{
	uint32_t family = signature >> 8 & 15;
	uint32_t model = (signature >> 4 & 15) | (signature >> 12 & 0xf0);

	return strcmp(vendor, "GenuineIntel") == 0 && family == 6 && model < 0x1a;
}

static void features_read(struct cpu_features *f)
{
	uint32_t a, b, c, d, basic_max, extended_max;

	cpuid(0, 0, &basic_max, &b, &c, &d);
	registers_to_text(f->vendor, b, d, c);
	cpuid(1, 0, &a, &b, &c, &d);
	f->apic = d >> 9 & 1;
	f->pge = d >> 13 & 1;
	f->machine_check = (d >> 7 & 1) && (d >> 14 & 1);
	f->machine_check_bank_0 = !is_old_intel(f->vendor, a);
	f->thermal = (d >> 22 & 1) && !strcmp(f->vendor, "GenuineIntel");
	f->x2apic = c >> 21 & 1;
	f->tsc_deadline = c >> 24 & 1;
	/* Without that leaf, which some firmware hides, nobody knows how large its state is. */
	f->avx = (c >> 26 & 1) && (c >> 28 & 1) && basic_max >= 0xd;
	if (c >> 31 & 1) {
		cpuid(0x40000000, 0, &a, &b, &c, &d);
		registers_to_text(f->hypervisor, b, c, d);
	}
	if (basic_max >= 6) {
		cpuid(6, 0, &a, &b, &c, &d);
		f->cycle_counts = c & 1;
	}
	if (basic_max >= 7) {
		cpuid(7, 0, &a, &b, &c, &d);
		f->smep = b >> 7 & 1;
		f->smap = b >> 20 & 1;
		f->umip = c >> 2 & 1;
	}
	cpuid(0x80000000, 0, &extended_max, &b, &c, &d);
	cpuid(0x80000001, 0, &a, &b, &c, &d);
	f->gib_pages = d >> 26 & 1;
	for (uint32_t i = 0; extended_max >= 0x80000004 && i < 3; i++) {
		cpuid(0x80000002 + i, 0, &a, &b, &c, &d);
		memcpy(f->model + 16 * i, &a, 4);
		memcpy(f->model + 16 * i + 4, &b, 4);
		memcpy(f->model + 16 * i + 8, &c, 4);
		memcpy(f->model + 16 * i + 12, &d, 4);
	}
	if (extended_max >= 0x80000007) {
		cpuid(0x80000007, 0, &a, &b, &c, &d);
		f->invariant_tsc = d >> 8 & 1;
	}
	f->physical_bits = 36;
	if (extended_max >= 0x80000008) {
		cpuid(0x80000008, 0, &a, &b, &c, &d);
		f->physical_bits = (uint8_t)a;
	}
}

static void control_registers_init(const struct cpu_features *f)
{
	uint64_t cr4 = read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT;

	if (f->pge)
		cr4 |= CR4_PGE;
	if (f->umip)
		cr4 |= CR4_UMIP;
	if (f->smep)
		cr4 |= CR4_SMEP;
	if (f->smap)
		cr4 |= CR4_SMAP;
	write_cr4(cr4);
	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP | CR0_NE | CR0_WP);
}

/*
 * Memory types, by the bits PAT, cache disable and write-through of a page's entry. The CPU starts
 * with a table that repeats itself and has no write-combining; entry 1 becomes that, for of the
 * first four, which need no PAT bit, write-through alone is what the kernel uses nowhere. The boot
 * page tables use entry 0 only, so nothing cached changes its type. Every CPU with long mode has
 * such a table.
 * Source: Intel SDM volume 3, 12.12.
 */
static void memory_types_init(void)
{
	enum { UNCACHED = 0, COMBINING = 1, THROUGH = 4, BACK = 6, UNCACHED_MINUS = 7 };
	uint64_t first = BACK | COMBINING << 8 | UNCACHED_MINUS << 16 | UNCACHED << 24;
	uint64_t second = BACK | THROUGH << 8 | UNCACHED_MINUS << 16 | UNCACHED << 24;

	wrmsr(MSR_PAT, second << 32 | first);
}

/* SYSRET adds 16 to the upper selector for CS and 8 for SS, and 3 to both. */
static void syscall_init(void)
{
	wrmsr(MSR_STAR, (uint64_t)(USER_SS - 8 - 3) << 48 | (uint64_t)KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (uint64_t)syscall_entry);
	wrmsr(MSR_SFMASK, RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_NT | RFLAGS_AC);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | EFER_NXE);
}

void cpu_init(void)
{
	boot_cpu.self = &boot_cpu;
	boot_cpu.next_deadline = UINT64_MAX;
	wrmsr(MSR_GS_BASE, (uint64_t)&boot_cpu);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	features_read(&cpu_features);
	descriptors_init(&boot_cpu);
	control_registers_init(&cpu_features);
	memory_types_init();
	syscall_init();
	fpu_init();
}
