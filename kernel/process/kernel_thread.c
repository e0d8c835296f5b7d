/*
 * Threads without a process: work of the kernel's own that is preempted as any other.
 *
 * They never see user mode, signals or user memory, and have no tid. They run on the page table
 * that is loaded, of which they use the kernel's half.
 */
#include <facet/sched.h>

bool kernel_thread_start(void (*run)(void))
{
	struct thread *thread = thread_create(NULL);

	if (!thread)
		return false;
	context_init_kernel(thread, run);
	sched_start(thread);
	return true;
}
