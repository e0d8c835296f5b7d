/*
 * Faults on purpose: each breaks one rule that the kernel checks, so that a test can see the check
 * fire.
 *
 * Each stands in the backtrace by its name: plant_fault() calls it through a table, and no last
 * call is made a jump. Context: boot, interrupts off, acting for the first process.
 */
#include <arch/io.h>
#include <arch/irq.h>
#include <arch/layout.h>
#include <facet/cmdline.h>
#include <facet/frames.h>
#include <facet/kernel_stack.h>
#include <facet/mutex.h>
#include <facet/panic.h>
#include <facet/plant.h>
#include <facet/printk.h>
#include <facet/process.h>
#include <facet/sched.h>
#include <facet/slab.h>
#include <facet/string.h>
#include <facet/tty.h>

static struct spinlock outer = SPINLOCK_INIT(RANK_PAGE_CACHE), inner = SPINLOCK_INIT(RANK_FRAMES);

/* Hides a value from the compiler, which would refuse the fault or leave it out. */
static volatile uintptr_t hidden;

/* Behind a last call, which would become a jump otherwise. */
#define STAY() __asm__ volatile("")

/* For faults that the processor has to find, and would not if UBSan came before it. */
#define UNCHECKED __attribute__((no_sanitize("undefined")))

static void climb(void)
{
	spin_lock(&inner);
	spin_lock(&outer);
	STAY();
}

static void take_twice(void)
{
	spin_lock(&outer);
	spin_lock(&outer);
	STAY();
}

static void switch_with_spinlock(void)
{
	spin_lock(&outer);
	schedule();
	STAY();
}

static void sleep_with_spinlock(void)
{
	static struct mutex mutex = MUTEX_INIT(mutex, RANK_FILE);

	spin_lock(&outer);
	mutex_lock(&mutex);
	STAY();
}

static void free_twice(void)
{
	struct frame *frame = frame_alloc(FRAME_KERNEL);

	frame_put(frame);
	frame_put(frame);
	STAY();
}

static void write_after_free(void)
{
	struct frame *frame = frame_alloc(FRAME_KERNEL);

	frame_put(frame);
	*(uint64_t *)frame_memory(frame) = 1;
	frame_alloc(FRAME_KERNEL);
	STAY();
}

static void free_object_twice(void)
{
	void *object = kmalloc(64);

	kfree(object);
	kfree(object);
	STAY();
}

UNCHECKED static void read_null(void)
{
	hidden = *(volatile uintptr_t *)hidden;
}

static void write_text(void)
{
	hidden = (uintptr_t)read_null;
	*(volatile uint8_t *)hidden = 0;
}

static void run_data(void)
{
	static uint8_t code[] = { 0xc3 };

	hidden = (uintptr_t)code;
	((void (*)(void))hidden)();
	STAY();
}

UNCHECKED static void divide(void)
{
	hidden = 100 / hidden;
}

/* Deeper than any stack; the write keeps the recursion from becoming a loop. */
static int overflow(int depth)
{
	volatile char room[256];

	room[0] = (char)depth;
	return hidden == UINTPTR_MAX ? 0 : overflow(depth + 1) + room[0];
}

/* On the first process's stack, which has a guard page: the boot stack has none. */
static void stack_overflow(void)
{
	struct thread *thread = list_first_entry(&init_process->threads, struct thread,
						 process_link);

	__asm__ volatile("mov %0, %%rsp; call *%1"
			 :
			 : "r"(thread->context.stack_top), "r"(overflow), "D"(0ul));
}

static void assertion(void)
{
	assert(hidden == 1);
}

static void undefined_shift(void)
{
	hidden = 64;
	hidden = 1ull << hidden;
}

static void write_nowhere(const char *bytes, size_t size)
{
	(void)bytes;
	(void)size;
	read_null();
	STAY();
}

/* A console that faults: the panic's own output does it. */
static void panic_in_panic(void)
{
	static const struct console_device broken = { .name = "broken", .write = write_nowhere };

	console_register(&broken);
	panic("the first of two");
}

static void storm_interrupt(struct trap_frame *frame)
{
	(void)frame;
	irq_acknowledge(IRQ_PIT);
}

/* The PIT's line, where the tick is another's: 600,000 interrupts a second that nothing ends. */
static void interrupt_storm(void)
{
	outb(0x43, 0x34); /* channel 0: low and high byte, mode 2 */
	outb(0x40, 2);
	outb(0x40, 0);
	irq_register(IRQ_PIT, storm_interrupt, "storm");
}

static const struct {
	const char *name;
	void (*plant)(void);
	bool survived; /* the kernel goes on */
} plants[] = {
	{ "lock_order", climb },
	{ "lock_twice", take_twice },
	{ "spinlock_switch", switch_with_spinlock },
	{ "spinlock_sleep", sleep_with_spinlock },
	{ "bad_free", free_twice },
	{ "bad_object_free", free_object_twice },
	{ "frame_poison", write_after_free },
	{ "null_read", read_null },
	{ "write_text", write_text },
	{ "run_data", run_data },
	{ "divide", divide },
	{ "stack_overflow", stack_overflow },
	{ "assert", assertion },
	{ "ubsan", undefined_shift },
	{ "panic_in_panic", panic_in_panic },
	{ "interrupt_storm", interrupt_storm, .survived = true },
};

void plant_fault(const char *cmdline)
{
	char name[32];

	if (cmdline_get(cmdline, "plant", name, sizeof(name)) <= 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(plants); i++) {
		if (strcmp(name, plants[i].name))
			continue;
		pr_notice("plant: %s\n", name);
		plants[i].plant();
		if (plants[i].survived)
			return;
		panic("plant: %s was not noticed", name);
	}
	panic("plant: there is no fault called %s", name);
}
