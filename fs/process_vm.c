/*
 * process_vm.c -- process_vm_readv(2) and process_vm_writev(2): bytes between the caller's memory
 * and another process's, through a page of the kernel's, so that one space at a time is locked.
 *
 * The other side's areas say what may be read and written there, as for the process itself.
 */
#include "internal.h"

#include <facet/space.h>
#include <facet/syscalls.h>

/* The memory of a process into which the caller may look, counted, or ERR_PTR. */
static struct space *space_of(pid_t pid)
{
	struct space *space = ERR_PTR(-ESRCH);
	const struct thread *thread;

	spin_lock(&process_tree_lock);
	thread = thread_find(pid);
	if (thread && !process_may_trace(thread->process, REAL_IDS)) {
		space = ERR_PTR(-EPERM);
	} else if (thread && thread->process->space) {
		space = thread->process->space;
		space_get(space);
	}
	spin_unlock(&process_tree_lock);
	return space;
}

/* `size` bytes at most, within a page. Returns how many; fewer where one of the sides ends. */
static size_t move_piece(struct space *space, vaddr_t address, struct transfer *local, void *page,
			 size_t size, bool writes)
{
	ssize_t got;

	if (writes) {
		got = (ssize_t)transfer_in(local, page, size);
		return space_write(space, address, page, (size_t)got) ? 0 : (size_t)got;
	}
	got = space_read(space, address, page, size);
	return got > 0 ? transfer_out(local, page, (size_t)got) : 0;
}

static ssize_t move_memory(struct space *space, const struct iovec *remote, size_t count,
			   struct transfer *local, bool writes)
{
	void *page = kmalloc(PAGE_SIZE);
	size_t done = 0, part = 0, moved = 0;

	if (!page)
		return -ENOMEM;
	for (size_t i = 0; i < count && local->left && moved == part; i++) {
		vaddr_t address = remote[i].base;
		size_t left = remote[i].size;

		while (left && local->left && moved == part) {
			part = MIN(MIN(left, local->left), PAGE_SIZE - (address & ~PAGE_MASK));
			moved = move_piece(space, address, local, page, part, writes);
			address += moved;
			left -= moved;
			done += moved;
		}
	}
	kfree(page);
	return done || moved == part ? (ssize_t)done : -EFAULT;
}

static ssize_t move_vectors(pid_t pid, const struct iovec __user *from, size_t count,
			    struct transfer *local, bool writes)
{
	struct vector remote;
	struct space *space;
	ssize_t done = vector_copy(&remote, from, count);

	if (done)
		return done;
	for (size_t i = 0; i < count && !done; i++)
		done = (int64_t)remote.all[i].size < 0 ? -EINVAL : 0;
	space = done ? NULL : space_of(pid);
	if (IS_ERR(space)) {
		done = PTR_ERR(space);
	} else if (space) {
		done = move_memory(space, remote.all, count, local, writes);
		space_put(space);
	}
	vector_free(&remote);
	return done;
}

static long process_vm(pid_t pid, const struct iovec __user *local_vector, size_t local_count,
		       const struct iovec __user *remote_vector, size_t remote_count,
		       unsigned long flags, bool writes)
{
	struct transfer local;
	struct vector vector;
	ssize_t done;

	if (flags)
		return -EINVAL;
	done = vector_from_user(&vector, local_vector, local_count, &local);
	if (done)
		return done;
	if (local.left)
		done = move_vectors(pid, remote_vector, remote_count, &local, writes);
	vector_free(&vector);
	return done;
}

long sys_process_vm_readv(pid_t pid, const struct iovec __user *local, size_t local_count,
			  const struct iovec __user *remote, size_t remote_count,
			  unsigned long flags)
{
	return process_vm(pid, local, local_count, remote, remote_count, flags, false);
}

long sys_process_vm_writev(pid_t pid, const struct iovec __user *local, size_t local_count,
			   const struct iovec __user *remote, size_t remote_count,
			   unsigned long flags)
{
	return process_vm(pid, local, local_count, remote, remote_count, flags, true);
}
