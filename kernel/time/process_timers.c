/*
 * The timers of a process: made together when the first one is asked for, for most never do.
 *
 * Lock: process_tree_lock.
 */
#include <facet/process.h>
#include <facet/process_timers.h>
#include <facet/slab.h>

#include "time_private.h"

struct process_timers *own_timers(void)
{
	struct process *process = current_process();
	struct process_timers *timers = READ_ONCE(process->timers), *made;

	if (timers)
		return timers;
	made = kzalloc(sizeof(*made));
	if (!made)
		return NULL;
	itimers_init(made, process);
	tree_init(&made->posix);
	spin_lock(&process_tree_lock);
	if (!process->timers)
		process->timers = made;
	timers = process->timers;
	spin_unlock(&process_tree_lock);
	if (timers != made)
		kfree(made); /* another thread was faster */
	return timers;
}

void process_timers_end(struct process *process)
{
	if (!process->timers)
		return;
	posix_timers_delete_all(process);
	itimers_end(process->timers);
	kfree(process->timers);
	process->timers = NULL;
}
