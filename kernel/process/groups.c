/*
 * Process groups and sessions: setpgid, setsid and relatives.
 *
 * Lock: process_tree_lock. Source: setpgid(2), setsid(2), POSIX.1-2017 on both.
 */
#include <facet/errno.h>
#include <facet/syscalls.h>

#include "process_private.h"

/* 0 is the caller. Tree lock held. */
static struct process *process_or_self(pid_t pid)
{
	return pid ? process_find(pid) : current_process();
}

static int setpgid_check(const struct process *process, pid_t id)
{
	const struct process *self = current_process();
	const struct session *session = self->group->session;
	const struct group *group;

	if (process != self) {
		if (process->parent != self)
			return -ESRCH;
		if (process->group->session != session)
			return -EPERM;
		if (process->executed)
			return -EACCES;
	}
	if (process->group->session->id == process->pid)
		return -EPERM; /* a session's leader */
	if (id == process->pid)
		return 0;
	group = group_find(id);
	return group && group->session == session ? 0 : -EPERM;
}

static int move_to_group(struct process *process, pid_t id)
{
	struct group *old = process->group, *joined;
	struct session *session = old->session;

	if (old->id == id)
		return 0;
	/* The old group stays until the new one is there: then nothing is lost when memory is. */
	list_remove(&process->group_link);
	joined = group_join(process, id, session);
	if (!joined) {
		list_push_back(&old->members, &process->group_link);
		return -ENOMEM;
	}
	group_drop_if_empty(old);
	return 0;
}

long sys_setpgid(pid_t pid, pid_t id)
{
	struct process *process;
	int error;

	id = id ? id : pid;
	if (id < 0)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	process = process_or_self(pid);
	if (!process || process->zombie) {
		spin_unlock(&process_tree_lock);
		return -ESRCH;
	}
	id = id ? id : process->pid;
	error = setpgid_check(process, id);
	if (!error)
		error = move_to_group(process, id);
	spin_unlock(&process_tree_lock);
	return error;
}

long sys_getpgid(pid_t pid)
{
	struct process *process;
	long id = -ESRCH;

	spin_lock(&process_tree_lock);
	process = process_or_self(pid);
	if (process)
		id = process->group->id;
	spin_unlock(&process_tree_lock);
	return id;
}

long sys_getpgrp(void)
{
	return sys_getpgid(0);
}

long sys_getsid(pid_t pid)
{
	struct process *process;
	long id = -ESRCH;

	spin_lock(&process_tree_lock);
	process = process_or_self(pid);
	if (process)
		id = process->group->session->id;
	spin_unlock(&process_tree_lock);
	return id;
}

long sys_setsid(void)
{
	struct process *process = current_process();
	struct group *old;
	struct session *session;
	long result = -EPERM;

	spin_lock(&process_tree_lock);
	old = process->group;
	if (group_find(process->pid))
		goto out; /* it leads a group already */
	result = -ENOMEM;
	session = session_create(process->pid);
	if (!session)
		goto out;
	list_remove(&process->group_link);
	if (!group_join(process, process->pid, session)) {
		session_discard(session);
		list_push_back(&old->members, &process->group_link);
		goto out;
	}
	group_drop_if_empty(old);
	result = process->pid;
out:
	spin_unlock(&process_tree_lock);
	return result;
}
