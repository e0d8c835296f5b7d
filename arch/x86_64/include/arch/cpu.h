/*
 * cpu.h -- control registers, model-specific registers and what CPUID says.
 *
 * Source: Intel SDM volume 3, chapter 2; AMD64 APM volume 2, appendix A.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <arch/fixup.h>
#include <facet/types.h>

#define MSR_APIC_BASE 0x1b
#define MSR_PAT 0x277
#define MSR_TSC_DEADLINE 0x6e0
#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_CSTAR 0xc0000083
#define MSR_SFMASK 0xc0000084
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102

#define EFER_SCE (1ul << 0)
#define EFER_LME (1ul << 8)
#define EFER_NXE (1ul << 11)

#define CR0_MP (1ul << 1)
#define CR0_EM (1ul << 2)
#define CR0_TS (1ul << 3)
#define CR0_NE (1ul << 5)
#define CR0_WP (1ul << 16)
#define CR4_MCE (1ul << 6)
#define CR4_PGE (1ul << 7)
#define CR4_OSFXSR (1ul << 9)
#define CR4_OSXMMEXCPT (1ul << 10)
#define CR4_UMIP (1ul << 11)
#define CR4_OSXSAVE (1ul << 18)
#define CR4_SMEP (1ul << 20)
#define CR4_SMAP (1ul << 21)

/* What this CPU offers; filled by cpu_init(), read-only from then on. */
struct cpu_features {
	char vendor[13];
	char model[49];
	char hypervisor[13]; /* "" on bare metal */
	bool avx;            /* and XSAVE */
	bool smep, smap, umip, pge, gib_pages, apic, x2apic, tsc_deadline, invariant_tsc;
	bool machine_check, machine_check_bank_0; /* bank 0 may be set up as the others */
	bool thermal, cycle_counts;
	uint8_t physical_bits;
};

extern struct cpu_features cpu_features;

/*
 * Descriptor tables, per-CPU base, control registers, syscall MSRs, FPU. Context: boot, interrupts
 * off.
 */
void cpu_init(void);

/* System management interrupts since power-on. False: this processor does not count them. */
bool cpu_smi_count(uint32_t *count);

/*
 * Cycles of the processor's own clock while it was not halted, and ticks at the rate of its
 * time-stamp counter meanwhile. False: it does not count them.
 */
bool cpu_cycle_counts(uint64_t *cycles, uint64_t *ticks);

static inline void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t *a, uint32_t *b, uint32_t *c,
			 uint32_t *d)
{
	__asm__ volatile("cpuid"
			 : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d)
			 : "a"(leaf), "c"(subleaf));
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return low | (uint64_t)high << 32;
}

/* False: this processor has no such register, whatever CPUID says; some hypervisors lie. */
static inline bool rdmsr_safe(uint32_t msr, uint64_t *value)
{
	uint32_t low = 0, high = 0;

	__asm__ goto("1:\trdmsr" FIXUP : "=a"(low), "=d"(high) : "c"(msr) : : fault);
	*value = low | (uint64_t)high << 32;
	return true;
fault:
	return false;
}

/* The same; it is written to, or is not. */
static inline bool wrmsr_safe(uint32_t msr, uint64_t value)
{
	__asm__ goto("1:\twrmsr" FIXUP
		     :
		     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
		     : "memory"
		     : fault);
	return true;
fault:
	return false;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

#define CACHE_LINE 64

/* Writes the line that holds this byte back to memory. */
static inline void cache_flush_line(const void *address)
{
	__asm__ volatile("clflush (%0)" : : "r"(address) : "memory");
}

static inline uint64_t rdtsc(void)
{
	uint64_t low, high; /* the upper halves of RAX and RDX are cleared */

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return low | high << 32;
}

#define define_control_register(name)                                           \
	static inline uint64_t read_##name(void)                                \
	{                                                                       \
		uint64_t value;                                                 \
		__asm__ volatile("mov %%" #name ", %0" : "=r"(value));          \
		return value;                                                   \
	}                                                                       \
	static inline void write_##name(uint64_t value)                         \
	{                                                                       \
		__asm__ volatile("mov %0, %%" #name : : "r"(value) : "memory"); \
	}

define_control_register(cr0)
define_control_register(cr2)
define_control_register(cr3)
define_control_register(cr4)

#endif
