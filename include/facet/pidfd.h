/*
 * pidfd.h -- descriptors that stand for processes: fs/pidfd.c.
 */
#ifndef FACET_PIDFD_H
#define FACET_PIDFD_H

#include <facet/types.h>

struct file;
struct process;

/* The file behind a descriptor that stands for a process, counted; NULL: EBADF. */
struct file *pidfd_get(int fd);
bool file_is_pidfd(const struct file *file);
/* For which one, zombies too; NULL: it has been waited for. Tree lock held. */
struct process *pidfd_process(const struct file *file);

/*
 * For a child that is not published yet, in the current process's table: a number or -errno, and
 * the file, which is there once it is installed. pidfd_cancel() takes both back. No lock held.
 */
int pidfd_reserve(struct process *child, struct file **file);
void pidfd_install(int fd, struct file *file);
void pidfd_cancel(int fd, struct file *file);

/* The process has ended; it has been waited for. Tree lock held. */
void pidfds_wake(struct process *process);
void pidfds_forget(struct process *process);

#endif
