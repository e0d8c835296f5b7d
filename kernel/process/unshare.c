/*
 * unshare and setns, on a kernel without namespaces: everybody sees the same system.
 *
 * What else unshare takes apart, a process shares with none but its own threads.
 * Source: unshare(2), setns(2).
 */
#include <facet/capability.h>
#include <facet/errno.h>
#include <facet/file.h>
#include <facet/fs.h>
#include <facet/process.h>
#include <facet/syscalls.h>

#define CLONE_NEWTIME 0x00000080ul
#define CLONE_VM 0x00000100ul
#define CLONE_FS 0x00000200ul
#define CLONE_FILES 0x00000400ul
#define CLONE_SIGHAND 0x00000800ul
#define CLONE_THREAD 0x00010000ul
#define CLONE_NEWNS 0x00020000ul
#define CLONE_SYSVSEM 0x00040000ul
#define CLONE_NEWCGROUP 0x02000000ul
#define CLONE_NEWUTS 0x04000000ul
#define CLONE_NEWIPC 0x08000000ul
#define CLONE_NEWUSER 0x10000000ul
#define CLONE_NEWPID 0x20000000ul
#define CLONE_NEWNET 0x40000000ul

#define OF_THREADS \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)
#define OF_ROOT                                                                        \
	(CLONE_NEWTIME | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	 CLONE_NEWPID | CLONE_NEWNET)

long sys_unshare(unsigned long flags)
{
	if (flags & ~(OF_THREADS | OF_ROOT | CLONE_NEWUSER))
		return -EINVAL;
	if (flags & (OF_THREADS & ~CLONE_SYSVSEM) && current_process()->thread_count > 1)
		return -EINVAL;
	if (flags & CLONE_NEWUSER)
		return -EINVAL;
	if (flags & OF_ROOT)
		return capable(CAP_SYS_ADMIN) ? -EINVAL : -EPERM;
	return 0;
}

/* No descriptor is one of a namespace. */
long sys_setns(int fd, int type)
{
	(void)type;
	struct file *file = descriptor_get(fd);
	int error;

	if (!file)
		return -EBADF;
	error = file->flags & O_PATH ? -EBADF : -EINVAL;
	file_put(file);
	return error;
}
