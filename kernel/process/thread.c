/*
 * Threads of one process: how they come and go.
 *
 * A thread ends by itself, on its way to user mode: another one can only mark it. The last one ends
 * the process (exit.c). Lock: process_tree_lock and signals.lock together where the list changes.
 * Source: clone(2) (CLONE_THREAD), exit(2), execve(2), pthreads(7).
 */
#include <arch/uaccess.h>
#include <facet/cpu_timer.h>
#include <facet/errno.h>
#include <facet/futex.h>
#include <facet/sched.h>
#include <facet/string.h>
#include <facet/syscalls.h>

#include "process_private.h"

static void tid_give_back(struct process *process, pid_t tid)
{
	spin_lock(&process_tree_lock);
	tid_release(process, tid);
	spin_unlock(&process_tree_lock);
}

struct thread *process_add_thread(int *error)
{
	struct process *process = current_process();
	struct thread *thread;
	int tid = tid_for(process);

	*error = tid;
	if (tid < 0)
		return NULL;
	thread = thread_create(current_thread());
	if (!thread) {
		tid_give_back(process, tid);
		*error = -ENOMEM;
		return NULL;
	}
	thread->tid = tid;
	thread->process = process;
	memcpy(thread->comm, thread_comm(current_thread()), COMM_SIZE);
	return thread;
}

void thread_discard(struct thread *thread)
{
	tid_give_back(thread->process, thread->tid);
	thread_free(thread);
}

int thread_publish(struct thread *thread)
{
	struct process *process = thread->process;
	bool ends;

	spin_lock(&process_tree_lock);
	spin_lock(&process->signals.lock);
	ends = current_thread()->killed;
	if (!ends) {
		list_push_back(&process->threads, &thread->process_link);
		process->thread_count++;
		table_insert_thread(thread);
		thread->cpu_watched = current_thread()->cpu_watched;
		if (process->stopped) {
			process->stops_awaited++;
			thread->work |= THREAD_SIGNALS;
		}
	}
	spin_unlock(&process->signals.lock);
	spin_unlock(&process_tree_lock);
	if (ends)
		return -EINTR;
	sched_start(thread);
	return 0;
}

/* Its parent's thread was killed while it waited: nobody is to be told any more. Tree lock held. */
static void forget_vfork(struct thread *thread)
{
	if (thread->vfork_waiting)
		thread->vfork_child->vfork_waiter = NULL;
	thread->vfork_waiting = false;
}

void thread_leave_memory(struct thread *thread)
{
	futex_leave(thread, true);
	if (!thread->clear_tid)
		return;
	put_user_u32(0, (uint32_t __user *)thread->clear_tid);
	futex_wake((uint32_t __user *)thread->clear_tid, 1);
	thread->clear_tid = 0;
}

void thread_leave(struct process *process, struct thread *thread)
{
	bool stopped;

	spin_lock(&process->signals.lock);
	stopped = signal_stop_count(thread);
	signals_thread_end(thread);
	list_remove(&thread->process_link);
	process->thread_count--;
	spin_unlock(&process->signals.lock);
	if (stopped)
		signal_stop_complete(process);
}

/*
 * Takes the current thread out of its process, if there are others. Returns with preemption off:
 * the process may be gone any time from then on. False: it is the last one.
 */
static bool leave_others(struct thread *thread)
{
	struct process *process = thread->process;
	bool others;

	preempt_disable();
	spin_lock(&process_tree_lock);
	forget_vfork(thread);
	others = process->thread_count > 1;
	if (others) {
		thread_leave(process, thread);
		children_of_thread_stay(process, thread);
		cpu_timers_end(process, thread);
		usage_charge_thread(process, thread);
		if (thread->tid != process->pid) {
			table_remove_thread(thread);
			tid_release(process, thread->tid);
		}
		wait_wake_all(&process->threads_ended);
	}
	spin_unlock(&process_tree_lock);
	if (!others)
		preempt_enable();
	return others;
}

static noreturn void thread_exit(void)
{
	struct thread *thread = current_thread();

	thread_leave_memory(thread);
	if (leave_others(thread))
		sched_exit();
	process_end();
}

/* signals.lock held. */
static void kill_others(struct process *process)
{
	struct thread *thread;

	list_for_each_entry(thread, &process->threads, process_link)
		if (thread != current_thread())
			signal_kill_thread(thread);
}

noreturn void process_exit(int status)
{
	struct process *process = current_process();

	spin_lock(&process->signals.lock);
	/* Whoever came first, exit_group or exec, has said what becomes of this thread. */
	if (!process->exiting &&
	    (!process->exec_thread || process->exec_thread == current_thread())) {
		process->exiting = true;
		process->exit_status = status;
		kill_others(process);
	}
	spin_unlock(&process->signals.lock);
	thread_exit();
}

noreturn void thread_end_killed(void)
{
	process_exit(SIGKILL);
}

void thread_become_first(struct process *process, struct thread *thread)
{
	pid_t old = thread->tid;

	if (old == process->pid)
		return;
	table_remove_thread(thread);
	thread->tid = process->pid;
	tid_release(process, old);
}

int threads_end_others(void)
{
	struct thread *self = current_thread();
	struct process *process = self->process;
	int error = 0;

	if (process->thread_count == 1 && self->tid == process->pid)
		return 0;
	spin_lock(&process->signals.lock);
	if (process->exiting || process->exec_thread) {
		spin_unlock(&process->signals.lock);
		return -EAGAIN;
	}
	process->exec_thread = self;
	kill_others(process);
	spin_unlock(&process->signals.lock);

	spin_lock(&process_tree_lock);
	while (process->thread_count > 1 && !error)
		error = wait_sleep(&process->threads_ended, &process_tree_lock, SLEEP_KILLABLE);
	if (!error)
		thread_become_first(process, self);
	process->exec_thread = NULL;
	spin_unlock(&process_tree_lock);
	return error;
}

/* The process's status is its last thread's, unless exit_group or a signal gives it another. */
long sys_exit(int status)
{
	struct thread *thread = current_thread();
	struct process *process = thread->process;
	int encoded = (status & 0xff) << 8;

	if (process->thread_count == 1 && thread->tid == process->pid)
		process_exit(encoded);
	spin_lock(&process->signals.lock);
	if (!process->exiting)
		process->exit_status = encoded;
	spin_unlock(&process->signals.lock);
	thread_exit();
}

long sys_exit_group(int status)
{
	process_exit((status & 0xff) << 8);
}
