/*
 * GDT, IDT and TSS: filled once at boot, read by the processor from then on.
 *
 * Selectors stand in the order that SYSCALL and SYSRET want (trap_frame.h). NMI, #DB, #DF and #MC
 * have stacks of their own; the word above each holds the CPU's block, for there GS cannot be
 * trusted.
 *
 * Source: Intel SDM volume 3, 3.4.5, 6.14, 8.7.
 */
#include <arch/percpu.h>
#include <arch/trap_frame.h>

#include "cpu_private.h"

#define IST_STACK_SIZE 4096

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

struct descriptor_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

struct ist_stack {
	uint8_t bytes[IST_STACK_SIZE - 16];
	struct cpu *cpu; /* read by paranoid_entry */
	uint64_t unused;
} __attribute__((aligned(16)));

enum ist { IST_NONE, IST_NMI, IST_DEBUG, IST_DOUBLE_FAULT, IST_MACHINE_CHECK, IST_STACKS };

#define GATE_INTERRUPT 0x8e
#define GATE_DPL_USER 0x60

static PER_CPU(struct ist_stack[IST_STACKS], ist_stacks);
static PER_CPU(uint64_t[7], gdt) = {
	0,
	0x00af9b000000ffff, /* KERNEL_CS */
	0x00cf93000000ffff, /* KERNEL_SS */
	0x00cff3000000ffff, /* USER_SS */
	0x00affb000000ffff, /* USER_CS */
	0,
	0, /* TSS_SELECTOR, two slots */
};
static struct gate idt[256];

extern const vaddr_t trap_stubs[256]; /* entry.asm */

static void gate_set(unsigned vector, enum ist ist, uint8_t type)
{
	vaddr_t stub = trap_stubs[vector];

	idt[vector] = (struct gate){
		.offset_low = (uint16_t)stub,
		.selector = KERNEL_CS,
		.ist = ist,
		.type = type,
		.offset_middle = (uint16_t)(stub >> 16),
		.offset_high = (uint32_t)(stub >> 32),
	};
}

static void tss_init(struct cpu *cpu)
{
	struct tss *own = &cpu->tss;
	uint64_t base = (uint64_t)own;
	uint64_t limit = sizeof(*own) - 1;

	own->io_map = sizeof(*own); /* none: user mode has no ports */
	for (unsigned i = IST_NMI; i < IST_STACKS; i++) {
		struct ist_stack *stack = &(*this_cpu(ist_stacks))[i];

		stack->cpu = cpu;
		own->ist[i - 1] = (uint64_t)&stack->cpu;
	}
	(*this_cpu(gdt))[5] = limit | (base & 0xffffff) << 16 | 0x89ull << 40 |
			      (base >> 24 & 0xff) << 56;
	(*this_cpu(gdt))[6] = base >> 32;
}

static void idt_init(void)
{
	for (unsigned vector = 0; vector < 256; vector++)
		gate_set(vector, IST_NONE, GATE_INTERRUPT);
	gate_set(VECTOR_NMI, IST_NMI, GATE_INTERRUPT);
	gate_set(VECTOR_DEBUG, IST_DEBUG, GATE_INTERRUPT);
	gate_set(VECTOR_DOUBLE_FAULT, IST_DOUBLE_FAULT, GATE_INTERRUPT);
	gate_set(VECTOR_MACHINE_CHECK, IST_MACHINE_CHECK, GATE_INTERRUPT);
	gate_set(VECTOR_BREAKPOINT, IST_NONE, GATE_INTERRUPT | GATE_DPL_USER);
	gate_set(4, IST_NONE, GATE_INTERRUPT | GATE_DPL_USER); /* INTO, as on Linux */
}

/* Loading a segment register clears GS's base, so the per-CPU base is set after this. */
static void descriptors_load(void)
{
	struct descriptor_pointer gdt_pointer = { sizeof(*this_cpu(gdt)) - 1,
						  (uint64_t)this_cpu(gdt) };
	struct descriptor_pointer idt_pointer = { sizeof(idt) - 1, (uint64_t)idt };

	__asm__ volatile("lgdt %0\n\t"
			 "pushq %1\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n"
			 "1:\n\t"
			 "mov %2, %%ss\n\t"
			 "mov %3, %%ds\n\t"
			 "mov %3, %%es\n\t"
			 "lidt %4"
			 :
			 : "m"(gdt_pointer), "i"((uint64_t)KERNEL_CS), "r"(KERNEL_SS), "r"(0),
			   "m"(idt_pointer)
			 : "rax", "memory");
}

void descriptors_init(struct cpu *cpu)
{
	tss_init(cpu);
	idt_init();
	descriptors_load();
	__asm__ volatile("ltr %w0" : : "r"(TSS_SELECTOR));
	/* After a reset it is the first 64 KiB, where a user's selector would be looked up. */
	__asm__ volatile("lldt %w0" : : "r"(0));
}
