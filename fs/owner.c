/*
 * owner.c -- whom fcntl(2) names as the receiver of a file's SIGIO: F_SETOWN and its relatives.
 *
 * It is kept and told, as programs ask for what they have set; no file here sends the signal.
 * Lock: process_tree_lock, under which the receiver is looked up.
 */
#include "internal.h"

#include <arch/uaccess.h>

enum {
	F_SETOWN = 8,
	F_GETOWN = 9,
	F_SETSIG = 10,
	F_GETSIG = 11,
	F_SETOWN_EX = 15,
	F_GETOWN_EX = 16,
};

enum { F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP };

struct owner { /* Linux's struct f_owner_ex */
	int32_t type;
	pid_t id;
};

/* Tree lock held. */
static bool is_there(const struct owner *owner)
{
	switch (owner->type) {
	case F_OWNER_TID:
		return thread_find(owner->id);
	case F_OWNER_PID:
		return process_find(owner->id);
	default:
		return group_find(owner->id);
	}
}

/* Nobody is the process 0. */
static struct owner owner_of(const struct file *file)
{
	struct owner owner;

	spin_lock(&process_tree_lock);
	owner = (struct owner){ file->owner_type, file->owner };
	if (!is_there(&owner))
		owner.id = 0;
	spin_unlock(&process_tree_lock);
	return owner;
}

static long set_owner(struct file *file, const struct owner *owner)
{
	long error = -ESRCH;

	spin_lock(&process_tree_lock);
	if (!owner->id || is_there(owner)) {
		file->owner = owner->id;
		file->owner_type = (uint8_t)owner->type;
		error = 0;
	}
	spin_unlock(&process_tree_lock);
	return error;
}

/* A process, or the negative number of a group. */
static long set_owner_number(struct file *file, int number)
{
	struct owner owner = { number < 0 ? F_OWNER_PGRP : F_OWNER_PID, number };

	if (number == INT32_MIN)
		return -EINVAL;
	if (number < 0)
		owner.id = -number;
	return set_owner(file, &owner);
}

static long set_owner_from_user(struct file *file, const void __user *from)
{
	struct owner owner;

	if (copy_from_user(&owner, from, sizeof(owner)))
		return -EFAULT;
	if (owner.type < F_OWNER_TID || owner.type > F_OWNER_PGRP)
		return -EINVAL;
	return set_owner(file, &owner);
}

long fcntl_owner(struct file *file, unsigned command, unsigned long argument)
{
	struct owner owner = owner_of(file);

	switch (command) {
	case F_SETOWN:
		return set_owner_number(file, (int)argument);
	case F_GETOWN:
		return owner.type == F_OWNER_PGRP ? -owner.id : owner.id;
	case F_SETOWN_EX:
		return set_owner_from_user(file, (const void __user *)argument);
	case F_GETOWN_EX:
		return copy_to_user((void __user *)argument, &owner, sizeof(owner)) ? -EFAULT : 0;
	case F_SETSIG:
		if (argument > SIGNALS)
			return -EINVAL;
		file->owner_signal = (uint8_t)argument;
		return 0;
	case F_GETSIG:
		return file->owner_signal;
	default:
		return -EINVAL;
	}
}
