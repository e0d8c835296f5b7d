/*
 * capget and capset, for programs that ask what root may do: see capability.h.
 *
 * A set that is told can be set again; a part of it cannot be given up, for there is no kernel
 * behind it that would keep to that, and a program that believed it would be wrong about its own
 * safety. Lock: the tree's. Source: capget(2), capabilities(7).
 */
#include <arch/uaccess.h>
#include <facet/capability.h>
#include <facet/errno.h>
#include <facet/syscalls.h>

#define VERSION_1 0x19980330 /* 32 capabilities */
#define VERSION_2 0x20071026
#define VERSION_3 0x20080522

/* Linux's struct __user_cap_header_struct: the version, then a pid. */
#define PID_OFFSET 4

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

static void sets_of(const struct credentials *credentials, struct set sets[2])
{
	uint64_t effective = capabilities_effective(credentials);
	uint64_t permitted = capabilities_permitted(credentials);

	for (unsigned part = 0; part < 2; part++)
		sets[part] = (struct set){ .effective = (uint32_t)(effective >> 32 * part),
					   .permitted = (uint32_t)(permitted >> 32 * part) };
}

long sys_capget(uint32_t __user *header, void __user *to)
{
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
		sets_of(&thread->process->credentials, sets);
	spin_unlock(&process_tree_lock);
	if (!thread)
		return -ESRCH;
	return copy_to_user(to, sets, (size_t)parts * sizeof(*sets));
}

long sys_capset(uint32_t __user *header, const void __user *from)
{
	struct set wanted[2] = { { 0 } }, sets[2];
	pid_t tid;
	int parts = parts_of_version(header);

	if (parts < 0)
		return parts;
	if (tid_of_header(header, &tid))
		return -EFAULT;
	if (tid && tid != current_thread()->tid)
		return -EPERM;
	if (copy_from_user(wanted, from, (size_t)parts * sizeof(*wanted)))
		return -EFAULT;
	sets_of(&current_process()->credentials, sets);
	for (unsigned part = 0; part < 2; part++) {
		uint32_t exists = (uint32_t)(CAPABILITY_ALL >> 32 * part);

		if ((wanted[part].effective & exists) != sets[part].effective ||
		    (wanted[part].permitted & exists) != sets[part].permitted ||
		    wanted[part].inheritable & exists)
			return -EPERM;
	}
	return 0;
}
