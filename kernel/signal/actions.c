/*
 * The actions of a process: one table, shared with the children of a fork until one of them changes
 * it; and none at all while every action is the default or SIG_IGN without flags.
 *
 * The sets `ignored` and `caught` say the same as the table in a word each: they are what sending
 * looks at, and what an exec leaves. Lock: signals.lock; a table's count is atomic.
 * Source: sigaction(2).
 */
#include <arch/uaccess.h>
#include <facet/errno.h>
#include <facet/slab.h>
#include <facet/string.h>
#include <facet/syscalls.h>

#include "signal_private.h"

struct signal_actions {
	struct sigaction of[SIGNALS];
	uint32_t count; /* processes */
};

static struct slab_cache *actions_cache;

void actions_init(void)
{
	actions_cache = slab_cache_create("signal_actions", sizeof(struct signal_actions), 16);
}

static void actions_put(struct signal_actions *actions)
{
	if (actions && !__atomic_sub_fetch(&actions->count, 1, __ATOMIC_ACQ_REL))
		slab_free(actions_cache, actions);
}

const struct sigaction *action_of(const struct process *process, int signal)
{
	static const struct sigaction is_default = { .handler = SIG_DFL },
				      is_ignored = { .handler = SIG_IGN };

	if (process->signals.actions)
		return &process->signals.actions->of[signal - 1];
	return process->signals.ignored & sigset_bit(signal) ? &is_ignored : &is_default;
}

void signals_create(struct signals *signals, struct signals *parent)
{
	spin_init(&signals->lock, RANK_SIGNALS);
	pending_signals_init(&signals->pending);
	if (!parent)
		return;
	spin_lock(&parent->lock);
	signals->actions = parent->actions;
	if (signals->actions)
		__atomic_fetch_add(&signals->actions->count, 1, __ATOMIC_RELAXED);
	signals->ignored = parent->ignored;
	signals->caught = parent->caught;
	signals->child_flags = parent->child_flags;
	spin_unlock(&parent->lock);
}

void signals_destroy(struct process *process)
{
	struct signals *signals = &process->signals;

	spin_lock(&signals->lock);
	pending_forget(process, &signals->pending, ~0ull);
	spin_unlock(&signals->lock);
	actions_put(signals->actions);
	signals->actions = NULL;
}

void signals_reset(struct process *process)
{
	struct signals *signals = &process->signals;
	struct signal_actions *old;

	spin_lock(&signals->lock);
	old = signals->actions;
	signals->actions = NULL;
	signals->caught = 0;
	signals->child_flags = 0;
	spin_unlock(&signals->lock);
	actions_put(old);
}

/* The process's own table, to be changed. Lock held. NULL: no memory. */
static struct signal_actions *actions_own(struct process *process)
{
	struct signal_actions *old = process->signals.actions, *own;

	if (old && __atomic_load_n(&old->count, __ATOMIC_ACQUIRE) == 1)
		return old;
	own = slab_alloc(actions_cache);
	if (!own)
		return NULL;
	for (int signal = 1; signal <= SIGNALS; signal++)
		own->of[signal - 1] = *action_of(process, signal);
	own->count = 1;
	process->signals.actions = own;
	actions_put(old);
	return own;
}

static void change_bit(sigset_t *set, sigset_t bit, bool value)
{
	*set = value ? *set | bit : *set & ~bit;
}

/* What became ignored while it was pending is forgotten, by every thread. */
static void forget_ignored(struct process *process, int signal)
{
	struct thread *thread;

	if (!signal_is_ignored(process, signal))
		return;
	pending_forget(process, &process->signals.pending, sigset_bit(signal));
	list_for_each_entry(thread, &process->threads, process_link)
		pending_forget(process, &thread->pending, sigset_bit(signal));
}

/* Lock held. */
static int action_set(struct process *process, int signal, const struct sigaction *action)
{
	struct signals *signals = &process->signals;
	bool plain = action->handler <= SIG_IGN && !action->flags && !action->mask;
	struct signal_actions *own;

	if (signals->actions || !plain) {
		own = actions_own(process);
		if (!own)
			return -ENOMEM;
		own->of[signal - 1] = *action;
		own->of[signal - 1].mask &= ~SIGNALS_UNBLOCKABLE;
	}
	change_bit(&signals->ignored, sigset_bit(signal), action->handler == SIG_IGN);
	change_bit(&signals->caught, sigset_bit(signal), action->handler > SIG_IGN);
	if (signal == SIGCHLD)
		signals->child_flags = action->flags & (SA_NOCLDSTOP | SA_NOCLDWAIT);
	forget_ignored(process, signal);
	return 0;
}

int action_reset(struct process *process, int signal)
{
	struct sigaction action = *action_of(process, signal);

	action.handler = SIG_DFL;
	return action_set(process, signal, &action);
}

long sys_rt_sigaction(int signal, const void __user *new, void __user *old, size_t set_size)
{
	struct process *process = current_process();
	struct sigaction action, previous;
	int error = 0;

	if (set_size != sizeof(sigset_t) || signal < 1 || signal > SIGNALS)
		return -EINVAL;
	if (new &&copy_from_user(&action, new, sizeof(action)))
		return -EFAULT;
	if (new &&SIGNALS_UNBLOCKABLE & sigset_bit(signal))
		return -EINVAL;
	spin_lock(&process->signals.lock);
	previous = *action_of(process, signal);
	if (new)
		error = action_set(process, signal, &action);
	spin_unlock(&process->signals.lock);
	if (!error && old && copy_to_user(old, &previous, sizeof(previous)))
		return -EFAULT;
	return error;
}
