/*
 * User and group ids: who a process acts as.
 *
 * Only the process itself changes them; others read them under the tree's lock. What a change of
 * the users' does to capabilities says capability.c. The ids are the process's: what Linux keeps
 * for each thread, and a C library then sets for all. Source: setuid(2), setreuid(2), setresuid(2),
 * setfsuid(2), setgroups(2), credentials(7).
 */
#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/errno.h>
#include <facet/syscalls.h>

#include "process_private.h"

#define NO_ID UINT32_MAX /* leaves an id as it is */

/* Real, effective, saved: users and groups follow the same rules. */
struct ids {
	uint32_t real, effective, saved;
};

static struct ids user_ids(void)
{
	const struct credentials *own = &current_process()->credentials;

	return (struct ids){ own->uid, own->euid, own->suid };
}

static struct ids group_ids(void)
{
	const struct credentials *own = &current_process()->credentials;

	return (struct ids){ own->gid, own->egid, own->sgid };
}

void process_forget_trust(struct process *process)
{
	struct thread *thread;

	process->dumpable = false;
	list_for_each_entry(thread, &process->threads, process_link)
		thread->parent_death_signal = 0;
}

/* Tree lock held. */
static void change_user(struct process *process, struct user *user)
{
	uint64_t limit = process->limits[RLIMIT_NPROC].current;

	/* The program may not look at what setuid returns: its next exec fails instead. */
	process->over_process_limit = process->credentials.uid &&
				      user_process_count(user) > limit + 1;
	user_move(process->user, user, process->ids);
	process->user = user;
}

bool process_limit_forbids_exec(void)
{
	struct process *process = current_process();

	if (!process->over_process_limit)
		return false;
	spin_lock(&process_tree_lock);
	process->over_process_limit = user_process_count(process->user) >
				      process->limits[RLIMIT_NPROC].current;
	spin_unlock(&process_tree_lock);
	return process->over_process_limit;
}

static int user_ids_set(const struct ids *ids)
{
	struct process *process = current_process();
	struct credentials *own = &process->credentials, old = *own;
	struct user *user;

	spin_lock(&process_tree_lock);
	user = user_get(ids->real);
	if (!user) {
		spin_unlock(&process_tree_lock);
		return -EAGAIN;
	}
	if (own->euid != ids->effective || own->fsuid != ids->effective)
		process_forget_trust(process);
	own->uid = ids->real;
	own->euid = own->fsuid = ids->effective;
	own->suid = ids->saved;
	capabilities_change_user(own, &old);
	change_user(process, user);
	spin_unlock(&process_tree_lock);
	return 0;
}

static int group_ids_set(const struct ids *ids)
{
	struct process *process = current_process();
	struct credentials *own = &process->credentials;

	spin_lock(&process_tree_lock);
	if (own->egid != ids->effective || own->fsgid != ids->effective)
		process_forget_trust(process);
	own->gid = ids->real;
	own->egid = own->fsgid = ids->effective;
	own->sgid = ids->saved;
	spin_unlock(&process_tree_lock);
	return 0;
}

static bool is_one_of(const struct ids *ids, uint32_t id)
{
	return id == ids->real || id == ids->effective || id == ids->saved;
}

/* setuid: who may changes all three, others the effective one to the real or the saved. */
static int ids_set(struct ids *ids, enum capability needed, uint32_t id)
{
	if (id == NO_ID)
		return -EINVAL;
	if (capable(needed))
		ids->real = ids->saved = id;
	else if (id != ids->real && id != ids->saved)
		return -EPERM;
	ids->effective = id;
	return 0;
}

/*
 * setreuid: the saved id follows the effective one when the real one is set, or the effective to
 * another.
 */
static int ids_set_two(struct ids *ids, enum capability needed, uint32_t real, uint32_t effective)
{
	struct ids old = *ids;
	bool any = capable(needed);

	if (real != NO_ID) {
		if (!any && real != old.real && real != old.effective)
			return -EPERM;
		ids->real = real;
	}
	if (effective != NO_ID) {
		if (!any && !is_one_of(&old, effective))
			return -EPERM;
		ids->effective = effective;
	}
	if (real != NO_ID || (effective != NO_ID && effective != old.real))
		ids->saved = ids->effective;
	return 0;
}

static int ids_set_three(struct ids *ids, enum capability needed, uint32_t real, uint32_t effective,
			 uint32_t saved)
{
	struct ids old = *ids;
	if (!capable(needed) && ((real != NO_ID && !is_one_of(&old, real)) ||
				 (effective != NO_ID && !is_one_of(&old, effective)) ||
				 (saved != NO_ID && !is_one_of(&old, saved))))
		return -EPERM;
	if (real != NO_ID)
		ids->real = real;
	if (effective != NO_ID)
		ids->effective = effective;
	if (saved != NO_ID)
		ids->saved = saved;
	return 0;
}

static long ids_to_user(const struct ids *ids, uint32_t __user *real, uint32_t __user *effective,
			uint32_t __user *saved)
{
	if (put_user_u32(ids->real, real) || put_user_u32(ids->effective, effective) ||
	    put_user_u32(ids->saved, saved))
		return -EFAULT;
	return 0;
}

#define define_id_calls(name, kind, needed)                                          \
	long sys_set##name##id(uint32_t id)                                          \
	{                                                                            \
		struct ids ids = kind##_ids();                                       \
		int error = ids_set(&ids, needed, id);                               \
		return error ? error : kind##_ids_set(&ids);                         \
	}                                                                            \
	long sys_setre##name##id(uint32_t real, uint32_t effective)                  \
	{                                                                            \
		struct ids ids = kind##_ids();                                       \
		int error = ids_set_two(&ids, needed, real, effective);              \
		return error ? error : kind##_ids_set(&ids);                         \
	}                                                                            \
	long sys_setres##name##id(uint32_t real, uint32_t effective, uint32_t saved) \
	{                                                                            \
		struct ids ids = kind##_ids();                                       \
		int error = ids_set_three(&ids, needed, real, effective, saved);     \
		return error ? error : kind##_ids_set(&ids);                         \
	}                                                                            \
	long sys_getres##name##id(uint32_t __user *real, uint32_t __user *effective, \
				  uint32_t __user *saved)                            \
	{                                                                            \
		struct ids ids = kind##_ids();                                       \
		return ids_to_user(&ids, real, effective, saved);                    \
	}

define_id_calls(u, user, CAP_SETUID)
define_id_calls(g, group, CAP_SETGID)

/* As whom files are used. Returns what it was, also when it may not be changed. */
static long file_id_set(uint32_t *id, const struct ids *ids, enum capability needed,
			uint32_t wanted)
{
	struct credentials *own = &current_process()->credentials;
	uint32_t old = *id;

	if (wanted == NO_ID || wanted == old)
		return old;
	if (capable(needed) || is_one_of(ids, wanted)) {
		spin_lock(&process_tree_lock);
		process_forget_trust(current_process());
		*id = wanted;
		if (id == &own->fsuid)
			capabilities_change_file_user(own, old);
		spin_unlock(&process_tree_lock);
	}
	return old;
}

long sys_setfsuid(uint32_t id)
{
	struct ids ids = user_ids();

	return file_id_set(&current_process()->credentials.fsuid, &ids, CAP_SETUID, id);
}

long sys_setfsgid(uint32_t id)
{
	struct ids ids = group_ids();

	return file_id_set(&current_process()->credentials.fsgid, &ids, CAP_SETGID, id);
}

long sys_getuid(void)
{
	return current_process()->credentials.uid;
}

long sys_geteuid(void)
{
	return current_process()->credentials.euid;
}

long sys_getgid(void)
{
	return current_process()->credentials.gid;
}

long sys_getegid(void)
{
	return current_process()->credentials.egid;
}

long sys_getgroups(int size, uint32_t __user *groups)
{
	const struct credentials *own = &current_process()->credentials;

	if (size < 0 || (size && (uint32_t)size < own->group_count))
		return -EINVAL;
	if (size && copy_to_user(groups, own->groups, own->group_count * sizeof(*groups)))
		return -EFAULT;
	return own->group_count;
}

long sys_setgroups(int size, const uint32_t __user *groups)
{
	struct credentials *own = &current_process()->credentials;
	gid_t copy[GROUPS_MAX];

	if (!capable(CAP_SETGID))
		return -EPERM;
	if (size < 0 || size > GROUPS_MAX)
		return -EINVAL;
	if (copy_from_user(copy, groups, (size_t)size * sizeof(*copy)))
		return -EFAULT;
	spin_lock(&process_tree_lock);
	own->group_count = (uint32_t)size;
	for (int i = 0; i < size; i++)
		own->groups[i] = copy[i];
	spin_unlock(&process_tree_lock);
	return 0;
}
