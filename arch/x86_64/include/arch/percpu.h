/*
 * percpu.h -- what is one processor's alone.
 *
 * GS points at the CPU's struct cpu whenever the kernel runs; swapgs stands in entry/ only. Fields
 * that interrupt handlers touch are changed by single instructions, so nothing here needs
 * interrupts off.
 */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H

#include <facet/types.h>

struct thread;
struct space;

/* Task-state segment. Source: Intel SDM volume 3, 8.7. */
struct tss {
	uint32_t reserved0;
	uint64_t rsp0; /* top of the current thread's stack: where traps and calls land */
	uint64_t rsp1, rsp2;
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map;
} __attribute__((packed));

struct cpu {
	struct cpu *self;
	struct thread *current;
	uint64_t user_rsp;      /* syscall entry only: user RSP until it is in the frame */
	uint32_t preempt_count; /* > 0: no switch; raised by every spinlock */
	uint32_t pending;       /* bits of enum pending: what the return path has to do */
	uint32_t slice_left;    /* ticks the current thread may still run; counted by the tick */
	uint32_t id;
	uint64_t data_offset;   /* of this CPU's copy of the .percpu section */
	uint64_t next_deadline; /* TSC value of the nearest deadline; UINT64_MAX: none */
	uint64_t ticks, user_ticks;
	struct space *space; /* whose page table is loaded; a reference is held */
	struct thread *idle;
	uint64_t fs_base, gs_base; /* user mode's, as they are loaded */
	uint32_t tss_padding;      /* aligns rsp0 */
	struct tss tss;
};

/* A variable that each CPU has a copy of; reached by this_cpu(name), a pointer. */
#define PER_CPU(type, name) __attribute__((section(".percpu"))) __typeof__(type) name
#define this_cpu(name) ((__typeof__(&(name)))((vaddr_t)(&(name)) + cpu_get(data_offset)))

#define cpu_get(field)                                                \
	({                                                            \
		__typeof__(((struct cpu *)0)->field) value_;          \
		__asm__ volatile("mov %%gs:%c1, %0"                   \
				 : "=r"(value_)                       \
				 : "i"(offsetof(struct cpu, field))); \
		value_;                                               \
	})

#define cpu_set(field, value)                                                    \
	do {                                                                     \
		__typeof__(((struct cpu *)0)->field) value_ = (value);           \
		__asm__ volatile("mov %0, %%gs:%c1"                              \
				 :                                               \
				 : "r"(value_), "i"(offsetof(struct cpu, field)) \
				 : "memory");                                    \
	} while (0)

/* The CPU's own block. Stable while preemption is off. */
static inline struct cpu *cpu_self(void)
{
	return cpu_get(self);
}

/* The running thread; constant from that thread's point of view, so gcc may read it once. */
static inline struct thread *current_thread(void)
{
	struct thread *thread;

	__asm__("mov %%gs:%c1, %0" : "=r"(thread) : "i"(offsetof(struct cpu, current)));
	return thread;
}

static inline void preempt_disable(void)
{
	__asm__ volatile("incl %%gs:%c0"
			 :
			 : "i"(offsetof(struct cpu, preempt_count))
			 : "memory", "cc");
}

/* Does not switch: what came due meanwhile is done on the next return path. */
static inline void preempt_enable(void)
{
	__asm__ volatile("decl %%gs:%c0"
			 :
			 : "i"(offsetof(struct cpu, preempt_count))
			 : "memory", "cc");
}

static inline uint32_t preempt_count(void)
{
	return cpu_get(preempt_count);
}

static inline void cpu_pending_or(uint32_t bits)
{
	__asm__ volatile("orl %0, %%gs:%c1"
			 :
			 : "ri"(bits), "i"(offsetof(struct cpu, pending))
			 : "memory", "cc");
}

static inline void cpu_pending_clear(uint32_t bits)
{
	__asm__ volatile("andl %0, %%gs:%c1"
			 :
			 : "ri"(~bits), "i"(offsetof(struct cpu, pending))
			 : "memory", "cc");
}

#endif
