/*
 * wait4 and waitid: a parent learns that a child ended, stopped or went on.
 *
 * Zombies are on a list of their own, so waiting for any child looks at one of them and not at the
 * living. The condition is the tree, under process_tree_lock; a child's end wakes the parent's
 * child_events. Source: wait4(2), waitid(2).
 */
#include <arch/uaccess.h>
#include <facet/errno.h>
#include <facet/file.h>
#include <facet/fs.h>
#include <facet/pidfd.h>
#include <facet/syscalls.h>

#include "process_private.h"

#define WNOHANG 0x00000001
#define WUNTRACED 0x00000002 /* waitid: WSTOPPED */
#define WEXITED 0x00000004
#define WCONTINUED 0x00000008
#define WNOWAIT 0x01000000
#define WNOTHREAD 0x20000000
#define WALL 0x40000000
#define WCLONE 0x80000000u

#define STATUS_CONTINUED 0xffff

enum wait_type { P_ALL, P_PID, P_PGID, P_PIDFD };

struct wait_request {
	enum wait_type type;
	pid_t id;
	unsigned options;
	struct file *pidfd; /* P_PIDFD */
};

struct wait_result {
	pid_t pid; /* 0: nothing has happened yet */
	uid_t uid;
	int status; /* wait(2)'s encoding */
	struct usage usage;
};

/* A child that was cloned with another signal than SIGCHLD waits for __WCLONE or __WALL. */
static bool matches(const struct wait_request *request, const struct process *child)
{
	if (!(request->options & WALL) &&
	    (child->exit_signal != SIGCHLD) != !!(request->options & WCLONE))
		return false;
	if (request->options & WNOTHREAD && child->parent_thread != current_thread())
		return false;
	if (request->type == P_PGID)
		return child->group->id == request->id;
	if (request->type == P_PIDFD)
		return child == pidfd_process(request->pidfd);
	return request->type == P_ALL || child->pid == request->id;
}

/* The first zombie that matches; *exists: whether any child does. */
static struct process *find_zombie(struct process *parent, const struct wait_request *request,
				   bool *exists)
{
	struct process *child;

	if (request->type == P_PID || request->type == P_PIDFD) {
		child = request->type == P_PID ? process_find(request->id)
					       : pidfd_process(request->pidfd);
		*exists = child && child->parent == parent && matches(request, child);
		return *exists && child->zombie ? child : NULL;
	}
	list_for_each_entry(child, &parent->zombies, sibling) {
		if (matches(request, child)) {
			*exists = true;
			return child;
		}
	}
	child = list_first_entry(&parent->children, struct process, sibling);
	*exists = child && matches(request, child);
	return NULL;
}

/* A living child with news that the caller asked for; only then are the living looked at. */
static struct process *find_news(struct process *parent, const struct wait_request *request,
				 bool *exists)
{
	struct process *child;

	if (*exists && !(request->options & (WUNTRACED | WCONTINUED)))
		return NULL;
	list_for_each_entry(child, &parent->children, sibling) {
		if (!matches(request, child))
			continue;
		*exists = true;
		if ((child->stop_event && request->options & WUNTRACED) ||
		    (child->continue_event && request->options & WCONTINUED))
			return child;
	}
	return NULL;
}

static void fill_result(struct wait_result *result, struct process *child, int status)
{
	result->pid = child->pid;
	result->uid = child->credentials.uid;
	result->status = status;
	process_usage(child, &result->usage);
	usage_add(&result->usage, &child->children_usage);
}

/* Tree lock held. 0 with result->pid set or 0, or -ECHILD. *reaped: to be freed by the caller. */
static int try_wait(struct process *parent, const struct wait_request *request,
		    struct wait_result *result, struct process **reaped)
{
	bool exists = false;
	struct process *child = NULL;

	if (request->options & WEXITED)
		child = find_zombie(parent, request, &exists);
	if (child) {
		fill_result(result, child, child->exit_status);
		if (!(request->options & WNOWAIT)) {
			usage_add(&parent->children_usage, &result->usage);
			process_reap(child);
			*reaped = child;
		}
		return 0;
	}
	child = find_news(parent, request, &exists);
	if (!child)
		return exists ? 0 : -ECHILD;
	if (child->stop_event && request->options & WUNTRACED) {
		fill_result(result, child, child->stop_signal << 8 | 0x7f);
		child->stop_event = request->options & WNOWAIT;
	} else {
		fill_result(result, child, STATUS_CONTINUED);
		child->continue_event = request->options & WNOWAIT;
	}
	return 0;
}

static int do_wait(struct wait_request *request, struct wait_result *result)
{
	struct process *parent = current_process(), *reaped = NULL;
	int error, interrupted = 0;

	result->pid = 0;
	spin_lock(&process_tree_lock);
	if (request->type == P_PGID && !request->id)
		request->id = parent->group->id;
	for (;;) {
		error = try_wait(parent, request, result, &reaped);
		if (error || result->pid || request->options & WNOHANG)
			break;
		/* Looked for once more: what the caller waits for may have sent the signal. */
		error = interrupted;
		if (error)
			break;
		interrupted = wait_sleep(&parent->child_events, &process_tree_lock,
					 SLEEP_INTERRUPTIBLE);
	}
	spin_unlock(&process_tree_lock);
	if (reaped)
		process_free(reaped);
	return error;
}

long sys_wait4(pid_t pid, int __user *status, int options, void __user *usage)
{
	struct wait_request request = { .id = pid, .options = (unsigned)options | WEXITED };
	struct wait_result result;
	int error;

	if ((unsigned)options & ~(WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE))
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	if (pid > 0) {
		request.type = P_PID;
	} else if (pid == -1) {
		request.type = P_ALL;
	} else {
		request.type = P_PGID;
		request.id = -pid; /* 0: the caller's own */
	}
	error = do_wait(&request, &result);
	if (error || !result.pid)
		return error;
	if (status && put_user_u32((uint32_t)result.status, (uint32_t __user *)status))
		return -EFAULT;
	if (usage && usage_to_user(usage, &result.usage))
		return -EFAULT;
	return result.pid;
}

static void info_fill(struct siginfo *info, const struct wait_result *result)
{
	int status = result->status;

	if (!result->pid)
		return;
	info->signal = SIGCHLD;
	info->pid = result->pid;
	info->uid = result->uid;
	if (status == STATUS_CONTINUED) {
		info->code = CLD_CONTINUED;
		info->status = SIGCONT;
	} else if ((status & 0xff) == 0x7f) {
		info->code = CLD_STOPPED;
		info->status = status >> 8;
	} else if (status & 0x7f) {
		info->code = status & 0x80 ? CLD_DUMPED : CLD_KILLED;
		info->status = status & 0x7f;
	} else {
		info->code = CLD_EXITED;
		info->status = status >> 8;
	}
}

/* O_NONBLOCK is WNOHANG, and says that it would have waited. */
static int wait_for_pidfd(struct wait_request *request, struct wait_result *result)
{
	bool may_wait = !(request->options & WNOHANG);
	int error;

	request->pidfd = pidfd_get(request->id);
	if (!request->pidfd)
		return -EBADF;
	if (request->pidfd->flags & O_NONBLOCK)
		request->options |= WNOHANG;
	error = do_wait(request, result);
	if (!error && !result->pid && may_wait)
		error = -EAGAIN;
	file_put(request->pidfd);
	return error;
}

long sys_waitid(int type, pid_t id, void __user *to, int options, void __user *usage)
{
	struct wait_request request = { .type = (enum wait_type)type,
					.id = id,
					.options = (unsigned)options };
	struct wait_result result;
	union {
		struct siginfo info;
		uint8_t whole[SIGINFO_SIZE];
	} filled = { .whole = { 0 } };
	int error;

	if ((unsigned)options & ~(WNOHANG | WUNTRACED | WEXITED | WCONTINUED | WNOWAIT | WNOTHREAD |
				  WALL | WCLONE) ||
	    !(options & (WUNTRACED | WEXITED | WCONTINUED)))
		return -EINVAL;
	if (type < P_ALL || type > P_PIDFD || (type == P_PID && id <= 0) ||
	    (type >= P_PGID && id < 0))
		return -EINVAL;
	error = type == P_PIDFD ? wait_for_pidfd(&request, &result) : do_wait(&request, &result);
	if (error)
		return error;
	info_fill(&filled.info, &result);
	if (result.pid && usage && usage_to_user(usage, &result.usage))
		return -EFAULT;
	if (to && copy_to_user(to, &filled, sizeof(filled)))
		return -EFAULT;
	return 0;
}
