/*
 * What one process may do to another. Source: kill(2), ptrace(2) ("Ptrace access mode checking").
 */
#include <facet/capability.h>

bool process_may_control(const struct process *target)
{
	const struct credentials *own = &current_process()->credentials;
	const struct credentials *other = &target->credentials;

	return capable(CAP_KILL) || own->euid == other->uid || own->euid == other->suid ||
	       own->uid == other->uid || own->uid == other->suid;
}

bool process_may_trace(const struct process *target, enum which_ids ids)
{
	const struct credentials *own = &current_process()->credentials;
	const struct credentials *its = &target->credentials;
	uid_t uid = ids == REAL_IDS ? own->uid : own->fsuid;
	gid_t gid = ids == REAL_IDS ? own->gid : own->fsgid;

	/* What it may is more than the caller may: to look is to have it. */
	bool more = its->capabilities.permitted &
		    ~(ids == REAL_IDS ? own->capabilities.permitted : own->capabilities.effective);

	return target == current_process() || capable(CAP_SYS_PTRACE) ||
	       (target->dumpable && uid == its->uid && uid == its->euid && uid == its->suid &&
		gid == its->gid && gid == its->egid && gid == its->sgid && !more);
}
