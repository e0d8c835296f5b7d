/*
 * The return path's first half: runs the bottoms of the interrupts that left a bit.
 *
 * A bottom runs with preemption off and interrupts on. Bits are taken before their bottoms run, so
 * an interrupt that comes meanwhile sets its bit again and is not lost. No lock of its own: the
 * word is the CPU's.
 */
#include <arch/irqflags.h>
#include <arch/trap_frame.h>
#include <facet/pending.h>
#include <facet/sched.h>

static bottom_fn bottoms[PENDING_BITS];

void pending_register(enum pending bit, bottom_fn bottom)
{
	bottoms[bit] = bottom;
}

void pending_run(void)
{
	uint32_t bits = cpu_get(pending) & ~(1u << PENDING_RESCHED);

	cpu_pending_clear(bits);
	for (; bits; bits &= bits - 1)
		bottoms[__builtin_ctz(bits)]();
}

/*
 * Entered with interrupts off. The preemption count that schedule() wants is raised here, and it
 * lowers it.
 */
void return_work(struct trap_frame *frame)
{
	preempt_disable();
	if (cpu_get(pending) == 1u << PENDING_RESCHED) {
		if (IS_ENABLED(CONFIG_COUNTERS))
			current_thread()->to_user = trap_from_user(frame);
		schedule();
		return;
	}
	irq_enable();
	pending_run();
	preempt_enable();
	if (trap_from_user(frame) && current_thread()->work)
		signal_act(frame);
}
