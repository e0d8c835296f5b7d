/*
 * Processes: built aside, published last, freed when the parent has seen the end.
 *
 * What owns (struct process) and what runs (struct thread) are made here together; memory and files
 * are fork's and exec's to fill in. Lock: process_tree_lock where the tree is touched.
 */
#include <arch/percpu.h>
#include <facet/capability.h>
#include <facet/clock.h>
#include <facet/cpu_timer.h>
#include <facet/errno.h>
#include <facet/futex.h>
#include <facet/restart.h>
#include <facet/file.h>
#include <facet/kernel_stack.h>
#include <facet/sched.h>
#include <facet/slab.h>
#include <facet/space.h>
#include <facet/string.h>

#include "process_private.h"

struct process *init_process;

static struct slab_cache *process_cache, *thread_cache;

#define STACK_LIMIT_DEFAULT (8ul << 20)
#define LOCKED_LIMIT_DEFAULT (8ul << 20)
#define FILES_LIMIT_DEFAULT 1024
#define FILES_LIMIT_MAX 4096
#define SIGNALS_LIMIT_DEFAULT 4096

void process_init(void)
{
	process_cache = slab_cache_create("process", sizeof(struct process), 64);
	thread_cache = slab_cache_create("thread", sizeof(struct thread), 64);
	table_init();
	user_init();
	signal_init();
	futex_init();
	cpu_timers_init();
	strace_boot();
}

struct thread *thread_create(const struct thread *parent)
{
	struct thread *thread = slab_alloc_zeroed(thread_cache);
	struct sched_params params = { .class = SCHED_NORMAL };

	if (!thread)
		return NULL;
	thread->context.stack_top = kernel_stack_alloc();
	if (!thread->context.stack_top) {
		slab_free(thread_cache, thread);
		return NULL;
	}
	thread->state = THREAD_BLOCKED;
	pending_signals_init(&thread->pending);
	list_init(&thread->hash_link);
	sleep_init(thread);
	thread->attributes.timer_slack_ns = TIMER_SLACK_DEFAULT_NS;
	if (parent) {
		params = sched_params_of_child(&parent->sched.params);
		thread->attributes = parent->attributes;
		thread->blocked = parent->restores_mask ? parent->mask_after_call : parent->blocked;
		thread->context.fs_base = parent->context.fs_base;
		thread->context.gs_base = parent->context.gs_base;
	}
	thread->timer_slack_default_ns = thread->attributes.timer_slack_ns;
	sched_set_params(thread, &params);
	return thread;
}

void thread_free(struct thread *thread)
{
	kernel_stack_free(thread->context.stack_top);
	slab_free(thread_cache, thread);
}

static void limits_init(struct rlimit *limits)
{
	for (unsigned i = 0; i < RLIMITS; i++)
		limits[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	limits[RLIMIT_STACK].current = STACK_LIMIT_DEFAULT;
	limits[RLIMIT_CORE].current = 0;
	limits[RLIMIT_NOFILE] = (struct rlimit){ FILES_LIMIT_DEFAULT, FILES_LIMIT_MAX };
	limits[RLIMIT_MEMLOCK] = (struct rlimit){ LOCKED_LIMIT_DEFAULT, LOCKED_LIMIT_DEFAULT };
	limits[RLIMIT_NPROC] = (struct rlimit){ CONFIG_PROCESSES_MAX, CONFIG_PROCESSES_MAX };
	limits[RLIMIT_SIGPENDING] = (struct rlimit){ SIGNALS_LIMIT_DEFAULT, SIGNALS_LIMIT_DEFAULT };
	limits[RLIMIT_NICE] = (struct rlimit){ 0, 0 };
	limits[RLIMIT_RTPRIO] = (struct rlimit){ 0, 0 };
}

static void first_process_init(struct process *process)
{
	limits_init(process->limits);
	process->login_uid = (uid_t)-1;
	process->dumpable = true;
	process->credentials.capabilities = (struct capabilities){
		.effective = CAPABILITIES_ALL,
		.permitted = CAPABILITIES_ALL,
		.bounding = CAPABILITIES_ALL,
	};
}

/* What a child has from its parent, memory and files excepted. */
static void inherit(struct process *process, struct process *parent)
{
	process->credentials = parent->credentials;
	memcpy(process->limits, parent->limits, sizeof(process->limits));
	memcpy(process->comm, thread_comm(current_thread()), COMM_SIZE);
	process->oom_adjustment = parent->oom_adjustment;
	process->oom_adjustment_least = parent->oom_adjustment_least;
	process->login_uid = parent->login_uid;
	process->dumpable = parent->dumpable;
	process->membarriers = parent->membarriers;
	process->executable = parent->executable;
	if (process->executable)
		file_get(process->executable);
}

/* For the last one that is counted for the user, who is not, if there is none. Tree lock held. */
static int id_for(const struct process *parent, struct user *user)
{
	bool may = !parent || !parent->credentials.uid || capable(CAP_SYS_RESOURCE) ||
		   capable(CAP_SYS_ADMIN) ||
		   user_process_count(user) <= parent->limits[RLIMIT_NPROC].current;
	int id = may ? pid_alloc() : -EAGAIN;

	if (id < 0)
		user_put(user);
	return id;
}

int pid_for(const struct process *parent, struct user **user)
{
	int pid = -ENOMEM;

	spin_lock(&process_tree_lock);
	*user = user_get(parent ? parent->credentials.uid : 0);
	if (*user)
		pid = id_for(parent, *user);
	spin_unlock(&process_tree_lock);
	return pid;
}

int tid_for(struct process *process)
{
	int tid;

	spin_lock(&process_tree_lock);
	user_count_again(process->user);
	tid = id_for(process, process->user);
	if (tid >= 0)
		process->ids++;
	spin_unlock(&process_tree_lock);
	return tid;
}

void tid_release(struct process *process, pid_t tid)
{
	process->ids--;
	user_put(process->user);
	pid_release(tid);
}

void pid_give_back(pid_t pid, struct user *user)
{
	spin_lock(&process_tree_lock);
	user_put(user);
	pid_release(pid);
	spin_unlock(&process_tree_lock);
}

static void process_fields_init(struct process *process, pid_t pid)
{
	process->pid = pid;
	process->start_ns = clock_ns();
	process->exit_signal = SIGCHLD;
	list_init(&process->children);
	list_init(&process->zombies);
	list_init(&process->threads);
	list_init(&process->sibling);
	list_init(&process->cpu_timers);
	list_init(&process->pidfds);
	wait_queue_init(&process->child_events);
	wait_queue_init(&process->vfork_done);
	wait_queue_init(&process->stop_queue);
	wait_queue_init(&process->signal_waiters);
	wait_queue_init(&process->threads_ended);
}

struct process *process_create(struct process *parent, int *error)
{
	struct process *process;
	struct thread *thread;
	struct user *user;
	int pid = pid_for(parent, &user);

	*error = pid;
	if (pid < 0)
		return NULL;
	*error = -ENOMEM;
	process = slab_alloc_zeroed(process_cache);
	thread = process ? thread_create(parent ? current_thread() : NULL) : NULL;
	if (!thread) {
		if (process)
			slab_free(process_cache, process);
		pid_give_back(pid, user);
		return NULL;
	}
	process_fields_init(process, pid);
	process->user = user;
	process->ids = 1;
	process->parent = parent;
	signals_create(&process->signals, parent ? &parent->signals : NULL);
	if (parent)
		inherit(process, parent);
	else
		first_process_init(process);
	thread->tid = pid;
	thread->process = process;
	list_push_back(&process->threads, &thread->process_link);
	process->thread_count = 1;
	strace_inherit(process, parent);
	*error = 0;
	return process;
}

void process_free(struct process *process)
{
	slab_free(process_cache, process);
}

void process_discard(struct process *process)
{
	struct thread *thread = list_first_entry(&process->threads, struct thread, process_link);

	if (process->space)
		space_put(process->space);
	if (process->descriptors)
		descriptors_put(process->descriptors);
	if (process->fs)
		fs_context_put(process->fs);
	if (process->executable)
		file_put(process->executable);
	signals_destroy(process);
	pid_give_back(process->pid, process->user);
	thread_free(thread);
	process_free(process);
}

int process_first_group(struct process *process)
{
	struct session *session;

	spin_lock(&process_tree_lock);
	session = session_create(0);
	if (session && !group_join(process, 0, session))
		session = NULL;
	spin_unlock(&process_tree_lock);
	return session ? 0 : -ENOMEM;
}

static uint64_t published; /* process_tree_lock */

uint64_t process_published_count(void)
{
	return READ_ONCE(published);
}

int process_publish(struct process *process)
{
	struct thread *thread = list_first_entry(&process->threads, struct thread, process_link);

	spin_lock(&process_tree_lock);
	if (process->parent && signal_pending(current_thread())) {
		spin_unlock(&process_tree_lock);
		return -ERESTARTNOINTR;
	}
	table_insert(process);
	if (cpu_time_is_limited(process)) /* it has inherited that */
		cpu_timers_watch(process);
	published++;
	if (process->parent) {
		process->parent_thread = current_thread();
		current_thread()->children++;
		list_push_back(&process->parent->children, &process->sibling);
		process->group = process->parent->group;
		list_push_back(&process->group->members, &process->group_link);
	}
	spin_unlock(&process_tree_lock);
	sched_start(thread);
	return 0;
}
