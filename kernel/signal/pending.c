/*
 * What is pending: a bit for each signal, and behind it, in the order of arrival, what came along.
 *
 * A standard signal is pending once, however often it is sent; from SIGRTMIN on each one counts.
 * Lock: signals.lock, held by the caller; the slab's is taken under it. Source: signal(7).
 */
#include <facet/errno.h>
#include <facet/slab.h>
#include <facet/thread.h>

#include "signal_private.h"

/* A fault's signal comes before all others: its handler sees the registers of the fault. */
#define SYNCHRONOUS                                                                            \
	(sigset_bit(SIGSEGV) | sigset_bit(SIGBUS) | sigset_bit(SIGILL) | sigset_bit(SIGTRAP) | \
	 sigset_bit(SIGFPE) | sigset_bit(SIGSYS))

static struct slab_cache *queued_cache;

void pending_init(void)
{
	queued_cache = slab_cache_create("signal", sizeof(struct queued_signal), 16);
}

void pending_signals_init(struct pending_signals *pending)
{
	pending->set = 0;
	list_init(&pending->queue);
}

/* The limit is for what a sender can have more than one of, or made up. */
static struct queued_signal *queued_alloc(struct process *process, const struct siginfo *info)
{
	bool limited = info->signal >= SIGRTMIN || info->code < 0;
	struct queued_signal *queued;

	if (limited && process->signals.queued >= process->limits[RLIMIT_SIGPENDING].current)
		return NULL;
	queued = slab_alloc(queued_cache);
	if (queued) {
		queued->timer = NULL;
		process->signals.queued++;
	}
	return queued;
}

static void queued_free(struct process *process, struct queued_signal *queued)
{
	list_remove(&queued->link);
	if (queued->timer)
		return;
	slab_free(queued_cache, queued);
	process->signals.queued--;
}

struct queued_signal *signal_entry_alloc(struct process *process, const struct siginfo *info)
{
	struct queued_signal *entry = queued_alloc(process, info);

	if (entry) {
		list_init(&entry->link);
		entry->info = *info;
	}
	return entry;
}

void signal_entry_free(struct process *process, struct queued_signal *entry)
{
	entry->timer = NULL;
	if (!list_linked(&entry->link))
		queued_free(process, entry);
}

void pending_add_entry(struct pending_signals *pending, struct queued_signal *entry)
{
	list_push_back(&pending->queue, &entry->link);
	pending->set |= sigset_bit(entry->info.signal);
}

int pending_add(struct process *process, struct pending_signals *pending,
		const struct siginfo *info, bool must_queue)
{
	sigset_t bit = sigset_bit(info->signal);
	struct queued_signal *queued;

	if (info->signal < SIGRTMIN && pending->set & bit)
		return 0;
	/* What nobody can catch needs no company. */
	queued = bit & SIGNALS_UNBLOCKABLE ? NULL : queued_alloc(process, info);
	if (queued) {
		queued->info = *info;
		list_push_back(&pending->queue, &queued->link);
	} else if (must_queue && !(bit & SIGNALS_UNBLOCKABLE)) {
		return -EAGAIN;
	}
	pending->set |= bit;
	return 0;
}

/* Fills *info from the first entry of `signal`. Returns whether there is another one behind it. */
static bool take_entry(struct process *process, struct pending_signals *pending, int signal,
		       struct siginfo *info)
{
	struct queued_signal *queued, *first = NULL;

	list_for_each_entry(queued, &pending->queue, link) {
		if (queued->info.signal != signal)
			continue;
		if (first) {
			queued_free(process, first);
			return true;
		}
		first = queued;
		*info = queued->info;
		if (queued->timer)
			info->uid = (uint32_t)posix_timer_taken(queued->timer);
	}
	if (first)
		queued_free(process, first);
	else
		*info = (struct siginfo){ .signal = signal, .code = SI_USER };
	return false;
}

int pending_take(struct process *process, struct pending_signals *pending, sigset_t wanted,
		 struct siginfo *info)
{
	sigset_t set = pending->set & wanted;
	int signal;

	if (!set)
		return 0;
	if (set & SYNCHRONOUS)
		set &= SYNCHRONOUS;
	signal = __builtin_ctzll(set) + 1;
	if (!take_entry(process, pending, signal, info))
		pending->set &= ~sigset_bit(signal);
	return signal;
}

void pending_forget(struct process *process, struct pending_signals *pending, sigset_t set)
{
	struct queued_signal *queued, *next;

	if (!(pending->set & set))
		return;
	pending->set &= ~set;
	list_for_each_entry_safe(queued, next, &pending->queue, link)
		if (sigset_bit(queued->info.signal) & set)
			queued_free(process, queued);
}

static void forget_timers(struct pending_signals *pending)
{
	struct queued_signal *queued, *next;
	sigset_t gone = 0;

	list_for_each_entry_safe(queued, next, &pending->queue, link) {
		if (queued->timer) {
			gone |= sigset_bit(queued->info.signal);
			list_remove(&queued->link);
		}
	}
	list_for_each_entry(queued, &pending->queue, link)
		gone &= ~sigset_bit(queued->info.signal);
	pending->set &= ~gone;
}

void signals_forget_timers(struct process *process)
{
	struct thread *thread;

	forget_timers(&process->signals.pending);
	list_for_each_entry(thread, &process->threads, process_link)
		forget_timers(&thread->pending);
}

void signals_thread_end(struct thread *thread)
{
	pending_forget(thread->process, &thread->pending, ~0ull);
	signals_hand_over(thread, ~thread->blocked);
}
