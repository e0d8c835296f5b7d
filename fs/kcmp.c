/*
 * kcmp.c -- kcmp(2): whether two threads have the same file open, or share what their processes
 * own.
 *
 * The answer is an order, so that many can be sorted: that of the addresses, of which it tells
 * nothing else.
 */
#include "internal.h"

#include <facet/syscalls.h>

enum { KCMP_FILE, KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND, KCMP_IO, KCMP_SYSVSEM, KCMP_TYPES };

/* Only its address counts: it may be gone when it is compared. NULL: EBADF. */
static const void *file_of(struct descriptors *descriptors, unsigned fd)
{
	bool closes_on_exec;
	struct file *file = descriptors_at(descriptors, fd, &closes_on_exec);

	if (file)
		file_put(file);
	return file;
}

/* What is compared, of a thread into which the caller may look. Tree lock held. */
static int part_of(pid_t tid, int type, const void **part)
{
	const struct thread *thread = thread_find(tid);
	const struct process *process = thread ? thread->process : process_find(tid);

	if (!process)
		return -ESRCH;
	if (!process_may_trace(process, REAL_IDS))
		return -EPERM;
	if (type == KCMP_VM)
		*part = process->space;
	else if (type == KCMP_FILES || type == KCMP_FILE)
		*part = process->descriptors;
	else if (type == KCMP_FS)
		*part = process->fs;
	else if (type == KCMP_SIGHAND)
		*part = process;
	else
		*part = NULL; /* what nobody has is the same for all */
	return 0;
}

/* Both tables are counted. */
static int files_of(const void *parts[2], const unsigned long fds[2])
{
	int error = 0;

	for (unsigned i = 0; i < 2; i++) {
		struct descriptors *descriptors = (struct descriptors *)parts[i];

		parts[i] = descriptors && fds[i] <= UINT32_MAX
				   ? file_of(descriptors, (unsigned)fds[i])
				   : NULL;
		if (descriptors)
			descriptors_put(descriptors);
		if (!parts[i])
			error = -EBADF;
	}
	return error;
}

long sys_kcmp(pid_t first, pid_t second, int type, unsigned long first_fd, unsigned long second_fd)
{
	const void *parts[2];
	int error;

	spin_lock(&process_tree_lock);
	error = part_of(first, type, &parts[0]);
	if (!error)
		error = part_of(second, type, &parts[1]);
	for (unsigned i = 0; i < 2 && !error && type == KCMP_FILE; i++)
		if (parts[i])
			descriptors_get((struct descriptors *)parts[i]);
	spin_unlock(&process_tree_lock);
	if (error)
		return error;
	if (type < KCMP_FILE || type >= KCMP_TYPES)
		return -EINVAL;
	if (type == KCMP_FILE)
		error = files_of(parts, (unsigned long[]){ first_fd, second_fd });
	if (error)
		return error;
	return parts[0] == parts[1] ? 0 : parts[0] < parts[1] ? 1 : 2;
}
