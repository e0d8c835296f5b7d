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
#include <facet/syscalls.h>

/* A session that another one took the terminal from still points at it; the terminal knows. */
struct tty *session_terminal(const struct session *session)
{
	return session->tty && session->tty->session == session->id ? session->tty : NULL;
}

struct tty *tty_current(void)
{
	struct tty *tty;

	spin_lock(&process_tree_lock);
	tty = session_terminal(current_process()->group->session);
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
	if (session_terminal(current_process()->group->session) == tty &&
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
	if (session->id != process->pid || (session_terminal(session) && session->tty != tty)) {
		error = -EPERM;
	} else if (tty->session && tty->session != session->id && !may_steal) {
		error = -EPERM;
	} else if (tty->session != session->id) {
		session->tty = tty;
		session->hung_up_group = 0;
		tty->session = session->id;
		tty->group = process->group->id;
	}
	spin_unlock(&tty->lock);
	spin_unlock(&process_tree_lock);
	return error;
}

/*
 * Takes its terminal from a session that has one. Returns the group that was in the foreground, 0:
 * none. The tree's lock is held.
 */
static pid_t detach(struct session *session, bool hang_up)
{
	struct tty *tty = session->tty;
	pid_t group;

	spin_lock(&tty->lock);
	group = tty->group;
	tty->session = 0;
	tty->group = 0;
	if (hang_up)
		tty_hang_up(tty);
	spin_unlock(&tty->lock);
	session->tty = NULL;
	return group;
}

/* To a group if it is in the session still. The tree's lock is held. */
static void send_to_group(const struct session *session, pid_t id, int signal)
{
	struct group *group = id ? group_find(id) : NULL;
	struct process *member;

	if (!group || group->session != session)
		return;
	list_for_each_entry(member, &group->members, group_link)
		signal_send(member, signal);
}

void session_hang_up(struct session *session)
{
	if (session_terminal(session)) {
		send_to_group(session, detach(session, true), SIGHUP);
	} else {
		send_to_group(session, session->hung_up_group, SIGHUP);
		send_to_group(session, session->hung_up_group, SIGCONT);
	}
}

/* The foreground group hears of it when the leader, which is told, ends. */
long sys_vhangup(void)
{
	struct session *session;
	struct process *leader;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	spin_lock(&process_tree_lock);
	session = current_process()->group->session;
	if (session_terminal(session)) {
		session->hung_up_group = detach(session, true);
		leader = process_find(session->id);
		if (leader) {
			signal_send(leader, SIGHUP);
			signal_send(leader, SIGCONT);
		}
	}
	spin_unlock(&process_tree_lock);
	return 0;
}

/* Only the leader may: the terminal belongs to the whole session. */
int tty_give_up(struct tty *tty)
{
	struct session *session;
	pid_t group;
	int error = 0;

	spin_lock(&process_tree_lock);
	session = current_process()->group->session;
	if (session_terminal(session) != tty) {
		error = -ENOTTY;
	} else if (session->id != current_process()->pid) {
		error = -EPERM;
	} else {
		group = detach(session, false);
		send_to_group(session, group, SIGHUP);
		send_to_group(session, group, SIGCONT);
	}
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
	if (session_terminal(session) != tty)
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
