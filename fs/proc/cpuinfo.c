/*
 * cpuinfo.c -- /proc/cpuinfo. Source: proc(5); Intel SDM volume 2, CPUID; Linux's names of the
 * flags.
 */
#include "proc.h"

#include <arch/cpu.h>

struct flag {
	uint8_t bit;
	char name[15];
};

/* Leaf 1, EDX and ECX; leaf 7, EBX and ECX; leaf 0x80000001, EDX and ECX. */
static const struct flag leaf_1_edx[] = {
	{ 0, "fpu" },  { 1, "vme" },    { 2, "de" },       { 3, "pse" },  { 4, "tsc" },
	{ 5, "msr" },  { 6, "pae" },    { 7, "mce" },      { 8, "cx8" },  { 9, "apic" },
	{ 11, "sep" }, { 12, "mtrr" },  { 13, "pge" },     { 14, "mca" }, { 15, "cmov" },
	{ 16, "pat" }, { 17, "pse36" }, { 19, "clflush" }, { 23, "mmx" }, { 24, "fxsr" },
	{ 25, "sse" }, { 26, "sse2" },  { 27, "ss" },      { 28, "ht" },
};

static const struct flag leaf_1_ecx[] = {
	{ 0, "pni" },     { 1, "pclmulqdq" },   { 3, "monitor" }, { 9, "ssse3" },
	{ 12, "fma" },    { 13, "cx16" },       { 19, "sse4_1" }, { 20, "sse4_2" },
	{ 21, "x2apic" }, { 22, "movbe" },      { 23, "popcnt" }, { 24, "tsc_deadline" },
	{ 25, "aes" },    { 26, "xsave" },      { 28, "avx" },    { 29, "f16c" },
	{ 30, "rdrand" }, { 31, "hypervisor" },
};

static const struct flag leaf_7_ebx[] = {
	{ 0, "fsgsbase" }, { 3, "bmi1" },  { 5, "avx2" },     { 7, "smep" },
	{ 8, "bmi2" },     { 9, "erms" },  { 10, "invpcid" }, { 18, "rdseed" },
	{ 19, "adx" },     { 20, "smap" }, { 29, "sha_ni" },
};

static const struct flag leaf_7_ecx[] = {
	{ 2, "umip" },
	{ 3, "pku" },
	{ 16, "la57" },
	{ 22, "rdpid" },
};

static const struct flag extended_edx[] = {
	{ 11, "syscall" }, { 20, "nx" }, { 26, "pdpe1gb" }, { 27, "rdtscp" }, { 29, "lm" },
};

static const struct flag extended_ecx[] = {
	{ 0, "lahf_lm" }, { 2, "svm" }, { 5, "abm" }, { 6, "sse4a" }, { 8, "3dnowprefetch" },
};

static void show_flags(struct text *text, uint32_t word, const struct flag *flags, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (word >> flags[i].bit & 1)
			text_printf(text, " %s", flags[i].name);
}

#define show_word(text, word, flags) show_flags(text, word, flags, ARRAY_SIZE(flags))

static void show_all_flags(struct text *text)
{
	uint32_t a, b, c, d, highest;

	cpuid(0, 0, &highest, &b, &c, &d);
	cpuid(1, 0, &a, &b, &c, &d);
	show_word(text, d, leaf_1_edx);
	show_word(text, c, leaf_1_ecx);
	if (highest >= 7) {
		cpuid(7, 0, &a, &b, &c, &d);
		show_word(text, b, leaf_7_ebx);
		show_word(text, c, leaf_7_ecx);
	}
	cpuid(0x80000001, 0, &a, &b, &c, &d);
	show_word(text, d, extended_edx);
	show_word(text, c, extended_ecx);
	/* Neither the clock's rate nor idling changes the rate at which it counts. */
	if (cpu_features.invariant_tsc)
		text_printf(text, " constant_tsc nonstop_tsc");
}

int proc_show_cpuinfo(struct text *text, pid_t pid)
{
	uint64_t khz = clock_deadline_cycles(2 * NS_PER_SEC) - clock_deadline_cycles(NS_PER_SEC);
	uint32_t version, b, c, d, family, model;

	(void)pid;
	khz /= 1000;
	cpuid(1, 0, &version, &b, &c, &d);
	family = version >> 8 & 0xf;
	model = version >> 4 & 0xf;
	if (family == 6 || family == 15)
		model |= version >> 12 & 0xf0;
	if (family == 15)
		family += version >> 20 & 0xff;
	text_printf(text, "processor\t: 0\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n",
		    cpu_features.vendor, family, model);
	text_printf(text, "model name\t: %s\nstepping\t: %u\ncpu MHz\t\t: %lu.%03lu\n",
		    cpu_features.model, version & 0xf, khz / 1000, khz % 1000);
	text_printf(text, "physical id\t: 0\nsiblings\t: 1\ncore id\t\t: 0\ncpu cores\t: 1\n");
	text_printf(text, "fpu\t\t: yes\nfpu_exception\t: yes\nwp\t\t: yes\nflags\t\t:");
	show_all_flags(text);
	text_printf(text, "\nbogomips\t: %lu.%02lu\nclflush size\t: %u\ncache_alignment\t: 64\n",
		    khz / 500, khz % 500 / 5, (b >> 8 & 0xff) * 8);
	text_printf(text, "address sizes\t: %u bits physical, 48 bits virtual\n\n",
		    cpu_features.physical_bits);
	return 0;
}
