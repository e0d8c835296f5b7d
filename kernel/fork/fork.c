/*
 * fork, vfork and clone: a child is built aside, by parts, and published last.
 *
 * What happens to memory is the configured policy's (eager.c or cow.c, through space_fork); a child
 * of vfork borrows its parent's space until it execs or ends. A thread shares all that its process
 * owns. Nothing that fails leaves anything behind. Source: fork(2), vfork(2), clone(2).
 */
#include <arch/trap_frame.h>
#include <arch/uaccess.h>
#include <facet/counters.h>
#include <facet/errno.h>
#include <facet/file.h>
#include <facet/pidfd.h>
#include <facet/process.h>
#include <facet/sched.h>
#include <facet/space.h>
#include <facet/syscalls.h>

#define CLONE_SIGNAL 0x000000fful
#define CLONE_VM 0x00000100ul
#define CLONE_FS 0x00000200ul
#define CLONE_FILES 0x00000400ul
#define CLONE_SIGHAND 0x00000800ul
#define CLONE_PIDFD 0x00001000ul
#define CLONE_VFORK 0x00004000ul
#define CLONE_THREAD 0x00010000ul
#define CLONE_SYSVSEM 0x00040000ul
#define CLONE_SETTLS 0x00080000ul
#define CLONE_PARENT_SETTID 0x00100000ul
#define CLONE_CHILD_CLEARTID 0x00200000ul
#define CLONE_DETACHED 0x00400000ul /* musl sets it still */
#define CLONE_CHILD_SETTID 0x01000000ul
#define CLONE_IO 0x80000000ul             /* there are no I/O priorities to share */
#define CLONE_CLEAR_SIGHAND 0x100000000ul /* clone3's only */

#define CLONE_OF_PROCESS                                                              \
	(CLONE_SIGNAL | CLONE_VM | CLONE_VFORK | CLONE_SETTLS | CLONE_PARENT_SETTID | \
	 CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | CLONE_PIDFD | CLONE_IO | CLONE_CLEAR_SIGHAND)
/* What a thread shares, all of it; CLONE_SYSVSEM and CLONE_DETACHED mean nothing here. */
#define CLONE_THREAD_SHARES (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
#define CLONE_OF_THREAD                                                                   \
	(CLONE_THREAD_SHARES | CLONE_SYSVSEM | CLONE_DETACHED | CLONE_SETTLS |            \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | CLONE_SIGNAL | \
	 CLONE_IO)

struct clone_request {
	unsigned long flags;
	vaddr_t stack; /* 0: the child goes on where the parent's stack is */
	int __user *parent_tid, *child_tid;
	unsigned long tls;
	int __user *pidfd;
};

/* The child's pidfd on its way into the parent's table. */
struct new_pidfd {
	struct file *file; /* NULL: none is asked for */
	int fd;
};

static int copy_memory(struct process *child, struct process *parent, unsigned long flags)
{
	int error = 0;

	if (flags & CLONE_VM) {
		space_get(parent->space);
		child->space = parent->space;
	} else {
		child->space = space_fork(parent->space, &error);
	}
	return error;
}

static int copy_files(struct process *child, struct process *parent)
{
	child->descriptors = descriptors_fork(parent->descriptors);
	if (!child->descriptors)
		return -ENOMEM;
	child->fs = fs_context_fork(parent->fs);
	return child->fs ? 0 : -ENOMEM;
}

/* The new thread returns from the same call with 0, on the same registers. */
static void copy_thread(struct thread *thread, const struct clone_request *request)
{
	struct trap_frame *frame = thread_frame(thread);

	*frame = *thread_frame(current_thread());
	frame->rax = 0;
	if (request->stack)
		frame->rsp = request->stack;
	if (request->flags & CLONE_SETTLS)
		thread->context.fs_base = request->tls;
	if (request->flags & CLONE_CHILD_CLEARTID)
		thread->clear_tid = (uint64_t)request->child_tid;
	if (!(request->flags & CLONE_VM) || request->flags & CLONE_VFORK)
		thread->signal_stack = current_thread()->signal_stack;
	fpu_fork(thread);
	context_init_user(thread);
}

/* In the child's memory, which is not loaded and may share the page with the parent still. */
static int set_child_tid(struct process *child, const struct clone_request *request)
{
	uint32_t tid = (uint32_t)child->pid;

	if (!(request->flags & CLONE_CHILD_SETTID))
		return 0;
	return space_write(child->space, (vaddr_t)request->child_tid, &tid, sizeof(tid));
}

static int add_pidfd(struct process *child, const struct clone_request *request,
		     struct new_pidfd *made)
{
	made->file = NULL;
	if (!(request->flags & CLONE_PIDFD))
		return 0;
	made->fd = pidfd_reserve(child, &made->file);
	if (made->fd < 0) {
		made->file = NULL;
		return made->fd;
	}
	return put_user_u32((uint32_t)made->fd, (uint32_t __user *)request->pidfd) ? -EFAULT : 0;
}

/* Takes back a child that was never published. */
static void undo_fork(struct process *child, const struct new_pidfd *made)
{
	if (made->file)
		pidfd_cancel(made->fd, made->file);
	process_discard(child);
}

static void wait_for_vfork(struct process *parent)
{
	struct thread *thread = current_thread();

	spin_lock(&process_tree_lock);
	while (thread->vfork_waiting && !thread->killed)
		wait_sleep(&parent->vfork_done, &process_tree_lock, SLEEP_KILLABLE);
	spin_unlock(&process_tree_lock);
}

static long do_fork(const struct clone_request *request)
{
	struct process *parent = current_process(), *child;
	struct new_pidfd pidfd = { .file = NULL };
	int error;
	pid_t pid;

	child = process_create(parent, &error);
	if (!child)
		return error;
	error = copy_memory(child, parent, request->flags);
	if (!error)
		error = copy_files(child, parent);
	if (!error)
		error = add_pidfd(child, request, &pidfd);
	if (error) {
		undo_fork(child, &pidfd);
		return error;
	}
	if (request->flags & CLONE_CLEAR_SIGHAND)
		signals_reset(child);
	child->exit_signal = (int)(request->flags & CLONE_SIGNAL);
	copy_thread(list_first_entry(&child->threads, struct thread, process_link), request);
	pid = child->pid;
	/* As on Linux, a bad pointer here does not undo the fork. */
	if (request->flags & CLONE_PARENT_SETTID)
		put_user_u32((uint32_t)pid, (uint32_t __user *)request->parent_tid);
	set_child_tid(child, request);
	if (request->flags & CLONE_VFORK) {
		current_thread()->vfork_waiting = true;
		current_thread()->vfork_child = child;
		child->vfork_waiter = current_thread();
	}
	error = process_publish(child);
	if (error) {
		current_thread()->vfork_waiting = false;
		undo_fork(child, &pidfd);
		return error;
	}
	if (pidfd.file)
		pidfd_install(pidfd.fd, pidfd.file);
	count_event(COUNT_forks);
	if (request->flags & CLONE_VFORK)
		wait_for_vfork(parent);
	return pid;
}

long sys_fork(void)
{
	return do_fork(&(struct clone_request){ .flags = SIGCHLD });
}

long sys_vfork(void)
{
	return do_fork(&(struct clone_request){ .flags = CLONE_VFORK | CLONE_VM | SIGCHLD });
}

/* One more thread of the process itself. */
static long do_thread(const struct clone_request *request)
{
	int error;
	struct thread *thread = process_add_thread(&error);
	pid_t tid;

	if (!thread)
		return error;
	tid = thread->tid;
	copy_thread(thread, request);
	if (request->flags & CLONE_PARENT_SETTID)
		put_user_u32((uint32_t)tid, (uint32_t __user *)request->parent_tid);
	if (request->flags & CLONE_CHILD_SETTID)
		put_user_u32((uint32_t)tid, (uint32_t __user *)request->child_tid);
	error = thread_publish(thread);
	if (error) {
		thread_discard(thread);
		return error;
	}
	return tid;
}

/* Whether these flags make sense together, and are offered. */
static bool flags_are_valid(unsigned long flags)
{
	if ((flags & CLONE_SIGNAL) > SIGNALS)
		return false;
	if (flags & CLONE_THREAD)
		return (flags & CLONE_THREAD_SHARES) == CLONE_THREAD_SHARES &&
		       !(flags & ~CLONE_OF_THREAD);
	/* Memory is shared with a parent that waits, and with threads. */
	return !(flags & ~CLONE_OF_PROCESS) && (!(flags & CLONE_VM) || flags & CLONE_VFORK);
}

static long do_clone(const struct clone_request *request)
{
	unsigned long flags = request->flags;

	if (!flags_are_valid(flags))
		return -EINVAL;
	if (flags & CLONE_PIDFD && flags & CLONE_PARENT_SETTID &&
	    request->pidfd == request->parent_tid)
		return -EINVAL;
	if (flags & CLONE_SETTLS && request->tls >= USER_END)
		return -EPERM;
	return flags & CLONE_THREAD ? do_thread(request) : do_fork(request);
}

long sys_clone(unsigned long flags, vaddr_t stack, int __user *parent_tid, int __user *child_tid,
	       unsigned long tls)
{
	/* The pidfd is written where the tid would be: it can be only one of them. */
	return do_clone(&(struct clone_request){ (uint32_t)flags, stack, parent_tid, child_tid, tls,
						 parent_tid });
}

/* Linux's struct clone_args. */
struct clone_arguments {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	uint64_t set_tid, set_tid_size, cgroup; /* since 5.5, 5.7: to be 0 */
};

#define CLONE_ARGUMENTS_SIZE_FIRST 64

static bool arguments_are_valid(const struct clone_arguments *arguments)
{
	if (arguments->flags & (CLONE_SIGNAL | CLONE_DETACHED) || arguments->exit_signal > SIGNALS)
		return false;
	if (arguments->flags & CLONE_THREAD && arguments->exit_signal)
		return false;
	if (arguments->set_tid || arguments->set_tid_size || arguments->cgroup)
		return false;
	return !arguments->stack == !arguments->stack_size &&
	       user_range_ok(arguments->stack, arguments->stack_size);
}

long sys_clone3(const void __user *from, size_t size)
{
	struct clone_arguments arguments;
	int error;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGUMENTS_SIZE_FIRST)
		return -EINVAL;
	error = copy_struct_from_user(&arguments, sizeof(arguments), from, size);
	if (error)
		return error;
	if (!arguments_are_valid(&arguments))
		return -EINVAL;
	return do_clone(&(struct clone_request){
		arguments.flags | arguments.exit_signal, arguments.stack + arguments.stack_size,
		(int __user *)arguments.parent_tid, (int __user *)arguments.child_tid,
		arguments.tls, (int __user *)arguments.pidfd });
}
