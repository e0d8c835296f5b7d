/*
 * What becomes of a process's capabilities: capget and capset, prctl's part in it, changes of its
 * ids, and exec.
 *
 * Effective are those in force, permitted those that may be put in force. Inheritable and ambient
 * ones are carried over an exec by somebody who is not root, and bounding is what an exec by root
 * gives at most. As the ids they are the process's and not one thread's.
 *
 * Lock: the tree's where they change or are another's. Source: capabilities(7), capget(2),
 * prctl(2).
 */
#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/errno.h>
#include <facet/syscalls.h>

#include "process_private.h"

#define VERSION_1 0x19980330 /* 32 capabilities */
#define VERSION_2 0x20071026
#define VERSION_3 0x20080522

/* Linux's struct __user_cap_header_struct: the version, then a pid. */
#define PID_OFFSET 4

/* The secure bits, each with its lock above it. */
#define SECURE_NO_ROOT (1u << 0)          /* root's programs have no right for that */
#define SECURE_NO_SETUID_FIXUP (1u << 2)  /* changes of ids take and give none */
#define SECURE_KEEP (1u << 4)             /* nor does leaving root, until the next exec */
#define SECURE_NO_AMBIENT_RAISE (1u << 6) /* the ambient ones can only become fewer */
#define SECURE_BITS 0x55u
#define SECURE_LOCKS (SECURE_BITS << 1)

#define BIT(capability) (1ull << (capability))

/* Those that go with fsuid 0. */
#define OF_FILES                                                                               \
	(BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) | \
	 BIT(CAP_FSETID) | BIT(9) /* CAP_LINUX_IMMUTABLE */ | BIT(CAP_MKNOD) |                 \
	 BIT(32) /* CAP_MAC_OVERRIDE */)

struct set { /* Linux's struct __user_cap_data_struct: a part of 32 of them */
	uint32_t effective, permitted, inheritable;
};

/* How many sets of 32 the caller's version has. Tells it the newest if it is unknown. */
static int parts_of_version(uint32_t __user *header)
{
	uint32_t version;

	if (get_user_u32(&version, header))
		return -EFAULT;
	if (version == VERSION_1)
		return 1;
	if (version == VERSION_2 || version == VERSION_3)
		return 2;
	return put_user_u32(VERSION_3, header) ? -EFAULT : -EINVAL;
}

/* 0 is the caller. */
static int tid_of_header(uint32_t __user *header, pid_t *tid)
{
	return get_user_u32((uint32_t *)tid, (uint32_t __user *)((vaddr_t)header + PID_OFFSET));
}

long sys_capget(uint32_t __user *header, void __user *to)
{
	struct capabilities its;
	const struct thread *thread;
	struct set sets[2];
	pid_t tid;
	int parts = parts_of_version(header);

	if (!to && parts == -EINVAL)
		return 0; /* the version was all that was asked for */
	if (parts < 0 || !to)
		return MIN(parts, 0);
	if (tid_of_header(header, &tid))
		return -EFAULT;
	if (tid < 0)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	thread = tid ? thread_find(tid) : current_thread();
	if (thread)
		its = thread->process->credentials.capabilities;
	spin_unlock(&process_tree_lock);
	if (!thread)
		return -ESRCH;
	for (unsigned part = 0; part < 2; part++)
		sets[part] = (struct set){ (uint32_t)(its.effective >> 32 * part),
					   (uint32_t)(its.permitted >> 32 * part),
					   (uint32_t)(its.inheritable >> 32 * part) };
	return copy_to_user(to, sets, (size_t)parts * sizeof(*sets));
}

static bool is_subset(uint64_t set, uint64_t of)
{
	return !(set & ~of);
}

/* Rights can be given up and not taken; to inherit more than one's own takes CAP_SETPCAP. */
static bool may_set(const struct capabilities *own, const struct capabilities *wanted)
{
	if (!is_subset(wanted->inheritable, own->inheritable | own->permitted) &&
	    !capable(CAP_SETPCAP))
		return false;
	return is_subset(wanted->inheritable, own->inheritable | own->bounding) &&
	       is_subset(wanted->permitted, own->permitted) &&
	       is_subset(wanted->effective, wanted->permitted);
}

static int set_own(const struct capabilities *wanted)
{
	struct capabilities *own = &current_process()->credentials.capabilities;
	int error = -EPERM;

	spin_lock(&process_tree_lock);
	if (may_set(own, wanted)) {
		own->effective = wanted->effective;
		own->permitted = wanted->permitted;
		own->inheritable = wanted->inheritable;
		own->ambient &= wanted->permitted & wanted->inheritable;
		error = 0;
	}
	spin_unlock(&process_tree_lock);
	return error;
}

static uint64_t joined(uint32_t low, uint32_t high)
{
	return (low | (uint64_t)high << 32) & CAPABILITIES_ALL;
}

long sys_capset(uint32_t __user *header, const void __user *from)
{
	struct set sets[2] = { { 0 } };
	pid_t tid;
	int parts = parts_of_version(header);

	if (parts < 0)
		return parts;
	if (tid_of_header(header, &tid))
		return -EFAULT;
	if (tid && tid != current_thread()->tid)
		return -EPERM;
	if (copy_from_user(sets, from, (size_t)parts * sizeof(*sets)))
		return -EFAULT;
	return set_own(&(struct capabilities){
		.effective = joined(sets[0].effective, sets[1].effective),
		.permitted = joined(sets[0].permitted, sets[1].permitted),
		.inheritable = joined(sets[0].inheritable, sets[1].inheritable),
	});
}

/* --- prctl --- */

int capability_drop_bounding(unsigned long capability)
{
	if (!capable(CAP_SETPCAP))
		return -EPERM;
	if (capability > CAPABILITY_LAST)
		return -EINVAL;
	spin_lock(&process_tree_lock);
	current_process()->credentials.capabilities.bounding &= ~BIT(capability);
	spin_unlock(&process_tree_lock);
	return 0;
}

int capabilities_set_secure_bits(unsigned long bits)
{
	struct capabilities *own = &current_process()->credentials.capabilities;
	int error = -EPERM;

	spin_lock(&process_tree_lock);
	if (capable(CAP_SETPCAP) && !(bits & ~(unsigned long)(SECURE_BITS | SECURE_LOCKS)) &&
	    !(own->secure_bits & SECURE_LOCKS & ~bits) &&
	    !((own->secure_bits & SECURE_LOCKS) >> 1 & (own->secure_bits ^ bits))) {
		own->secure_bits = (uint32_t)bits;
		error = 0;
	}
	spin_unlock(&process_tree_lock);
	return error;
}

bool capabilities_are_kept(void)
{
	return current_process()->credentials.capabilities.secure_bits & SECURE_KEEP;
}

int capabilities_keep(bool keep)
{
	struct capabilities *own = &current_process()->credentials.capabilities;
	int error = -EPERM;

	spin_lock(&process_tree_lock);
	if (!(own->secure_bits & SECURE_KEEP << 1)) {
		own->secure_bits = (own->secure_bits & ~SECURE_KEEP) | (keep ? SECURE_KEEP : 0);
		error = 0;
	}
	spin_unlock(&process_tree_lock);
	return error;
}

int capabilities_set_ambient(uint64_t set, bool raise)
{
	struct capabilities *own = &current_process()->credentials.capabilities;
	int error = 0;

	spin_lock(&process_tree_lock);
	if (!raise)
		own->ambient &= ~set;
	else if (is_subset(set, own->permitted & own->inheritable) &&
		 !(own->secure_bits & SECURE_NO_AMBIENT_RAISE))
		own->ambient |= set;
	else
		error = -EPERM;
	spin_unlock(&process_tree_lock);
	return error;
}

/* --- ids and programs --- */

static bool any_is_root(const struct credentials *credentials)
{
	return !credentials->uid || !credentials->euid || !credentials->suid;
}

void capabilities_change_user(struct credentials *own, const struct credentials *old)
{
	struct capabilities *sets = &own->capabilities;

	if (sets->secure_bits & SECURE_NO_SETUID_FIXUP)
		return;
	if (any_is_root(old) && !any_is_root(own)) {
		if (!(sets->secure_bits & SECURE_KEEP))
			sets->permitted = sets->effective = 0;
		sets->ambient = 0;
	}
	if (!old->euid && own->euid)
		sets->effective = 0;
	if (old->euid && !own->euid)
		sets->effective = sets->permitted;
}

void capabilities_change_file_user(struct credentials *own, uid_t old)
{
	struct capabilities *sets = &own->capabilities;

	if (sets->secure_bits & SECURE_NO_SETUID_FIXUP)
		return;
	if (!old && own->fsuid)
		sets->effective &= ~OF_FILES;
	if (old && !own->fsuid)
		sets->effective |= sets->permitted & OF_FILES;
}

uint64_t capabilities_of_real_ids(const struct credentials *credentials)
{
	const struct capabilities *sets = &credentials->capabilities;

	if (sets->secure_bits & SECURE_NO_SETUID_FIXUP)
		return sets->effective;
	return credentials->uid ? 0 : sets->permitted;
}

bool capabilities_exec(struct credentials *own, bool no_new)
{
	struct capabilities *sets = &own->capabilities;
	bool root_counts = !(sets->secure_bits & SECURE_NO_ROOT);
	uint64_t old = sets->permitted, permitted = 0;

	if (root_counts && (!own->uid || !own->euid))
		permitted = sets->bounding | sets->inheritable;
	if (no_new)
		permitted &= old;
	if (own->uid != own->euid || own->gid != own->egid)
		sets->ambient = 0;
	sets->permitted = permitted | sets->ambient;
	sets->effective = root_counts && !own->euid ? sets->permitted : sets->ambient;
	sets->secure_bits &= ~SECURE_KEEP;
	return !is_subset(sets->permitted, old);
}
