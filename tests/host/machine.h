/*
 * machine.h -- a machine to test the memory rooms on: RAM, an array of frames, panics that are
 * caught.
 *
 * A test that uses it is compiled with `-Itests/host/kernel` in front of the kernel's own headers.
 * RAM and frames lie where the <arch/layout.h> of that folder says; what lies behind their ends is
 * not mapped.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <facet/bootinfo.h>
#include <facet/early_memory.h>
#include <facet/frames.h>
#include <facet/panic.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MACHINE_PAGES 4096ul /* 16 MiB */

uint32_t host_preempt_count;

static jmp_buf machine_panic;
static bool machine_panic_expected;
static char machine_panic_text[200];

noreturn void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(machine_panic_text, sizeof(machine_panic_text), format, args);
	va_end(args);
	if (!machine_panic_expected) {
		printf("# panic: %s\n", machine_panic_text);
		abort();
	}
	longjmp(machine_panic, 1);
}

/* Whether a statement panics. Locks and the preemption count are left as the panic found them. */
#define PANICS(statement)                         \
	({                                        \
		volatile bool panics_ = true;     \
		machine_panic_expected = true;    \
		if (setjmp(machine_panic) == 0) { \
			statement;                \
			panics_ = false;          \
		}                                 \
		machine_panic_expected = false;   \
		panics_;                          \
	})

void page_zero(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

void page_copy(void *to, const void *from)
{
	memcpy(to, from, PAGE_SIZE);
}

static inline void machine_map(vaddr_t address, size_t size)
{
	void *got = mmap((void *)address, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (got != (void *)address)
		abort();
}

/* 16 MiB with a hole in the middle and an odd end; the first MiB is taken. */
static inline void machine_boot(void)
{
	static struct bootinfo info = {
		.region_count = 3,
		.regions = {
			{ 0, 0x9f000, REGION_RAM },
			{ 0x100000, 0x700000, REGION_RAM },
			{ 0x900000, 0x6fd000, REGION_RAM },
		},
		.module_count = 1,
		.modules = { { 0x200000, 0x12345 } },
	};

	machine_map(DIRECT_MAP_BASE, MACHINE_PAGES * PAGE_SIZE);
	machine_map(FRAMES_BASE, MACHINE_PAGES * sizeof(struct frame));
	early_memory_init(&info, MACHINE_PAGES * PAGE_SIZE);
	early_memory_reserve(0, 0x100000);
	frames_init();
}

#endif
