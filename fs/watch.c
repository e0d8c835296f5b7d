/*
 * watch.c -- waiting for several files at once, for poll and select.
 *
 * Each file is asked what may be done, and names the queues that say when that changes. The first
 * look is just that, for often something is ready; the second one watches these queues; later ones
 * only look. Locks: each file's own, one after the other, and the queues' under them.
 * Source: poll(2), select(2).
 */
#include "poll.h"

#include <arch/uaccess.h>
#include <facet/clock.h>
#include <facet/restart.h>
#include <facet/timespec.h>

#define QUEUES_MAX 2 /* of one file */

struct watch_block {
	struct watch_block *next;
	unsigned count;
	struct watch watches[31];
};

/* Room for the queues of one more file: under its lock there is no allocating. */
static int watch_reserve(struct poll_table *table)
{
	struct watch_block *block = table->more;

	if (table->count + QUEUES_MAX <= WATCHES_FEW ||
	    (block && block->count + QUEUES_MAX <= ARRAY_SIZE(block->watches)))
		return 0;
	block = kmalloc(sizeof(*block));
	if (!block)
		return -ENOMEM;
	block->next = table->more;
	block->count = 0;
	table->more = block;
	return 0;
}

void poll_watch(struct poll_table *table, struct wait_queue *queue)
{
	struct watch *watch;

	if (!table)
		return;
	watch = table->more ? &table->more->watches[table->more->count++]
			    : &table->few[table->count++];
	if (table->mode & POLL_SHARES) {
		file_get(table->file);
		watch->file = table->file;
	}
	watch->queue = queue;
	wait_watch(queue, &watch->waiter, &table->noticed);
}

static void watch_end(const struct poll_table *table, struct watch *watch)
{
	wait_watch_end(watch->queue, &watch->waiter);
	if (table->mode & POLL_SHARES)
		file_put(watch->file);
}

static void table_destroy(struct poll_table *table)
{
	for (unsigned i = 0; i < table->count; i++)
		watch_end(table, &table->few[i]);
	while (table->more) {
		struct watch_block *block = table->more;

		for (unsigned i = 0; i < block->count; i++)
			watch_end(table, &block->watches[i]);
		table->more = block->next;
		kfree(block);
	}
}

static unsigned file_poll(struct file *file, struct poll_table *table)
{
	if (!file->ops->poll)
		return POLL_READABLE | POLL_WRITABLE;
	if (!(table->mode & POLL_WATCHES))
		return file->ops->poll(file, NULL);
	table->file = file;
	table->error = watch_reserve(table);
	return table->error ? POLLERR : file->ops->poll(file, table);
}

unsigned descriptor_poll_careful(int fd, unsigned wanted, struct poll_table *table)
{
	bool shared = table->mode & POLL_SHARES;
	struct file *file = shared ? descriptor_get(fd) : descriptor_peek(table->descriptors, fd);
	unsigned ready = fd < 0 ? 0 : POLLNVAL;

	if (file) {
		ready = file_poll(file, table) & (wanted | POLLERR | POLLHUP | POLLNVAL);
		if (shared)
			file_put(file);
	}
	if (ready)
		table->mode &= ~POLL_WATCHES;
	return ready;
}

/* Nothing was ready at the first look. */
static long watch_until(uint64_t deadline, struct poll_table *table,
			long (*look)(void *context, struct poll_table *table), void *context)
{
	long found;
	int slept = 0;

	table->mode |= POLL_WATCHES;
	for (;;) {
		found = look(context, table);
		if (table->error)
			found = table->error;
		table->mode &= ~POLL_WATCHES;
		if (found || slept)
			break;
		slept = wait_noticed(&table->noticed, deadline);
		/* With a barrier: a waker that still sees it set has changed its file before. */
		__atomic_store_n(&table->noticed, false, __ATOMIC_SEQ_CST);
	}
	table_destroy(table);
	return found || slept == -ETIMEDOUT ? found : slept;
}

/*
 * Looks, and sleeps in between, until `look` finds something or the deadline has come. Returns what
 * it found, 0, or -errno; -ERESTARTSYS for a signal.
 */
long poll_until(uint64_t deadline, long (*look)(void *context, struct poll_table *table),
		void *context)
{
	const struct process *process = current_process();
	struct poll_table table;
	long found;

	table.mode = READ_ONCE(process->thread_count) > 1 ? POLL_SHARES : 0;
	table.descriptors = process->descriptors;
	table.noticed = false;
	table.error = 0;
	table.count = 0;
	table.more = NULL;
	found = look(context, &table);
	if (!found && deadline)
		found = watch_until(deadline, &table, look, context);
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
