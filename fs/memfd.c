/*
 * memfd.c -- memfd_create(2): a file in memory that has no name but the one /proc shows.
 *
 * It cannot be sealed: who asks for that is refused, and F_GET_SEALS says that no seal can be
 * added, as it does on Linux for those who did not ask.
 */
#include "internal.h"

#include <arch/uaccess.h>
#include <facet/syscalls.h>

#define MFD_CLOEXEC 1u

static const char prefix[] = "memfd:";

/* The caller's name behind the prefix. A NUL, 249 bytes at most. */
static int name_from_user(char name[NAME_MAX + 1], const char __user *from)
{
	size_t used = sizeof(prefix) - 1;
	ssize_t length = strncpy_from_user(name + used, from, NAME_MAX + 1 - used);

	memcpy(name, prefix, used);
	if (length < 0)
		return length == -ENAMETOOLONG ? -EINVAL : (int)length;
	return 0;
}

long sys_memfd_create(const char __user *user_name, unsigned flags)
{
	char name[NAME_MAX + 1];
	struct file *file;
	int error;

	if (flags & ~MFD_CLOEXEC)
		return -EINVAL;
	error = name_from_user(name, user_name);
	if (error)
		return error;
	file = file_create_anonymous(name, 0);
	if (!file)
		return -ENOMEM;
	file->flags |= O_LARGEFILE;
	file->inode->mode = S_IFREG | 0777;
	return descriptor_add(file, 0, flags & MFD_CLOEXEC);
}
