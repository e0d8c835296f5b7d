/*
 * watch.c -- waiting for several files at once, for poll and select.
 *
 * Each file is asked what may be done, and names the queues that say when that changes. The first
 * look is just that, for often something is ready; the second one watches these queues; later ones
 * are at the files alone whose queues woke the sleeper. Locks: each file's own, one after the
 * other, and the queues' under them. Source: poll(2), select(2).
 */
#include "poll.h"

#include <arch/uaccess.h>
#include <facet/clock.h>
#include <facet/restart.h>
#include <facet/timespec.h>

#define QUEUES_MAX 2 /* of one file */

struct watch_block {
	struct watch_block *next;
	struct watch watches[28];
};

static void use_room(struct poll_table *table, struct watch *watches, size_t count)
{
	table->next = watches;
	table->last = watches + count - QUEUES_MAX;
}

static bool make_room(struct poll_table *table)
{
	struct watch_block *block = kmalloc(sizeof(*block));

	if (!block)
		return false;
	block->next = table->blocks;
	table->blocks = block;
	use_room(table, block->watches, ARRAY_SIZE(block->watches));
	return true;
}

void poll_watch(struct poll_table *table, struct wait_queue *queue)
{
	struct watch *watch;

	if (!table)
		return;
	watch = table->next;
	table->next = watch + 1;
	watch->queue = queue;
	watch->index = table->index;
	watch->older = table->newest;
	table->newest = watch;
	if (watch >= table->last)
		table->careful = true;
	wait_watch(queue, &watch->waiter, &table->noticed);
}

static void table_destroy(struct poll_table *table)
{
	for (struct watch *watch = table->newest; watch; watch = watch->older) {
		wait_watch_end(watch->queue, &watch->waiter);
		if (table->shared)
			file_put(watch->file);
	}
	while (table->blocks) {
		struct watch_block *block = table->blocks;

		table->blocks = block->next;
		kfree(block);
	}
}

/* Room is made before: under the file's lock there is no allocating. */
static unsigned poll_and_watch(struct file *file, struct poll_table *table)
{
	const struct watch *before = table->newest;
	unsigned ready;

	if (table->next > table->last && !make_room(table)) {
		table->error = -ENOMEM;
		table->watching = NULL;
		return POLLERR;
	}
	table->careful = table->shared;
	ready = file->ops->poll(file, table);
	for (struct watch *watch = table->newest; table->shared && watch != before;
	     watch = watch->older) {
		file_get(file);
		watch->file = file;
	}
	return ready;
}

static unsigned file_poll(struct file *file, struct poll_table *table)
{
	if (!file->ops->poll)
		return POLL_READABLE | POLL_WRITABLE;
	return table->watching ? poll_and_watch(file, table) : file->ops->poll(file, NULL);
}

unsigned descriptor_poll_careful(int fd, unsigned wanted, struct poll_table *table)
{
	struct file *file = table->shared ? descriptor_get(fd)
					  : descriptor_peek(table->descriptors, fd);
	unsigned ready;

	if (!file)
		return fd < 0 ? 0 : POLLNVAL;
	ready = file_poll(file, table);
	if (table->shared)
		file_put(file);
	return ready & (wanted | POLLERR | POLLHUP | POLLNVAL);
}

/* A file of which both queues woke counts once: its watches are one after the other. */
static long look_at_woken(struct poll_table *table, poll_look look, void *context)
{
	const struct watch *ready_by = NULL;
	long found = 0, ready;

	for (struct watch *watch = table->newest; watch; watch = watch->older) {
		if (!wait_watch_woken(&watch->waiter) ||
		    (ready_by && watch->index == ready_by->index))
			continue;
		ready = look(context, table, watch->index, watch->index + 1);
		if (ready < 0)
			return ready;
		if (ready)
			ready_by = watch;
		found += ready;
	}
	return found;
}

/* Nothing was ready at the first look. */
static long watch_until(uint64_t deadline, struct poll_table *table, poll_look look, void *context,
			unsigned count)
{
	long found;
	int slept = 0;

	table->watching = table;
	table->noticed = false;
	table->error = 0;
	table->newest = NULL;
	table->blocks = NULL;
	use_room(table, table->few, WATCHES_FEW);
	found = look(context, table, 0, count);
	if (table->error)
		found = table->error;
	table->watching = NULL;
	table->careful = table->shared;
	while (!found && !slept) {
		slept = wait_noticed(&table->noticed, deadline);
		found = look_at_woken(table, look, context);
	}
	table_destroy(table);
	return found || slept == -ETIMEDOUT ? found : slept;
}

long poll_until(uint64_t deadline, poll_look look, void *context, unsigned count)
{
	const struct process *process = current_process();
	struct poll_table table;
	long found;

	table.descriptors = process->descriptors;
	table.watching = NULL;
	table.shared = READ_ONCE(process->thread_count) > 1;
	table.careful = table.shared;
	found = look(context, &table, 0, count);
	if (!found && deadline)
		found = watch_until(deadline, &table, look, context, count);
	return found;
}

/* A deadline of 0 means: only look. */
uint64_t poll_deadline(uint64_t ns)
{
	return ns ? deadline_after(ns) : 0;
}

/* As Linux does, and as no portable program may rely on: what is left of the timeout comes back. */
void poll_put_time_left(void __user *time, uint64_t deadline,
			int (*put)(void __user *to, uint64_t ns))
{
	uint64_t now = clock_ns();

	put(time, deadline > now && deadline != NO_DEADLINE ? deadline - now : 0);
}

long poll_not_restarted(long found)
{
	return found == -ERESTARTSYS ? -ERESTARTNOHAND : found;
}

int poll_begin_masked(const void __user *timeout, uint64_t *deadline, const uint64_t __user *mask,
		      size_t mask_size)
{
	uint64_t ns;
	sigset_t set;
	int error;

	*deadline = NO_DEADLINE;
	if (timeout) {
		error = timespec_from_user(&ns, timeout);
		if (error)
			return error;
		*deadline = poll_deadline(ns);
	}
	if (!mask)
		return 0;
	if (mask_size != sizeof(set))
		return -EINVAL;
	if (get_user_u64(&set, mask))
		return -EFAULT;
	signal_mask_for_call(set);
	return 0;
}

/* A mask for the call stays for the handler that ended it, and else ends with the call. */
long poll_end_masked(long found)
{
	if (found != -ERESTARTSYS)
		signal_mask_restore();
	return poll_not_restarted(found);
}
