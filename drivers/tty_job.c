/*
 * tty_job.c -- whose terminal it is: sessions, the foreground group, who may read and write.
 *
 * Locks: process_tree_lock for sessions and groups, then tty->lock for what the terminal knows of
 * them. Signals are sent with none held. Source: tty_ioctl(4), credentials(7), POSIX.1-2017, 11.1.
 */
#include "tty_private.h"

#include <facet/capability.h>
#include <facet/errno.h>
#include <facet/process.h>
#include <facet/restart.h>

/*
 * The tree's lock is held. A session whose leader has ended still points at the terminal that it
 * had; the terminal knows better.
 */
static struct tty *terminal_of(const struct session *session)
{
	return session->tty && session->tty->session == session->id ? session->tty : NULL;
}

struct tty *tty_current(void)
{
	struct tty *tty;

	spin_lock(&process_tree_lock);
	tty = terminal_of(current_process()->group->session);
	spin_unlock(&process_tree_lock);
	return tty;
}

bool tty_is_controlling(const struct tty *tty)
{
	return tty_current() == tty;
}

static bool current_ignores(int signal)
{
	sigset_t unheard = current_process()->signals.ignored | current_thread()->blocked;

	return unheard & sigset_bit(signal);
}

static bool current_group_is_orphaned(void)
{
	bool orphaned;

	spin_lock(&process_tree_lock);
	orphaned = group_is_orphaned(current_process()->group, NULL);
	spin_unlock(&process_tree_lock);
	return orphaned;
}

/* The group of the caller if it is in the background of its own terminal, else 0. */
static pid_t background_group(struct tty *tty)
{
	pid_t group = 0;

	spin_lock(&process_tree_lock);
	if (terminal_of(current_process()->group->session) == tty &&
	    current_process()->group->id != READ_ONCE(tty->group))
		group = current_process()->group->id;
	spin_unlock(&process_tree_lock);
	return group;
}

int tty_check_read(struct tty *tty)
{
	pid_t group = background_group(tty);

	if (!group)
		return 0;
	if (current_ignores(SIGTTIN) || current_group_is_orphaned())
		return -EIO;
	signal_send_group(group, SIGTTIN);
	return -ERESTARTSYS;
}

int tty_check_change(struct tty *tty)
{
	pid_t group = background_group(tty);

	if (!group || !READ_ONCE(tty->group) || current_ignores(SIGTTOU))
		return 0;
	if (current_group_is_orphaned())
		return -EIO;
	signal_send_group(group, SIGTTOU);
	return -ERESTARTSYS;
}

int tty_make_controlling(struct tty *tty, bool steal)
{
	struct process *process = current_process();
	bool may_steal = steal && capable(CAP_SYS_ADMIN);
	struct session *session;
	int error = 0;

	spin_lock(&process_tree_lock);
	spin_lock(&tty->lock);
	session = process->group->session;
	if (session->id != process->pid || (terminal_of(session) && session->tty != tty)) {
		error = -EPERM;
	} else if (tty->session && tty->session != session->id && !may_steal) {
		error = -EPERM;
	} else if (tty->session != session->id) {
		session->tty = tty;
		tty->session = session->id;
		tty->group = process->group->id;
	}
	spin_unlock(&tty->lock);
	spin_unlock(&process_tree_lock);
	return error;
}

void tty_hangup_session(struct tty *tty, int session)
{
	struct process *member;
	struct group *group;
	pid_t id = 0;

	spin_lock(&tty->lock);
	if (tty->session == session) {
		id = tty->group;
		tty->session = 0;
		tty->group = 0;
	}
	spin_unlock(&tty->lock);
	group = id ? group_find(id) : NULL;
	if (!group)
		return;
	list_for_each_entry(member, &group->members, group_link) {
		signal_send(member, SIGHUP);
		signal_send(member, SIGCONT);
	}
}

/* Only the leader may: the terminal belongs to the whole session. */
int tty_give_up(struct tty *tty)
{
	struct session *session;
	int error = 0;

	spin_lock(&process_tree_lock);
	session = current_process()->group->session;
	if (terminal_of(session) != tty)
		error = -ENOTTY;
	else if (session->id != current_process()->pid)
		error = -EPERM;
	else
		tty_hangup_session(tty, session->id);
	spin_unlock(&process_tree_lock);
	return error;
}

int tty_set_foreground(struct tty *tty, pid_t id)
{
	const struct session *session;
	const struct group *group;
	int error = tty_check_change(tty);

	if (error)
		return error;
	if (id < 0)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	session = current_process()->group->session;
	group = group_find(id);
	if (terminal_of(session) != tty)
		error = -ENOTTY;
	else if (!group)
		error = -ESRCH;
	else if (group->session != session)
		error = -EPERM;
	else
		WRITE_ONCE(tty->group, id);
	spin_unlock(&process_tree_lock);
	return error;
}
