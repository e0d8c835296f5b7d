/*
 * watch.c -- waiting for several files at once, for poll and select.
 *
 * Each file is asked what may be done, and names the queues that say when that changes. The first
 * look watches these queues; later ones only look. Locks: each file's own, one after the other, and
 * the queues' under them. Source: poll(2), select(2).
 */
#include "poll.h"

#include <arch/uaccess.h>
#include <facet/clock.h>
#include <facet/restart.h>
#include <facet/timespec.h>

#define FEW 8
#define QUEUES_MAX 2 /* of one file */

struct watch {
	struct waiter waiter;
	struct wait_queue *queue;
	struct file *file; /* keeps the queue; counted */
};

struct watch_block {
	struct watch_block *next;
	unsigned count;
	struct watch watches[31];
};

struct poll_table {
	bool watching; /* the queues are to be watched: until the first one that is ready */
	bool noticed;
	int error;
	struct file *file; /* that is asked now */
	unsigned count;    /* of `few` */
	struct watch few[FEW];
	struct watch_block *more; /* the first one has room, once `few` is full */
};

/* Room for the queues of one more file: under its lock there is no allocating. */
static int watch_reserve(struct poll_table *table)
{
	struct watch_block *block = table->more;

	if (table->count + QUEUES_MAX <= FEW ||
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

	if (!table->watching)
		return;
	watch = table->more ? &table->more->watches[table->more->count++]
			    : &table->few[table->count++];
	file_get(table->file);
	watch->file = table->file;
	watch->queue = queue;
	wait_watch(queue, &watch->waiter, &table->noticed);
}

static void watch_end(struct watch *watch)
{
	wait_watch_end(watch->queue, &watch->waiter);
	file_put(watch->file);
}

static void table_destroy(struct poll_table *table)
{
	for (unsigned i = 0; i < table->count; i++)
		watch_end(&table->few[i]);
	while (table->more) {
		struct watch_block *block = table->more;

		for (unsigned i = 0; i < block->count; i++)
			watch_end(&block->watches[i]);
		table->more = block->next;
		kfree(block);
	}
}

static unsigned file_poll(struct file *file, struct poll_table *table)
{
	if (!file->ops->poll)
		return POLL_READABLE | POLL_WRITABLE;
	table->file = file;
	if (table->watching && watch_reserve(table)) {
		table->error = -ENOMEM;
		table->watching = false;
	}
	return file->ops->poll(file, table);
}

/* What of `wanted` a descriptor is ready for; errors are always wanted. */
unsigned descriptor_poll(int fd, unsigned wanted, struct poll_table *table)
{
	struct file *file = descriptor_get(fd);
	unsigned ready;

	if (!file)
		return POLLNVAL;
	ready = file->flags & O_PATH ? POLLNVAL : file_poll(file, table);
	file_put(file);
	ready &= wanted | POLLERR | POLLHUP | POLLNVAL;
	if (ready)
		table->watching = false;
	return ready;
}

/*
 * Looks, and sleeps in between, until `look` finds something or the deadline has come. Returns what
 * it found, 0, or -errno; -ERESTARTSYS for a signal.
 */
long poll_until(uint64_t deadline, long (*look)(void *context, struct poll_table *table),
		void *context)
{
	struct poll_table table = { .watching = deadline != 0 };
	long found;
	int slept = 0;

	for (;;) {
		found = look(context, &table);
		if (!found)
			found = table.error;
		if (found || slept || !deadline)
			break;
		table.watching = false;
		slept = wait_noticed(&table.noticed, deadline);
		table.noticed = false;
	}
	table_destroy(&table);
	return found || slept == -ETIMEDOUT ? found : slept;
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
